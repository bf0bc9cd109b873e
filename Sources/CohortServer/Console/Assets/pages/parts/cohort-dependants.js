// What uses a cohort now: segments, campaigns, Canvases.

import { get } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { emptyState, errorPanel, loading } from "../../widgets/states.js";

const KINDS = [["segments", "segments"], ["campaigns", "campaigns"], ["canvases", "canvases"]];

/** A list of what depends on a cohort, to be shown before it is archived too. */
export async function dependants(cohort, signal) {
  const answer = await get("/ledger/dependants", { cohort: `${cohort.partner}/${cohort.id}` }, {
    signal,
  });
  const groups = KINDS.filter(([key]) => answer.dependants[key].length > 0);
  if (groups.length === 0) return emptyState(t("cohorts.noDependants"));
  return el(
    "div",
    { class: "cohort-uses" },
    el("p", { class: "quiet" }, t("cohorts.dependantsLead")),
    groups.map(([key, route]) =>
      el(
        "div",
        el("h3", t(`cohorts.${key}`)),
        el(
          "ul",
          answer.dependants[key].map((one) =>
            el(
              "li",
              el(
                "a",
                { href: `#/${route}/${encodeURIComponent(one.id)}` },
                name(one.name ?? one.id),
              ),
            )
          ),
        ),
      )
    ),
  );
}

/** The same as a view of the page. */
export function dependantsView(cohort, signal) {
  const element = el("div", { class: "cohort-view" }, loading());
  dependants(cohort, signal).then(
    (shown) => replace(element, shown),
    (error) => {
      if (!signal.aborted) replace(element, errorPanel(error));
    },
  );
  return { element };
}
