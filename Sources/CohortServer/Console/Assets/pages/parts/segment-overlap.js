// How up to three cohorts overlap: exact sizes of every part, as bars over a matrix (UpSet), and for
// two of them as circles whose areas are true to size.

import { cut, el, replace, svg } from "../../dom.js";
import { compact, number } from "../../format.js";
import { t } from "../../i18n.js";
import { icon } from "../../widgets/icons.js";
import { emptyState, errorPanel, loading } from "../../widgets/states.js";
import { table } from "../../widgets/table.js";
import { findCohorts, picker } from "./segment-pick.js";
import { sizeOf } from "./segment-preview.js";
import { countBits, distance, exclusive } from "./segment-sets.js";

const MOST = 3;

/** `cohorts` to begin with: [{partner, id}]; `moment()` says as of when. The view has `moved()`. */
export function overlapView({ cohorts, names, moment, signal }) {
  const chosen = cohorts.slice(0, MOST);
  const chips = el("ul", { class: "segment-chips" });
  const adder = el("div", { class: "segment-overlap-add" });
  const picture = el("div", { class: "segment-overlap", "aria-live": "polite" });
  // Until somebody chooses, these are the cohorts of the filter.
  let isByHand = false;
  let asking = new AbortController();
  signal.addEventListener("abort", () => asking.abort(), { once: true });

  function choices() {
    replace(
      chips,
      chosen.map((one, index) =>
        el(
          "li",
          { class: ["segment-chip", `series-${index}`] },
          names.cohort(one.partner, one.id),
          el("button", {
            type: "button",
            class: "segment-chip-remove",
            "aria-label": t("segments.removeCohort", { name: cut(one.id, 60) }),
            onclick: () => {
              chosen.splice(index, 1);
              isByHand = true;
              choices();
              look();
            },
          }, icon("close")),
        )
      ),
    );
    replace(
      adder,
      chosen.length >= MOST
        ? el("p", { class: "quiet" }, t("segments.overlapMost", { n: MOST }))
        : picker({
          label: t("segments.addCohort"),
          placeholder: t("segments.addCohort"),
          signal,
          find: (text, mine) => findCohorts(text, { signal: mine }),
          onPick: ({ value, text }) => {
            if (chosen.some((one) => one.partner === value.partner && one.id === value.id)) return;
            names.learn(value.partner, value.id, text);
            chosen.push(value);
            isByHand = true;
            choices();
            adder.querySelector("input")?.focus();
            look();
          },
        }).element,
    );
  }

  async function look() {
    asking.abort();
    asking = new AbortController();
    const mine = asking.signal;
    if (chosen.length < 2) {
      return replace(picture, emptyState(t("segments.overlapNone"), t("segments.overlapNoneText")));
    }
    const patience = setTimeout(() => replace(picture, loading()), 200);
    try {
      const regions = await regionsOf(chosen, moment(), mine);
      const titles = await Promise.all(
        chosen.map(async (one) => (await names.cohortName(one.partner, one.id)) ?? one.id),
      );
      if (!mine.aborted) replace(picture, drawn(regions, titles));
    } catch (error) {
      if (!mine.aborted) replace(picture, errorPanel(error, { retry: look }));
    } finally {
      clearTimeout(patience);
    }
    return undefined;
  }

  choices();
  look();
  return {
    element: el(
      "div",
      { class: "segment-view" },
      el("p", { class: "quiet" }, t("segments.overlapLead")),
      el("div", { class: "segment-overlap-pick" }, chips, adder),
      picture,
    ),
    moved: look,
    /** Other cohorts to begin with; what was chosen by hand stays. */
    offer(given) {
      const offered = given.slice(0, MOST);
      if (isByHand || JSON.stringify(offered) === JSON.stringify(chosen)) return;
      chosen.splice(0, MOST, ...offered);
      choices();
      look();
    },
  };
}

/** Each combination of cohorts as a set of bits: {bits, total, only}. `only`: in these and no other. */
async function regionsOf(cohorts, asOf, signal) {
  const all = 2 ** cohorts.length - 1;
  const totals = new Map();
  let when = asOf;
  for (let bits = 1; bits <= all; bits += 1) {
    const inside = cohorts.filter((_, index) => bits & (1 << index)).map((one) => ({
      cohorts: { partner: one.partner, includes: [one.id] },
    }));
    const answer = await sizeOf(inside.length === 1 ? inside[0] : { and: inside }, when, signal);
    // All sizes are of one moment, also while the ledger grows.
    when = answer.as_of;
    totals.set(bits, answer.size);
  }
  return exclusive(totals);
}

