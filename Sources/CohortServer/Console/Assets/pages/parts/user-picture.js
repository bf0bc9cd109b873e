// Identities and merges as a picture over time: a lane for each identifier, joins for merges.

import { el, replace, svg } from "../../dom.js";
import { iso, milliseconds, moment, position, time } from "../../format.js";
import { t } from "../../i18n.js";
import { identifier, userLink } from "../../widgets/identifier.js";
import { timeTicks } from "../../widgets/scale.js";
import { pagedTable } from "../../widgets/table.js";
import { areCrowded, lanesOf, scaleOf } from "./user-lanes.js";

const ROW = 28, TOP = 8, AXIS = 28, EDGE = 12;
const MOST = 60;

/**
 * Draws the identity events of a user. `now` is where the picture ends, {position, time};
 * `onPick(position)` hears of a click. Returns {element, mark({position, time} or null)}.
 */
export function identityPicture({ events, now, user, onPick, signal }) {
  const story = lanesOf(events);
  const moments = events.map(({ position: at, time: when }) => ({ position: at, time: when }));
  let isOrdered = areCrowded(moments, now, milliseconds);
  let marked = null;
  let frame = null;
  const { rows, hidden } = rowsOf(story);
  const drawing = el("div", { class: "users-drawing pickable" });
  const labels = el(
    "ul",
    { class: "users-labels" },
    rows.map((row) =>
      el(
        "li",
        { class: row.lane ? "lane" : "person" },
        row.lane ? identifier(row.lane.identifier) : personLabel(row.person, user),
      )
    ),
  );
  const reading = el("p", { class: "users-reading", "aria-hidden": "true" });
  const modes = [false, true].map((mode) =>
    el("button", {
      type: "button",
      class: "segment",
      onclick: () => {
        isOrdered = mode;
        redraw();
      },
    }, t(mode ? "users.byEvent" : "users.byTime"))
  );
  const watch = new ResizeObserver(() => redraw());
  watch.observe(drawing);
  signal.addEventListener("abort", () => watch.disconnect(), { once: true });

  const nearest = (event) =>
    frame && frame.nearest(event.clientX - drawing.getBoundingClientRect().left);
  drawing.addEventListener("click", (event) => {
    const found = nearest(event);
    if (found) onPick(found.position);
  });
  drawing.addEventListener("pointermove", (event) => {
    const found = nearest(event);
    if (found) replace(reading, el("strong", position(found.position)), ` · ${moment(found.time)}`);
  });
  drawing.addEventListener("pointerleave", () => replace(reading));

  function redraw() {
    modes.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(Boolean(index) === isOrdered))
    );
    const width = drawing.clientWidth;
    if (width < 60 || moments.length === 0) return;
    const scale = scaleOf(moments, now, milliseconds, isOrdered);
    const x = (one) => EDGE + scale.x(one) * (width - 2 * EDGE);
    frame = {
      nearest: (at) => [...moments].reverse().find((one) => x(one) <= at + 4) ?? moments[0],
    };
    replace(drawing, picture(width, x));
  }

  function picture(width, x) {
    const height = TOP + rows.length * ROW + AXIS;
    const bottom = height - AXIS;
    const y = (index) => TOP + index * ROW + ROW / 2;
    const place = new Map(rows.map((row, index) => [row.lane ?? row.person.user, index]));
    const end = (to) => x(to ?? { ...now, isNow: true });
    const tone = new Map(story.people.map((one, index) => [one.user, `series-${index % 5}`]));
    return svg(
      "svg",
      {
        class: "users-svg",
        viewBox: `0 0 ${width} ${height}`,
        height,
        role: "img",
        "aria-label": summary(story),
      },
      rows.map((
        row,
        index,
      ) => (row.lane
        ? svg("line", { class: "grid", x1: 0, x2: width, y1: y(index), y2: y(index) })
        : null)
      ),
      rows.map((row, index) => (row.lane
        ? row.lane.spans.map((span) => [
          svg("line", {
            class: ["lane", span.role, tone.get(span.user)],
            x1: x(span.from),
            x2: Math.max(end(span.to), x(span.from) + 2),
            y1: y(index),
            y2: y(index),
          }, svg("title", spanWords(span))),
          span.to === null ? null : svg("circle", {
            class: ["stop", tone.get(span.user)],
            cx: end(span.to),
            cy: y(index),
            r: 3,
          }),
        ])
        : [
          svg("rect", {
            class: ["life", tone.get(row.person.user)],
            x: x(row.person.from),
            width: Math.max(2, end(row.person.to) - x(row.person.from)),
            y: y(index) - 9,
            height: 18,
            rx: 4,
          }),
          row.person.end === null || row.person.end === "merged" ? null : svg(
            "text",
            { class: "users-end", x: end(row.person.to) + 6, y: y(index) + 4 },
            t(`users.end.${row.person.end}`),
          ),
        ])
      ),
      story.joins.filter((one) => place.has(one.from) && place.has(one.into)).map((one) => {
        const [from, into] = [y(place.get(one.from)), y(place.get(one.into))];
        const step = into > from ? 1 : -1;
        return svg(
          "g",
          { class: ["join", tone.get(one.from)] },
          svg("path", { d: `M${x(one.at)} ${from}V${into - step * 10}` }),
          svg("path", {
            class: "tip",
            d: `M${x(one.at) - 5} ${into - step * 16}L${x(one.at) + 5} ${into - step * 16}L${
              x(one.at)
            } ${into - step * 9}Z`,
          }),
          svg("title", `${joinWords(one)} · ${position(one.at.position)} · ${moment(one.at.time)}`),
        );
      }),
      svg("line", { class: "axis", x1: 0, x2: width, y1: bottom, y2: bottom }),
      ticks(width, x).map(([at, text]) => [
        svg("line", { class: "tick", x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
        svg("text", {
          class: "axis-text",
          x: at,
          y: bottom + 18,
          "text-anchor": at < 40 ? "start" : at > width - 40 ? "end" : "middle",
        }, text),
      ]),
      marked === null
        ? null
        : svg("line", { class: "users-mark", x1: x(marked), x2: x(marked), y1: 0, y2: bottom }),
    );
  }

  function ticks(width, x) {
    const room = Math.max(2, Math.floor(width / 110));
    if (!isOrdered) {
      let free = 0;
      return timeTicks(milliseconds(moments[0].time), milliseconds(now.time), room)
        .map(({ at, text }) => [x({ time: iso(at), position: 0 }), text])
        // On a phone there may be room for one of two.
        .filter(([place]) => {
          if (place < free) return false;
          free = place + 80;
          return true;
        });
    }
    const all = [...new Map(moments.map((one) => [one.position, one])).values()];
    const step = Math.ceil(all.length / Math.max(2, Math.floor(width / 64)));
    return all.filter((_, index) => index % step === 0).map((
      one,
    ) => [x(one), position(one.position)]);
  }

  const details = el("details", {
    class: "plot-table",
    ontoggle: () => {
      if (details.open && !details.querySelector("table")) {
        details.append(spansTable(story, user, signal));
      }
    },
  }, el("summary", t("shell.asTable")));
  const element = el(
    "figure",
    { class: "users-picture" },
    el(
      "div",
      { class: "section-head" },
      legend(story),
      el("span", { class: "segmented", role: "group", "aria-label": t("users.axis") }, modes),
    ),
    el("div", { class: "users-lanes" }, labels, drawing),
    reading,
    hidden > 0 ? el("p", { class: "quiet" }, t("users.lanesHidden", { n: hidden })) : null,
    details,
  );
  return {
    element,
    mark(asOf) {
      marked = asOf;
      redraw();
    },
  };
}

/** A row for each person, and below it one for each identifier that was theirs first. */
function rowsOf(story) {
  const rows = [];
  let hidden = 0;
  for (const person of story.people) {
    if (rows.length < MOST) rows.push({ person });
    for (const lane of story.lanes.filter((one) => one.owner === person.user)) {
      if (rows.length < MOST) rows.push({ lane });
      else hidden += 1;
    }
  }
  return { rows, hidden };
}

const personLabel = (
  person,
  user,
) => (person.user === user
  ? el("strong", `user:${person.user}`)
  : el("a", { href: userLink(person.user) }, `user:${person.user}`));

const joinWords = (join) =>
  t("users.joined", { from: `user:${join.from}`, into: `user:${join.into}` });

const spanWords = (span) =>
  `user:${span.user} · ${t(`users.role.${span.role}`)} · ${moment(span.from.time)} – ${
    span.to ? moment(span.to.time) : t("shell.now")
  }`;

function legend(story) {
  const roles = new Set(story.lanes.flatMap((lane) => lane.spans.map((span) => span.role)));
  return el(
    "ul",
    { class: "users-legend" },
    ["primary", "deprecated", "merged"].filter((role) => roles.has(role)).map((role) =>
      el("li", { class: role }, t(`users.role.${role}`))
    ),
    story.joins.length ? el("li", { class: "join" }, t("users.merge")) : null,
  );
}

const summary = (story) =>
  [
    t("users.pictureSummary", { n: story.lanes.length }),
    ...story.joins.slice(0, 5).map((one) => `${joinWords(one)}, ${moment(one.at.time)}.`),
  ].join(" ");

/** The same as rows: which identifier, whose, from when to when. */
function spansTable(story, user, signal) {
  const rows = story.lanes.flatMap((lane) => lane.spans.map((span) => ({ lane, span })));
  return pagedTable({
    caption: t("users.identities"),
    signal,
    columns: [
      {
        label: t("users.identifier"),
        header: true,
        cell: ({ lane }) => identifier(lane.identifier),
      },
      {
        label: t("users.user"),
        cell: (
          { span },
        ) => (span.user === user
          ? `user:${span.user}`
          : el("a", { href: userLink(span.user) }, `user:${span.user}`)),
      },
      { label: t("users.as"), cell: ({ span }) => t(`users.role.${span.role}`) },
      {
        label: t("users.from"),
        cell: (
          { span },
        ) => [
          time(span.from.time, { still: true }),
          " ",
          el("span", { class: "quiet" }, position(span.from.position)),
        ],
      },
      {
        label: t("users.until"),
        cell: ({ span }) => (span.to
          ? [
            time(span.to.time, { still: true }),
            " ",
            el("span", { class: "quiet" }, position(span.to.position)),
          ]
          : t("shell.now")),
      },
    ],
    load: async (cursor = 0) => ({
      rows: rows.slice(cursor, cursor + 25),
      next: cursor + 25 < rows.length ? cursor + 25 : undefined,
    }),
  }).element;
}
