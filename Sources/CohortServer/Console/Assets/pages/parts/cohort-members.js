// The members of a cohort as of a moment, page by page.

import { get } from "../../api.js";
import { debounced, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { otherIdentifiers, userName } from "../../widgets/identifier.js";
import { emptyState, notice } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";

/** `moment()` says as of when; the view has `moved()` and `arrived()`. */
export function membersView(cohort, moment, signal) {
  let identity = "then";
  const about = el("p", { class: "quiet", role: "status" });
  const list = pagedTable({
    caption: t("cohorts.members"),
    signal,
    rowKey: (row) => (typeof row === "number" ? row : row.user),
    columns: [
      {
        label: t("cohorts.user"),
        header: true,
        cell: (row) => userName(row, identity === "then" ? moment() : null),
      },
      { label: t("cohorts.otherIdentifiers"), wide: true, cell: (row) => otherIdentifiers(row) },
    ],
    load: async (cursor, asking) => {
      const answer = await get(`${cohort.target}/members`, {
        as_of: moment(),
        identity,
        limit: 25,
        next: cursor,
      }, { signal: asking });
      return { rows: answer.members, next: answer.next, answer };
    },
    onPage: ({ answer }) =>
      replace(
        about,
        t("cohorts.membersThen", { n: answer.count }),
        answer.gone ? ` · ${t("cohorts.gone", { n: answer.gone })}` : null,
      ),
    empty: () => emptyState(t("cohorts.noMembers")),
  });
  const choice = identityChoice((chosen) => {
    identity = chosen;
    list.reload();
  });
  return {
    element: el(
      "div",
      { class: "cohort-view" },
      el("div", { class: "section-head" }, about, choice),
      may("ledger.people")
        ? null
        : notice("info", t("cohorts.numbersOnly", { permission: "ledger.people" })),
      list.element,
    ),
    // A slider on the move asks once it rests.
    moved: debounced(200, () => {
      if (!signal.aborted) list.reload();
    }),
    // Whoever has turned pages stays there: those that follow show the moment of the first.
    arrived: () => {
      if (moment() === null) list.refresh();
    },
  };
}

/** Whose identifiers: those of then, or those of now. */
export function identityChoice(onChoice) {
  const buttons = ["then", "now"].map((one) =>
    el("button", {
      type: "button",
      class: "segment",
      "aria-pressed": String(one === "then"),
      onclick: () => {
        buttons.forEach((button, index) =>
          button.setAttribute("aria-pressed", String(["then", "now"][index] === one))
        );
        onChoice(one);
      },
    }, t(one === "then" ? "cohorts.identityThen" : "cohorts.identityNow"))
  );
  return el(
    "div",
    { class: "actions" },
    el("span", { class: "quiet" }, t("cohorts.identity")),
    el("span", { class: "segmented", role: "group", "aria-label": t("cohorts.identity") }, buttons),
  );
}
