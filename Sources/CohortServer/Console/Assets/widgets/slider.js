// A slider over the time of the ledger: by instant or by position, with the exact moment beside it.

import { debounced, el, freshID, replace } from "../dom.js";
import { iso, milliseconds, moment, position, standing } from "../format.js";
import { t } from "../i18n.js";
import { sliderStep } from "./scale.js";
import { badge } from "./states.js";

/**
 * A time slider between two moments, `from` and `to`, each {position, time}; the end is now.
 * `value`: what `as_of` takes, or null for now. `onChange(asOf)` is called with the same, a little
 * after the last movement. Returns {element, set(asOf), told(asOf of an answer), bounds(from, to)}.
 */
export function timeSlider({ from, to, value = null, onChange, label = t("shell.slider") }) {
  let unit = value !== null && /^#?\d+$/.test(value) ? "position" : "time";
  const changed = debounced(80, (asOf) => onChange(asOf));
  const id = freshID("slider");
  const range = el("input", { type: "range", class: "slider-range", id, oninput: () => moved() });
  const chosen = el("output", { class: "slider-chosen", for: id });
  const reading = el("span", { class: "slider-reading", role: "status" });
  const exact = el("input", {
    type: "text",
    class: "slider-exact",
    "aria-label": t("shell.sliderExact"),
    placeholder: t("shell.sliderHint"),
    maxlength: 64,
    spellcheck: "false",
    autocomplete: "off",
  });
  const nowButton = el("button", {
    type: "button",
    class: "button small",
    onclick: () => choose(null),
  }, t("shell.now"));
  const unitButtons = ["time", "position"].map((one) =>
    el("button", {
      type: "button",
      class: "segment",
      dataset: { unit: one },
      onclick: () => {
        unit = one;
        place();
      },
    }, t(one === "time" ? "shell.byTime" : "shell.byPosition"))
  );
  const element = el(
    "div",
    { class: "slider", role: "group", "aria-label": label },
    el(
      "div",
      { class: "slider-top" },
      el("label", { for: id }, label),
      chosen,
      el(
        "span",
        { class: "segmented", role: "group", "aria-label": t("shell.sliderUnit") },
        unitButtons,
      ),
    ),
    range,
    el(
      "div",
      { class: "slider-bottom" },
      el(
        "form",
        {
          class: "slider-form",
          onsubmit: (event) => {
            event.preventDefault();
            const text = exact.value.trim().replace(/^#/, "");
            choose(text === "" ? null : text);
          },
        },
        exact,
        el("button", { class: "button small" }, t("shell.goThere")),
      ),
      nowButton,
      reading,
    ),
  );

  const start = () => milliseconds(from.time), end = () => milliseconds(to.time);

  /** Where the slider stands for a moment. */
  function place() {
    unitButtons.forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.unit === unit))
    );
    if (unit === "position") {
      bound(from.position, to.position, 1);
      range.value = value === null ? to.position : Math.max(from.position, numeric() ?? nearest());
    } else {
      const step = sliderStep(end() - start());
      const last = Math.ceil((end() - start()) / step);
      bound(0, last, 1);
      range.value = value === null
        ? last
        : Math.round((Math.min(asTime() ?? end(), end()) - start()) / step);
    }
    tell();
  }

  function bound(low, high, step) {
    range.min = low;
    range.max = Math.max(high, low + step);
    range.step = step;
  }

  const numeric = () => (value !== null && /^\d+$/.test(value) ? Number(value) : null);
  const asTime =
    () => (value === null
      ? end()
      : numeric() === null
      ? Date.parse(value) || null
      : lastTold?.position === numeric()
      ? milliseconds(lastTold.time)
      : null);
  const nearest = () => lastTold?.position ?? to.position;
  let lastTold = null;

  function moved() {
    const at = Number(range.value);
    const isEnd = at >= Number(range.max);
    if (unit === "position") value = isEnd ? null : String(at);
    else {
      const step = sliderStep(end() - start());
      // The beginning to the microsecond: a millisecond before it there was nothing.
      value = isEnd ? null : at === 0 ? from.time : iso(start() + at * step);
    }
    tell();
    changed(value);
  }

  function tell() {
    const words = value === null
      ? t("shell.now")
      : numeric() === null
      ? (Date.parse(value) ? moment(value) : value)
      : position(value);
    range.setAttribute("aria-valuetext", words);
    replace(chosen, words);
    if (document.activeElement !== exact) exact.value = value ?? "";
    nowButton.disabled = value === null;
  }

  function choose(asOf) {
    value = asOf;
    place();
    onChange(asOf);
  }

  place();
  return {
    element,
    /** Moves the slider and tells of it, as if it had been moved by hand. */
    set: choose,
    /** Shows where the answer stands: position, instant, whether it cuts a request; null: nowhere. */
    told(asOf) {
      if (!asOf) return replace(reading);
      lastTold = asOf;
      if (unit === "time" && numeric() !== null) place();
      replace(
        reading,
        standing(asOf),
        asOf.cuts_request ? [" ", badge("warning", t("shell.cutsRequest"))] : null,
      );
    },
    /** Other ends: the ledger has grown, or another part of it is looked at. */
    bounds(start, end) {
      [from, to] = [start, end];
      place();
    },
  };
}
