// Shows the page that the fragment of the address names: #/cohorts/hightouch/vip?as_of=41.

import { query } from "./api.js";
import { cut, el, replace, visible } from "./dom.js";
import { isolated, t } from "./i18n.js";
import { findRoute, NAV } from "./routes.js";
import { may } from "./session.js";
import { errorPanel, loading, missingPermission, notFound } from "./widgets/states.js";

let leaving = new AbortController();
let outlet = null;
let told = () => {};

/** The address of a page: link`/cohorts/${partner}/${id}`. Every id is one encoded segment. */
export const link = (texts, ...ids) =>
  "#" + texts.reduce((whole, text, index) => whole + encodeURIComponent(ids[index - 1]) + text);

/** Goes to an address that `link` made. */
export function go(address) {
  if (location.hash === address) show();
  else location.hash = address;
}

/** Shows pages in `main` from now on; `onRoute(route)` hears of each. */
export function startRouter(main, onRoute) {
  outlet = main;
  told = onRoute;
  show();
}

/** Stops what the page that is shown is doing, and closes its dialogs. */
export function stopPage() {
  leaving.abort();
  dispatchEvent(new Event("pageleave"));
}

function parts() {
  const [target, search = ""] = location.hash.replace(/^#/, "").split("?");
  return { target: target === "" || target === "/" ? home() : target, search };
}

/** The first page that the session may see. */
const home = () => (NAV.find(({ permission }) => may(permission)) ?? NAV[0]).to;

/**
 * Keeps state in the address without drawing the page again: `replaceQuery({as_of: "41"})`. What a
 * page says after it was left is not said of the next one.
 */
function replaceQuery(page, change, signal) {
  const { target, search } = parts();
  if (signal.aborted || target !== page) return;
  const params = { ...Object.fromEntries(new URLSearchParams(search)), ...change };
  history.replaceState(null, "", `#${target}${query(params)}`);
}

/** Draws the page of the address. */
export async function show() {
  if (!outlet) return;
  stopPage();
  leaving = new AbortController();
  const { signal } = leaving;
  const { target, search } = parts();
  const route = findRoute(target);
  told(route);
  const page = el("div", { class: "page", id: "page" });
  replace(outlet, page);
  if (!route) return settle(replace(page, notFound()));
  if (!may(route.permission)) return settle(replace(page, missingPermission(route.permission)));
  const waiting = loading();
  page.append(waiting);
  try {
    const module = await import(`./pages/${route.page}.js`);
    if (signal.aborted) return;
    const params = {
      ...route.given,
      ...route.ids,
      query: new URLSearchParams(search),
      signal,
      replaceQuery: (change) => replaceQuery(target, change, signal),
    };
    waiting.remove();
    await module.page(page, params);
  } catch (error) {
    if (signal.aborted) return;
    waiting.remove();
    // The panel says what is to be seen; a page has a heading also where it was not drawn.
    if (!page.querySelector("h1")) {
      page.append(el("h1", { class: "visually-hidden" }, t("shell.failed")));
    }
    page.append(errorPanel(error, { retry: show }));
  }
  if (!signal.aborted) settle(page);
}

let isFirst = true;

/** Names the page in the title and, after a change of page, leads the reader to its heading. */
function settle(page) {
  const heading = page.querySelector("h1");
  const title = heading && cut(heading.textContent, 120);
  document.title = title ? `${isolated(title)} · Cohort Ledger` : "Cohort Ledger";
  if (heading && !isFirst && !page.contains(document.activeElement)) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  isFirst = false;
}

/** A heading with what stands beside it: `head(title, {lead, crumbs: [[text, href]], actions})`. */
export function head(title, { lead, crumbs = [], actions = [] } = {}) {
  const trail = crumbs.length === 0 ? null : el(
    "nav",
    { class: "crumbs", "aria-label": t("shell.crumbs") },
    el(
      "ol",
      crumbs.map(([text, href]) =>
        el("li", el(href ? "a" : "span", { href, dir: "auto" }, visible(text)))
      ),
    ),
  );
  return el(
    "header",
    { class: "page-head" },
    trail,
    el(
      "div",
      { class: "page-title" },
      el("h1", { dir: "auto", title: title.length > 80 ? title : null }, visible(title)),
      el("div", { class: "actions" }, actions),
    ),
    lead ? el("p", { class: "lead" }, lead) : null,
  );
}
