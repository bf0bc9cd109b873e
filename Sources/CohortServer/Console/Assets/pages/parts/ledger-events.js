// An event of the ledger in a line, whatever its type: what it was, and what it was about.

import { el, name } from "../../dom.js";
import { number } from "../../format.js";
import { hasWords, t } from "../../i18n.js";
import { link } from "../../router.js";
import { may } from "../../session.js";
import { cohortLink, eventName, outcomes } from "../../widgets/events.js";
import { identifier, userName } from "../../widgets/identifier.js";
import { badge } from "../../widgets/states.js";

/** What the feed keeps of an event: a thousand users of an import are two numbers. */
export const summary = (
  {
    added,
    removed,
    unmatched,
    identifiers,
    texts,
    filter,
    audience,
    epoch,
    cohorts_left: left,
    cohorts_entered: entered,
    ...rest
  },
) => ({
  ...rest,
  change: added || removed ? { added: added?.length ?? 0, removed: removed?.length ?? 0 } : null,
});

/** The kind of an event, for its colour. */
export function kindOfEvent(type) {
  if (type === "membersChanged") return "members";
  if (type.startsWith("cohort")) return "cohort";
  if (/^(segment|campaign|canvas|audience)/.test(type)) return "audience";
  if (/^(key|partner)/.test(type)) return "key";
  if (type === "recovered" || type === "restored") return "log";
  return "user";
}

/** The line; `identifiers` says whether it has identifiers of people to show. */
export function ledgerEvent(event, { identifiers = false } = {}) {
  return el(
    "span",
    { class: "event-line" },
    el(
      "span",
      { class: "ledger-event-name" },
      hasWords(`shell.event.${event.type}`) ? eventName(event.type) : event.type,
    ),
    about(event, identifiers),
  );
}

function about(event, shown) {
  if (event.send_id !== undefined) {
    return [
      may("audiences.read")
        ? el("a", { href: link`/audiences/${event.send_id}` }, event.send_id)
        : event.send_id,
      bearerLink(event),
      badge("accent", t("ledger.users", { n: event.size })),
    ];
  }
  if (event.campaign_id !== undefined || event.canvas_id !== undefined) return bearerLink(event);
  if (event.segment_id !== undefined) {
    return el(
      "a",
      { href: link`/segments/${event.segment_id}` },
      name(event.name ?? event.segment_id),
    );
  }
  if (event.cohort_id !== undefined) {
    return [
      cohortLink(event.partner, event.cohort_id, event.name ?? event.cohort_id),
      event.counts ? outcomes(event.counts) : changed(event),
    ];
  }
  if (event.user !== undefined) return person(event, shown);
  if (event.key_id !== undefined) {
    return [el("code", event.key_id), event.label ? name(event.label) : null];
  }
  if (event.partner !== undefined) {
    return el(
      "a",
      { href: link`/partners/${event.partner}` },
      name(event.display_name ?? event.partner),
    );
  }
  if (event.erasure !== undefined) return el("code", `#${event.erasure}`);
  return null;
}

function changed({ change }) {
  if (!change) return null;
  return [
    change.added ? badge("good", `+${number(change.added)}`) : null,
    change.removed ? badge("accent", `−${number(change.removed)}`) : null,
  ];
}

function bearerLink(event) {
  const [route, id] = event.campaign_id !== undefined
    ? ["campaigns", event.campaign_id]
    : ["canvases", event.canvas_id];
  return el("a", { href: link`/${route}/${id}` }, name(event.name ?? id));
}

function person(event, shown) {
  const given = event.identifier ?? null;
  return [
    userName(event.user),
    event.into ? ["→ ", userName(event.into)] : null,
    shown && given ? identifier(given) : null,
    shown && event.deprecated ? ["← ", identifier(event.deprecated)] : null,
  ];
}
