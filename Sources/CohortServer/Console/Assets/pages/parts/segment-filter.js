// The filter of a segment at a moment, with what each part of it contributes.

import { el, replace } from "../../dom.js";
import { signed } from "../../format.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { errorPanel } from "../../widgets/states.js";
import { contributions, sizeOf } from "./segment-preview.js";
import { filterTree } from "./segment-words.js";

/** `segment` is {id, asOf, definition, now, then}; the view has `moved()`. */
export function filterView(segment, names, signal) {
  const tree = el("div");
  const trouble = el("div");
  let asking = new AbortController();
  signal.addEventListener("abort", () => asking.abort(), { once: true });

  async function draw() {
    asking.abort();
    asking = new AbortController();
    const mine = asking.signal;
    const shown = segment.then ?? (segment.asOf === null ? segment.now : null);
    replace(trouble);
    if (shown === null) return replace(tree, el("p", { class: "quiet" }, t("segments.notYet")));
    const places = [];
    replace(
      tree,
      filterTree(
        shown.filter,
        names,
        (_, index) => (places[index] = el("span", { class: "segment-contribution" })),
      ),
    );
    if (!may("segments.preview")) return undefined;
    try {
      const answer = await sizeOf(shown.filter, shown.as_of, mine, segment.definition);
      await contributions(
        shown.filter,
        answer,
        (index, given) => replace(places[index], contributionWords(given)),
        mine,
        segment.definition,
      );
    } catch (error) {
      if (!mine.aborted) replace(trouble, errorPanel(error, { title: t("segments.cannotSize") }));
    }
    return undefined;
  }

  draw();
  return {
    element: el(
      "div",
      { class: "segment-view" },
      el("p", { class: "quiet" }, t("segments.filterLead")),
      el("div", { class: "card" }, tree),
      trouble,
    ),
    moved: draw,
    arrived: draw,
  };
}

/** How many a filter holds alone, and what it does to the size. */
export const contributionWords = (given) => [
  el("span", t("segments.alone", { n: given.alone })),
  given.effect === undefined ? null : [
    " · ",
    el(
      "span",
      { title: t("segments.effectHint") },
      t("segments.effect", { change: signed(given.effect) }),
    ),
  ],
];
