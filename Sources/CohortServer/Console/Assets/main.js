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
import { replace } from "./dom.js";
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
  await signOut().catch(forgetSession);
  draw();
}

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
