// One partner: its REST endpoint, its data import keys, and the cohorts that it sends, as they come.

import { Failure, get, scan } from "../api.js";
import { cut, debounced, el, replace } from "../dom.js";
import { t } from "../i18n.js";
import { head, link, show } from "../router.js";
import { may, mayWrite } from "../session.js";
import { copyField } from "../widgets/copy.js";
import { badge, emptyState, notice, section } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { cohortColumns, cohortKey, liveCohorts } from "./parts/cohort-rows.js";
import { disablePartner, enablePartner, generateKey } from "./parts/partner-dialogs.js";
import { keysTable } from "./parts/partner-keys.js";

export async function page(main, { partner: code, signal }) {
  const { as_of: asOf } = await get("/ledger/partners", { limit: 1 }, { signal });
  const partner = await find(code, signal);
  const manages = may("keys.manage");
  const act = (words, run, kind) =>
    el("button", {
      type: "button",
      class: ["button", kind],
      onclick: async () => {
        if (await run()) show();
      },
    }, words);

  main.append(head(partner.display_name, {
    crumbs: [[t("partners.integrations")], [t("partners.technologyPartners"), "#/partners"], [
      partner.display_name,
    ]],
    actions: [
      partner.enabled
        ? badge("good", t("partners.enabled"))
        : badge("quiet", t("partners.disabled")),
      !mayWrite("keys.manage")
        ? null
        : partner.enabled
        ? act(t("partners.disable"), () => disablePartner(partner))
        : act(t("partners.enable"), () => enablePartner({ code }), "primary"),
    ],
  }));
  main.append(endpoint(partner));

  const tables = manages ? keys(main, partner, signal) : [];
  if (!manages) {
    main.append(
      section(
        t("partners.dataImportKeys"),
        {},
        notice("info", t("partners.keysNotPermitted", { permission: "keys.manage" })),
      ),
    );
  }
  main.append(arrivals(partner, tables, asOf.position, signal));
}

async function find(code, signal) {
  for await (
    const partner of scan(
      "/ledger/partners",
      "partners",
      (one) => one.partner === code,
      {},
      { signal },
    )
  ) return partner;
  throw new Failure(404, t("partners.unknown", { partner: code }));
}

function endpoint(partner) {
  return section(
    t("partners.dataImport"),
    {},
    el(
      "div",
      { class: "card" },
      el(
        "div",
        { class: "columns" },
        el(
          "div",
          { class: "field" },
          el("p", { class: "legend-text" }, t("partners.restEndpoint")),
          copyField(location.origin, t("partners.restEndpoint")),
          el(
            "p",
            { class: "hint" },
            t("partners.restEndpointHint", { partner: partner.display_name }),
          ),
        ),
        el(
          "div",
          { class: "field" },
          el("p", { class: "legend-text" }, t("partners.importPath")),
          copyField(`POST ${partner.endpoint}`, t("partners.importPath")),
          el(
            "p",
            { class: "hint" },
            t(partner.learns ? "partners.learns" : "partners.importPathHint"),
          ),
        ),
      ),
      notice("info", t("partners.onlyExisting")),
    ),
  );
}

/** The tables of keys; data import keys first, because they are what is needed. */
function keys(main, partner, signal) {
  const imports = keysTable({
    partner: partner.partner,
    kind: "data-import",
    caption: t("partners.dataImportKeys"),
    signal,
    empty: [t("partners.noKeys"), t("partners.noKeysText", { partner: partner.display_name })],
  });
  const own = keysTable({
    partner: partner.partner,
    kind: "partner",
    caption: t("partners.partnerKeys"),
    signal,
    empty: [t("partners.noPartnerKey"), partner.learns ? t("partners.learns") : undefined],
  });
  const generate = el("button", {
    type: "button",
    class: "button primary",
    onclick: async () => {
      if (await generateKey(partner)) imports.refresh();
    },
  }, t("partners.generate"));
  main.append(
    section(t("partners.dataImportKeys"), {
      actions: mayWrite("keys.manage") ? [generate] : [],
      lead: t("partners.keysLead"),
    }, imports.element),
    el(
      "details",
      { class: "section partner-own" },
      el("summary", el("h2", t("partners.partnerKeys"))),
      el("p", { class: "quiet" }, t("partners.partnerKeyHint")),
      own.element,
    ),
  );
  return [imports, own];
}

/** The partner's cohorts, arriving while one looks. */
function arrivals(partner, keyTables, after, signal) {
  const list = pagedTable({
    caption: t("partners.arrived"),
    signal,
    rowKey: cohortKey,
    columns: cohortColumns(signal, { withPartner: false }),
    load: async (cursor, asking) => {
      const answer = await get("/ledger/cohorts", {
        partner: partner.partner,
        limit: 15,
        next: cursor,
      }, { signal: asking });
      return { rows: answer.cohorts, next: answer.next };
    },
    empty: () => emptyState(
      t("partners.noCohorts"),
      t("partners.noCohortsText", { partner: partner.display_name }),
    ),
  });
  const last = el("p", { class: "partner-last", role: "status" });
  const refreshKeys = debounced(1500, () => {
    if (!signal.aborted) { for (const table of keyTables) table.refresh(); }
  });
  const sign = liveCohorts({
    table: list,
    after,
    signal,
    prepend: true,
    wants: (event) => {
      if (event.partner === partner.partner) refreshKeys();
      return event.partner === partner.partner;
    },
    more: ["keyIssued", "keyInvalidated"],
    onOther: refreshKeys,
    announce: (row) =>
      replace(last, t("partners.justArrived", { n: row.size, cohort: cut(row.name, 80) })),
  });
  return section(
    t("partners.arrived"),
    {
      actions: [
        sign,
        el("a", {
          class: "button small",
          href: `${link`/cohorts`}?partner=${encodeURIComponent(partner.partner)}`,
        }, t("partners.allCohorts")),
      ],
    },
    last,
    list.element,
  );
}
