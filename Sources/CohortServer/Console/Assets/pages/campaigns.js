// Campaigns, or Canvases: every one with its launches; searched page by page.

import { get } from "../api.js";
import { el, name } from "../dom.js";
import { time } from "../format.js";
import { t } from "../i18n.js";
import { head } from "../router.js";
import { may } from "../session.js";
import { numberedPage } from "../widgets/filtered.js";
import { searchField, tick } from "../widgets/form.js";
import { followGrouped } from "../widgets/live.js";
import { whenSeen } from "../widgets/sparkline.js";
import { badge, emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { kindOf } from "./parts/audience-kinds.js";

export async function page(main, { kind, query, signal, replaceQuery }) {
  const one = kindOf(kind);
  const { as_of: asOf } = await get(`${one.api}/list`, {}, { signal });
  const wish = { text: query.get("q") ?? "", archived: query.get("archived") === "true" };
  const creating = (classes) =>
    one.mayWrite("create")
      ? el("a", { class: classes, href: `#${one.page}/new` }, one.say("new"))
      : null;
  const details = (row) => get(`${one.api}/details`, { [one.idKey]: row.id }, { signal });
  const list = pagedTable({
    caption: one.say("title"),
    signal,
    rowKey: (row) => row.id,
    columns: [
      {
        label: t("audiences.name"),
        header: true,
        cell: (row) =>
          el(
            "span",
            { class: "audience-name" },
            el("a", { href: one.href(row.id) }, name(row.name)),
            el("code", { class: "quiet" }, row.id),
          ),
      },
      { label: t("audiences.tags"), cell: (row) => tags(row.tags) },
      !one.may("details") ? null : {
        label: t("audiences.state"),
        cell: (row) => whenSeen(async () => state(await details(row)), signal),
      },
      { label: t("audiences.lastEdited"), cell: (row) => time(row.last_edited, { still: true }) },
    ].filter(Boolean),
    load: (cursor, asking) =>
      numberedPage({
        target: `${one.api}/list`,
        key: one.list,
        params: {
          search: wish.text.trim(),
          sort_direction: "desc",
          include_archived: wish.archived || null,
        },
        cursor,
        signal: asking,
      }),
    empty: () =>
      wish.text
        ? emptyState(t("audiences.noneFit"))
        : emptyState(one.say("none"), t("audiences.noneText"), creating("button")),
  });
  const wished = (change) => {
    if (signal.aborted) return;
    Object.assign(wish, change);
    replaceQuery({ q: wish.text, archived: wish.archived || null });
    list.reload();
  };
  const sign = may("ledger.read") && followGrouped({
    after: asOf.position,
    types: [...one.types, "audienceFrozen"],
    signal,
    wait: 800,
    note: (event, group) => {
      if (event[one.idKey]) group.set(event[one.idKey], event);
    },
    flush: () => list.refresh(),
  });
  main.append(
    head(one.say("title"), {
      lead: one.say("lead"),
      actions: [sign, creating("button primary")],
    }),
    el(
      "div",
      { class: "toolbar", role: "search" },
      searchField(t("audiences.search"), wish.text, (text) => wished({ text })),
      tick(t("audiences.showArchived"), wish.archived, (archived) => wished({ archived })),
    ),
    list.element,
  );
}

/** Tags as small capsules; at most six of them. */
export const tags = (all) =>
  all.length === 0 ? "" : el(
    "span",
    { class: "audience-tags" },
    all.slice(0, 6).map((tag) => el("span", { class: "badge" }, name(tag))),
    all.length > 6
      ? el("span", { class: "quiet" }, t("shell.andMore", { n: all.length - 6 }))
      : null,
  );

function state({ archived, draft, sends }) {
  const last = sends.at(-1);
  return el(
    "span",
    { class: "audience-state" },
    archived
      ? badge("quiet", t("audiences.archived"))
      : draft
      ? badge("quiet", t("audiences.draft"))
      : badge("good", t("audiences.launched", { n: sends.length })),
    last ? el("span", { class: "quiet" }, t("audiences.lastReached", { n: last.size })) : null,
  );
}
