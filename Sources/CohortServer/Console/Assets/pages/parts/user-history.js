// Everything that happened to a user and to those merged into it, oldest first, page by page.

import { get } from "../../api.js";
import { el, replace } from "../../dom.js";
import { position, time } from "../../format.js";
import { hasWords, rich, t } from "../../i18n.js";
import { link } from "../../router.js";
import { cohortLink, eventName } from "../../widgets/events.js";
import { identifier, userLink } from "../../widgets/identifier.js";
import { emptyState, notice } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";

/** `onMoment(position)` is called for "look at this moment". */
export function historyView(user, onMoment, signal) {
  const others = el("div");
  const list = pagedTable({
    caption: t("users.history"),
    signal,
    rowKey: (row) => `${row.position} ${row.type} ${row.subject}`,
    columns: [
      { label: t("users.when"), cell: (row) => time(row.time, { still: true }) },
      { label: t("users.what"), header: true, wide: true, cell: (row) => whatHappened(row, user) },
      { label: t("users.key"), cell: (row) => row.key },
      {
        label: t("users.position"),
        cell: (row) => el("a", { href: link`/requests/${row.position}` }, position(row.position)),
      },
      {
        label: t("users.lookHere"),
        hideLabel: true,
        cell: (row) =>
          el("button", {
            type: "button",
            class: "button small",
            onclick: () => onMoment(row.position),
          }, t("users.lookHere")),
      },
    ],
    load: async (cursor, asking) => {
      const answer = await get("/ledger/users/history", { user, limit: 25, next: cursor }, {
        signal: asking,
      });
      return { rows: answer.history, next: answer.next, bearers: answer.bearers };
    },
    onPage: ({ bearers }) =>
      replace(
        others,
        bearers.length
          ? notice(
            "info",
            t("users.otherBearers"),
            " ",
            bearers.map((one) => [userNumber(one.user), " "]),
          )
          : null,
      ),
    empty: () => emptyState(t("shell.nothing")),
  });
  return {
    element: el(
      "div",
      { class: "users-view" },
      el("p", { class: "quiet" }, t("users.historyLead")),
      others,
      list.element,
    ),
    arrived: () => list.refresh(),
  };
}

const userNumber = (number) => el("a", { href: userLink(number) }, `user:${number}`);

/** An entry in a line: what, about which identifier, cohort or user, and of whom if of another. */
export function whatHappened(row, user) {
  const title = el(
    "strong",
    hasWords(`users.event.${row.type}`) ? t(`users.event.${row.type}`) : eventName(row.type),
  );
  return el(
    "span",
    { class: "event-line" },
    title,
    about(row),
    row.subject === user || row.type === "usersMerged"
      ? null
      : el("span", { class: "quiet" }, rich("users.asUser", { user: userNumber(row.subject) })),
  );
}

function about(row) {
  if (row.cohort_id !== undefined) {
    return [
      cohortLink(row.partner, row.cohort_id),
      row.by === "import" ? null : el("span", { class: "quiet" }, t(`users.by.${row.by}`)),
    ];
  }
  if (row.type === "usersMerged") {
    const into = typeof row.into === "object" ? row.into.user : row.into;
    return [
      el("span", rich("users.joined", { from: userNumber(row.subject), into: userNumber(into) })),
      row.aliases_dropped.length
        ? el(
          "span",
          { class: "quiet" },
          t("users.aliasesDropped"),
          " ",
          row.aliases_dropped.map(identifier),
        )
        : null,
    ];
  }
  if (row.type === "externalIdRenamed") {
    return [identifier(row.deprecated), "→", identifier(row.identifier)];
  }
  if (row.identifier) return identifier(row.identifier);
  if (row.identifiers) return row.identifiers.slice(0, 8).map(identifier);
  return null;
}
