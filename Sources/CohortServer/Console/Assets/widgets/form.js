// Fields of forms with their labels, hints and errors.

import { debounced, el, freshID, replace } from "../dom.js";
import { errorPanel } from "./states.js";

/** A field: label, input, hint. `input` is any element that can be labelled. */
export function field(label, input, { hint, optional } = {}) {
  const id = input.id || freshID("field");
  input.id = id;
  const hintID = hint ? freshID("hint") : null;
  if (hintID) input.setAttribute("aria-describedby", hintID);
  return el(
    "div",
    { class: "field" },
    el(
      "label",
      { for: id },
      label,
      optional ? el("span", { class: "quiet" }, ` (${optional})`) : null,
    ),
    input,
    hint ? el("p", { class: "hint", id: hintID }, hint) : null,
  );
}

/** A choice: `options` are [value, text]. */
export const select = (options, props = {}) =>
  el(
    "select",
    props,
    options.map(([value, text]) => el("option", { value, selected: value === props.value }, text)),
  );

/** A field to search in: `onSearch(text)` hears of it a little after the last key. */
export function searchField(label, value, onSearch) {
  const tell = debounced(200, () => onSearch(input.value));
  const input = el("input", {
    type: "search",
    value,
    maxlength: 1024,
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    oninput: tell,
    // Enter searches, and sends no form around it.
    onkeydown: (event) => {
      if (event.key === "Enter") event.preventDefault();
    },
  });
  return field(label, input);
}

/** A box to tick: `onChoice(isOn)`. */
export const tick = (label, isOn, onChoice) =>
  el(
    "label",
    { class: "check" },
    el("input", {
      type: "checkbox",
      checked: isOn,
      onchange: (event) => onChoice(event.target.checked),
    }),
    label,
  );

/**
 * A form whose `submit` is async: its button waits meanwhile, and what the server refuses stands
 * above the buttons. `buttons` are further ones, before the main one.
 */
export function form({ fields, action, submit, buttons = [], danger = false }) {
  const trouble = el("div");
  const main = el("button", { class: ["button", danger ? "danger" : "primary"] }, action);
  return el(
    "form",
    {
      class: "form",
      novalidate: false,
      onsubmit: async (event) => {
        event.preventDefault();
        if (main.disabled) return;
        main.disabled = true;
        replace(trouble);
        try {
          await submit();
        } catch (error) {
          replace(trouble, errorPanel(error));
        }
        main.disabled = false;
      },
    },
    fields,
    trouble,
    el("div", { class: "form-foot" }, buttons, main),
  );
}
