// Copying a text, also where there is no clipboard because the page came over plain HTTP.

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

/** A button that copies a text. `what` names it for those who cannot see what stands beside it. */
export function copyButton(text, what) {
  const button = el(
    "button",
    {
      type: "button",
      class: "button small copy",
      "aria-label": t("shell.copyWhat", { what }),
      onclick: async () => {
        const done = await copied(text, button);
        toast(done ? t("shell.copied") : t("shell.copyByHand"), done ? "good" : "bad");
      },
    },
    icon("copy"),
    el("span", t("shell.copy")),
  );
  return button;
}

/** A text in a frame with its copy button. */
export const copyField = (text, what) =>
  el(
    "div",
    { class: "copy-field" },
    el("code", { class: "copy-text", tabindex: "0" }, text),
    copyButton(text, what),
  );

async function copied(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not a secure context, or not allowed: a selection can still be copied. It must lie within an
    // open dialog, which lets nothing outside take the focus.
    const area = el("textarea", {
      class: "visually-hidden",
      value: text,
      readOnly: true,
      tabindex: "-1",
    });
    near.parentElement.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    near.focus();
    return done;
  }
}
