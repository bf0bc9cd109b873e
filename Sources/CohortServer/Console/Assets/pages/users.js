// Users: one person by any identifier, with identities over time, memberships, history and reasons.

import { Failure, get } from "../api.js";
import { el, replace } from "../dom.js";
import { number } from "../format.js";
import { rich, t } from "../i18n.js";
import { head, show } from "../router.js";
import { may } from "../session.js";
import { copyButton } from "../widgets/copy.js";
import { identifier, userLink } from "../widgets/identifier.js";
import { followGrouped } from "../widgets/live.js";
import { timeSlider } from "../widgets/slider.js";
import { badge, emptyState, errorPanel, facts, loading, notice } from "../widgets/states.js";
import { tabs } from "../widgets/tabs.js";
import { naming } from "./parts/segment-names.js";
import { historyView } from "./parts/user-history.js";
import { isIdentity } from "./parts/user-lanes.js";
import { lookupForm, nobody, wishOf } from "./parts/user-lookup.js";
import { membershipsView } from "./parts/user-memberships.js";
import { identityPicture } from "./parts/user-picture.js";
import { placeOf, whyView } from "./parts/user-why.js";

// How many identity events are drawn, and how many pages of a history are read for them.
const EVENTS = 2000, PAGE = 1000, PAGES = 50;
const IDENTITY = [
  "identifierAdded",
  "identifierRemoved",
  "externalIdRenamed",
  "userIdentified",
  "usersMerged",
  "userDeleted",
  "userErased",
];

