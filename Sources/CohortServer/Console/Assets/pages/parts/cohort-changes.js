// What happened to a cohort: imports, merges and deletions, newest first, each as one request.

import { get, path } from "../../api.js";
import { el, replace } from "../../dom.js";
import { signed, time } from "../../format.js";
import { t } from "../../i18n.js";
import { outcomes, requestLink } from "../../widgets/events.js";
import { identifier } from "../../widgets/identifier.js";
import { badge, emptyState, errorPanel, loading } from "../../widgets/states.js";
import { table } from "../../widgets/table.js";

const CHANGES = 10;
const UNMATCHED = 50;

/** `onMoment(position)` is called for "look at this moment"; the view has `arrived()`. */
export function changesView(cohort, onMoment, signal) {
  const list = el("ol", { class: "timeline" });
  const foot = el("div", { class: "pager" });
  const fresh = el("div");
  let turn = 0;

  async function load(next, isFirst) {
    turn += 1;
    const mine = turn;
    replace(foot, loading());
    try {
      const page = await requests(cohort, next, signal);
      if (mine !== turn || signal.aborted) return;
      // One page at a time: a long history is walked, not gathered.
      replace(list, page.rows.map((row) => item(row, onMoment)));
      if (isFirst && page.rows.length === 0) {
        replace(list, el("li", { class: "timeline-none" }, emptyState(t("cohorts.noChanges"))));
      }
      replace(fresh);
      replace(
        foot,
        isFirst ? null : el("button", {
          type: "button",
          class: "button small",
          onclick: () => load(undefined, true),
        }, t("cohorts.newest")),
        page.next
          ? el("button", {
            type: "button",
            class: "button small",
            onclick: () => load(page.next, false),
          }, t("cohorts.older"))
          : null,
      );
    } catch (error) {
      if (mine === turn && !signal.aborted) {
        replace(
          foot,
          errorPanel(error, { retry: () => load(next, isFirst) }),
        );
      }
    }
  }
  load(undefined, true);
  return {
    element: el(
      "div",
      { class: "cohort-view" },
      el("p", { class: "quiet" }, t("cohorts.changesLead")),
      fresh,
      list,
      foot,
    ),
    arrived() {
      replace(
        fresh,
        el("button", {
          type: "button",
          class: "button small",
          onclick: () => load(undefined, true),
        }, t("cohorts.showNew")),
      );
    },
  };
}

/** A page of changes with their requests: what one request did stands together. */
async function requests(cohort, next, signal) {
  const answer = await get(`${cohort.target}/changes`, {
    limit: CHANGES,
    sort_direction: "desc",
    // Of the users only how many: a thousand may have come at once.
    members: "none",
    next,
  }, { signal });
  const rows = [];
  // The events of a request follow each other: if it did both, the next change is its other half.
  let isHalf = false;
  for (const change of answer.changes) {
    const { position, kind, size } = change;
    const last = rows.at(-1);
    if (isHalf) {
      isHalf = false;
      continue;
    }
    const request = await get(
      path`/ledger/requests/${position}`,
      { limit: 1, members: "none" },
      { signal },
    );
    const [came, went] = kind === "import"
      ? [request.counts.added, request.counts.removed]
      : [change.added_count, change.removed_count];
    if (last?.request === request.request) {
      last.came += came;
      last.went += went;
    } else {
      const { time: at, key, counts = null, unmatched = [] } = request;
      rows.push({
        request: request.request,
        time: at,
        key,
        counts,
        unmatched,
        kind,
        size,
        came,
        went,
      });
    }
    isHalf = kind === "import" && came > 0 && went > 0;
  }
  return { rows, next: answer.next };
}

function item(row, onMoment) {
  return el(
    "li",
    { class: ["timeline-item", row.kind] },
    el(
      "div",
      { class: "timeline-head" },
      el("strong", t(`cohorts.kind.${row.kind}`)),
      time(row.time),
      el("span", { class: "quiet" }, t("cohorts.byKey", { key: row.key })),
      requestLink(row.request),
    ),
    el(
      "div",
      { class: "timeline-body" },
      row.counts ? outcomes(row.counts) : el(
        "span",
        { class: "timeline-change" },
        row.came ? badge("good", signed(row.came)) : null,
        row.went ? badge("accent", signed(-row.went)) : null,
      ),
      el("span", { class: "quiet" }, t("cohorts.sizeAfter", { n: row.size })),
      el(
        "button",
        { type: "button", class: "button small", onclick: () => onMoment(row.request) },
        t("cohorts.lookHere"),
      ),
    ),
    row.unmatched.length ? unmatchedList(row.unmatched) : null,
  );
}

function unmatchedList(unmatched) {
  const shown = unmatched.slice(0, UNMATCHED);
  const more = unmatched.length - shown.length;
  return el(
    "details",
    { class: "timeline-unmatched" },
    el("summary", t("cohorts.unmatched", { n: unmatched.length })),
    table(t("cohorts.unmatched", { n: unmatched.length }), [
      { label: t("cohorts.identifier"), header: true, cell: (one) => identifier(one.identifier) },
      { label: t("cohorts.reason"), wide: true, cell: (one) => t(`shell.reason.${one.outcome}`) },
    ], shown).element,
    more > 0 ? el("p", { class: "quiet" }, t("shell.andMore", { n: more })) : null,
  );
}
