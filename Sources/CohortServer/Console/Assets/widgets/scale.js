// Where the marks of an axis stand, and what is written there. Pure.

import { locale } from "../i18n.js";
import { compact, number } from "../format.js";

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const STEPS = [1, 2, 5, 10, 15, 30].map((n) => n * SECOND)
  .concat(
    [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
    [1, 2, 3, 6, 12].map((n) => n * HOUR),
    [1, 2, 7, 14].map((n) => n * DAY),
  );
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];

/** Round numbers from at most `low` to at least `high`, about `count` of them. */
export function numberTicks(low, high, count = 4) {
  const span = high - low || Math.max(1, Math.abs(high));
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const first = Math.floor(low / step) * step;
  const ticks = [];
  for (let at = 0; first + (at - 1) * step < high; at += 1) {
    ticks.push(Number((first + at * step).toPrecision(12)));
  }
  return ticks;
}

/** Where a value axis begins and ends: at zero unless all that happens lies far above it. */
export function valueTicks(values, count, { whole = true } = {}) {
  const low = Math.min(0, ...values), high = Math.max(...values, whole ? 1 : 0);
  const least = Math.min(...values);
  const ticks = numberTicks(
    least > high * 0.6 && least < Math.max(...values) ? least : low,
    high,
    count,
  );
  const shown = whole ? ticks.filter(Number.isInteger) : ticks;
  return shown.length > 1 ? shown : [shown[0] ?? 0, (shown[0] ?? 0) + 1];
}

/** Moments at round times of the reader's zone between two, at most `count`: [{at, text}]. */
export function timeTicks(from, to, count) {
  const rough = Math.max(1, to - from) / Math.max(1, count);
  const step = STEPS.find((one) => one >= rough);
  return step ? even(from, to, step) : monthly(from, to, rough);
}

function even(from, to, step) {
  const isLong = to - from > DAY;
  const options = step >= DAY
    ? { month: "short", day: "numeric" }
    : step >= MINUTE
    ? { ...(isLong ? { month: "short", day: "numeric" } : {}), hour: "numeric", minute: "2-digit" }
    : { hour: "numeric", minute: "2-digit", second: "2-digit" };
  return written(walked(from, to, step), options);
}

/**
 * Moments that are round on the reader's clock: it is walked by its own days and minutes, because a
 * day of a change to summer time has not 24 hours.
 */
function walked(from, to, step) {
  const first = new Date(from);
  const midnight = [first.getFullYear(), first.getMonth(), first.getDate()];
  const at = (count) =>
    step >= DAY
      ? new Date(midnight[0], midnight[1], midnight[2] + count * (step / DAY)).getTime()
      : new Date(...midnight, 0, 0, count * (step / SECOND)).getTime();
  const ticks = [];
  let count = Math.max(0, Math.floor((from - at(0)) / step) - Math.ceil(HOUR / step));
  for (; at(count) <= to; count += 1) {
    // An hour that the clock leaves out is the next one, and was told already.
    if (at(count) >= from && !(at(count) <= ticks.at(-1))) ticks.push(at(count));
  }
  return ticks;
}

function monthly(from, to, rough) {
  const months = MONTHS.find((n) => n * 30 * DAY >= rough) ?? Math.ceil(rough / (365 * DAY)) * 12;
  const first = new Date(from);
  const index = first.getFullYear() * 12 + first.getMonth();
  const ticks = [];
  for (let month = Math.ceil(index / months) * months;; month += months) {
    const at = new Date(Math.floor(month / 12), month % 12, 1).getTime();
    if (at > to) break;
    if (at >= from) ticks.push(at);
  }
  return written(ticks, months >= 12 ? { year: "numeric" } : { month: "short", year: "numeric" });
}

function written(ticks, options) {
  const format = new Intl.DateTimeFormat(locale(), options);
  return ticks.map((at) => ({ at, text: format.format(at) }));
}

/** A number at an axis: short once it is long. */
export const axisNumber = (value) => (Math.abs(value) >= 10_000 ? compact(value) : number(value));

/** A step for a slider over a span of milliseconds: round, at most 2,000 steps. */
export const sliderStep = (span) => STEPS.find((one) => span / one <= 2000) ?? 7 * DAY;