export async function page(main, { query, signal, replaceQuery }) {
  const wish = wishOf(query);
  if (wish === null) {
    main.append(
      head(t("users.title"), { lead: t("users.lead") }),
      lookupForm(null),
      emptyState(t("users.whom"), t("users.whomText")),
    );
    return;
  }
  const asOf = query.get("as_of");
  let found;
  try {
    found = await get("/ledger/users", { ...wish, as_of: asOf, identity: query.get("identity") }, {
      signal,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    main.append(
      head(t("users.title"), { lead: t("users.lead") }),
      lookupForm(wish),
      error.status === 404 ? nobody(error, wish) : errorPanel(error),
    );
    // What imports made of an identifier that nobody bears is known all the same.
    if (!("user" in wish) && error.status === 404) {
      main.append(
        el("h2", t("users.whyNot")),
        whyView({
          who: wish,
          place: placeOf(query),
          moment: () => asOf,
          names: naming(signal),
          onPlace: replaceQuery,
          places: ["cohort", "send"],
          signal,
        }).element,
      );
    }
    return;
  }
  const person = {
    user: found.user,
    asOf,
    then: found,
    now: asOf === null ? found : await get("/ledger/users", { user: found.user }, { signal }),
    trouble: null,
  };
  const title = primaryText(asOf === null || !isBare(person.now) ? person.now : found);
  main.append(
    head(title, { crumbs: [[t("users.title"), "#/users"], [title]], actions: [state(person.now)] }),
    lookupForm(wish),
  );
  if (person.now.status === "merged") {
    main.append(
      notice(
        "info",
        rich("users.wasMerged", {
          user: el(
            "a",
            { href: userLink(person.now.merged_into) },
            `user:${person.now.merged_into}`,
          ),
        }),
      ),
    );
  }
  const waiting = loading();
  main.append(waiting);
  const coming = identities(person.user, signal);
  const { value: first } = await coming.next();
  waiting.remove();
  const story = overTime(person, first, { main, query, signal, replaceQuery });
  main.append(...story.nodes);
  // A long history must not hold up the page: what comes later is drawn as it comes.
  goOn(coming, story, signal);
}

/**
 * The identity events of a user as they are read, oldest first: {events, isOver, isWhole}. Most of a
 * long history is about cohorts; beyond a bound no more of it is read.
 */
async function* identities(user, signal) {
  let events = [];
  let next;
  for (let page = 1; page <= PAGES; page += 1) {
    const answer = await get("/ledger/users/history", { user, limit: PAGE, next }, { signal });
    const found = [...events, ...answer.history.filter(isIdentity)];
    events = found.slice(0, EVENTS);
    next = answer.next;
    const isWhole = !next && found.length <= EVENTS;
    const isOver = !next || found.length > EVENTS || page === PAGES;
    if (events.length > 0 || isOver) yield { events, isOver, isWhole };
    if (isOver) return;
  }
}

async function goOn(coming, story, signal) {
  try {
    for await (const known of coming) story.grow(known);
  } catch (error) {
    if (!signal.aborted) story.stop(error);
  }
}

/** Everything that depends on the moment that is looked at. */
function overTime(person, known, { main, query, signal, replaceQuery }) {
  const names = naming(signal);
  const about = el("div");
  const views = [];
  const end = person.now.as_of;
  const start = { position: known.events[0].position, time: known.events[0].time };
  const reach = el("div");
  const reachOf = ({ events, isOver, isWhole }) =>
    isOver
      ? isWhole ? null : notice("warning", t("users.tooMany", { n: events.length }))
      : loading();
  let shown = 0;
  const pictureOf = ({ events }) => {
    shown = events.length;
    return identityPicture({
      events,
      now: end,
      user: person.user,
      onPick: (position) => slider.set(String(position)),
      signal,
    });
  };
  let picture = pictureOf(known);
  replace(reach, reachOf(known));
  const slider = timeSlider({
    from: start,
    to: end,
    value: person.asOf,
    onChange: (chosen) => {
      person.asOf = chosen;
      replaceQuery({ as_of: chosen });
      look();
    },
  });
  const goTo = (position) => {
    slider.set(String(position));
    main.scrollIntoView();
  };
  let why = null;
  const ask = (place) => {
    panel.show("why");
    replaceQuery({ view: "why" });
    why.ask(place);
  };
  const items = [
    ["memberships", () => membershipsView(person, ask, signal)],
    ["why", () => {
      why = whyView({
        who: { user: person.user },
        place: placeOf(query),
        moment: () => person.asOf,
        names,
        onPlace: replaceQuery,
        signal,
      });
      return why;
    }],
    ["history", () => historyView(person.user, goTo, signal)],
  ].map(([key, make]) => ({
    id: key,
    label: t(`users.${key}`),
    build: () => {
      const view = make();
      views.push(view);
      return view.element;
    },
  }));
  const wished = query.get("view") ?? (placeOf(query) ? "why" : "memberships");
  const panel = tabs(t("users.views"), items, {
    selected: wished,
    onChange: (view) => replaceQuery({ view: view === "memberships" ? null : view }),
  });

  let turn = 0;
  /** Asks how it was at the moment chosen; an answer that was overtaken is not shown. */
  async function look() {
    turn += 1;
    const mine = turn;
    try {
      const answer = await get("/ledger/users", { user: person.user, as_of: person.asOf }, {
        signal,
      });
      if (mine !== turn) return;
      person.then = answer;
      person.trouble = null;
      if (person.asOf === null) person.now = answer;
      slider.told(answer.as_of);
      picture.mark(person.asOf === null ? null : answer.as_of);
      replace(about, identityFacts(answer, person.asOf));
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      person.then = null;
      person.trouble = error;
      picture.mark(null);
      replace(
        about,
        el(
          "p",
          { class: "danger-text", role: "alert" },
          error.status === 404 ? t("users.notYet") : error.message,
        ),
      );
    }
    // At first the views show that moment already.
    if (mine > 1) { for (const view of views) view.moved?.(); }
  }

  const fresh = el("div");
  const sign = !may("ledger.read") ? null : followGrouped({
    after: end.position,
    types: [...IDENTITY, "membersChanged"],
    signal,
    wait: 800,
    note: (event, group) => {
      if (touches(event, person.user)) {
        group.set(event.type === "membersChanged" ? "members" : "identity", event);
      }
    },
    flush: async (group) => {
      // Another identity is another page; it is drawn when the reader wants it.
      if (group === null || group.has("identity")) {
        replace(
          fresh,
          el(
            "button",
            { type: "button", class: "button small", onclick: show },
            t("cohorts.showNew"),
          ),
        );
      } else {
        person.now = await get("/ledger/users", { user: person.user }, { signal });
        slider.bounds(start, person.now.as_of);
        await look();
        for (const view of views) view.arrived?.();
      }
    },
  });
  look();
  const nodes = [
    el(
      "section",
      { class: "card", "aria-label": t("users.identities") },
      el("div", { class: "section-head" }, el("h2", t("users.identities")), sign),
      fresh,
      reach,
      picture.element,
      slider.element,
      el("p", { class: "hint" }, t("users.pictureHint")),
      about,
    ),
    panel.element,
  ];
  return {
    nodes,
    /** More of the history is known. */
    grow(more) {
      replace(reach, reachOf(more));
      if (more.events.length === shown) return;
      const old = picture;
      picture = pictureOf(more);
      old.element.replaceWith(picture.element);
      picture.mark(person.asOf === null ? null : person.then?.as_of ?? null);
    },
    /** The rest of it cannot be had. */
    stop: (error) => replace(reach, errorPanel(error)),
  };
}

function identityFacts(user, asOf) {
  const list = (
    all,
  ) => (all.length === 0 ? null : el(
    "span",
    { class: "identifiers" },
    all.slice(0, 20),
    all.length > 20
      ? el("span", { class: "quiet" }, t("shell.andMore", { n: all.length - 20 }))
      : null,
  ));
  const external = user.external_id;
  return el(
    "div",
    { class: "users-facts" },
    el("h3", asOf === null ? t("users.factsNow") : t("users.factsThen")),
    facts([
      [t("users.number"), `user:${user.user}`],
      [t("users.state"), state(user)],
      [
        t("users.by.external_id"),
        external
          ? el(
            "span",
            { class: "cohort-id" },
            identifier({ external_id: external }),
            copyButton(external, t("users.by.external_id")),
          )
          : null,
      ],
      [
        t("users.deprecatedIds"),
        list(user.deprecated_external_ids.map((one) => identifier({ external_id: one }))),
      ],
      [t("users.aliases"), list(user.aliases.map(identifier))],
      [t("users.devices"), list(user.device_ids.map((one) => identifier({ device_id: one })))],
      [
        t("users.mergedUsers"),
        list(user.merged_users.map((one) => el("a", { href: userLink(one) }, `user:${one}`))),
      ],
      [t("users.cohorts"), number(user.cohorts.length)],
      [t("users.segments"), number(user.segments.length)],
    ]),
  );
}

/** Whether an event of the feed is about a user: users are numbers there, or hold one. */
function touches(event, user) {
  const all = [event.user, event.into, ...(event.added ?? []), ...(event.removed ?? [])];
  return all.some((one) => one === user || one?.user === user);
}

const isBare = (user) =>
  !user.external_id && user.aliases.length === 0 && user.device_ids.length === 0;

function primaryText(user) {
  const text = user.external_id ?? user.aliases[0]?.alias_name ?? user.device_ids[0];
  return text || `user:${user.user}`;
}

const KINDS = { active: "good", merged: "accent", deleted: "quiet", absent: "quiet" };

function state(user) {
  if (user.erased) return badge("danger", t("users.end.erased"));
  if (user.status === "active") {
    return badge(
      "good",
      t(
        user.external_id
          ? "users.state.identified"
          : user.aliases.length
          ? "users.state.alias"
          : "users.state.anonymous",
      ),
    );
  }
  return badge(KINDS[user.status] ?? "quiet", t(`users.end.${user.status}`));
}
