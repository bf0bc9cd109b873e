// Numbers, sizes and moments as the reader writes them; UTC is always at hand.

import { el } from "./dom.js";
import { locale, t } from "./i18n.js";

const cache = new Map();

function made(kind, options) {
  const key = `${kind.name}${locale()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new kind(locale(), options));
  return cache.get(key);
}

/** A whole number with the reader's separators. */
export const number = (value) => made(Intl.NumberFormat, {}).format(value);

/** A number in little room: 1.2K. */
export const compact = (value) =>
  made(Intl.NumberFormat, { notation: "compact", maximumFractionDigits: 1 }).format(value);

/** A number with its sign, for differences. */
export const signed = (value) =>
  made(Intl.NumberFormat, { signDisplay: "exceptZero" }).format(value).replace("-", "−");

/** A share of one as percent. */
export const percent = (share) =>
  made(Intl.NumberFormat, { style: "percent", maximumFractionDigits: 1 }).format(share);

/** A size in bytes. */
export function bytes(size) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let step = 0;
  while (size >= 1024 && step < units.length - 1) {
    size /= 1024;
    step += 1;
  }
  return made(Intl.NumberFormat, {
    style: "unit",
    unit: units[step],
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(size);
}

/** An instant of the ledger in milliseconds; fractions keep its microseconds. */
export function milliseconds(iso) {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  const micros = Number(fraction.padEnd(6, "0").slice(3, 6)) / 1000;
  return Date.parse(iso) + micros;
}

/** RFC 3339 in UTC of milliseconds. */
export const iso = (ms) => new Date(ms).toISOString();

/** A moment as text in the reader's time zone. */
export const moment = (text, options = { dateStyle: "medium", timeStyle: "medium" }) =>
  made(Intl.DateTimeFormat, options).format(Date.parse(text));

/** A day as text. */
export const day = (text) => moment(text, { dateStyle: "medium" });

/** UTC to the microsecond, as the ledger writes it. */
export const utc = (text) => `${text.replace("T", " ").replace(/Z$/, "")} UTC`;

/**
 * A moment as `<time>`: in the reader's zone, with UTC on hover and on focus.
 * Options: `still`: short, and no stop of the tab key (rows of tables); `day`: only the day.
 */
export function time(text, { still = false, day: onlyDay = false } = {}) {
  if (!text) return el("span", { class: "quiet" }, "—");
  const words = onlyDay
    ? day(text)
    : still
    ? moment(text, { dateStyle: "medium", timeStyle: "short" })
    : moment(text);
  const exact = utc(text);
  const attributes = { class: "time", datetime: text, title: exact, dataset: { utc: exact } };
  if (still) return el("time", attributes, words);
  return el("time", { ...attributes, tabindex: "0" }, words);
}

/** How long ago, in words: "3 days ago". */
export function ago(text, now = Date.now()) {
  const seconds = (Date.parse(text) - now) / 1000;
  const steps = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], [
    "minute",
    60,
  ]];
  const format = made(Intl.RelativeTimeFormat, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(Math.round(seconds), "second");
}

/** A position as it is written: #41. */
export const position = (value) => `#${value}`;

/** Where an answer stands: position and instant. */
export function standing(asOf) {
  return el(
    "span",
    { class: "standing" },
    t("shell.asOf"),
    " ",
    el("strong", position(asOf.position)),
    " · ",
    time(asOf.time),
  );
}
