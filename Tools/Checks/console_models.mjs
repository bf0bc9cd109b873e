// Filters, identities and overlaps of the console against naive models, on many random ones:
//
//     node Tools/Checks/console_models.mjs [seed]
//
// What the builder edits means what it was read from; what differs between two filters leads from
// one to the other; the lanes of a user say at every position who bore an identifier; the parts of
// an overlap are those of counted sets.

import assert from "node:assert/strict";

globalThis.navigator ??= { languages: ["en-US"] };
globalThis.document = { documentElement: {} };
const assets = new URL("../../Sources/CohortServer/Console/Assets/", import.meta.url);
const load = (name) => import(new URL(`pages/parts/${name}.js`, assets));
const model = await load("segment-model");
const sets = await load("segment-sets");
const { lanesOf } = await load("user-lanes");

let seed = Number(process.argv[2] ?? 11);
function random() {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const below = (limit) => Math.floor(random() * limit);
const some = (all) => all[below(all.length)];

// Filters

const IDS = ["vip", "lapsed", "new", "old"];

function randomLeaf() {
  const place = { partner: some(["hightouch", "segment"]), cohort_id: some(IDS) };
  return some([
    () => ({
      cohorts: {
        partner: place.partner,
        [some(["includes", "excludes"])]: IDS.slice(0, 1 + below(3)),
      },
    }),
    () => ({ segment: `segment:${1 + below(3)}` }),
    () => ({ entered: { ...place, within: `${1 + below(9)}${some([..."smhdw"])}` } }),
    () => ({ left: { ...place, within: "7d" } }),
    () => ({ member_for: { ...place, at_least: "30d" } }),
    () => ({ member_as_of: { ...place, as_of: String(below(99)) } }),
  ])();
}

function randomFilter(depth) {
  if (depth === 0 || random() < 0.3) return randomLeaf();
  if (random() < 0.25) return { not: randomFilter(depth - 1) };
  return {
    [some(["and", "or"])]: Array.from({ length: 1 + below(3) }, () => randomFilter(depth - 1)),
  };
}

const leaves = (filter) =>
  filter.not
    ? leaves(filter.not)
    : filter.and || filter.or
    ? (filter.and ?? filter.or).flatMap(leaves)
    : [filter];

/** Whether a filter holds where each leaf is true or not by chance, the same for equal leaves. */
function holds(filter, truth) {
  if (filter.not) return !holds(filter.not, truth);
  if (filter.and) return filter.and.every((part) => holds(part, truth));
  if (filter.or) return filter.or.some((part) => holds(part, truth));
  const key = JSON.stringify(filter);
  if (!truth.has(key)) truth.set(key, random() < 0.5);
  return truth.get(key);
}

const texts = (filters) => filters.map((one) => JSON.stringify(one)).sort();

function isWhole(filter) {
  if (filter.not) return isWhole(filter.not);
  const parts = filter.and ?? filter.or;
  return !parts || (parts.length > 0 && parts.every(isWhole));
}

for (let turn = 0; turn < 4_000; turn += 1) {
  const filter = randomFilter(4);
  const edited = model.toModel(filter);
  const back = model.toFilter(edited);
  assert.deepEqual(leaves(back), leaves(filter), "the leaves, in their order");
  assert.equal(model.modelLeaves(edited).length, model.leafCount(filter));
  for (let chance = 0; chance < 8; chance += 1) {
    const truth = new Map();
    assert.equal(holds(back, truth), holds(filter, truth), JSON.stringify(filter));
  }
  const index = below(model.leafCount(filter));
  const less = model.without(filter, index);
  const rest = leaves(filter).filter((_, place) => place !== index);
  if (less === null) assert.equal(rest.length, 0);
  else {
    assert.deepEqual(leaves(less), rest, "all leaves but one");
    assert(isWhole(less), "no group is left empty");
  }
}
assert.equal(model.toFilter(model.newGroup()), null, "an empty group is no filter");
assert.equal(model.toFilter(model.newGroup("and", [model.newCohorts("hightouch")])), null);
assert.equal(model.toFilter(model.newGroup("and", [model.newSegment()])), null);

// Differences: before − removed + added = after, leaf by leaf.
for (let turn = 0; turn < 4_000; turn += 1) {
  const before = randomFilter(3);
  const after = random() < 0.1
    ? structuredClone(before)
    : random() < 0.5
    ? randomFilter(3)
    : { and: [before, randomLeaf()] };
  const found = model.differences(before, after);
  if (JSON.stringify(before) === JSON.stringify(after)) {
    assert.deepEqual(found, []);
    continue;
  }
  const parts = found.filter((one) => one.kind !== "group");
  const gone = texts(parts.flatMap((one) => (one.before ? leaves(one.before) : [])));
  const come = texts(parts.flatMap((one) => (one.after ? leaves(one.after) : [])));
  const left = texts(leaves(before));
  for (const one of gone) {
    const place = left.indexOf(one);
    assert(place >= 0, `${one} was not there`);
    left.splice(place, 1);
  }
  assert.deepEqual(
    [...left, ...come].sort(),
    texts(leaves(after)),
    JSON.stringify([before, after]),
  );
}

// Identities: at every position the lanes say who bears what.
for (let turn = 0; turn < 500; turn += 1) {
  const bearer = new Map(), alive = new Set(), moments = [], events = [];
  let nextUser = 1;
  const fresh = () => ({ external_id: `id-${below(1_000_000)}` });
  for (let position = 1; position <= 30; position += 1) {
    const event = randomEvent(position);
    if (event) events.push(event);
    moments.push(new Map([...bearer].map(([key, one]) => [key, `${one.user} ${one.role}`])));
  }
  function randomEvent(position) {
    const base = { position, time: new Date(position * 1000).toISOString() };
    const user = some([...alive]);
    const own = () =>
      [...bearer].filter(([, one]) => one.user === user && one.role === "primary").map(([key]) =>
        JSON.parse(key)
      );
    const set = (identifier, who, role) =>
      bearer.set(JSON.stringify(identifier), { user: who, role });
    const kind = alive.size === 0 ? 0 : below(6);
    if (kind === 0) {
      const born = nextUser, identifiers = [fresh(), { device_id: `d-${below(1_000_000)}` }];
      nextUser += 1;
      alive.add(born);
      for (const one of identifiers) set(one, born, "primary");
      return { ...base, type: "userCreated", user: { user: born }, identifiers };
    }
    if (kind === 1) {
      const identifier = { alias_label: "email", alias_name: `a-${below(1_000_000)}` };
      set(identifier, user, "primary");
      return { ...base, type: "identifierAdded", user: { user }, identifier };
    }
    if (kind === 2 && own().length > 0) {
      const identifier = some(own());
      bearer.delete(JSON.stringify(identifier));
      return { ...base, type: "identifierRemoved", user: { user }, identifier };
    }
    if (kind === 3) {
      const deprecated = own().find((one) => "external_id" in one);
      if (!deprecated) return null;
      const identifier = fresh();
      set(deprecated, user, "deprecated");
      set(identifier, user, "primary");
      return { ...base, type: "externalIdRenamed", user: { user }, deprecated, identifier };
    }
    if (kind === 4 && alive.size > 1) {
      const into = some([...alive].filter((one) => one !== user));
      const mine = own();
      const merged = mine.filter((one) => "external_id" in one);
      const dropped = mine.filter((one) => "alias_label" in one && random() < 0.5);
      const moved = mine.filter((one) => !merged.includes(one) && !dropped.includes(one));
      const older = [...bearer].filter(([, one]) => one.user === user && one.role !== "primary")
        .map(([key]) => JSON.parse(key));
      for (const one of moved) set(one, into, "primary");
      for (const one of [...merged, ...older]) set(one, into, "merged");
      for (const one of dropped) bearer.delete(JSON.stringify(one));
      alive.delete(user);
      return {
        ...base,
        type: "usersMerged",
        user: { user },
        into: { user: into },
        identifiers_moved: moved,
        aliases_dropped: dropped,
        external_ids_merged: [...merged, ...older],
      };
    }
    if (kind === 5) {
      for (const [key, one] of [...bearer]) if (one.user === user) bearer.delete(key);
      alive.delete(user);
      return { ...base, type: "userDeleted", user: { user } };
    }
    return null;
  }
  const story = lanesOf(events);
  moments.forEach((wanted, index) => {
    const position = index + 1;
    const said = new Map();
    for (const lane of story.lanes) {
      const span = lane.spans.find((one) =>
        one.from.position <= position && (one.to === null || one.to.position > position)
      );
      if (span) said.set(JSON.stringify(lane.identifier), `${span.user} ${span.role}`);
    }
    assert.deepEqual([...said].sort(), [...wanted].sort(), `turn ${turn}, position ${position}`);
  });
  assert.deepEqual(
    story.people.filter((one) => one.end === null).map((one) => one.user).sort(),
    [...alive].sort(),
  );
}

// Overlaps: counted one by one.
for (let turn = 0; turn < 500; turn += 1) {
  const count = 2 + below(2);
  const people = Array.from({ length: below(60) }, () => below(2 ** count));
  const totals = new Map();
  for (let bits = 1; bits < 2 ** count; bits += 1) {
    totals.set(
      bits,
      people.filter((one) => (one & bits) === bits).length,
    );
  }
  for (const { bits, only } of sets.exclusive(totals)) {
    assert.equal(
      only,
      people.filter((one) => one === bits).length,
    );
  }
}
for (let turn = 0; turn < 2_000; turn += 1) {
  const [ra, rb] = [0.1 + random() * 9, 0.1 + random() * 9];
  const shared = random() * Math.PI * Math.min(ra, rb) ** 2;
  const apart = sets.distance(ra, rb, shared);
  assert(
    Math.abs(sets.lens(ra, rb, apart) - shared) < 1e-6 * Math.max(1, shared),
    `${ra} ${rb} ${shared}`,
  );
}
console.log("filters, identities and overlaps are as naive models say");
