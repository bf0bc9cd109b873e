// Values over time: lines or steps with axes, a reading under the pointer, and the same as a table.

import { el, replace, svg } from "../dom.js";
import { iso, moment, number, time } from "../format.js";
import { t } from "../i18n.js";
import { axisNumber, timeTicks, valueTicks } from "./scale.js";
import { table } from "./table.js";

const EDGE = { top: 12, right: 16, bottom: 28, left: 56 };

/**
 * Draws series of [{label, points: [{at: milliseconds, value}]}] into a frame.
 * Options: `label` says what is drawn; `height`; `kind` "step" or "line"; `write(value)`;
 * `whole`: values are whole numbers; `zero`: the axis begins there; `marker`: a moment drawn as a
 * line; `onPick(at)`: a click.
 * Returns {element, draw(series), mark(at, value)}.
 */
export function plot(
  {
    label,
    series = [],
    height = 240,
    kind = "step",
    write = number,
    whole = true,
    zero = false,
    marker = null,
    onPick,
    signal,
  },
) {
  const drawing = el("div", { class: ["plot-drawing", onPick && "pickable"] });
  const reading = el("p", { class: "plot-reading", "aria-hidden": "true" });
  const numbers = el("div");
  const details = el(
    "details",
    { class: "plot-table", ontoggle: () => details.open && fillTable() },
    el("summary", t("shell.asTable")),
    numbers,
  );
  const legend = el("ul", { class: "legend" });
  const element = el("figure", { class: "plot" }, legend, drawing, reading, details);
  let frame = null;
  // Exact, where a point between two that are drawn is marked.
  let markerValue = null;

  const watch = new ResizeObserver(() => redraw());
  watch.observe(drawing);
  signal?.addEventListener("abort", () => watch.disconnect(), { once: true });

  drawing.addEventListener(
    "pointermove",
    (event) => frame && read(frame.atX(event.clientX - drawing.getBoundingClientRect().left)),
  );
  drawing.addEventListener("pointerleave", () => {
    replace(reading);
    drawing.querySelector(".plot-cross")?.setAttribute("visibility", "hidden");
  });
  drawing.addEventListener("click", (event) => {
    if (frame && onPick) onPick(frame.atX(event.clientX - drawing.getBoundingClientRect().left));
  });

  function redraw() {
    const width = drawing.clientWidth;
    const points = series.flatMap((one) => one.points);
    if (width < 80) return;
    if (points.length === 0) {
      frame = null;
      return replace(drawing, el("p", { class: "quiet plot-none" }, t("shell.nothing")));
    }
    frame = framed(width, height, points, whole, zero);
    replace(drawing, picture());
    if (details.open) fillTable();
  }

  function picture() {
    const { x, y, ticks, from, to } = frame;
    const right = frame.width - EDGE.right, bottom = height - EDGE.bottom;
    return svg(
      "svg",
      {
        class: "plot-svg",
        viewBox: `0 0 ${frame.width} ${height}`,
        height,
        role: "img",
        "aria-label": `${label}. ${summary()}`,
      },
      ticks.map((value) => [
        svg("line", { class: "grid", x1: EDGE.left, x2: right, y1: y(value), y2: y(value) }),
        svg(
          "text",
          { class: "axis-text", x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" },
          axisNumber(value),
        ),
      ]),
      timeTicks(from, to, Math.max(2, Math.floor((right - EDGE.left) / 110))).map((
        { at, text },
      ) => [
        svg("line", { class: "tick", x1: x(at), x2: x(at), y1: bottom, y2: bottom + 4 }),
        svg("text", {
          class: "axis-text",
          x: x(at),
          y: bottom + 18,
          "text-anchor": anchor(x(at), right),
        }, text),
      ]),
      svg("line", { class: "axis", x1: EDGE.left, x2: right, y1: bottom, y2: bottom }),
      series.map(({ points }, index) => curve(points, index, bottom)),
      markerLine(),
      svg("line", { class: "plot-cross", y1: EDGE.top, y2: bottom, visibility: "hidden" }),
    );
  }

  function curve(points, index, bottom) {
    if (points.length === 0) return null;
    const { x, y } = frame;
    let path = "";
    points.forEach(({ at, value }, place) => {
      const [h, v] = [x(at).toFixed(1), y(value).toFixed(1)];
      path += place === 0 ? `M${h} ${v}` : kind === "step" ? `H${h}V${v}` : `L${h} ${v}`;
    });
    const [first, last] = [x(points[0].at).toFixed(1), x(points.at(-1).at).toFixed(1)];
    return [
      series.length === 1
        ? svg("path", { class: "area", d: `${path}H${last}V${bottom}H${first}Z` })
        : null,
      svg("path", { class: ["curve", `series-${index % 5}`], d: path }),
    ];
  }

  function markerLine() {
    if (marker === null || marker < frame.from || marker > frame.to) return null;
    const value = markerValue ?? valueAt(series[0].points, marker);
    return svg(
      "g",
      { class: "marker" },
      svg("line", {
        x1: frame.x(marker),
        x2: frame.x(marker),
        y1: EDGE.top,
        y2: height - EDGE.bottom,
      }),
      value === null ? null : svg("circle", { cx: frame.x(marker), cy: frame.y(value), r: 4 }),
    );
  }

  function read(at) {
    const cross = drawing.querySelector(".plot-cross");
    cross?.setAttribute("x1", frame.x(at));
    cross?.setAttribute("x2", frame.x(at));
    cross?.setAttribute("visibility", "visible");
    const words = series.map((one) => {
      const value = valueAt(one.points, at);
      const text = value === null ? "—" : write(value);
      return series.length > 1 ? `${one.label}: ${text}` : text;
    });
    replace(reading, el("strong", words.join(" · ")), ` · ${moment(iso(at))}`);
  }

  function valueAt(points, at) {
    const later = points.findIndex((point) => point.at > at);
    const found = later === -1 ? points.at(-1) : points[later - 1];
    return found ? found.value : null;
  }

  function summary() {
    return series.filter((one) => one.points.length).map((one) => {
      const values = one.points.map((point) => point.value);
      return t("shell.plotSummary", {
        name: one.label,
        first: write(values[0]),
        last: write(values.at(-1)),
        low: write(Math.min(...values)),
        high: write(Math.max(...values)),
      });
    }).join(" ");
  }

  /** At most sixty rows, evenly chosen: a screen reader is not read a thousand. */
  function fillTable() {
    const all = series[0]?.points ?? [];
    const step = Math.max(1, Math.ceil(all.length / 60));
    const rows = all.map((point, index) => index).filter((index) =>
      index % step === 0 || index === all.length - 1
    );
    const shown = table(label, [
      {
        label: t("shell.time"),
        header: true,
        cell: (index) => time(iso(all[index].at), { still: true }),
      },
      ...series.map((one) => ({
        label: one.label,
        numeric: true,
        cell: (index) => {
          const value = valueAt(one.points, all[index].at);
          return value === null ? "—" : write(value);
        },
      })),
    ], rows).element;
    // It scrolls, and nothing in it takes the focus.
    shown.tabIndex = 0;
    replace(numbers, shown);
  }

  function draw(given) {
    series = given;
    legend.hidden = series.length < 2;
    replace(
      legend,
      series.map((one, index) => el("li", { class: `series-${index % 5}` }, one.label)),
    );
    redraw();
  }

  draw(series);
  return {
    element,
    draw,
    mark(at, value = null) {
      [marker, markerValue] = [at, value];
      redraw();
    },
  };
}

function framed(width, height, points, whole, zero) {
  const times = points.map((point) => point.at);
  let [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  if (from === to) to = from + 1;
  const ticks = valueTicks(
    [...(zero ? [0] : []), ...points.map((point) => point.value)],
    Math.max(2, Math.floor(height / 60)),
    { whole },
  );
  const [low, high] = [ticks[0], ticks.at(-1)];
  const room = width - EDGE.left - EDGE.right, tall = height - EDGE.top - EDGE.bottom;
  return {
    width,
    from,
    to,
    ticks,
    x: (at) => EDGE.left + ((at - from) / (to - from)) * room,
    y: (value) => EDGE.top + (1 - (value - low) / (high - low)) * tall,
    atX: (place) =>
      Math.round(Math.min(to, Math.max(from, from + ((place - EDGE.left) / room) * (to - from)))),
  };
}

const anchor = (x, right) => (x < EDGE.left + 24 ? "start" : x > right - 24 ? "end" : "middle");
