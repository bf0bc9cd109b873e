// The numbers that the server measures: read strictly from the text format of Prometheus, and kept
// as a ring of samples while the page is open.

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|\})/y;
const VALUE = / ([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)(?: -?\d+)?$/y;
const MOST = 4_000_000;

/** Text of Prometheus as [{name, labels, value}]. Throws `SyntaxError` on a line that is none. */
export function parseMetrics(text) {
  if (text.length > MOST) throw new SyntaxError("The metrics are too long.");
  const found = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    found.push(sample(line));
  }
  return found;
}

function sample(line) {
  const name = at(NAME, 0, line);
  let place = name[0].length;
  const labels = {};
  if (line[place] === "{") {
    place += 1;
    while (line[place - 1] !== "}") {
      if (line[place] === "}") {
        place += 1;
        break;
      }
      const [whole, label, value] = at(LABEL, place, line);
      if (Object.hasOwn(labels, label)) throw new SyntaxError(`Label twice: ${line}`);
      labels[label] = value.replace(/\\([\\n"])/g, (_, one) => (one === "n" ? "\n" : one));
      place += whole.length;
    }
  }
  const [, value] = at(VALUE, place, line);
  return { name: name[0], labels, value: number(value) };
}

function at(pattern, place, line) {
  pattern.lastIndex = place;
  const found = pattern.exec(line);
  if (!found) throw new SyntaxError(`Not a metric: ${line.slice(0, 200)}`);
  return found;
}

const number = (
  text,
) => (text.endsWith("Inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text));

/** Answers that wait for something to happen say nothing about how fast the server is. */
const WAITING = new Set(["/ledger/events", "/ledger/log", "/metrics"]);
const IMPORT = "/partners/{partner}/cohorts/users";

/** What the page shows of all the numbers, at a moment in milliseconds. */
export function reading(samples, moment) {
  const one = (name) => samples.find((sample) => sample.name === name)?.value ?? null;
  const read = {
    at: moment,
    positions: one("cohort_position"),
    syncs: one("cohort_syncs_total"),
    imports: 0,
    refused: 0,
    queue: one("cohort_queue_commands"),
    memory: one("process_resident_memory_bytes"),
    connections: one("cohort_connections"),
    uptime: one("cohort_uptime_seconds"),
    unreadable: one("cohort_unreadable_total"),
    // Answers that took at most so many seconds, of all routes.
    buckets: new Map(),
  };
  for (const { name, labels, value } of samples) {
    if (name === "cohort_http_requests_total" && labels.route === IMPORT) {
      if (labels.status === "2xx") read.imports += value;
      else read.refused += value;
    }
    if (name === "cohort_http_request_seconds_bucket" && !WAITING.has(labels.route)) {
      const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
      read.buckets.set(bound, (read.buckets.get(bound) ?? 0) + value);
    }
  }
  return read;
}

/** How much a counter grew in a second between two readings; null over a restart. */
export function rate(before, after, key) {
  const seconds = (after.at - before.at) / 1000;
  if (before[key] === null || after[key] === null || after[key] < before[key] || seconds <= 0) {
    return null;
  }
  return (after[key] - before[key]) / seconds;
}

/**
 * The time in milliseconds within which a share of the answers between two readings came, as close
 * as the histogram says; null if there were none.
 */
export function quantile(before, after, share) {
  const bounds = [...after.buckets.keys()].sort((a, b) => a - b);
  const counts = bounds.map((bound) => after.buckets.get(bound) - (before.buckets.get(bound) ?? 0));
  const all = counts.at(-1) ?? 0;
  if (all <= 0 || counts.some((count) => count < 0)) return null;
  const wanted = all * share;
  const index = counts.findIndex((count) => count >= wanted);
  const [low, below] = index === 0 ? [0, 0] : [bounds[index - 1], counts[index - 1]];
  if (bounds[index] === Infinity) return low * 1000;
  const part = (wanted - below) / (counts[index] - below || 1);
  return (low + (bounds[index] - low) * part) * 1000;
}

/** The last `most` readings. */
export function ring(most) {
  const kept = [];
  return {
    add(reading) {
      kept.push(reading);
      if (kept.length > most) kept.shift();
    },
    last: () => kept.at(-1) ?? null,
    /** Points [{at, value}] of what `derive(before, after)` says of each pair; null is left out. */
    points: (derive) =>
      kept.slice(1).map((after, index) => ({ at: after.at, value: derive(kept[index], after) }))
        .filter((point) => point.value !== null),
  };
}
