// Begins: language, then whoever is signed in, then the page of the address.

import { onSessionEnd } from "./api.js";
import { preferredLanguage, t, useLanguage } from "./i18n.js";
import { show, startRouter, stopPage } from "./router.js";
import {
  currentSession,
  forgetSession,
  loadSession,
  signIn,
  signOut,
  takeCode,
} from "./session.js";
import { drawShell } from "./shell.js";
import { drawSignIn } from "./signin.js";
import { el, replace } from "./dom.js";
import { dialog } from "./widgets/dialog.js";
import { errorPanel } from "./widgets/states.js";

const app = document.getElementById("app");
// Before anything is waited for: the code must not stay in the address.
let code = takeCode();

const skip = document.getElementById("skip-link");
skip.addEventListener("click", (event) => {
  // The fragment names the page; the link must not change it.
  event.preventDefault();
  document.getElementById("main")?.focus();
});

function draw(options = {}) {
  skip.textContent = t("shell.skip");
  if (!currentSession()) {
    stopPage();
    drawSignIn(app, { ...options, onLanguage: changeLanguage, onDone: draw });
    return;
  }
  const { main, onRoute } = drawShell(app, { onLanguage: changeLanguage, onSignOut: leave });
  startRouter(main, onRoute);
}

async function changeLanguage(code) {
  await useLanguage(code);
  draw();
  document.querySelector("select.language")?.focus();
}

async function leave() {
  try {
    await signOut();
  } catch (error) {
    // Only who is signed out may walk away: the cookie would live on.
    if (error.status !== 401) return stillSignedIn(error);
    forgetSession();
  }
  draw();
}

/** The server has not ended the session, or nobody knows whether it has. */
const stillSignedIn = (error) =>
  dialog(t("shell.signOut"), (close) =>
    el(
      "div",
      { class: "dialog-body" },
      errorPanel(error, {
        title: t("shell.stillSignedIn"),
        retry: () => {
          close();
          leave();
        },
      }),
    ));

async function begin() {
  let failure = null;
  if (code) {
    const proof = { code };
    code = null;
    try {
      await signIn(proof);
    } catch (error) {
      failure = error;
    }
  }
  try {
    if (!currentSession()) await loadSession();
    draw({ failure });
  } catch (error) {
    replace(app, errorPanel(error, { retry: begin }));
  }
}

onSessionEnd(() => {
  if (!currentSession()) return;
  forgetSession();
  draw({ ended: true });
});

addEventListener("hashchange", () => {
  code = takeCode();
  if (code) begin();
  else if (currentSession()) show();
});

await useLanguage(preferredLanguage());
await begin();
