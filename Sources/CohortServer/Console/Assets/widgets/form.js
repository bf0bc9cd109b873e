// Fields of forms with their labels, hints and errors.

import { el, freshID, replace } from "../dom.js";
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
