// Filters as they are edited, and what differs between two of them. Pure.

import { kindOf, TIME_LEAVES } from "./segment-words.js";

const isGroup = (filter) => ["and", "or", "not"].includes(kindOf(filter));

/** A group of parts that all (and), any (or) or none (not) of which must hold. */
export const newGroup = (op = "and", parts = []) => ({ type: "group", op, parts });

/** A leaf about cohorts of a partner. */
export const newCohorts = (partner) => ({ type: "cohorts", partner, mode: "includes", ids: [] });

/** A leaf about another segment. */
export const newSegment = () => ({ type: "segment", id: null, negated: false });

/** A leaf about time in one cohort. */
export const newTime = (partner) => ({
  type: "time",
  kind: "entered",
  partner,
  cohort: null,
  amount: "7",
  unit: "d",
  moment: "",
  negated: false,
});

/** The model of a filter; its root is always a group. */
export function toModel(filter) {
  const root = node(filter);
  return root.type === "group" ? root : newGroup("and", [root]);
}

function node(filter) {
  const kind = kindOf(filter);
  if (kind === "and" || kind === "or") return newGroup(kind, filter[kind].map(node));
  if (kind === "not") {
    const inner = kindOf(filter.not);
    if (inner === "or") return newGroup("not", filter.not.or.map(node));
    if (inner === "segment" || TIME_LEAVES.includes(inner)) {
      return { ...node(filter.not), negated: true };
    }
    return newGroup("not", [node(filter.not)]);
  }
  if (kind === "cohorts") {
    const { partner, includes, excludes } = filter.cohorts;
    return {
      type: "cohorts",
      partner,
      mode: includes ? "includes" : "excludes",
      ids: [...(includes ?? excludes)],
    };
  }
  if (kind === "segment") return { type: "segment", id: filter.segment, negated: false };
  const { partner, cohort_id: cohort, within, at_least: atLeast, as_of: asOf } = filter[kind];
  const [, amount = "7", unit = "d"] = /^(\d+)([smhdw])$/.exec(within ?? atLeast ?? "") ?? [];
  return {
    type: "time",
    kind,
    partner,
    cohort,
    amount,
    unit,
    moment: asOf === undefined ? "" : String(asOf),
    negated: false,
  };
}

/** The filter of a model, or null if something in it is still missing. */
export function toFilter(model, isRoot = true) {
  if (model.type === "group") {
    const parts = model.parts.map((part) => toFilter(part, false));
    if (parts.length === 0 || parts.includes(null)) return null;
    if (model.op === "not") return { not: parts.length === 1 ? parts[0] : { or: parts } };
    return isRoot && parts.length === 1 ? parts[0] : { [model.op]: parts };
  }
  const leaf = leafOf(model);
  return leaf !== null && model.negated ? { not: leaf } : leaf;
}

function leafOf(model) {
  if (model.type === "cohorts") {
    return model.ids.length === 0
      ? null
      : { cohorts: { partner: model.partner, [model.mode]: model.ids } };
  }
  if (model.type === "segment") return model.id === null ? null : { segment: model.id };
  if (model.cohort === null) return null;
  const place = { partner: model.partner, cohort_id: model.cohort };
  if (model.kind === "member_as_of") {
    return model.moment.trim() === ""
      ? null
      : { member_as_of: { ...place, as_of: model.moment.trim() } };
  }
  if (!/^[1-9]\d{0,9}$/.test(model.amount.trim())) return null;
  return {
    [model.kind]: {
      ...place,
      [model.kind === "member_for" ? "at_least" : "within"]: `${model.amount.trim()}${model.unit}`,
    },
  };
}

/** The leaves of a model in the order in which the server counts those of its filter. */
export const modelLeaves = (
  model,
) => (model.type === "group" ? model.parts.flatMap(modelLeaves) : [model]);

/** How many leaves a filter has. */
export const leafCount = (filter) => {
  const kind = kindOf(filter);
  if (kind === "not") return leafCount(filter.not);
  return isGroup(filter) ? filter[kind].reduce((sum, part) => sum + leafCount(part), 0) : 1;
};

/** A filter without the leaf of an index, or null if nothing is left of it. */
export function without(filter, index) {
  let count = 0;
  const walk = (part) => {
    const kind = kindOf(part);
    if (kind === "not") {
      const inner = walk(part.not);
      return inner === null ? null : { not: inner };
    }
    if (isGroup(part)) {
      const kept = part[kind].map(walk).filter((one) => one !== null);
      return kept.length === 0 ? null : { [kind]: kept };
    }
    count += 1;
    return count - 1 === index ? null : part;
  };
  return walk(filter);
}

/** The cohorts that a filter names, each once: [{partner, id}]. */
export function cohortsOf(filter) {
  const found = new Map();
  const walk = (part) => {
    const kind = kindOf(part);
    if (kind === "not") walk(part.not);
    else if (isGroup(part)) part[kind].forEach(walk);
    else if (kind === "cohorts") {
      for (const id of part.cohorts.includes ?? part.cohorts.excludes) {
        found.set(`${part.cohorts.partner}/${id}`, { partner: part.cohorts.partner, id });
      }
    } else if (kind !== "segment") {
      found.set(`${part[kind].partner}/${part[kind].cohort_id}`, {
        partner: part[kind].partner,
        id: part[kind].cohort_id,
      });
    }
  };
  walk(filter);
  return [...found.values()];
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What a part is like: parts that are alike are compared with each other. */
function likeness(filter) {
  const kind = kindOf(filter);
  if (kind === "cohorts") return `cohorts ${filter.cohorts.partner}`;
  if (kind === "not") return `not ${likeness(filter.not)}`;
  return TIME_LEAVES.includes(kind)
    ? `time ${filter[kind].partner}/${filter[kind].cohort_id}`
    : kind;
}

/**
 * What differs between two filters: [{kind, before?, after?}], `kind` "added", "removed", "changed"
 * (parts), or "group" (`before` and `after` are what held a group together).
 */
export function differences(before, after) {
  if (same(before, after)) return [];
  const [old, young] = [kindOf(before), kindOf(after)];
  if (old === "not" && young === "not") return differences(before.not, after.not);
  const isList = (kind) => kind === "and" || kind === "or";
  if (!isList(old) && !isList(young)) return [{ kind: "changed", before, after }];
  const found = isList(old) && isList(young) && old !== young
    ? [{ kind: "group", before: old, after: young }]
    : [];
  const from = isList(old) ? [...before[old]] : [before];
  const to = isList(young) ? [...after[young]] : [after];
  const pair = (fits, use) => {
    for (let index = 0; index < from.length; index += 1) {
      const place = to.findIndex((one) => fits(from[index], one));
      if (place === -1) continue;
      use(from[index], to[place]);
      from.splice(index, 1);
      to.splice(place, 1);
      index -= 1;
    }
  };
  pair(same, () => {});
  pair(
    (one, other) => likeness(one) === likeness(other),
    (one, other) => found.push(...differences(one, other)),
  );
  return [
    ...found,
    ...from.map((one) => ({ kind: "removed", before: one })),
    ...to.map((one) => ({ kind: "added", after: one })),
  ];
}
