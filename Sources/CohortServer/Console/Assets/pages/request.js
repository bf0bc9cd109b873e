// One request as it was recorded: who asked, when, what became of every identifier.

import { get, path } from "../api.js";
import { el } from "../dom.js";
import { number, position, time } from "../format.js";
import { t } from "../i18n.js";
import { go, head, link } from "../router.js";
import { may } from "../session.js";
import { cohortLink, OUTCOMES } from "../widgets/events.js";
import { identifier, otherIdentifiers, userName } from "../widgets/identifier.js";
import { badge, emptyState, facts, notice, section } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { kindOfEvent, ledgerEvent } from "./parts/ledger-events.js";

const PAGE = 25;

export async function page(main, { position: asked, signal }) {
  const of = path`/ledger/requests/${asked}`;
  const request = await get(of, { limit: PAGE }, { signal });
  const isImport = request.counts !== undefined;
  const step = (words, run, disabled) =>
    el("button", { type: "button", class: "button", disabled, onclick: run }, words);
  main.append(
    head(t("ledger.requestTitle", { position: position(request.request) }), {
      crumbs: [[t("ledger.title"), "#/ledger"], [position(request.request)]],
      lead: t(isImport ? "ledger.importLead" : "ledger.requestLead"),
      actions: [
        step(t("ledger.earlier"), () => earlier(request, signal)),
        step(
          t("ledger.later"),
          () => go(link`/requests/${request.request + 1}`),
          request.request >= request.as_of.position,
        ),
      ],
    }),
    el(
      "div",
      { class: "card" },
      facts([
        [t("ledger.recorded"), time(request.time)],
        [
          t("ledger.key"),
          el("code", request.key),
          request.key === "key:0" ? ` (${t("shell.operator")})` : null,
        ],
        isImport ? [t("ledger.cohort"), cohortLink(request.partner, request.cohort_id)] : null,
        isImport
          ? [
            t("ledger.partner"),
            el("a", { href: link`/partners/${request.partner}` }, request.partner),
          ]
          : null,
        isImport
          ? [
            t("ledger.identifiers"),
            number(Object.values(request.counts).reduce((sum, one) => sum + one, 0)),
          ]
          : null,
        String(request.request) === asked.replace("#", "")
          ? null
          : [t("ledger.askedFor"), position(asked.replace("#", ""))],
      ]),
      isImport ? counts(request.counts) : null,
    ),
  );
  if (!may("ledger.people")) {
    main.append(notice("info", t("ledger.numbersOnly", { permission: "ledger.people" })));
  }
  if (isImport) {
    main.append(
      people(t("ledger.added"), request.added, request.request, signal),
      people(t("ledger.removed"), request.removed, request.request, signal),
      unmatched(request.unmatched, signal),
    );
  }
  if (request.events.length > 0) main.append(events(of, request, signal));
}

/** What became of the identifiers: a bar, and every outcome with its number. */
function counts(all) {
  const sum = Math.max(1, OUTCOMES.reduce((total, one) => total + all[one], 0));
  return el(
    "div",
    { class: "ledger-counts" },
    el(
      "div",
      { class: "ledger-share", "aria-hidden": "true" },
      OUTCOMES.filter((one) => all[one] > 0).map((one) =>
        el("span", { class: one, style: { "flex-grow": String(all[one] / sum) } })
      ),
    ),
    el(
      "ul",
      { class: "ledger-outcomes" },
      OUTCOMES.map((one) =>
        el(
          "li",
          { class: [one, all[one] === 0 && "none"] },
          el("strong", number(all[one])),
          " ",
          t(`shell.outcome.${one}`),
        )
      ),
    ),
  );
}

/** A section with a table that loads its pages. */
function paged(title, actions, columns, load, signal) {
  const empty = emptyState(t("shell.nothing"));
  return section(
    title,
    { actions },
    pagedTable({ caption: title, columns, signal, load, empty }).element,
  );
}

/** Rows at hand, page by page: an import has a thousand of them at most. */
function atHand(title, rows, columns, signal) {
  return paged(title, [badge("quiet", number(rows.length))], columns, async (from = 0) => ({
    rows: rows.slice(from, from + PAGE),
    next: from + PAGE < rows.length ? from + PAGE : undefined,
  }), signal);
}

function people(title, users, at, signal) {
  if (users.length === 0) return "";
  return atHand(title, users, [
    { label: t("ledger.user"), header: true, cell: (user) => userName(user, at) },
    { label: t("ledger.otherIdentifiers"), wide: true, cell: (user) => otherIdentifiers(user) },
  ], signal);
}

function unmatched(all, signal) {
  if (all.length === 0) return "";
  return atHand(t("ledger.unmatched"), all, [
    {
      label: t("ledger.identifier"),
      header: true,
      cell: (one) =>
        may("ledger.people")
          ? identifier(one.identifier)
          : el("span", { class: "quiet" }, t("ledger.hidden")),
    },
    { label: t("ledger.reason"), wide: true, cell: (one) => t(`shell.reason.${one.outcome}`) },
  ], signal);
}

/** All the events of a request: a users import has ten thousand. */
const events = (of, first, signal) =>
  paged(t("ledger.eventsOf"), [], [
    {
      label: t("ledger.position"),
      header: true,
      cell: (event) =>
        el("code", { class: ["ledger-mark", kindOfEvent(event.type)] }, position(event.position)),
    },
    {
      label: t("ledger.event"),
      cell: (event) => ledgerEvent(event, { identifiers: may("ledger.people") }),
    },
  ], async (next, signal) => {
    const { events: rows, next: following } = next === undefined
      ? first
      : await get(of, { limit: PAGE, next }, { signal });
    return { rows, next: following };
  }, signal);

/** The request before: behind the first event of this one. An import has two at most beside those listed. */
async function earlier(request, signal) {
  let at = Math.min(request.request, ...request.events.slice(0, 1).map((event) => event.position)) -
    1;
  while (at > 0) {
    const found = await get(path`/ledger/requests/${at}`, { limit: 1 }, { signal });
    if (found.request !== request.request) return go(link`/requests/${found.request}`);
    at -= 1;
  }
}
