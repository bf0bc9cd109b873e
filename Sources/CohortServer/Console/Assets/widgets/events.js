// Events and outcomes in words, as every page says them.

import { el, name } from "../dom.js";
import { t } from "../i18n.js";
import { link } from "../router.js";
import { badge } from "./states.js";

/** What a type of event is called. */
export const eventName = (type) => t(`shell.event.${type}`);

/** The outcomes of an import, in the order in which they are said. */
export const OUTCOMES = [
  "added",
  "removed",
  "already_member",
  "not_member",
  "unknown",
  "identified",
  "merged",
];

/** One outcome in a word. */
export const outcomeName = (outcome) => t(`shell.outcome.${outcome}`);

const KINDS = {
  added: "good",
  removed: "accent",
  unknown: "warning",
  identified: "warning",
  merged: "warning",
};

/** The counts of an import that are not zero, as badges. */
export const outcomes = (counts) =>
  el(
    "span",
    { class: "outcomes" },
    OUTCOMES.filter((one) => counts[one] > 0)
      .map((one) => badge(KINDS[one] ?? "quiet", t(`shell.outcomes.${one}`, { n: counts[one] }))),
  );

/** A cohort as a link to its page. */
export const cohortLink = (partner, id, text = id) =>
  el("a", { href: link`/cohorts/${partner}/${id}` }, name(text));

/** A request as a link to its page. */
export const requestLink = (request) =>
  el(
    "a",
    { href: link`/requests/${request}`, class: "nowrap" },
    t("shell.request", { position: `#${request}` }),
  );

/** An event of a key's activity in a line: what it was, and what it was about. */
export function eventLine(event) {
  const about = event.cohort_id !== undefined
    ? cohortLink(event.partner, event.cohort_id, event.name ?? event.cohort_id)
    : event.label
    ? name(event.label)
    : event.name
    ? name(event.name)
    : event.key_id ?? event.partner ?? null;
  return el(
    "span",
    { class: "event-line" },
    el("span", eventName(event.type)),
    about,
    event.counts ? outcomes(event.counts) : null,
  );
}
