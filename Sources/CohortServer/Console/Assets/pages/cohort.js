// One cohort over time: size, members as of any moment, changes, differences, what uses it.

import { get, path } from "../api.js";
import { el, replace } from "../dom.js";
import { milliseconds, signed } from "../format.js";
import { t } from "../i18n.js";
import { head } from "../router.js";
import { mayWrite } from "../session.js";
import { select } from "../widgets/form.js";
import { followGrouped } from "../widgets/live.js";
import { plot } from "../widgets/plot.js";
import { timeSlider } from "../widgets/slider.js";
import { badge, notice } from "../widgets/states.js";
import { tabs } from "../widgets/tabs.js";
import { toast } from "../widgets/toast.js";
import { changesView } from "./parts/cohort-changes.js";
import { differenceView } from "./parts/cohort-difference.js";
import { cohortFacts } from "./parts/cohort-facts.js";
import { membersView } from "./parts/cohort-members.js";
import { archiveButton, dependantsView } from "./parts/dependants.js";

const POINTS = 240;
const HOUR = 3_600_000, DAY = 24 * HOUR;
const SPANS = [["year", 365 * DAY], ["month", 30 * DAY], ["week", 7 * DAY], ["day", DAY], [
  "hour",
  HOUR,
]];

export async function page(main, { partner, id, query, signal, replaceQuery }) {
  const target = path`/ledger/cohorts/${partner}/${id}`;
  const cohort = { partner, id, target, now: await get(target, {}, { signal }) };
  const of = { cohort: `${partner}/${id}` };
  const life = await sizesSince(cohort, null, signal);
  cohort.from = life.from;
  let asOf = query.get("as_of");
  // What is looked at, and what is drawn: all of its life, or the last part of it.
  let [span, drawn] = ["", ""];

  const size = el("div", { class: "cohort-size" });
  const about = el("div");
  const views = [];
  const drawing = plot({
    label: t("cohorts.overTime"),
    series: series(life.sizes),
    signal,
    height: 220,
    onPick: (at) => slider.set(new Date(at).toISOString()),
  });
  const slider = timeSlider({
    from: cohort.from,
    to: cohort.now.as_of,
    value: asOf,
    onChange: (chosen) => {
      asOf = chosen;
      replaceQuery({ as_of: asOf });
      for (const view of views) view.moved?.();
      look();
    },
  });
  const spans = SPANS.filter(([, ms]) => Date.now() - milliseconds(cohort.from.time) > ms);
  const zoom = spans.length === 0 ? null : select([
    ["", t("cohorts.span.life")],
    ...spans.map(([key]) => [key, t(`cohorts.span.${key}`)]),
  ], {
    class: "cohort-span",
    "aria-label": t("cohorts.span"),
    value: "",
    onchange: () => {
      span = zoom.value;
      draw();
    },
  });

  const items = [
    ["members", () => membersView(cohort, () => asOf, signal)],
    ["changes", () =>
      changesView(cohort, (position) => {
        slider.set(String(position));
        main.scrollIntoView();
      }, signal)],
    ["difference", () => differenceView(cohort, signal)],
    ["dependants", () => dependantsView("cohorts", of, signal)],
  ].map(([key, make]) => ({
    id: key,
    label: t(`cohorts.${key}`),
    build: () => {
      const view = make();
      views.push(view);
      return view.element;
    },
  }));
  const panel = tabs(t("cohorts.views"), items, {
    selected: query.get("view") ?? "members",
    onChange: (view) => replaceQuery({ view: view === "members" ? null : view }),
  });

  let turn = 0;
  /** Asks how it was at the moment chosen; an answer that was overtaken is not shown. */
  async function look() {
    turn += 1;
    const mine = turn;
    try {
      const answer = await get(target, { as_of: asOf }, { signal });
      if (mine !== turn) return;
      slider.told(answer.as_of);
      drawing.mark(asOf === null ? null : milliseconds(answer.as_of.time), answer.size);
      replace(size, sizeWords(answer, asOf === null ? null : cohort.now.size));
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      slider.told(null);
      replace(size, el("p", { class: "danger-text", role: "alert" }, error.message));
    }
  }

  let drawTurn = 0;
  /** Draws the span chosen; one that cannot be had leaves what is drawn, and its name. */
  async function draw() {
    drawTurn += 1;
    const mine = drawTurn;
    const length = spans.find(([key]) => key === span)?.[1] ?? null;
    try {
      const { sizes, from } = await sizesSince(cohort, length, signal);
      if (mine !== drawTurn || signal.aborted) return;
      drawing.draw(series(sizes));
      slider.bounds(from, cohort.now.as_of);
      drawn = span;
    } catch (error) {
      if (mine !== drawTurn || signal.aborted) return;
      span = drawn;
      if (zoom) zoom.value = drawn;
      toast(error.message, "bad");
    }
  }

  /** Something has arrived: what stands at now is asked for anew. */
  async function arrived() {
    cohort.now = await get(target, {}, { signal });
    replace(about, await cohortFacts(cohort, signal));
    await draw();
    for (const view of views) view.arrived?.();
    await look();
  }
  const sign = followGrouped({
    after: cohort.now.as_of.position,
    signal,
    wait: 600,
    types: [
      "membersChanged",
      "cohortNamed",
      "cohortArchived",
      "cohortRestored",
      "usersMerged",
      "userDeleted",
      "userErased",
    ],
    // Merges and deletions belong to every cohort that they touch.
    note: (event, group) => {
      if (event.cohort_id === undefined || (event.partner === partner && event.cohort_id === id)) {
        group.set("this", event);
      }
    },
    flush: arrived,
  });

  main.append(
    head(cohort.now.name, {
      crumbs: [[t("cohorts.title"), "#/cohorts"], [
        partner,
        `#/partners/${encodeURIComponent(partner)}`,
      ], [cohort.now.name]],
      actions: [
        sign,
        cohort.now.archived ? badge("quiet", t("cohorts.archived")) : null,
        mayWrite("ledger.write")
          ? archiveButton({
            area: "cohorts",
            of,
            isArchived: cohort.now.archived,
            target: (verb) => `${target}/${verb}`,
          })
          : null,
      ],
    }),
    cohort.now.archived ? notice("info", t("cohorts.archivedNotice")) : "",
    replace(about, await cohortFacts(cohort, signal)),
    el(
      "section",
      { class: "card", "aria-label": t("cohorts.overTime") },
      el(
        "div",
        { class: "section-head" },
        el("div", { class: "actions" }, el("h2", t("cohorts.overTime")), zoom),
        size,
      ),
      drawing.element,
      slider.element,
      el("p", { class: "hint" }, t("cohorts.plotHint")),
    ),
    panel.element,
  );
  look();
}

/** The sizes of the last `span` milliseconds, or since the cohort came to be, and where they begin. */
async function sizesSince({ target, now }, span, signal) {
  const start = span === null ? null : new Date(milliseconds(now.as_of.time) - span).toISOString();
  const { sizes } = await get(`${target}/sizes`, { points: POINTS, from: start }, { signal });
  const { as_of: first } = await get(target, { as_of: sizes[0].time }, { signal });
  return { sizes, from: { position: first.position, time: sizes[0].time } };
}

const series = (
  sizes,
) => [{
  label: t("cohorts.members"),
  points: sizes.map((one) => ({ at: milliseconds(one.time), value: one.size })),
}];

function sizeWords(answer, sizeNow) {
  if (answer.exists === false) return el("p", t("cohorts.didNotExist"));
  return [
    el("p", { class: "cohort-size-number" }, t("cohorts.membersThen", { n: answer.size })),
    el(
      "p",
      { class: "quiet" },
      sizeNow === null
        ? t("shell.now")
        : sizeNow === answer.size
        ? t("cohorts.sameAsNow")
        : t("cohorts.againstNow", { change: signed(sizeNow - answer.size) }),
    ),
  ];
}
