// What stands around every page: the bar on top, the navigation, the place of the page.

import { el, replace } from "./dom.js";
import { language, LANGUAGES, store, stored, t } from "./i18n.js";
import { NAV } from "./routes.js";
import { currentSession, may } from "./session.js";
import { icon } from "./widgets/icons.js";

/** A choice of language; `onChoice(code)`. */
export const languageChoice = (onChoice) =>
  el(
    "select",
    {
      class: "language",
      "aria-label": t("shell.language"),
      onchange: (event) => {
        store("language", event.target.value);
        onChoice(event.target.value);
      },
    },
    LANGUAGES.map(({ code, name, tag }) =>
      el("option", { value: code, lang: tag, selected: code === language().code }, name)
    ),
  );

const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

/** A switch between light and dark. */
export function themeSwitch() {
  const button = el("button", {
    type: "button",
    class: "button bare",
    onclick: () => {
      const theme = isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      // The system's own wish needs no keeping.
      const isSystem = matchMedia("(prefers-color-scheme: dark)").matches === (theme === "dark");
      store("theme", isSystem ? null : theme);
      if (isSystem && stored("theme") === null) delete document.documentElement.dataset.theme;
      tell();
    },
  });
  const tell = () => {
    button.setAttribute("aria-label", t(isDark() ? "shell.useLight" : "shell.useDark"));
    replace(button, icon(isDark() ? "sun" : "moon"));
  };
  tell();
  // The system may change its mind; a button that is gone hears no more of it.
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", function hear() {
    if (button.isConnected) tell();
    else system.removeEventListener("change", hear);
  });
  return button;
}

/** Draws the shell into `app`. Returns {main, onRoute(route)}. */
export function drawShell(app, { onLanguage, onSignOut }) {
  const session = currentSession();
  const menu = el("button", {
    type: "button",
    class: "button bare menu-button",
    "aria-expanded": "false",
    "aria-controls": "nav",
    "aria-label": t("shell.menu"),
    onclick: () => toggle(),
  }, icon("menu"));
  const links = NAV.filter(({ permission }) => may(permission)).map(({ id, to }) =>
    el(
      "a",
      { class: "nav-link", href: `#${to}`, dataset: { nav: id } },
      icon(id),
      el("span", t(`shell.nav.${id}`)),
    )
  );
  const nav = el(
    "nav",
    { class: "nav", id: "nav", "aria-label": t("shell.navigation") },
    el("ul", links.map((one) => el("li", one))),
  );
  const main = el("main", { class: "main", id: "main", tabindex: "-1" });

  function toggle(open = menu.getAttribute("aria-expanded") !== "true") {
    menu.setAttribute("aria-expanded", String(open));
    nav.classList.toggle("open", open);
  }
  main.addEventListener("pointerdown", () => toggle(false));
  nav.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
    toggle(false);
    menu.focus();
  });

  replace(
    app,
    el(
      "header",
      { class: "bar" },
      menu,
      el("a", { class: "brand", href: "#/" }, mark(), el("span", "Cohort Ledger")),
      el(
        "div",
        { class: "bar-end" },
        languageChoice(onLanguage),
        themeSwitch(),
        el(
          "span",
          { class: "who", title: session.label || session.key },
          session.key === "key:0" ? t("shell.operator") : session.label || session.key,
        ),
        el("button", {
          type: "button",
          class: "button bare",
          "aria-label": t("shell.signOut"),
          title: t("shell.signOut"),
          onclick: onSignOut,
        }, icon("out")),
      ),
    ),
    session.takesWrites
      ? null
      : el("p", { class: "bar-note", role: "status" }, t("shell.onlyReads")),
    el("div", { class: "frame" }, nav, main),
  );

  return {
    main,
    onRoute(route) {
      toggle(false);
      for (const one of links) {
        if (one.dataset.nav === route?.nav) one.setAttribute("aria-current", "page");
        else one.removeAttribute("aria-current");
      }
    },
  };
}

const mark = () => el("span", { class: "mark", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
