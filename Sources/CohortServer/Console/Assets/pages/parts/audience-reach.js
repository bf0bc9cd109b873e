// How many users an audience reaches now, exactly, and what each of its parts holds.

import { post } from "../../api.js";
import { el, replace } from "../../dom.js";
import { number, standing } from "../../format.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { errorPanel, notice } from "../../widgets/states.js";
import { audienceFilter } from "./audience-kinds.js";
import { filterView } from "./audience-names.js";

/**
 * A card with the reach: {element, show(audience or null)}. An answer that was overtaken is not
 * shown. `names` as `namesOf` makes them.
 */
export function reachCard(names, signal) {
  const size = el("p", { class: "audience-size", role: "status" }, "—");
  const where = el("p", { class: "quiet" });
  const parts = el("div");
  const element = el(
    "section",
    { class: "card audience-reach", "aria-label": t("audiences.reach") },
    el("h2", t("audiences.reach")),
    size,
    where,
    parts,
  );
  let turn = 0;

  async function show(audience) {
    turn += 1;
    const mine = turn;
    if (!may("segments.preview")) {
      return replace(
        parts,
        notice("info", t("audiences.reachNotPermitted", { permission: "segments.preview" })),
      );
    }
    if (!audience || audience.segments.length === 0) {
      replace(size, "—");
      replace(where, t("audiences.chooseFirst"));
      return replace(parts);
    }
    element.setAttribute("aria-busy", "true");
    try {
      const answer = await post("/segments/preview", { filter: audienceFilter(audience) }, {
        signal,
      });
      if (mine !== turn) return;
      replace(size, t("audiences.users", { n: answer.size }));
      replace(where, standing(answer.as_of));
      replace(parts, answer.leaves.length < 2 ? null : contributions(answer, names));
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      replace(size, "—");
      replace(where);
      replace(parts, errorPanel(error, { retry: () => show(audience) }));
    } finally {
      if (mine === turn) element.removeAttribute("aria-busy");
    }
  }
  return { element, show };
}

/** Each leaf on its own, and in the end what all of them leave. */
function contributions({ size, leaves }, names) {
  const most = Math.max(1, size, ...leaves.map((leaf) => leaf.size));
  const bar = (count, kind) =>
    el(
      "span",
      { class: "audience-bar", "aria-hidden": "true" },
      el("span", { class: ["audience-fill", kind], style: { width: `${(count / most) * 100}%` } }),
    );
  return el(
    "div",
    { class: "audience-contributions" },
    el("h3", t("audiences.eachAlone")),
    el(
      "ul",
      leaves.map((leaf) =>
        el(
          "li",
          filterView(leaf.filter, names),
          el("strong", { class: "numeric" }, number(leaf.size)),
          bar(leaf.size),
        )
      ),
      el(
        "li",
        el("span", t("audiences.together")),
        el("strong", { class: "numeric" }, number(size)),
        bar(size, "all"),
      ),
    ),
  );
}
