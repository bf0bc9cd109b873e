// The members of a segment as of a moment, page by page, each with a way to why.

import { get, query } from "../../api.js";
import { debounced, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { otherIdentifiers, userName } from "../../widgets/identifier.js";
import { emptyState } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";

/** `segment` is {id, asOf, definition}; the view has `moved()`, `drifted()` and `arrived()`. */
export function membersView(segment, signal) {
  const about = el("p", { class: "quiet", role: "status" });
  const why = (row) =>
    `#/users${
      query({
        user: typeof row === "number" ? row : row.user,
        view: "why",
        segment_id: segment.id,
        as_of: segment.asOf,
      })
    }`;
  const list = pagedTable({
    caption: t("segments.members"),
    signal,
    rowKey: (row) => (typeof row === "number" ? row : row.user),
    columns: [
      { label: t("segments.user"), header: true, cell: (row) => userName(row, segment.asOf) },
      { label: t("segments.otherIdentifiers"), wide: true, cell: (row) => otherIdentifiers(row) },
      may("ledger.people")
        ? {
          label: t("segments.why"),
          hideLabel: true,
          cell: (row) => el("a", { class: "button small", href: why(row) }, t("segments.why")),
        }
        : null,
    ].filter(Boolean),
    load: async (cursor, asking) => {
      const answer = await get("/segments/members", {
        segment_id: segment.id,
        as_of: segment.asOf,
        definition: segment.definition,
        limit: 25,
        next: cursor,
      }, { signal: asking });
      return { rows: answer.members, next: answer.next, count: answer.count };
    },
    onPage: ({ count }) => replace(about, t("segments.users", { n: count })),
    empty: () => emptyState(t("segments.noMembers")),
  });
  return {
    element: el("div", { class: "segment-view" }, about, list.element),
    // A slider on the move asks once it rests.
    moved: debounced(200, () => {
      if (!signal.aborted) list.reload();
    }),
    // Whoever has turned pages stays there: those that follow show the moment of the first.
    drifted: () => list.refresh(),
    arrived: () => list.refresh(),
  };
}
