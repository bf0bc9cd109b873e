// The console's pure parts against what must hold for any input: node Tools/Checks/console_units.mjs
//
// Axes cover what they draw with round marks, moments keep their microseconds, addresses lead back to
// the ids that they were made of, and a page of filtered items is what a filter of all items is.

import assert from "node:assert/strict";

process.env.TZ = "Europe/Berlin";
// What the modules ask of a browser.
globalThis.navigator ??= { languages: ["en-US"] };
globalThis.document = { documentElement: {} };
const assets = new URL("../../Sources/CohortServer/Console/Assets/", import.meta.url);
const load = (name) => import(new URL(name, assets));
const scale = await load("widgets/scale.js");
const format = await load("format.js");
const i18n = await load("i18n.js");
const { findRoute } = await load("routes.js");
const { link } = await load("router.js");
const api = await load("api.js");

// A generator of its own, so that a failure can be repeated.
let seed = Number(process.argv[2] ?? 7);
function random() {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const below = (limit) => Math.floor(random() * limit);

function ascending(values) {
  return values.every((value, index) => index === 0 || values[index - 1] < value);
}

for (let turn = 0; turn < 5_000; turn += 1) {
  const values = Array.from({ length: 1 + below(20) }, () => below(10 ** below(8)));
  const ticks = scale.valueTicks(values, 2 + below(6));
  assert(ascending(ticks) && ticks.length >= 2 && ticks.length < 14, `${values} → ${ticks}`);
  assert(ticks.every(Number.isInteger), `whole numbers: ${ticks}`);
  assert(
    ticks[0] <= Math.min(...values) && ticks.at(-1) >= Math.max(...values),
    `${values}: ${ticks}`,
  );
}
assert.deepEqual(scale.valueTicks([0], 4), [0, 1]);
assert.equal(scale.valueTicks([5, 5, 5], 4)[0], 0, "what does not change stands on zero");
assert(scale.valueTicks([9_990, 10_000], 4)[0] > 9_000, "what changes little is seen to change");

const HOUR = 3_600_000;
const changes = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
for (let turn = 0; turn < 4_000; turn += 1) {
  // Around the ends of summer time, too.
  const from = turn % 2
    ? changes[below(2)] - below(3 * HOUR)
    : Date.UTC(2016 + below(11), below(12), 1 + below(28), below(24), below(60));
  const to = from + 1 + Math.floor(HOUR * 10 ** (random() * 7 - 3));
  const count = 2 + below(10);
  const marks = scale.timeTicks(from, to, count);
  const ticks = marks.map((tick) => tick.at);
  const isOfDays = ticks.length > 1 && ticks[1] - ticks[0] > 20 * HOUR;
  if (isOfDays) {
    assert(
      ticks.every((at) => new Date(at).getHours() === 0),
      `midnights: ${marks.map((one) => one.text)}`,
    );
    assert.equal(
      new Set(marks.map((one) => one.text)).size,
      marks.length,
      `${marks.map((one) => one.text)}`,
    );
  }
  assert(ascending(ticks), `${from} to ${to}: ${ticks}`);
  assert(ticks.every((at) => at >= from && at <= to), `${from} to ${to}: ${ticks}`);
  assert(ticks.length <= count + 2, `${ticks.length} marks instead of ${count}`);
}
for (let turn = 0; turn < 1_000; turn += 1) {
  const span = 10 ** (random() * 12);
  assert(span / scale.sliderStep(span) <= 2_000 || span > 2_000 * 14 * 24 * HOUR, `${span}`);
}

assert.equal(
  format.milliseconds("2026-11-21T10:31:04.810110Z"),
  Date.UTC(2026, 10, 21, 10, 31, 4, 810) + 0.11,
);
assert.equal(format.milliseconds("2026-11-21T10:31:04Z"), Date.UTC(2026, 10, 21, 10, 31, 4));
assert.equal(format.utc("2026-11-21T10:31:04.810110Z"), "2026-11-21 10:31:04.810110 UTC");
assert.equal(format.bytes(1536).replace(/\s/u, " "), "1.5 kB");

const letters = [
  "a",
  "/",
  "%",
  "?",
  "#",
  "&",
  "..",
  " ",
  "<",
  "\u0001",
  "é",
  "😀",
  "\u202e",
  "%2F",
  "{",
  "+",
];
for (let turn = 0; turn < 5_000; turn += 1) {
  const id = "x" + Array.from({ length: below(8) }, () => letters[below(letters.length)]).join("");
  const address = link`/cohorts/${"hightouch"}/${id}`;
  // As a browser keeps it in location.hash.
  const route = findRoute(new URL(address, "http://ledger/").hash.slice(1).split("?")[0]);
  assert.equal(route?.ids.id, id, address);
}
/** Which cohort the server sees in what a browser sends. */
function cohortSeen(method, wanted, body) {
  const asked = api.askable(method, wanted, body);
  const { pathname, searchParams } = new URL(asked.target, "http://ledger/");
  const [, , , , id, verb] = pathname.split("/");
  assert.equal(verb, wanted.split("/")[5]?.split("?")[0], asked.target);
  const beside = method === "GET" ? searchParams.get("cohort_id") : asked.body?.cohort_id;
  return id === "-" && beside ? beside : decodeURIComponent(id);
}
for (let turn = 0; turn < 5_000; turn += 1) {
  const id = turn < letters.length
    ? letters[turn]
    : [".", "..", "...", "-", "%2E", "%2E%2E"][turn - letters.length] ??
      letters[below(letters.length)] + letters[below(letters.length)] +
        letters[below(letters.length)];
  for (const more of ["", "/members", "/members?as_of=4", "?as_of=4"]) {
    const target = api.path`/ledger/cohorts/p/${id}` + more;
    assert.equal(cohortSeen("GET", target), id, target);
  }
  const target = api.path`/ledger/cohorts/p/${id}/archive`;
  assert.equal(cohortSeen("POST", target, {}), id, target);
}
assert.equal(findRoute("/segments/new").page, "segment-edit", "the first route that fits");
assert.equal(findRoute("/cohorts//x"), null);
assert.equal(findRoute("/cohorts/%zz/x"), null);
assert.equal(api.query({ a: null, b: "", c: 0, d: "&=" }), "?c=0&d=%26%3D");

for (const { code } of i18n.LANGUAGES) {
  await i18n.useLanguage(code);
  assert.match(i18n.t("cohorts.membersThen", { n: 1 }), /^1 /);
  assert.match(i18n.t("cohorts.membersThen", { n: 5 }), /^5 /);
  const node = {};
  assert(
    i18n.rich("shell.withLinkText", { command: node }).includes(node),
    `${code}: a node is kept`,
  );
  // What somebody typed is no pattern, and turns no sentence around.
  const turned = i18n.t("partners.enableNamed", { partner: "\u2069\u202eevil\u202c" });
  assert(turned.includes("\u2068evil\u2069") && !/[\u202a-\u202e]/.test(turned), turned);
  assert(i18n.t("partners.enableNamed", { partner: "{partner}$&" }).includes("{partner}$&"));
}

// A list of the server, in pages, and what its filtered pages are together.
const { filteredPage } = await load("widgets/filtered.js");
for (let turn = 0; turn < 300; turn += 1) {
  const items = Array.from(
    { length: below(60) },
    (_, index) => ({ index, wanted: random() < 0.4 }),
  );
  const size = 1 + below(12);
  globalThis.fetch = async (target) => {
    const after = Number(new URL(target, "http://ledger/").searchParams.get("next") ?? 0);
    const page = items.slice(after, after + size);
    const body = {
      items: page,
      ...(after + size < items.length ? { next: String(after + size) } : {}),
    };
    return { ok: true, status: 200, text: async () => JSON.stringify(body) };
  };
  const found = [];
  const want = 1 + below(9);
  let cursor;
  do {
    const page = await filteredPage({
      target: "/x",
      key: "items",
      holds: (item) => item.wanted,
      cursor,
      want,
      limit: size,
    });
    assert(page.rows.length <= want);
    found.push(...page.rows.map((item) => item.index));
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(found, items.filter((item) => item.wanted).map((item) => item.index));
}

// Pages of a table out of numbered pages of a hundred.
const { numberedPage } = await load("widgets/filtered.js");
for (let turn = 0; turn < 60; turn += 1) {
  const count = turn < 20 ? [0, 1, 25, 99, 100, 101, 199, 200, 201, 300][turn % 10] : below(420);
  const items = Array.from({ length: count }, (_, index) => index);
  globalThis.fetch = async (target) => {
    const page = Number(new URL(target, "http://ledger/").searchParams.get("page"));
    const body = JSON.stringify({ items: items.slice(page * 100, page * 100 + 100) });
    return { ok: true, text: async () => body };
  };
  const found = [];
  let cursor;
  do {
    const page = await numberedPage({ target: "/x", key: "items", cursor });
    assert(page.rows.length === 25 || page.next === undefined);
    assert(page.rows.length > 0 || count === 0, `an empty page of ${count}`);
    found.push(...page.rows);
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(found, items);
}

console.log("the console's pure parts are as they should be");
