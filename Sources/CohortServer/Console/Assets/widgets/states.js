// What stands where there is nothing to show: waiting, nothing there, refused, not allowed.

import { Failure } from "../api.js";
import { el } from "../dom.js";
import { rich, t } from "../i18n.js";
import { icon } from "./icons.js";

/** Says that something is on its way; shown only after a moment, so that quick answers do not flash. */
export const loading = () =>
  el(
    "p",
    { class: "loading", role: "status" },
    el("span", { class: "spinner", "aria-hidden": "true" }),
    t("shell.loading"),
  );

/** Nothing there, with a sentence about what would be and perhaps what to do. */
export const emptyState = (title, text, ...actions) =>
  el(
    "div",
    { class: "empty" },
    icon("empty"),
    el("p", { class: "empty-title" }, title),
    text ? el("p", text) : null,
    actions.length ? el("div", { class: "actions" }, actions) : null,
  );

/** What went wrong, in the server's own words: what is so, and what to do. */
export function errorPanel(error, { retry, title = t("shell.failed") } = {}) {
  const isKnown = error instanceof Failure;
  if (!isKnown) console.error(error);
  return el(
    "div",
    { class: "panel error", role: "alert" },
    el("p", { class: "panel-title" }, title),
    el("p", { class: "server-words", dir: "auto" }, isKnown ? error.message : t("shell.broken")),
    error.body?.reason ? el("p", { dir: "auto" }, error.body.reason) : null,
    retry
      ? el("button", { type: "button", class: "button", onclick: retry }, t("shell.retry"))
      : null,
  );
}

/** The session has no permission for what was asked. */
export const missingPermission = (permission) =>
  el(
    "div",
    { class: "page-head" },
    el("h1", t("shell.notPermitted")),
    el(
      "p",
      { class: "lead" },
      rich("shell.missingPermission", { permission: el("code", permission) }),
    ),
  );

/** No page has this address. */
export const notFound = () =>
  el(
    "div",
    { class: "page-head" },
    el("h1", t("shell.noPage")),
    el("p", { class: "lead" }, t("shell.noPageText")),
  );

/** A sentence that stands out: `kind` is "info", "warning" or "good". */
export const notice = (kind, ...children) =>
  el(
    "div",
    { class: ["notice", kind] },
    icon(kind === "warning" ? "warning" : kind === "good" ? "check" : "info"),
    el("div", children),
  );

/** A small word in a coloured capsule: "good", "warning", "danger", "quiet", "accent". */
export const badge = (kind, text) => el("span", { class: ["badge", kind] }, text);

/** Names and values side by side: `facts([["Size", "12"], …])`; a null value leaves its row out. */
export const facts = (rows) =>
  el(
    "dl",
    { class: "facts" },
    rows.filter((row) => row && row[1] !== null && row[1] !== undefined)
      .map(([term, ...values]) => el("div", el("dt", term), el("dd", values))),
  );

/** A part of a page with its own heading. */
export const section = (title, { actions = [], id, lead } = {}, ...children) =>
  el(
    "section",
    { class: "section", id },
    el("div", { class: "section-head" }, el("h2", title), el("div", { class: "actions" }, actions)),
    lead ? el("p", { class: "quiet" }, lead) : null,
    children,
  );
