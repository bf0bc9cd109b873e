// Partner Integrations › Technology Partners: every partner that may push cohorts.

import { get } from "../api.js";
import { el, name } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";
import { head, link } from "../router.js";
import { mayWrite } from "../session.js";
import { badge, emptyState } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { enablePartner } from "./parts/partner-dialogs.js";

export async function page(main, { signal }) {
  const enable = (code) => enablePartner({ code });
  const mayEnable = mayWrite("keys.manage");
  main.append(head(t("partners.technologyPartners"), {
    crumbs: [[t("partners.integrations")], [t("partners.technologyPartners")]],
    lead: t("partners.lead"),
    actions: mayEnable
      ? [
        el("button", {
          type: "button",
          class: "button primary",
          onclick: () => enable(""),
        }, t("partners.enable")),
      ]
      : [],
  }));
  const list = pagedTable({
    caption: t("partners.technologyPartners"),
    signal,
    rowKey: (row) => row.partner,
    columns: [
      {
        label: t("partners.partner"),
        header: true,
        cell: (row) =>
          el(
            "span",
            { class: "partner-name" },
            el("a", { href: link`/partners/${row.partner}` }, name(row.display_name)),
            el("code", { class: "quiet" }, row.partner),
          ),
      },
      {
        label: t("partners.status"),
        cell: (row) =>
          row.enabled
            ? badge("good", t("partners.enabled"))
            : badge("quiet", t("partners.disabled")),
      },
      { label: t("partners.cohorts"), numeric: true, cell: (row) => number(row.cohorts) },
      { label: t("partners.keys"), numeric: true, cell: (row) => number(row.keys.length) },
      { label: t("partners.importPath"), wide: true, cell: (row) => el("code", row.endpoint) },
    ],
    load: async (cursor, asking) => {
      const answer = await get("/ledger/partners", { limit: 25, next: cursor }, {
        signal: asking,
      });
      return { rows: answer.partners, next: answer.next };
    },
    empty: () => emptyState(
      t("partners.none"),
      t("partners.noneText"),
      mayEnable
        ? el("button", {
          type: "button",
          class: "button",
          onclick: () => enable("hightouch"),
        }, t("partners.enableNamed", { partner: "Hightouch" }))
        : null,
    ),
  });
  main.append(list.element);
}
