// Cohorts: every one with its size, its last change and its course; searched page by page.

import { get } from "../api.js";
import { cut, el } from "../dom.js";
import { t } from "../i18n.js";
import { head } from "../router.js";
import { field, searchField, select, tick } from "../widgets/form.js";
import { emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { cohortColumns, cohortKey, liveCohorts } from "./parts/cohort-rows.js";

const PAGE = 25;

export async function page(main, { query, signal, replaceQuery }) {
  const { as_of: asOf, partners } = await get("/ledger/partners", { limit: 200 }, { signal });
  const wish = {
    text: query.get("q") ?? "",
    partner: query.get("partner") ?? "",
    archived: query.get("archived") === "true",
  };
  const list = pagedTable({
    caption: t("cohorts.title"),
    signal,
    rowKey: cohortKey,
    columns: cohortColumns(signal),
    load: (cursor, asking) => load(wish, cursor, asking),
    empty: () => emptyState(
      t(isNarrow(wish) ? "cohorts.noneFound" : "cohorts.none"),
      t(isNarrow(wish) ? "cohorts.noneFoundText" : "cohorts.noneText"),
      el("a", { class: "button", href: "#/partners" }, t("cohorts.goPartners")),
    ),
  });
  const wished = (change) => {
    if (signal.aborted) return;
    Object.assign(wish, change);
    replaceQuery({ q: wish.text, partner: wish.partner, archived: wish.archived || null });
    list.reload();
  };
  const partner = select([
    ["", t("cohorts.allPartners")],
    ...partners.map((one) => [one.partner, cut(one.display_name, 60)]),
  ], {
    value: wish.partner,
    onchange: () => wished({ partner: partner.value }),
  });
  const narrow = field(t("cohorts.partner"), partner);
  narrow.classList.add("narrow");

  const sign = liveCohorts({
    table: list,
    after: asOf.position,
    signal,
    wants: (event) => !wish.partner || event.partner === wish.partner,
  });
  main.append(
    head(t("cohorts.title"), { lead: t("cohorts.lead"), actions: [sign] }),
    el(
      "div",
      { class: "toolbar", role: "search" },
      searchField(t("cohorts.search"), wish.text, (text) => wished({ text })),
      narrow,
      tick(t("cohorts.showArchived"), wish.archived, (archived) => wished({ archived })),
    ),
    list.element,
  );
}

const isNarrow = (wish) => Boolean(wish.text || wish.partner);

/** A page of the cohorts that are wished for: the server searches. */
async function load(wish, cursor, signal) {
  const { cohorts: rows, next } = await get("/ledger/cohorts", {
    partner: wish.partner,
    search: wish.text.trim(),
    include_archived: wish.archived ? null : false,
    limit: PAGE,
    next: cursor,
  }, { signal });
  return { rows, next };
}
