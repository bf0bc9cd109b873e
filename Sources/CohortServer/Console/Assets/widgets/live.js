// What arrives while a page is open: whether it is live, and rows that change under it.

import { el, replace } from "../dom.js";
import { follow } from "../feed.js";
import { t } from "../i18n.js";

/** A sign that says whether the page is live: {element, state("live" | "waiting" | "lost")}. */
export function liveSign() {
  const element = el("span", { class: "live", role: "status" });
  return {
    element,
    state(now) {
      element.dataset.state = now;
      replace(element, t(`shell.feed.${now}`));
    },
  };
}

/**
 * Follows the feed and hands its events over in groups, at most every `wait` milliseconds: however
 * much arrives, a page is drawn a few times a second. `note(event, group)` adds an event to the
 * group (a Map of what has changed, by key); `flush(group)` is async. A group that grows beyond
 * `most` keys is handed over as null: load everything anew.
 */
export function followGrouped({ note, flush, wait = 400, most = 20, signal, ...options }) {
  const sign = liveSign();
  let group = new Map();
  let isOver = false;
  let timer = 0;
  let running = Promise.resolve();

  const hand = () => {
    timer = 0;
    const given = isOver ? null : group;
    group = new Map();
    isOver = false;
    running = running.then(() => (signal.aborted ? null : flush(given))).catch(() => {});
  };
  follow({
    ...options,
    signal,
    onState: sign.state,
    onEvent: (event) => {
      note(event, group);
      if (group.size > most) {
        isOver = true;
        group.clear();
      }
      if ((group.size > 0 || isOver) && !timer) timer = setTimeout(hand, wait);
    },
  });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return sign.element;
}
