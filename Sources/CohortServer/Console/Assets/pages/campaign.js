// One campaign or Canvas: whom it reaches now, its launches, and launching it.

import { freshKey, get, post } from "../api.js";
import { el, name } from "../dom.js";
import { number, time } from "../format.js";
import { t } from "../i18n.js";
import { go, head, link, show } from "../router.js";
import { may } from "../session.js";
import { copyButton } from "../widgets/copy.js";
import { confirm } from "../widgets/dialog.js";
import { followGrouped } from "../widgets/live.js";
import { badge, emptyState, facts, notice, section } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { toast } from "../widgets/toast.js";
import { tags } from "./campaigns.js";
import { audienceFilter, kindOf, rehearse } from "./parts/audience-kinds.js";
import { filterView, namesOf } from "./parts/audience-names.js";
import { reachCard } from "./parts/audience-reach.js";

const SENDS = 15;

export async function page(main, { kind, id, signal }) {
  const one = kindOf(kind);
  const now = await get(`${one.api}/details`, { [one.idKey]: id }, { signal });
  const names = namesOf(signal);
  const reach = reachCard(names, signal);
  const sign = may("ledger.read") && followGrouped({
    after: now.as_of.position,
    signal,
    wait: 1000,
    types: [
      ...one.types,
      "audienceFrozen",
      "membersChanged",
      "usersMerged",
      "userCreated",
      "userDeleted",
      "segmentSaved",
    ],
    note: (event, group) => {
      if (event[one.idKey] === undefined) group.set("reach", event);
      else if (event[one.idKey] === id) group.set("this", event);
    },
    flush: (group) => {
      if (group?.has("this") && !document.querySelector("dialog")) return show();
      return reach.show(now.audience);
    },
  });
  const act = (verb, words, run, classes = "button") =>
    one.mayWrite(verb)
      ? el("button", { type: "button", class: classes, onclick: run }, words)
      : null;
  const verb = now.archived ? "restore" : "archive";
  main.append(
    head(now.name, {
      crumbs: [[one.say("title"), `#${one.page}`], [now.name]],
      actions: [
        sign,
        stateOf(now),
        act(verb, t(`audiences.${verb}`), () => fileAway(one, now, id, verb, names)),
        one.mayWrite("update")
          ? el("a", { class: "button", href: `${one.href(id)}/edit` }, t("audiences.edit"))
          : null,
        now.archived
          ? null
          : act("launch", t("audiences.launch"), () => launch(one, now, id), "button primary"),
      ],
    }),
    now.archived ? notice("info", t("audiences.archivedNotice")) : "",
    el("div", { class: "audience-top" }, audienceCard(one, now, id, names), reach.element),
    sends(now, signal),
  );
  reach.show(now.audience);
}

const stateOf = ({ archived, draft }) =>
  archived
    ? badge("quiet", t("audiences.archived"))
    : draft
    ? badge("quiet", t("audiences.draft"))
    : badge("good", t("audiences.wasLaunched"));

function audienceCard(one, now, id, names) {
  const { segments, filter } = now.audience;
  return el(
    "section",
    { class: "card", "aria-label": t("audiences.target") },
    el("h2", t("audiences.target")),
    el(
      "ul",
      { class: "audience-uses" },
      segments.map((segment) =>
        el(
          "li",
          el(
            "span",
            { class: "audience-use" },
            names.segment(segment),
            segmentWords(segment, names),
          ),
        )
      ),
    ),
    segments.length > 1 ? el("p", { class: "hint" }, t("audiences.allMustHold")) : null,
    filter ? el("div", el("h3", t("audiences.further")), filterView(filter, names)) : null,
    facts([
      [
        t("audiences.id"),
        el("span", { class: "actions" }, el("code", id), copyButton(id, t("audiences.id"))),
      ],
      [t("audiences.version"), number(now.version)],
      [t("audiences.created"), time(now.created_at)],
      [t("audiences.lastEdited"), time(now.updated_at)],
      now.tags.length ? [t("audiences.tags"), tags(now.tags)] : null,
      now.description
        ? [t("audiences.description"), name(now.description, { class: "whole" })]
        : null,
    ]),
  );
}

