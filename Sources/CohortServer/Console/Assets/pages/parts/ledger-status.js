// Where the ledger stands: tree head, integrity, storage, replicas, sync runs.

import { get } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { ago, bytes, number, position, time } from "../../format.js";
import { rich, t } from "../../i18n.js";
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

const KNOWN = ["name", "run", "time", "entered", "left", "rejected", "stopped", "position"];

/** Runs say of themselves what they like: what is known has its place, the rest stands beside. */
function syncRuns({ sync_runs: all }) {
  if (!all?.length) return el("p", { class: "quiet" }, t("ledger.noSyncRuns"));
  const value = (one, key) => (typeof one === "object" && one !== null ? one[key] ?? null : null);
  const figure = (key, words) => ({
    label: t(words),
    numeric: true,
    cell: (one) => (typeof value(one, key) === "number" ? number(value(one, key)) : "—"),
  });
  return table(t("ledger.syncRuns"), [
    {
      label: t("ledger.sync"),
      header: true,
      cell: (one) =>
        name(
          String(value(one, "name") ?? value(one, "run") ?? (typeof one === "object" ? "—" : one)),
        ),
    },
    {
      label: t("ledger.state"),
      cell: (one) =>
        value(one, "stopped")
          ? badge("warning", String(value(one, "stopped")).slice(0, 60))
          : one?.stopped === null
          ? badge("good", t("ledger.done"))
          : "—",
    },
    figure("entered", "ledger.entered"),
    figure("left", "ledger.left"),
    figure("rejected", "ledger.rejected"),
    { label: t("ledger.more"), wide: true, cell: (one) => rest(one) },
  ], all.slice(-50).reverse()).element;
}

function rest(one) {
  if (typeof one !== "object" || one === null) return "";
  const at = typeof one.time === "string" && !Number.isNaN(Date.parse(one.time))
    ? [time(one.time, { still: true }), " "]
    : null;
  return [
    at,
    Object.entries(one).filter(([key, given]) =>
      !KNOWN.includes(key) && ["string", "number", "boolean"].includes(typeof given)
    ).slice(0, 8)
      .map(([key, given]) =>
        el(
          "span",
          { class: "ledger-pair" },
          el("span", { class: "quiet" }, `${key} `),
          name(String(given)),
        )
      ),
  ];
}
