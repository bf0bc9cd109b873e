// The exact size of a filter while it is edited, and what each of its leaves contributes.

import { post, query } from "../../api.js";
import { debounced, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { errorPanel } from "../../widgets/states.js";
import { leafCount, without } from "./segment-model.js";

const MOST_LEAVES = 12;

/**
 * Asks for the size of a filter: {size, leaves, as_of}. `asOf` is null for now, what `as_of` takes,
 * or the `as_of` of an earlier answer, {position, time}: then it is of exactly that moment.
 * `definition` "now": segments inside are those of now.
 */
export function sizeOf(filter, asOf, signal, definition) {
  const when = asOf !== null && typeof asOf === "object"
    ? { as_of: asOf.position, at: asOf.time }
    : { as_of: asOf };
  return post(`/segments/preview${query({ ...when, definition })}`, { filter }, { signal });
}

/**
 * Walks what each leaf contributes: `show(index, {alone, effect?})` is called first with the sizes
 * of the leaves alone, then one by one with the difference that each makes.
 */
export async function contributions(filter, answer, show, signal, definition) {
  const count = leafCount(filter);
  if (answer.leaves.length !== count) return;
  answer.leaves.forEach((leaf, index) => show(index, { alone: leaf.size }));
  if (count < 2 || count > MOST_LEAVES) return;
  for (let index = 0; index < count; index += 1) {
    const { size } = await sizeOf(without(filter, index), answer.as_of, signal, definition);
    if (signal.aborted) return;
    show(index, { alone: answer.leaves[index].size, effect: answer.size - size });
  }
}

/**
 * A panel with the size. `update(filter)` asks a little after the last change; answers that were
 * overtaken are dropped. `filter` null: something is missing. `onLeaf(index, given)` hears of leaves.
 */
export function sizePanel({ onLeaf, onFilter = () => {}, signal }) {
  const size = el("p", { class: "segment-size-number" }, "—");
  const beside = el("div", { class: "segment-size-beside", role: "status" });
  let asking = new AbortController();
  signal.addEventListener("abort", () => asking.abort(), { once: true });

  const ask = debounced(250, async (filter, mine) => {
    if (mine.aborted || signal.aborted) return;
    try {
      const answer = await sizeOf(filter, null, mine);
      if (mine.aborted) return;
      replace(size, t("segments.users", { n: answer.size }));
      replace(
        beside,
        el(
          "span",
          { class: "quiet" },
          t("segments.exact", { position: `#${answer.as_of.position}` }),
        ),
      );
      size.classList.remove("stale");
      onFilter(filter);
      await contributions(filter, answer, onLeaf, mine);
    } catch (error) {
      if (mine.aborted) return;
      replace(size, "—");
      replace(beside, errorPanel(error, { title: t("segments.cannotSize") }));
    }
  });

  return {
    element: el(
      "section",
      { class: "card segment-size", "aria-label": t("segments.size") },
      el("h2", t("segments.size")),
      size,
      beside,
    ),
    update(filter) {
      asking.abort();
      asking = new AbortController();
      size.classList.add("stale");
      if (filter === null) {
        replace(size, "—");
        replace(beside, el("span", { class: "quiet" }, t("segments.incomplete")));
        asking.abort();
        return;
      }
      ask(filter, asking.signal);
    },
  };
}
