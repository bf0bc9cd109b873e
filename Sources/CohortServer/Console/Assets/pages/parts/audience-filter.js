// A filter in words, with links to what it names.

import { get, query, scan } from "../../api.js";
import { el, name } from "../../dom.js";
import { locale, t } from "../../i18n.js";
import { time } from "../../format.js";
import { link } from "../../router.js";
import { may } from "../../session.js";
import { cohortLink } from "../../widgets/events.js";

const UNITS = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };

/** A duration such as 7d in words. */
export function duration(text) {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  if (!unit) return text;
  return new Intl.NumberFormat(locale(), { style: "unit", unit: UNITS[unit], unitDisplay: "long" })
    .format(Number(count));
}

/** What partners and segments are called; looked up once, and only those that are asked for. */
export function namesOf(signal) {
  const segments = new Map();
  let partners = null;
  return {
    /** A segment's {name, archived}, or null if it may not be seen. */
    segment(id) {
      if (!may("segments.details")) return Promise.resolve(null);
      if (!segments.has(id)) {
        segments.set(
          id,
          get("/segments/details", { segment_id: id }, { signal }).catch(() => null),
        );
      }
      return segments.get(id);
    },
    async partner(code) {
      partners ??= displayNames(signal);
      return (await partners).get(code) ?? code;
    },
  };
}

async function displayNames(signal) {
  const found = new Map();
  if (!may("ledger.read")) return found;
  for await (const one of scan("/ledger/partners", "partners", () => true, {}, { signal })) {
    found.set(one.partner, one.display_name);
  }
  return found;
}

/** A segment as a link; its name comes when it is known. */
export function segmentLink(id, names) {
  const shown = may("segments.details")
    ? el("a", { href: link`/segments/${id}`, class: "audience-segment" }, id)
    : el("span", { class: "audience-segment" }, id);
  names.segment(id).then((found) => {
    if (found) shown.replaceChildren(name(found.name));
  });
  return shown;
}

/** A filter as nodes: groups as lists, leaves as a line. */
export function filterView(filter, names) {
  const [kind] = Object.keys(filter);
  const given = filter[kind];
  if (kind === "and" || kind === "or") return group(t(`audiences.filter.${kind}`), given, names);
  if (kind === "not") return group(t("audiences.filter.not"), [given], names);
  if (kind === "segment") {
    return el(
      "span",
      { class: "audience-leaf" },
      t("audiences.filter.segment"),
      " ",
      segmentLink(given, names),
    );
  }
  if (kind === "cohorts") {
    const words = el("span", { class: "audience-leaf-words" });
    const isInside = given.includes !== undefined;
    const say = (partner) =>
      words.replaceChildren(
        t(isInside ? "audiences.filter.includes" : "audiences.filter.excludes", { partner }),
      );
    say(given.partner);
    names.partner(given.partner).then(say);
    return el(
      "span",
      { class: "audience-leaf" },
      words,
      (given.includes ?? given.excludes).map((id) => [" ", cohortLink(given.partner, id)]),
    );
  }
  return el(
    "span",
    { class: "audience-leaf" },
    timeWords(kind, given),
    " ",
    cohortLink(given.partner, given.cohort_id),
  );
}

function timeWords(kind, given) {
  if (kind === "entered") {
    return t("audiences.filter.entered", { duration: duration(given.within) });
  }
  if (kind === "left") return t("audiences.filter.left", { duration: duration(given.within) });
  if (kind === "member_for") {
    return t("audiences.filter.memberFor", { duration: duration(given.at_least) });
  }
  return [
    t("audiences.filter.memberAsOf"),
    " ",
    typeof given.as_of === "string" && given.as_of.includes("T")
      ? time(given.as_of)
      : `#${String(given.as_of).replace("#", "")}`,
    ":",
  ];
}

const group = (words, parts, names) =>
  el(
    "span",
    { class: "audience-group" },
    el("span", { class: "quiet" }, words),
    el(
      "span",
      { class: "audience-parts" },
      parts.map((part) => el("span", { class: "audience-part" }, filterView(part, names))),
    ),
  );

/** Where cohorts of a partner can be chosen from: at most twenty whose id or name holds a text. */
export async function cohortsLike(partner, text, signal) {
  const found = [];
  const needle = text.trim().toLocaleLowerCase();
  const holds = (one) =>
    !one.archived &&
    (one.cohort_id.toLocaleLowerCase().includes(needle) ||
      one.name.toLocaleLowerCase().includes(needle));
  for await (
    const one of scan("/ledger/cohorts", "cohorts", holds, { partner }, { signal, limit: 500 })
  ) {
    found.push(one);
    if (found.length === 20) break;
  }
  return found;
}

/** The address of a user's reasons. */
export const whyAddress = (send, user) => `/ledger/why${query({ ...user, send_id: send })}`;
