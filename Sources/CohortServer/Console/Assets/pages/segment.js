// One segment: its filter, size and members as of any moment, overlaps, versions, what uses it.

import { get, scan } from "../api.js";
import { el, replace } from "../dom.js";
import { milliseconds } from "../format.js";
import { t } from "../i18n.js";
import { head, link } from "../router.js";
import { may, mayWrite } from "../session.js";
import { followGrouped } from "../widgets/live.js";
import { plot } from "../widgets/plot.js";
import { timeSlider } from "../widgets/slider.js";
import { badge, notice } from "../widgets/states.js";
import { tabs } from "../widgets/tabs.js";
import { archiveButton, dependantsView } from "./parts/dependants.js";
import { segmentFacts } from "./parts/segment-facts.js";
import { filterView } from "./parts/segment-filter.js";
import { membersView } from "./parts/segment-members.js";
import { cohortsOf } from "./parts/segment-model.js";
import { naming } from "./parts/segment-names.js";
import { overlapView } from "./parts/segment-overlap.js";
import { versionsView } from "./parts/segment-versions.js";

const DAYS = 60;

export async function page(main, { id, query, signal, replaceQuery }) {
  const segment = {
    id,
    asOf: query.get("as_of"),
    definition: query.get("definition") === "now" ? "now" : "then",
    now: await get("/segments/details", { segment_id: id }, { signal }),
    then: null,
  };
  const names = naming(signal);
  const from = await firstVersion(id, signal);
  const about = el("div");
  const size = el("div", { class: "segment-size-now" });
  const views = [];
  const drawing = plot({
    label: t("segments.overTime"),
    height: 180,
    kind: "line",
    signal,
    onPick: (at) => slider.set(new Date(at).toISOString()),
  });
  drawing.element.hidden = true;
  const slider = timeSlider({
    from,
    to: segment.now.as_of,
    value: segment.asOf,
    onChange: (chosen) => {
      segment.asOf = chosen;
      replaceQuery({ as_of: chosen });
      look();
    },
  });
  const choice = definitionChoice(segment, (definition) => {
    segment.definition = definition;
    replaceQuery({ definition: definition === "now" ? "now" : null });
    look();
  });

  const goTo = (position) => {
    slider.set(String(position));
    main.scrollIntoView();
  };
  const items = [
    ["filter", () => filterView(segment, names, signal), "segments.preview"],
    ["members", () => membersView(segment, signal), "segments.members"],
    [
      "overlap",
      () =>
        overlapView({
          cohorts: cohortsOf(segment.now.filter),
          names,
          moment: () => segment.asOf,
          signal,
        }),
      "segments.preview",
    ],
    ["versions", () => versionsView(segment, names, goTo, signal), "segments.versions"],
    ["dependants", () => dependantsView("segments", { segment: id }, signal), "ledger.read"],
  ].filter(([key, , permission]) => key === "filter" || may(permission)).map(([key, make]) => ({
    id: key,
    label: t(`segments.${key}`),
    build: () => {
      const view = make();
      views.push(view);
      return view.element;
    },
  }));
  const panel = tabs(t("segments.views"), items, {
    selected: query.get("view") ?? "filter",
    onChange: (view) => replaceQuery({ view: view === "filter" ? null : view }),
  });

  let turn = 0;
  /** Asks how it was at the moment chosen; an answer that was overtaken is not shown. */
  async function look({ isArrival = false } = {}) {
    turn += 1;
    const mine = turn;
    try {
      const then = await get("/segments/details", {
        segment_id: id,
        as_of: segment.asOf,
        definition: segment.definition,
      }, { signal });
      if (mine !== turn) return;
      segment.then = then;
      slider.told(then.as_of);
      drawing.mark(segment.asOf === null ? null : milliseconds(then.as_of.time));
      replace(
        size,
        el("p", { class: "segment-size-number" }, t("segments.users", { n: then.size })),
        el(
          "p",
          { class: "quiet" },
          segment.asOf === null
            ? t("shell.now")
            : t("segments.versionThen", { version: then.version }),
        ),
      );
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      segment.then = null;
      replace(size, el("p", { class: "danger-text", role: "alert" }, error.message));
    }
    // At first the views show now already.
    if (mine > 1 || segment.asOf !== null) {
      for (const view of views) (isArrival && view.drifted || view.moved)?.();
    }
  }

  async function series() {
    const { data } = await get("/segments/data_series", { segment_id: id, length: DAYS }, {
      signal,
    });
    drawing.element.hidden = data.length < 2;
    if (data.length >= 2) {
      drawing.draw([{
        label: t("segments.size"),
        points: data.map((one) => ({ at: milliseconds(one.time), value: one.size })),
      }]);
    }
  }

  const sign = may("ledger.read")
    ? followGrouped({
      after: segment.now.as_of.position,
      signal,
      wait: 800,
      types: [
        "segmentSaved",
        "segmentArchived",
        "segmentRestored",
        "membersChanged",
        "usersMerged",
        "userDeleted",
      ],
      note: (event, group) => group.set(event.segment_id === id ? "saved" : "sizes", event),
      flush: async (group) => {
        segment.now = await get("/segments/details", { segment_id: id }, { signal });
        slider.bounds(from, segment.now.as_of);
        replace(about, segmentFacts(segment.now));
        if (group === null || group.has("saved")) { for (const view of views) view.arrived?.(); }
        if (segment.asOf === null) await look({ isArrival: true });
      },
    })
    : null;

  replace(about, segmentFacts(segment.now));
  main.append(
    head(segment.now.name, {
      crumbs: [[t("segments.title"), "#/segments"], [segment.now.name]],
      actions: [
        sign,
        segment.now.archived ? badge("quiet", t("segments.archived")) : null,
        mayWrite("segments.update")
          ? el(
            "a",
            { class: "button primary", href: link`/segments/${id}/edit` },
            t("segments.edit"),
          )
          : null,
        mayWrite(segment.now.archived ? "segments.restore" : "segments.archive")
          ? archiveButton({
            area: "segments",
            of: { segment: id },
            isArchived: segment.now.archived,
            target: (verb) => `/segments/${verb}`,
            body: { segment_id: id },
          })
          : null,
      ],
    }),
    segment.now.archived ? notice("info", t("segments.archivedNotice")) : "",
    about,
    el(
      "section",
      { class: "card", "aria-label": t("segments.overTime") },
      el(
        "div",
        { class: "section-head" },
        el("div", { class: "actions" }, el("h2", t("segments.overTime")), choice),
        size,
      ),
      drawing.element,
      slider.element,
      el("p", { class: "hint" }, t("segments.definitionHint")),
    ),
    panel.element,
  );
  look();
  if (may("segments.data_series")) series().catch(() => {});
}

/** Where the slider begins: the segment's first version. */
async function firstVersion(id, signal) {
  for await (
    const version of scan(
      "/segments/versions",
      "versions",
      () => true,
      { segment_id: id },
      { signal, limit: 1 },
    )
  ) {
    return { position: version.position, time: version.time };
  }
  return { position: 0, time: "1970-01-01T00:00:00Z" };
}

/** Whether a past moment is seen with the definition of then or with that of now. */
function definitionChoice(segment, onChoice) {
  const kinds = ["then", "now"];
  const buttons = kinds.map((one) =>
    el("button", {
      type: "button",
      class: "segment",
      "aria-pressed": String(segment.definition === one),
      onclick: () => {
        buttons.forEach((button, index) =>
          button.setAttribute("aria-pressed", String(kinds[index] === one))
        );
        onChoice(one);
      },
    }, t(`segments.definition.${one}`))
  );
  return el(
    "span",
    { class: "segmented", role: "group", "aria-label": t("segments.definition") },
    buttons,
  );
}
