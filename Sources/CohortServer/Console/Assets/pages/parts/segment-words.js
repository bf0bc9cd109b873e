// Filters in words: one leaf as a sentence, a tree as nested lists.

import { el } from "../../dom.js";
import { moment, position } from "../../format.js";
import { locale, rich, t } from "../../i18n.js";

const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };

/** The leaves that are about time in one cohort. */
export const TIME_LEAVES = ["entered", "left", "member_for", "member_as_of"];

/** Which kind of part a filter is: "and", "or", "not", "cohorts", "segment", or a time leaf. */
export const kindOf = (filter) => Object.keys(filter)[0];

/** A duration of the ledger, such as 7d, as the reader says it. */
export function period(text) {
  const [, amount, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  if (!unit) return text;
  return new Intl.NumberFormat(locale(), { style: "unit", unit: UNITS[unit], unitDisplay: "long" })
    .format(Number(amount));
}

/** A moment as filters have it: a position or an instant. */
export const momentWords = (
  text,
) => (/^#?\d+$/.test(text)
  ? position(String(text).replace("#", ""))
  : Number.isNaN(Date.parse(text))
  ? text
  : moment(text));

/** Nodes with "a, b or c" between them. */
export function anyOf(nodes) {
  const places = nodes.map((_, index) => String(index));
  return new Intl.ListFormat(locale(), { type: "disjunction" }).formatToParts(places)
    .map(({ type, value }) => (type === "element" ? nodes[Number(value)] : value));
}

/** A leaf as a sentence of nodes; `names` is what `naming` returns. */
export function leafWords(filter, names) {
  const kind = kindOf(filter);
  if (kind === "segment") {
    return rich("segments.leaf.segment", { segment: names.segment(filter.segment) });
  }
  if (kind === "cohorts") {
    const { partner, includes, excludes } = filter.cohorts;
    const list = anyOf((includes ?? excludes).map((id) => names.cohort(partner, id)));
    return rich(includes ? "segments.leaf.includes" : "segments.leaf.excludes", {
      filter: names.filter(partner),
      cohorts: list,
    });
  }
  const { partner, cohort_id: id, within, at_least: atLeast, as_of: asOf } = filter[kind];
  return rich(`segments.leaf.${kind}`, {
    filter: names.filter(partner),
    cohort: names.cohort(partner, id),
    period: within || atLeast ? period(within ?? atLeast) : "",
    moment: asOf === undefined ? "" : momentWords(String(asOf)),
  });
}

/** What holds a group together: "All of these", "Any of these", "None of these". */
export const groupWords = (kind) => t(`segments.group.${kind}`);

/**
 * A filter as nested lists. `beside(filter, index)` gives what stands beside the leaf of that
 * index, counted through the tree as the server counts them.
 */
export function filterTree(filter, names, beside = () => null) {
  let count = 0;
  const node = (part) => {
    const kind = kindOf(part);
    if (kind === "and" || kind === "or" || kind === "not") {
      const inner = kind === "not"
        ? (kindOf(part.not) === "or" ? part.not.or : [part.not])
        : part[kind];
      return el(
        "div",
        { class: ["segment-tree-group", kind] },
        el("p", { class: "segment-tree-word" }, groupWords(kind)),
        el("ul", inner.map((one) => el("li", node(one)))),
      );
    }
    const index = count;
    count += 1;
    return el(
      "div",
      { class: "segment-tree-leaf" },
      el("span", { class: "segment-tree-words" }, leafWords(part, names)),
      beside(part, index),
    );
  };
  return el("div", { class: "segment-tree" }, node(filter));
}
