// Segments: every one that is not archived, with its size.

import { get } from "../api.js";
import { debounced, el, name } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { head, link } from "../router.js";
import { may, mayWrite } from "../session.js";
import { field } from "../widgets/form.js";
import { followGrouped } from "../widgets/live.js";
import { whenSeen } from "../widgets/sparkline.js";
import { emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";

const PAGE = 25;

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
    load: (cursor, asking) => load(wish, cursor, asking),
    empty: emptyState(
      t(wish ? "segments.noneFit" : "segments.none"),
      wish ? null : t("segments.noneText"),
      action("button"),
    ),
  });
  const search = el("input", {
    type: "search",
    value: wish,
    maxlength: 1024,
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      wish = search.value;
      changed();
    },
  });
  const changed = debounced(200, () => {
    if (signal.aborted) return;
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
<<<<<<< HEAD
    head(t("segments.title"), {
      lead: t("segments.lead"),
      actions: [sign, action("button primary")],
    }),
    el("div", { class: "toolbar", role: "search" }, search),
=======
    head(t("segments.title"), { lead: t("segments.lead"), actions: [sign, action] }),
    el("div", { class: "toolbar", role: "search" }, field(t("segments.search"), search)),
>>>>>>> dc06b73 (Follow a leader that means no good: in bounded memory, without hammering it, and until told to end)
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

/** A page of those that are searched for, from the server's pages of a hundred. */
async function load(wish, cursor = { page: 0, skip: 0 }, signal) {
  const needle = wish.trim().toLocaleLowerCase();
  const holds = (row) =>
    !needle || row.name.toLocaleLowerCase().includes(needle) || row.id === needle ||
    row.tags.some((tag) => tag.toLocaleLowerCase().includes(needle));
  const rows = [];
  for (let { page, skip } = cursor;; page += 1, skip = 0) {
    const { segments } = await get("/segments/list", { page }, { signal });
    const found = segments.filter(holds);
    const room = PAGE - rows.length;
    rows.push(...found.slice(skip, skip + room));
    if (found.length > skip + room) return { rows, next: { page, skip: skip + room } };
    if (segments.length < 100) return { rows };
    if (rows.length === PAGE) return { rows, next: { page: page + 1, skip: 0 } };
  }
}