function drawn(regions, titles) {
  const words = ({ bits }) => {
    const inside = titles.filter((_, index) => bits & (1 << index));
    return t(inside.length === titles.length ? "segments.inAll" : "segments.onlyIn", {
      names: inside.map((one) => one.slice(0, 40)).join(" ∩ "),
    });
  };
  const order = [...regions].sort((a, b) =>
    countBits(a.bits) - countBits(b.bits) || b.only - a.only
  );
  const summary = order.map((one) => `${words(one)}: ${number(one.only)}`).join(". ");
  const rows = el(
    "ul",
    { class: "segment-upset-labels" },
    titles.map((title, index) =>
      el(
        "li",
        { class: `series-${index}` },
        el("bdi", { class: "name", dir: "auto", title }, title),
        " ",
        el(
          "span",
          { class: "quiet" },
          number(regions.find((one) => one.bits === 1 << index).total),
        ),
      )
    ),
  );
  const drawing = el("div", { class: "segment-upset-drawing" });
  new ResizeObserver(() => {
    if (drawing.clientWidth > 60) {
      replace(drawing, upset(order, titles.length, drawing.clientWidth, summary));
    }
  }).observe(drawing);
  return el(
    "figure",
    { class: "segment-overlap-figure" },
    titles.length === 2 ? circles(regions, summary) : null,
    el("div", { class: "segment-upset" }, rows, drawing),
    el(
      "details",
      { class: "plot-table" },
      el("summary", t("shell.asTable")),
      table(t("segments.overlap"), [
        { label: t("segments.part"), header: true, cell: words },
        { label: t("segments.size"), numeric: true, cell: (one) => number(one.only) },
      ], order).element,
    ),
  );
}

const BARS = 150, ROW = 28, TOP = 20;

/** Bars of what is in a combination and no other, over dots that say which one it is. */
function upset(order, count, width, summary) {
  const most = Math.max(1, ...order.map((one) => one.only));
  const step = Math.min(96, width / order.length);
  const x = (index) => step * (index + 0.5);
  const tall = (value) => (value / most) * (BARS - TOP);
  return svg(
    "svg",
    {
      class: "segment-upset-svg",
      viewBox: `0 0 ${width} ${BARS + count * ROW + 8}`,
      height: BARS + count * ROW + 8,
      role: "img",
      "aria-label": summary,
    },
    Array.from({ length: count }, (_, row) =>
      svg("line", {
        class: "grid",
        x1: 0,
        x2: step * order.length,
        y1: BARS + row * ROW + ROW / 2,
        y2: BARS + row * ROW + ROW / 2,
      })),
    svg("line", { class: "axis", x1: 0, x2: step * order.length, y1: BARS, y2: BARS }),
    order.map((one, index) => {
      const inside = Array.from({ length: count }, (_, row) => row).filter((row) =>
        one.bits & (1 << row)
      );
      const dot = (row) => BARS + row * ROW + ROW / 2;
      const w = Math.min(40, step * 0.6);
      return svg(
        "g",
        {},
        svg("rect", {
          class: ["column", inside.length === 1 ? `series-${inside[0]}` : "shared"],
          x: x(index) - w / 2,
          width: w,
          y: BARS - tall(one.only),
          height: Math.max(one.only > 0 ? 1 : 0, tall(one.only)),
        }),
        svg("text", {
          class: "axis-text",
          x: x(index),
          y: BARS - tall(one.only) - 5,
          "text-anchor": "middle",
        }, step < 48 ? compact(one.only) : number(one.only)),
        inside.length > 1
          ? svg("line", {
            class: "link",
            x1: x(index),
            x2: x(index),
            y1: dot(inside[0]),
            y2: dot(inside.at(-1)),
          })
          : null,
        Array.from({ length: count }, (_, row) =>
          svg("circle", {
            class: inside.includes(row) ? `dot series-${row}` : "hole",
            cx: x(index),
            cy: dot(row),
            r: inside.includes(row) ? 6 : 4,
          })),
      );
    }),
  );
}

/** Two circles: their areas, and that of what they share, are true to the sizes. */
function circles(regions, summary) {
  const size = (bits) => regions.find((one) => one.bits === bits).total;
  const [a, b, both] = [size(1), size(2), size(3)];
  if (a === 0 || b === 0) return null;
  const [ra, rb] = [Math.sqrt(a / Math.PI), Math.sqrt(b / Math.PI)];
  const apart = distance(ra, rb, both);
  const left = Math.min(-ra, apart - rb), right = Math.max(ra, apart + rb);
  const scale = Math.min(300 / (right - left), 150 / (2 * Math.max(ra, rb)));
  const width = (right - left) * scale + 8, height = 2 * Math.max(ra, rb) * scale + 8;
  const place = (at) => (at - left) * scale + 4;
  return svg(
    "svg",
    {
      class: "segment-circles",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": summary,
    },
    svg("circle", { class: "series-0", cx: place(0), cy: height / 2, r: ra * scale }),
    svg("circle", { class: "series-1", cx: place(apart), cy: height / 2, r: rb * scale }),
  );
}
