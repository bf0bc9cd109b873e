// Segments: every one that is not archived, with its size.

import { get } from "../api.js";
import { el, name } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { head, link } from "../router.js";
import { may, mayWrite } from "../session.js";
import { numberedPage } from "../widgets/filtered.js";
import { searchField } from "../widgets/form.js";
import { followGrouped } from "../widgets/live.js";
import { whenSeen } from "../widgets/sparkline.js";
import { emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";

export async function page(main, { query, signal, replaceQuery }) {
  const first = await get("/segments/list", { page: 0 }, { signal });
  let wish = query.get("q") ?? "";
  const sizeCell = (row) =>
    whenSeen(async () => {
      const { size } = await get("/segments/details", { segment_id: row.id }, { signal });
      return el("span", number(size));
    }, signal);
  const action = (classes) =>
    mayWrite("segments.create")
      ? el("a", { class: classes, href: "#/segments/new" }, t("segments.new"))
      : null;
  const list = pagedTable({
    caption: t("segments.title"),
    signal,
    rowKey: (row) => row.id,
    columns: [
      {
        label: t("segments.segment"),
        header: true,
        wide: true,
        cell: (row) =>
          el("a", { class: "segment-name", href: link`/segments/${row.id}` }, name(row.name)),
      },
      { label: t("segments.tags"), cell: (row) => tagList(row.tags) },
      { label: t("segments.id"), cell: (row) => el("span", { class: "quiet" }, row.id) },
      may("segments.details") ? { label: t("segments.size"), numeric: true, cell: sizeCell } : null,
    ].filter(Boolean),
    load: (cursor, asking) =>
      numberedPage({
        target: "/segments/list",
        key: "segments",
        params: { search: wish.trim() },
        cursor,
        signal: asking,
      }),
    empty: emptyState(
      t(wish ? "segments.noneFit" : "segments.none"),
      wish ? null : t("segments.noneText"),
      action("button"),
    ),
  });
  const search = searchField(t("segments.search"), wish, (text) => {
    if (signal.aborted) return;
    wish = text;
    replaceQuery({ q: wish });
    list.reload();
  });
  const sign = may("ledger.read")
    ? followGrouped({
      after: first.as_of.position,
      signal,
      types: ["segmentSaved", "segmentArchived", "segmentRestored"],
      note: (event, group) => group.set("list", event),
      flush: () => list.refresh(),
    })
    : null;
  main.append(
    head(t("segments.title"), {
      lead: t("segments.lead"),
      actions: [sign, action("button primary")],
    }),
    el("div", { class: "toolbar", role: "search" }, search),
    list.element,
  );
}

/** Tags as small capsules. */
export const tagList = (tags) =>
  tags.length === 0 ? "" : el(
    "span",
    { class: "segment-tags" },
    tags.slice(0, 8).map((tag) => el("span", { class: "badge quiet" }, name(tag))),
  );
