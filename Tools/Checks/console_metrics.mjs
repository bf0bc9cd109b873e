// What the console makes of metrics and of events: node Tools/Checks/console_metrics.mjs
//
// Metrics that were written are read back, whatever is in their labels, and nothing else is; rates
// and quantiles are those of the requests that were counted; the feed keeps little of what is large.

import assert from "node:assert/strict";

globalThis.navigator ??= { languages: ["en-US"] };
globalThis.document = { documentElement: {} };
const assets = new URL("../../Sources/CohortServer/Console/Assets/", import.meta.url);
const load = (name) => import(new URL(name, assets));
const metrics = await load("pages/parts/ledger-metrics.js");
const { audienceFilter } = await load("pages/parts/audience-kinds.js");
const { kindOfEvent, summary } = await load("pages/parts/ledger-events.js");

// A generator of its own, so that a failure can be repeated.
let seed = Number(process.argv[2] ?? 11);
function random() {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const below = (limit) => Math.floor(random() * limit);
const pick = (all) => all[below(all.length)];

const TEXTS = ["a", "\\", '"', "\n", "}", "{", ",", "=", " ", "é", "😀", "#", "/x/{id}"];
const written = (value) => value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
for (let turn = 0; turn < 3_000; turn += 1) {
  const samples = Array.from({ length: below(6) }, (_, index) => ({
    name: pick(["a", "cohort_position", "x:y_2", "_z"]),
    labels: Object.fromEntries(
      Array.from(
        { length: below(4) },
        (_, place) => [`l${place}`, Array.from({ length: below(6) }, () => pick(TEXTS)).join("")],
      ),
    ),
    value: pick([0, 1, -3, 4693, 0.00025, 1e21, Infinity, -Infinity, index]),
  }));
  const text = samples.map(({ name, labels, value }) => {
    const inner = Object.entries(labels).map(([key, one]) => `${key}="${written(one)}"`).join(",");
    const number = Math.abs(value) === Infinity ? (value < 0 ? "-Inf" : "+Inf") : String(value);
    const help = random() < 0.3 ? `# HELP ${name} What "it" is {x}.\n# TYPE ${name} gauge\n` : "";
    return `${help}${name}${inner || random() < 0.1 ? `{${inner}}` : ""} ${number}\n`;
  }).join(random() < 0.2 ? "\n" : "");
  assert.deepEqual(metrics.parseMetrics(text), samples, text);
}
for (
  const line of [
    "a",
    "a ",
    "a 1 2 3",
    "a one",
    "1a 1",
    "a{ 1",
    'a{b="c} 1',
    'a{b="c"',
    'a{b="c"}1',
    'a{b="c" d="e"} 1',
    'a{b="\\x"} 1',
    'a{b="1",b="2"} 1',
    "a{b=c} 1",
    " a 1",
    "a  1",
    "a 1 ",
    "a 0x10",
    "<html>",
  ]
) {
  assert.throws(() => metrics.parseMetrics(`b 1\n${line}\n`), SyntaxError, line);
}
assert.throws(() => metrics.parseMetrics("a 1\n".repeat(2_000_000)), SyntaxError);

// Answers with known times, counted as the server counts them, against a sorted list of them.
const BOUNDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];
function text(imports, times, position) {
  const lines = [
    `cohort_position ${position}`,
    `cohort_http_requests_total{method="POST",route="/partners/{partner}/cohorts/users",status="2xx"} ${imports}`,
    `cohort_http_requests_total{method="POST",route="/partners/{partner}/cohorts/users",status="4xx"} 1`,
    'cohort_http_requests_total{method="GET",route="/health",status="2xx"} 99',
    // Whoever waits for events is not kept waiting.
    'cohort_http_request_seconds_bucket{method="GET",route="/ledger/events",le="+Inf"} 1000',
  ];
  for (const route of ["/health", "/users/track"]) {
    const mine = times.filter((_, index) => (index % 2 === 0) === (route === "/health"));
    for (const bound of [...BOUNDS, Infinity]) {
      const label = bound === Infinity ? "+Inf" : bound;
      const count = mine.filter((time) => time <= bound).length;
      lines.push(
        `cohort_http_request_seconds_bucket{method="GET",route="${route}",le="${label}"} ${count}`,
      );
    }
  }
  return lines.join("\n");
}
const read = (...given) => metrics.reading(metrics.parseMetrics(text(...given)), 0);
for (let turn = 0; turn < 300; turn += 1) {
  const earlier = Array.from({ length: below(30) }, () => 10 ** (random() * 6 - 5));
  const later = Array.from({ length: below(30) }, () => 10 ** (random() * 6 - 5));
  const before = read(5, earlier, 40),
    after = { ...read(9, [...earlier, ...later], 52), at: 2_000 };
  assert.equal(metrics.rate(before, after, "imports"), 2);
  assert.equal(metrics.rate(before, after, "refused"), 0);
  assert.equal(metrics.rate(before, after, "positions"), 6);
  assert.equal(metrics.rate(after, { ...before, at: 4_000 }, "positions"), null, "a restart");
  assert.equal(metrics.rate(before, after, "memory"), null, "not said by the server");
  for (const share of [0.5, 0.99]) {
    const found = metrics.quantile(before, after, share);
    const sorted = [...later].sort((a, b) => a - b);
    if (sorted.length === 0) {
      assert.equal(found, null);
      continue;
    }
    // The bucket of the true one has the answer.
    const exact = sorted[Math.ceil(sorted.length * share) - 1];
    const index = BOUNDS.findIndex((bound) => exact <= bound);
    const [low, high] = index === -1 ? [30, 30] : [BOUNDS[index - 1] ?? 0, BOUNDS[index]];
    assert(found >= low * 1000 - 1e-9 && found <= high * 1000 + 1e-9, `${exact}: ${found}`);
  }
}
const ring = metrics.ring(5);
for (let at = 0; at < 12; at += 1) ring.add({ at, n: at * at });
assert.deepEqual(
  ring.points((a, b) => (b.at === 9 ? null : b.n - a.n)),
  [{ at: 8, value: 15 }, { at: 10, value: 19 }, { at: 11, value: 21 }],
);

const two = { cohorts: { partner: "p", includes: ["a", "b"] } };
assert.deepEqual(audienceFilter({ segments: ["segment:1"] }), { and: [{ segment: "segment:1" }] });
assert.deepEqual(
  audienceFilter({ segments: ["segment:2", "segment:1"], filter: two }),
  { and: [{ segment: "segment:2" }, { segment: "segment:1" }, two] },
);

// The feed keeps numbers of an import, not its users.
const kept = summary({
  type: "membersChanged",
  position: 7,
  added: Array.from({ length: 1_000 }, (_, user) => ({ user })),
  removed: [],
  unmatched: [{}],
});
assert(JSON.stringify(kept).length < 200);
assert.deepEqual(kept.change, { added: 1_000, removed: 0 });
for (
  const [type, kind] of [["cohortNamed", "cohort"], ["canvasSaved", "audience"], [
    "usersMerged",
    "user",
  ]]
) {
  assert.equal(kindOfEvent(type), kind);
}
console.log("metrics and feed: as they should be");
