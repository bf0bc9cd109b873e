// Where the ledger stands: tree head, integrity, storage, replicas, sync runs.

import { get } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { ago, bytes, milliseconds, number, position, time } from "../../format.js";
import { locale, rich, t } from "../../i18n.js";
import { copyField } from "../../widgets/copy.js";
import { badge, errorPanel, facts, notice, section } from "../../widgets/states.js";
import { table } from "../../widgets/table.js";

const EVERY = 5000;

/** The cards; they ask for themselves until `signal` is aborted. */
export function statusView(first, signal) {
  const trouble = el("div", { role: "status" });
  const cards = [["head", headCard], ["integrity", integrityCard], ["storage", storageCard]].map((
    [key, make],
  ) => card(t(`ledger.${key}`), make));
  const lists = [["replicas", replicas], ["syncRuns", syncRuns]].map(([key, make]) => {
    const place = el("div", { class: "ledger-list" });
    return { element: section(t(`ledger.${key}`), {}, place), show: fresh(place, make) };
  });
  const show = (status) => {
    for (const one of [...cards, ...lists]) one.show(status);
  };

  async function run() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, EVERY));
      if (signal.aborted) return;
      if (document.hidden) continue;
      try {
        show(await get("/ledger/status", {}, { signal }));
        replace(trouble);
      } catch (error) {
        if (signal.aborted) return;
        replace(trouble, errorPanel(error));
      }
    }
  }
  show(first);
  run();
  return {
    cards: el(
      "div",
      { class: "ledger-status" },
      trouble,
      el("div", { class: "ledger-cards" }, cards.map((one) => one.element)),
    ),
    lists: el("div", { class: "ledger-lists" }, lists.map((one) => one.element)),
  };
}

function card(title, make) {
  const place = el("div", { class: "ledger-card-body" });
  return {
    element: el("section", { class: "card", "aria-label": title }, el("h2", title), place),
    show: fresh(place, make),
  };
}

/** Draws only what has changed, and nothing under the reader's focus. */
function fresh(place, make) {
  let drawn = "";
  return (status) => {
    const nodes = el("div", { class: "ledger-card-body" }, make(status));
    const said = nodes.innerText ?? nodes.textContent;
    if (nodes.textContent === drawn || place.contains(document.activeElement)) return said;
    drawn = nodes.textContent;
    replace(place, ...nodes.childNodes);
    return said;
  };
}

const headCard = ({ tree, ledger, epoch, as_of: asOf }) => [
  facts([[t("ledger.treeSize"), el("strong", t("ledger.events", { n: tree.size }))], [
    t("ledger.position"),
    position(asOf.position),
  ]]),
  labelled(t("ledger.root"), tree.root),
  epoch ? labelled(t("ledger.checkpoint"), `${asOf.position}@${epoch}`) : null,
  labelled(t("ledger.ledgerId"), ledger),
  el("p", { class: "hint" }, t("ledger.rootHint")),
];

const labelled = (label, text) =>
  el("div", { class: "field" }, el("p", { class: "legend-text" }, label), copyField(text, label));

function integrityCard(
  { condition, last_verify: verify, last_scrub: scrub, clock_lead_microseconds: lead },
) {
  const isSound = condition === "sound" || condition === "writable";
  return [
    isSound ? notice("good", t("ledger.sound")) : notice(
      "warning",
      el("p", el("strong", t("ledger.notSound"))),
      el("p", { dir: "auto" }, condition),
    ),
    facts([
      [t("ledger.lastScrub"), check(scrub, "ledger.noScrub")],
      [t("ledger.lastVerify"), check(verify, "ledger.noVerify")],
      lead > 0
        ? [t("ledger.clockLead"), t("ledger.seconds", { n: Math.ceil(lead / 1_000_000) })]
        : null,
    ]),
    el("p", { class: "hint" }, rich("ledger.verifyHint", { command: el("code", "cohort verify") })),
  ];
}

function check(done, none) {
  if (!done) return el("span", { class: "quiet" }, t(none));
  return el(
    "span",
    { class: "ledger-check" },
    done.findings === 0
      ? badge("good", t("ledger.noFindings"))
      : badge("danger", t("ledger.findings", { n: done.findings })),
    el("span", time(done.time), done.position === null ? null : [" · ", position(done.position)]),
  );
}

const storageCard = ({ log_bytes: log, free_bytes: free, requests, users, cohorts }) => [
  facts([
    [t("ledger.logBytes"), el("strong", bytes(log))],
    [
      t("ledger.freeBytes"),
      free === null ? el("span", { class: "quiet" }, t("ledger.unknown")) : bytes(free),
    ],
    [t("ledger.requests"), number(requests)],
    [t("ledger.usersEver"), number(users)],
    [t("ledger.cohorts"), number(cohorts)],
    log > 0 && requests > 0 ? [t("ledger.bytesEach"), bytes(log / requests)] : null,
  ]),
  free !== null && free < Math.max(log, 1 << 30) ? notice("warning", t("ledger.littleRoom")) : null,
];

function replicas({ replicas: all, as_of: asOf }) {
  if (!all?.length) return el("p", { class: "quiet" }, t("ledger.noReplicas"));
  return table(t("ledger.replicas"), [
    { label: t("ledger.replica"), header: true, cell: (one) => name(one.name) },
    { label: t("ledger.position"), numeric: true, cell: (one) => position(one.position) },
    {
      label: t("ledger.behind"),
      numeric: true,
      cell: (one) =>
        one.position >= asOf.position
          ? badge("good", t("ledger.caughtUp"))
          : number(asOf.position - one.position),
    },
    {
      label: t("ledger.lastSeen"),
      cell: (one) => el("span", time(one.last_seen, { still: true }), ` · ${ago(one.last_seen)}`),
    },
  ], all.slice(0, 100)).element;
}

/** The last run of each sync that has reported in; the one heard of last stands first. */
function syncRuns({ sync_runs: all }) {
  if (!all?.length) return el("p", { class: "quiet" }, t("ledger.noSyncRuns"));
  const figure = (key) => ({
    label: t(`ledger.sync.${key}`),
    numeric: true,
    cell: (run) => number(run[key]),
  });
  return table(t("ledger.syncRuns"), [
    {
      label: t("ledger.sync"),
      header: true,
      cell: (run) =>
        el(
          "span",
          { class: "ledger-sync" },
          name(run.sync),
          el(
            "span",
            { class: "quiet" },
            t("ledger.syncRun", { run: String(run.run) }),
            " · ",
            el("code", run.key),
          ),
        ),
    },
    { label: t("ledger.state"), cell: runState },
    {
      label: t("ledger.finished"),
      cell: (run) =>
        el(
          "span",
          { class: "ledger-finished" },
          time(run.finished, { still: true }),
          el("span", { class: "quiet" }, t("ledger.took", { time: took(run) })),
        ),
    },
    ...["entered", "left", "sent", "rejected", "refused"].map(figure),
  ], all).element;
}

function runState({ stopped, failed }) {
  if (stopped !== null) return badge("warning", t(`ledger.stopped.${stopped}`));
  return failed ? badge("danger", t("ledger.failed")) : badge("good", t("ledger.done"));
}

const took = ({ started, finished }) =>
  new Intl.NumberFormat(locale(), { style: "unit", unit: "second", maximumFractionDigits: 1 })
    .format(Math.max(0, milliseconds(finished) - milliseconds(started)) / 1000);
