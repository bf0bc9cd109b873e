// The page of who is not signed in: with a new link of the terminal, or with a REST key.

import { el, replace } from "./dom.js";
import { rich, t } from "./i18n.js";
import { signIn } from "./session.js";
import { languageChoice, themeSwitch } from "./shell.js";
import { field, form } from "./widgets/form.js";
import { errorPanel, notice } from "./widgets/states.js";

/** Draws it into `app`; `failure` is why a link did not work; `onDone()` follows a sign-in. */
export function drawSignIn(app, { failure = null, ended = false, onLanguage, onDone }) {
  const key = el("input", {
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    maxlength: 200,
  });
  document.title = `${t("shell.signIn")} · Cohort Ledger`;
  replace(
    app,
    el(
      "main",
      { class: "sign-in", id: "main", tabindex: "-1" },
      el("div", { class: "sign-in-tools" }, languageChoice(onLanguage), themeSwitch()),
      el("h1", "Cohort Ledger"),
      el("p", { class: "lead" }, t("shell.tagline")),
      failure
        ? errorPanel(failure, { title: t("shell.linkFailed") })
        : ended
        ? notice("info", t("shell.sessionEnded"))
        : null,
      el(
        "section",
        { class: "card" },
        el("h2", t("shell.withLink")),
        el("p", rich("shell.withLinkText", { command: el("code", "cohort console") })),
      ),
      el(
        "section",
        { class: "card" },
        el("h2", t("shell.withKey")),
        form({
          fields: field(t("shell.restKey"), key, { hint: t("shell.restKeyHint") }),
          action: t("shell.signIn"),
          submit: async () => {
            await signIn({ key: key.value.trim() });
            key.value = "";
            onDone();
          },
        }),
      ),
    ),
  );
}
