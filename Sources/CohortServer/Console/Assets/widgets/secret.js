// A secret, shown once: nothing keeps it, and only the person who saw it can close it.

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { copyField } from "./copy.js";
import { dialog } from "./dialog.js";
import { notice } from "./states.js";

/** Shows secrets, [[label, text], …], until the reader says that they are kept. */
export const secretOnce = (title, secrets, ...more) =>
  dialog(title, (close) => [
    el(
      "div",
      { class: "dialog-body" },
      notice("warning", t("shell.secretOnce")),
      secrets.map(([label, text]) =>
        el(
          "div",
          { class: "secret" },
          el("p", { class: "secret-label" }, label),
          copyField(text, label),
        )
      ),
      more,
    ),
    el(
      "div",
      { class: "dialog-foot" },
      el("button", {
        type: "button",
        class: "button primary",
        onclick: () => close(true),
      }, t("shell.secretKept")),
    ),
  ], { dismissible: false });
