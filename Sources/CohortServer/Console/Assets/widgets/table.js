// Tables, paged by cursor: only the page that is shown is in memory.

import { el, freshID, replace } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "./icons.js";
import { emptyState, errorPanel, loading } from "./states.js";

/**
 * A table of rows at hand. `columns`: [{label, cell(row) → node or text, numeric?, wide?, header?,
 * hideLabel?}]. Roles are said in full, because narrow screens show rows as blocks.
 */
export function table(caption, columns, rows = [], { rowProps = () => ({}) } = {}) {
  const body = el("tbody", { role: "rowgroup" });
  const id = freshID("caption");
  const element = el(
    "div",
    { class: "table-frame" },
    el(
      "table",
      { class: "table", role: "table", "aria-labelledby": id },
      el("caption", { id, class: "visually-hidden" }, caption),
      el(
        "thead",
        { role: "rowgroup" },
        el(
          "tr",
          { role: "row" },
          columns.map((column) =>
            el(
              "th",
              { role: "columnheader", scope: "col", class: column.numeric && "numeric" },
              el("span", { class: column.hideLabel && "visually-hidden" }, column.label),
            )
          ),
        ),
      ),
      body,
    ),
  );
  /** Columns where there is room for them, then tighter ones, else blocks. */
  const fit = () => {
    element.classList.remove("tight", "blocks");
    for (const form of ["tight", "blocks"]) {
      if (element.firstChild.scrollWidth <= element.clientWidth + 1) return;
      element.classList.remove("tight");
      element.classList.add(form);
    }
  };
  const line = (row) =>
    el(
      "tr",
      { role: "row", ...rowProps(row) },
      columns.map((column) =>
        el(column.header ? "th" : "td", {
          role: column.header ? "rowheader" : "cell",
          scope: column.header ? "row" : null,
          class: [
            column.numeric && "numeric",
            column.wide && "wide",
            column.hideLabel && "unlabelled",
          ],
          dataset: { label: column.label },
        }, column.cell(row))
      ),
    );
  const fill = (given) => {
    replace(body, given.map(line));
    requestAnimationFrame(fit);
  };
  fill(rows);
  let width = -1;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    fit();
  }).observe(element);
  element.addEventListener("grown", fit);
  return { element, body, fill, line };
}

const STOPS = "a, button, input, select, summary, [tabindex]";

/** Draws rows anew; whatever had the focus in a row has it again, if the row is still there. */
function keepingFocus({ body }, draw) {
  const line = document.activeElement?.closest("tr");
  if (!line || !body.contains(line) || !line.dataset.key) return draw();
  const stop = [...line.querySelectorAll(STOPS)].indexOf(document.activeElement);
  draw();
  const same = [...body.children].find((one) => one.dataset.key === line.dataset.key);
  const stops = same?.querySelectorAll(STOPS) ?? [];
  (stops[stop] ?? stops[0])?.focus({ preventScroll: true });
}

/**
 * A table that loads its pages: `load(cursor, signal)` returns {rows, next}; `cursor` is undefined
 * for the first, and `signal` is aborted once the answer would be overtaken; what else it says is
 * shown in `onPage(page)`, which only hears of what was not. `rowKey(row)` lets `update` find a row.
 * `empty`: makes what stands there without rows.
 * Returns {element, reload(), update(row, {prepend}), isFirstPage()}.
 */
export function pagedTable(
  {
    caption,
    columns,
    load,
    empty,
    signal,
    rowKey = () => null,
    rowProps = () => ({}),
    onPage = () => {},
  },
) {
  const keyed = (row) => ({ ...rowProps(row), dataset: { key: rowKey(row) ?? "" } });
  const grid = table(caption, columns, [], { rowProps: keyed });
  // The cursors of the pages before this one, and of this one.
  let cursors = [undefined];
  let following;
  let turn = 0;
  let asking = new AbortController();
  // Something has changed while a page is on its way: it is asked for once more behind that.
  let isStale = false;
  signal?.addEventListener("abort", () => asking.abort(), { once: true });
  const state = el("div", { class: "table-state" });
  const where = el("span", { class: "quiet", role: "status" });
  const turner = (label, drawing, step) =>
    el(
      "button",
      { type: "button", class: "button small", onclick: step },
      icon(drawing),
      el("span", label),
    );
  // A second click meets a page on its way.
  const isBusy = () => element.hasAttribute("aria-busy");
  const back = turner(t("shell.previousPage"), "left", () => {
    if (isBusy()) return;
    cursors.pop();
    reload(true);
  });
  const forth = turner(t("shell.nextPage"), "right", () => {
    if (isBusy()) return;
    cursors.push(following);
    reload(true);
  });
  forth.append(forth.firstChild);
  const pager = el(
    "nav",
    { class: "pager", "aria-label": t("shell.pagesOf", { what: caption }) },
    back,
    where,
    forth,
  );
  const element = el("div", { class: "paged" }, grid.element, state, pager);

  async function reload(isTurn = false) {
    turn += 1;
    isStale = false;
    const mine = turn;
    asking.abort();
    asking = new AbortController();
    element.setAttribute("aria-busy", "true");
    const patience = setTimeout(() => replace(state, loading()), 150);
    try {
      const page = await load(cursors.at(-1), asking.signal);
      if (mine !== turn || signal?.aborted) return;
      following = page.next;
      const turned = [back, forth].indexOf(document.activeElement);
      keepingFocus(grid, () => grid.fill(page.rows));
      const isEmpty = page.rows.length === 0 && cursors.length === 1;
      grid.element.hidden = isEmpty;
      replace(state, isEmpty ? empty?.() ?? emptyState(t("shell.nothing")) : null);
      back.disabled = cursors.length === 1;
      forth.disabled = !following;
      pager.hidden = back.disabled && forth.disabled;
      // The end of the list must not swallow the focus.
      if (turned >= 0 && [back, forth][turned].disabled) [forth, back][turned].focus();
      replace(where, t("shell.page", { n: cursors.length }));
      if (isTurn) element.scrollIntoView({ block: "nearest" });
      onPage(page);
    } catch (error) {
      if (mine !== turn || signal?.aborted) return;
      grid.fill([]);
      grid.element.hidden = true;
      pager.hidden = true;
      replace(
        state,
        errorPanel(error, {
          retry: () => {
            cursors = [undefined];
            reload();
          },
        }),
      );
    } finally {
      clearTimeout(patience);
      if (mine === turn) {
        element.removeAttribute("aria-busy");
        if (isStale && !signal?.aborted) reload();
      }
    }
  }

  /** Draws a row anew if it is shown; with `prepend`, puts a new one on top of the first page. */
  function update(row, { prepend = false } = {}) {
    const key = String(rowKey(row));
    const old = [...grid.body.children].find((line) => line.dataset.key === key);
    if (!old && (!prepend || cursors.length > 1)) return;
    const fresh = grid.line(row);
    fresh.classList.add("arrived");
    if (old) keepingFocus(grid, () => old.replaceWith(fresh));
    else grid.body.prepend(fresh);
    grid.element.hidden = false;
    replace(state);
  }

  pager.hidden = true;
  reload();
  return {
    element,
    reload: () => {
      cursors = [undefined];
      return reload();
    },
    update,
    /** The page that is shown, anew; it does not overtake one on its way, which would never come. */
    refresh: () => {
      if (!isBusy()) return reload();
      isStale = true;
      return undefined;
    },
  };
}
