// One campaign or Canvas: whom it reaches now, its launches, and launching it.

import { freshKey, get, post } from "../api.js";
import { el, name } from "../dom.js";
import { number, time } from "../format.js";
import { t } from "../i18n.js";
import { go, head, link, show } from "../router.js";
import { may } from "../session.js";
import { copyButton } from "../widgets/copy.js";
import { confirm, dialog } from "../widgets/dialog.js";
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
  const asking = { again: () => {}, isOutdated: false };
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
      if (group && !group.has("this")) return reach.show(now.audience);
      if (!document.querySelector("dialog")) return show();
      // What is shown in the dialog is asked for anew; the page is drawn once it has closed.
      asking.isOutdated = true;
      return asking.again();
    },
  });
  /** Asks for something in a dialog; whatever has changed under it is drawn behind that. */
  const ask = async (run) => {
    asking.again = () => {};
    const hasGone = await run();
    if (asking.isOutdated && !hasGone && !signal.aborted) show();
  };
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
        act(
          verb,
          t(`audiences.${verb}`),
          () => ask(() => fileAway(one, now, id, verb, names, asking)),
        ),
        one.mayWrite("update")
          ? el("a", { class: "button", href: `${one.href(id)}/edit` }, t("audiences.edit"))
          : null,
        now.archived
          ? null
          : act("launch", t("audiences.launch"), () =>
            ask(() =>
              launch(one, now, id, asking)
            ), "button primary"),
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
    ]),
    now.description ? el("p", { class: "description", dir: "auto" }, now.description) : null,
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
    empty: () => emptyState(t("audiences.noSends"), t("audiences.noSendsText")),
  });
  return section(t("audiences.sends"), { lead: t("audiences.sendsLead") }, list.element);
}

/**
 * Freezes the audience, after saying how many it is; a double click is one send. Returns whether the
 * page was left or drawn anew.
 */
async function launch(one, before, id, asking) {
  const once = freshKey();
  let shown = {}, version = before.version;
  const body = { [one.idKey]: id };
  const done = await confirm({
    title: one.say("launchTitle"),
    action: t("audiences.launch"),
    onOpen: (again) => (asking.again = again),
    preview: async () => {
      // As saved last, not as the page had it.
      const now = await get(`${one.api}/details`, body);
      shown = await foreseen(one, now, { ...body, expected_version: now.version });
      version = now.version;
      const { size, digest } = shown;
      return [
        now.version === before.version
          ? null
          : notice("warning", t("audiences.savedMeanwhile", { version: now.version })),
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
    // Only what was shown goes out: if somebody was faster, it is asked for anew.
    run: () =>
      post(`${one.api}/launch`, { ...body, expected_version: version }, { once }).catch((error) => {
        if (error.status === 409) asking.again();
        throw error;
      }),
  });
  if (!done) return false;
  toast(t("audiences.launchDone", { n: done.value.size }));
  if (isOther(shown, done.value)) await tellOther(shown, done.value);
  if (may("audiences.read")) go(link`/audiences/${done.value.send_id}`);
  else show();
  return true;
}

/** Whether somebody else was launched to than was shown, as far as that is known. */
const isOther = (shown, frozen) =>
  ["size", "digest"].some((key) =>
    shown[key] !== undefined && frozen[key] !== undefined && shown[key] !== frozen[key]
  );

/** Between the last look and the click something has changed: both stand side by side. */
const tellOther = (shown, frozen) =>
  dialog(t("audiences.launchOther"), (close) => [
    el(
      "div",
      { class: "dialog-body" },
      notice("warning", t("audiences.launchOtherText")),
      facts([
        [t("audiences.wasShown"), t("audiences.users", { n: shown.size })],
        [t("audiences.launchedTo"), t("audiences.users", { n: frozen.size })],
      ]),
    ),
    el(
      "div",
      { class: "dialog-foot" },
      el("button", {
        type: "button",
        class: "button primary",
        onclick: () => close(true),
      }, t("audiences.understood")),
    ),
  ]);

/** What a launch would freeze, as far as the session may know. */
async function foreseen(one, now, body) {
  if (may("ledger.read")) return rehearse(`${one.api}/launch`, body);
  if (may("segments.preview")) {
    const { size } = await post("/segments/preview", { filter: audienceFilter(now.audience) });
    return { size };
  }
  return {};
}

/** Archives or restores, after saying what stays. Returns whether the page was drawn anew. */
async function fileAway(one, now, id, verb, names, asking) {
  const body = { [one.idKey]: id };
  const done = await confirm({
    title: one.say(`${verb}Title`),
    action: t(`audiences.${verb}`),
    danger: verb === "archive",
    onOpen: (again) => (asking.again = again),
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
  return done !== null;
}
