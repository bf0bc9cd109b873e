// Segments: every one with its size; searched page by page.

import { get } from "../api.js";
import { el, name } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { head, link } from "../router.js";
import { may, mayWrite } from "../session.js";
import { numberedPage } from "../widgets/filtered.js";
import { searchField, tick } from "../widgets/form.js";
import { followGrouped } from "../widgets/live.js";
import { whenSeen } from "../widgets/sparkline.js";
import { badge, emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";

export async function page(main, { query, signal, replaceQuery }) {
  const first = await get("/segments/list", { page: 0 }, { signal });
  const wish = { text: query.get("q") ?? "", archived: query.get("archived") === "true" };
  const sizeCell = (row) =>
    whenSeen(async () => {
      const { size, archived } = await get(
        "/segments/details",
        { segment_id: row.id },
        { signal },
      );
      const sign = archived ? [badge("quiet", t("segments.archived")), " "] : [];
      return el("span", ...sign, number(size));
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
        params: { search: wish.text.trim(), include_archived: wish.archived || null },
        cursor,
        signal: asking,
      }),
    empty: () => emptyState(
      t(wish.text ? "segments.noneFit" : "segments.none"),
      wish.text ? null : t("segments.noneText"),
      action("button"),
    ),
  });
  const wished = (change) => {
    if (signal.aborted) return;
    Object.assign(wish, change);
    replaceQuery({ q: wish.text, archived: wish.archived || null });
    list.reload();
  };
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
    el(
      "div",
      { class: "toolbar", role: "search" },
      searchField(t("segments.search"), wish.text, (text) => wished({ text })),
      // Which they are is told by the details.
      may("segments.details")
        ? tick(t("segments.showArchived"), wish.archived, (archived) => wished({ archived }))
        : null,
    ),
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
