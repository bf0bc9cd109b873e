// A size over time in the room of a word.

import { el, svg } from "../dom.js";

const WIDTH = 96, HEIGHT = 24;

/** Draws values from left to right as steps; `label` says in words what is seen. */
export function sparkline(values, label) {
  const low = Math.min(...values), high = Math.max(...values);
  const span = high - low || 1;
  const x = (index) => 1 + (index / Math.max(1, values.length - 1)) * (WIDTH - 4);
  const y = (value) =>
    high === low
      ? (high === 0 ? HEIGHT - 3 : HEIGHT / 2)
      : HEIGHT - 3 - ((value - low) / span) * (HEIGHT - 6);
  let line = "";
  values.forEach((value, index) => {
    line += index === 0 ? `M${x(0)} ${y(value)}` : `H${x(index).toFixed(1)}V${y(value).toFixed(1)}`;
  });
  return svg(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("path", { class: "spark-area", d: `${line}V${HEIGHT}H1Z` }),
    svg("path", { class: "spark-line", d: line }),
    svg("circle", { class: "spark-end", cx: x(values.length - 1), cy: y(values.at(-1)), r: 2 }),
  );
}

/** A place that is filled once it comes into sight: `load()` returns a promise of a node. */
export function whenSeen(load, signal, placeholder = null) {
  const place = el("span", { class: "when-seen" }, placeholder);
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    queue(load, signal).then((node) => {
      if (node) place.replaceChildren(node);
      place.dispatchEvent(new CustomEvent("grown", { bubbles: true }));
    }, () => {});
  }, { rootMargin: "100px" });
  watch.observe(place);
  signal?.addEventListener("abort", () => watch.disconnect(), { once: true });
  return place;
}

let running = 0;
const waiting = [];

/** At most three at once, so that the page itself is not kept waiting. */
async function queue(load, signal) {
  if (running >= 3) await new Promise((resolve) => waiting.push(resolve));
  if (signal?.aborted) {
    waiting.shift()?.();
    return null;
  }
  running += 1;
  try {
    return await load();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
