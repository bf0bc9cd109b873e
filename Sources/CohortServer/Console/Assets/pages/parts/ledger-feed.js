// What happens in the ledger while one looks: the newest events, a bounded number of them.

import { el, replace } from "../../dom.js";
import { follow } from "../../feed.js";
import { time } from "../../format.js";
import { t } from "../../i18n.js";
import { select } from "../../widgets/form.js";
import { requestLink } from "../../widgets/events.js";
import { liveSign } from "../../widgets/live.js";
import { section } from "../../widgets/states.js";
import { kindOfEvent, ledgerEvent, summary } from "./ledger-events.js";

const SHOWN = 60, BEFORE = 60, WAIT = 300;

const GROUPS = {
  all: null,
  members: ["membersChanged"],
  cohorts: ["cohortNamed", "cohortArchived", "cohortRestored", "membersChanged"],
  users: [
    "userCreated",
    "identifierAdded",
    "identifierRemoved",
    "externalIdRenamed",
    "userIdentified",
    "usersMerged",
    "userDeleted",
    "userErased",
    "erasureFinished",
    "unmatchedForgotten",
  ],
  audiences: [
    "segmentSaved",
    "segmentArchived",
    "segmentRestored",
    "campaignSaved",
    "campaignArchived",
    "campaignRestored",
    "canvasSaved",
    "canvasArchived",
    "canvasRestored",
    "audienceFrozen",
  ],
  keys: ["partnerEnabled", "partnerDisabled", "keyIssued", "keyInvalidated"],
};

/** The feed from a little before `end` on. */
export function feedView({ end, signal }) {
  const sign = liveSign();
  const list = el("ol", {
    class: "ledger-feed",
    reversed: true,
    "aria-label": t("ledger.feed"),
    tabindex: "0",
  });
  const none = el("p", { class: "quiet ledger-feed-none" }, t("ledger.feedNone"));
  const state = el("p", { class: "quiet", role: "status" });
  let group = "all";
  let isPaused = false;
  // Newest last; what comes faster than it is shown falls out at the front.
  let waiting = [];
  let skipped = 0;
  let timer = 0;
  // What was there before is no arrival.
  let isFirst = true;
  let current = null;

  function keep(event) {
    waiting.push(summary(event));
    if (waiting.length > SHOWN) {
      waiting.shift();
      skipped += 1;
    }
    if (!timer) timer = setTimeout(flush, WAIT);
  }

  function flush() {
    timer = 0;
    if (signal.aborted) return;
    if (isPaused) return tell();
    const lines = waiting.map(line).reverse();
    none.hidden = lines.length + list.children.length > 0;
    // A gap is said, so that nobody takes the list for whole.
    if (skipped > 0) {
      lines.push(el("li", { class: "ledger-gap quiet" }, t("ledger.skipped", { n: skipped })));
    }
    list.prepend(...lines);
    while (list.children.length > SHOWN) list.lastChild.remove();
    waiting = [];
    skipped = 0;
    isFirst = false;
  }

  function line(event) {
    return el(
      "li",
      { class: ["ledger-line", !isFirst && "arrived", kindOfEvent(event.type)] },
      el("span", { class: "ledger-position" }, el("code", `#${event.position}`)),
      el("span", { class: "ledger-what" }, ledgerEvent(event)),
      el(
        "span",
        { class: "ledger-by" },
        time(event.time, { still: true }),
        " · ",
        el("code", event.key),
        " · ",
        requestLink(event.request),
      ),
    );
  }

  const tell = () =>
    replace(state, isPaused ? t("ledger.paused", { n: waiting.length + skipped }) : null);
  const pause = el("button", {
    type: "button",
    class: "button small",
    "aria-pressed": "false",
    onclick: () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      replace(pause, t(isPaused ? "ledger.resume" : "ledger.pause"));
      tell();
      if (!isPaused) flush();
    },
  }, t("ledger.pause"));

  function start() {
    current?.abort();
    current = new AbortController();
    const mine = current;
    if (signal.aborted) mine.abort();
    signal.addEventListener("abort", () => mine.abort(), { once: true });
    waiting = [];
    skipped = 0;
    isFirst = true;
    replace(list);
    none.hidden = false;
    follow({
      // Of a chosen kind there may be few: look further back.
      after: Math.max(0, end - (group === "all" ? BEFORE : BEFORE * 10)),
      types: GROUPS[group] ?? undefined,
      signal: mine.signal,
      onEvent: (event) => {
        if (!mine.signal.aborted) keep(event);
      },
      onState: sign.state,
    });
  }
  const kind = select(Object.keys(GROUPS).map((one) => [one, t(`ledger.group.${one}`)]), {
    value: group,
    class: "ledger-kind",
    "aria-label": t("ledger.show"),
    onchange: () => {
      group = kind.value;
      start();
    },
  });
  start();
  return section(
    t("ledger.feed"),
    { actions: [sign.element, kind, pause], lead: t("ledger.feedLead", { n: SHOWN }) },
    state,
    none,
    list,
  );
}
