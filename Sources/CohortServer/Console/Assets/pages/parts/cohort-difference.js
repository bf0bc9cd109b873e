// Who came and who went between two moments.

import { get } from "../../api.js";
import { debounced, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { otherIdentifiers, userName } from "../../widgets/identifier.js";
import { timeSlider } from "../../widgets/slider.js";
import { badge, emptyState } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";
import { identityChoice } from "./cohort-members.js";

/** Two sliders and the list between them. */
export function differenceView(cohort, signal) {
  const wish = { from: cohort.from.time, to: null, identity: "then" };
  const about = el("p", { class: "cohort-difference", role: "status" });
  const reload = debounced(200, () => {
    if (!signal.aborted) list.reload();
  });
  const slider = (end) =>
    timeSlider({
      from: cohort.from,
      to: cohort.now.as_of,
      value: wish[end],
      label: t(`cohorts.${end}`),
      onChange: (chosen) => {
        wish[end] = chosen;
        reload();
      },
    });
  const [from, to] = [slider("from"), slider("to")];
  const list = pagedTable({
    caption: t("cohorts.difference"),
    signal,
    columns: [
      {
        label: t("cohorts.change"),
        cell: (row) =>
          badge(
            row.entered ? "good" : "accent",
            t(row.entered ? "cohorts.entered" : "cohorts.left"),
          ),
      },
      {
        label: t("cohorts.user"),
        header: true,
        cell: (row) => userName(row.user, wish.identity === "now" ? null : row.asOf),
      },
      {
        label: t("cohorts.otherIdentifiers"),
        wide: true,
        cell: (row) => otherIdentifiers(row.user),
      },
    ],
    load: async (cursor, asking) => {
      // "From" at its end means now as well: then nothing lies between.
      const start = wish.from ?? (await get(cohort.target, {}, { signal: asking })).as_of.position;
      const answer = await get(`${cohort.target}/diff`, {
        from: start,
        to: wish.to,
        identity: wish.identity,
        limit: 25,
        next: cursor,
      }, { signal: asking });
      const row = (entered, end) => (user) => ({ entered, user, asOf: end.position });
      return {
        rows: [
          ...answer.added.map(row(true, answer.to)),
          ...answer.removed.map(row(false, answer.from)),
        ],
        next: answer.next,
        answer,
      };
    },
    onPage: ({ answer }) => {
      from.told(answer.from);
      to.told(answer.to);
      replace(
        about,
        badge("good", t("cohorts.enteredCount", { n: answer.added_count })),
        " ",
        badge("accent", t("cohorts.leftCount", { n: answer.removed_count })),
        answer.gone ? ` · ${t("cohorts.gone", { n: answer.gone })}` : null,
      );
    },
    empty: () => emptyState(t("cohorts.noDifference")),
  });
  return {
    element: el(
      "div",
      { class: "cohort-view" },
      el("div", { class: "card columns" }, from.element, to.element),
      el(
        "div",
        { class: "section-head" },
        about,
        identityChoice((identity) => {
          wish.identity = identity;
          list.reload();
        }),
      ),
      list.element,
    ),
    arrived() {
      from.bounds(cohort.from, cohort.now.as_of);
      to.bounds(cohort.from, cohort.now.as_of);
    },
  };
}
