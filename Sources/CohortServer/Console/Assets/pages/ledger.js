// The ledger itself: where it stands, whether it is sound, what happens, how fast.

import { get } from "../api.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { go, head, link } from "../router.js";
import { field } from "../widgets/form.js";
import { feedView } from "./parts/ledger-feed.js";
import { plotsView } from "./parts/ledger-plots.js";
import { statusView } from "./parts/ledger-status.js";

export async function page(main, { signal }) {
  const status = await get("/ledger/status", {}, { signal });
  const { cards, lists } = statusView(status, signal);
  main.append(
    head(t("ledger.title"), { lead: t("ledger.lead"), actions: [finder()] }),
    cards,
    feedView({ end: status.as_of.position, signal }),
    plotsView({ signal }),
    lists,
  );
}

/** Leads to the request of a position. */
function finder() {
  const asked = el("input", {
    type: "text",
    inputmode: "numeric",
    pattern: "#?[0-9]{1,19}",
    required: true,
    autocomplete: "off",
    class: "ledger-find",
  });
  const labelled = field(t("ledger.findRequest"), asked);
  return el(
    "form",
    {
      class: "ledger-finder",
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        go(link`/requests/${asked.value.replace("#", "")}`);
      },
    },
    labelled,
    el("button", { class: "button" }, t("shell.goThere")),
  );
}