/** What a segment asks, and how many it holds. */
function segmentWords(id, names) {
  const words = el("span", { class: "audience-sentence" });
  names.details(id).then((found) => {
    if (!found) return;
    if (found.archived) words.append(badge("warning", t("audiences.archived")));
    words.append(
      el("span", t("audiences.users", { n: found.size })),
      filterView(found.filter, names),
    );
  });
  return words;
}

function sends(now, signal) {
  const all = [...now.sends].reverse();
  const list = pagedTable({
    caption: t("audiences.sends"),
    signal,
    rowKey: (row) => row.send_id,
    columns: [
      {
        label: t("audiences.send"),
        header: true,
        cell: (row) =>
          may("audiences.read")
            ? el("a", { href: link`/audiences/${row.send_id}` }, row.send_id)
            : row.send_id,
      },
      { label: t("audiences.launchedAt"), cell: (row) => time(row.time, { still: true }) },
      { label: t("audiences.size"), numeric: true, cell: (row) => number(row.size) },
    ],
    load: async (from = 0) => ({
      rows: all.slice(from, from + SENDS),
      next: from + SENDS < all.length ? from + SENDS : undefined,
    }),
    empty: emptyState(t("audiences.noSends"), t("audiences.noSendsText")),
  });
  return section(t("audiences.sends"), { lead: t("audiences.sendsLead") }, list.element);
}

/** Freezes the audience, after saying how many it is; a double click is one send. */
async function launch(one, now, id) {
  const once = freshKey();
  const body = { [one.idKey]: id };
  const done = await confirm({
    title: one.say("launchTitle"),
    action: t("audiences.launch"),
    preview: async () => {
      const { size, digest } = await foreseen(one, now, body);
      return [
        size === undefined
          ? notice("warning", t("audiences.reachNotPermitted", { permission: "segments.preview" }))
          : el("p", { class: "audience-size" }, t("audiences.users", { n: size })),
        size === 0 ? notice("warning", t("audiences.launchNobody")) : null,
        el("p", t("audiences.launchText")),
        facts([[t("audiences.name"), name(now.name)], [
          t("audiences.version"),
          number(now.version),
        ]]),
        digest && el("p", { class: "quiet" }, t("audiences.digest"), el("br"), el("code", digest)),
        now.draft ? null : notice("info", t("audiences.launchAgain", { n: now.sends.length })),
      ];
    },
    run: () => post(`${one.api}/launch`, body, { once }),
  });
  if (!done) return;
  toast(t("audiences.launchDone", { n: done.value.size }));
  if (may("audiences.read")) go(link`/audiences/${done.value.send_id}`);
  else show();
}

/** What a launch would freeze, as far as the session may know. */
async function foreseen(one, now, body) {
  if (may("ledger.read")) return rehearse(`${one.api}/launch`, body);
  if (may("segments.preview")) {
    return post("/segments/preview", { filter: audienceFilter(now.audience) });
  }
  return {};
}

/** Archives or restores, after saying what stays. */
async function fileAway(one, now, id, verb, names) {
  const body = { [one.idKey]: id };
  const done = await confirm({
    title: one.say(`${verb}Title`),
    action: t(`audiences.${verb}`),
    danger: verb === "archive",
    preview: async () => {
      if (may("ledger.read")) await rehearse(`${one.api}/${verb}`, body);
      return [
        el("p", t(`audiences.${verb}Text`)),
        facts([[t("audiences.name"), name(now.name)], [
          t("audiences.sends"),
          number(now.sends.length),
        ]]),
        el("p", { class: "quiet" }, t("audiences.nothingDepends")),
        el(
          "div",
          el("h3", t("audiences.uses")),
          el("ul", now.audience.segments.map((segment) => el("li", names.segment(segment)))),
        ),
      ];
    },
    run: () => post(`${one.api}/${verb}`, body),
  });
  if (done) show();
}
