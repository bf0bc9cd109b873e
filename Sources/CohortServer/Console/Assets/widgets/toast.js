// A short word about what just happened, spoken by screen readers, gone after a while.

import { el } from "../dom.js";

/** Shows a text; `kind` is "good" or "bad". */
export function toast(text, kind = "good") {
  const shown = el("div", { class: ["toast", kind] }, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 9000 : 5000);
}
