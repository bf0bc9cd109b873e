// A short word about what just happened, spoken by screen readers, gone after a while.

import { el } from "../dom.js";

/** Shows a text; `kind` is "good" or "bad". */
export function toast(text, kind = "good") {
  const shown = el("div", { class: ["toast", kind] }, text);
  place().append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 9000 : 5000);
}

/** Where toasts stand: an open dialog covers all else, and lets nothing outside be spoken. */
const place = () =>
  [...document.querySelectorAll("dialog[open] > .toasts")].at(-1) ??
    document.getElementById("toasts");

/** The place of a dialog's own toasts; what still stands there when it closes goes to the page. */
export function toastPlace(frame) {
  const own = el("div", { class: "toasts", role: "status", "aria-live": "polite" });
  frame.addEventListener("close", () => place().append(...own.childNodes));
  return own;
}
