// Dialogs: the native element, which keeps the focus inside and closes on Escape.

import { append, el, freshID, replace } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "./icons.js";
import { errorPanel, loading } from "./states.js";
import { toastPlace } from "./toast.js";

/**
 * Opens a dialog. `build(close)` returns its content; `close(value)` ends it.
 * Returns a promise of the value, `undefined` if it was dismissed.
 * With `dismissible: false` only its own buttons close it; others close with the page, too.
 */
export function dialog(title, build, { dismissible = true, wide = false } = {}) {
  return new Promise((resolve) => {
    const heading = freshID("dialog");
    let result;
    const close = (value) => {
      result = value;
      frame.close();
    };
    const frame = el("dialog", {
      class: ["dialog", wide && "wide"],
      "aria-labelledby": heading,
      oncancel: (event) => {
        if (!dismissible) event.preventDefault();
      },
      // A second Escape would close it whatever was said to the first.
      onkeydown: (event) => {
        if (!dismissible && event.key === "Escape") event.preventDefault();
      },
      onclose: () => {
        frame.remove();
        removeEventListener("pageleave", dismiss);
        resolve(result);
      },
    });
    const dismiss = () => frame.close();
    if (dismissible) addEventListener("pageleave", dismiss);
    append(
      frame,
      el(
        "div",
        { class: "dialog-head" },
        el("h2", { id: heading }, title),
        dismissible
          ? el("button", {
            type: "button",
            class: "button bare",
            "aria-label": t("shell.close"),
            onclick: dismiss,
          }, icon("close"))
          : null,
      ),
      build(close),
      toastPlace(frame),
    );
    document.body.append(frame);
    frame.showModal();
  });
}

/**
 * Asks before something is done. `preview()` may be async and returns what to show first;
 * `run()` does it: if it fails, the dialog stays and shows the server's words.
 * `onOpen(again)` is handed what asks `preview` anew, for when what it showed is no longer so.
 * Returns whether it was done; `run`'s value is at `.value`.
 */
export async function confirm({ title, preview, action, danger = false, run, onOpen = () => {} }) {
  const done = await dialog(title, (close) => {
    const content = el("div", { class: "dialog-body" });
    let asked = 0, isReady = false;
    const trouble = el("div");
    const button = el("button", {
      type: "button",
      class: ["button", danger ? "danger" : "primary"],
      disabled: true,
      onclick: async () => {
        button.disabled = true;
        replace(trouble);
        try {
          close({ value: await run() });
        } catch (error) {
          replace(trouble, errorPanel(error));
          button.disabled = !isReady;
        }
      },
    }, action);
    /** Nothing can be done before what would be done is shown. */
    const ask = async () => {
      asked += 1;
      const mine = asked;
      isReady = false;
      button.disabled = true;
      replace(content, loading());
      try {
        const shown = await preview();
        if (mine !== asked) return;
        replace(content, shown);
        isReady = true;
        button.disabled = false;
      } catch (error) {
        if (mine === asked) replace(content, errorPanel(error));
      }
    };
    ask();
    onOpen(ask);
    return [
      content,
      trouble,
      el(
        "div",
        { class: "dialog-foot" },
        el("button", {
          type: "button",
          class: "button",
          onclick: () => close(),
        }, t("shell.cancel")),
        button,
      ),
    ];
  });
  return done ?? null;
}
