// Choosing the segments of an audience: those chosen, and a search among all.

import { get } from "../../api.js";
import { cut, el, freshID, name, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { link } from "../../router.js";
import { may } from "../../session.js";
import { searchField } from "../../widgets/form.js";
import { emptyState, errorPanel, notice } from "../../widgets/states.js";

const SHOWN = 8;

/** A choice of segments: {element, value() → ids}; `onChange()` hears of each. */
export function segmentChoice(chosen, names, onChange, signal) {
  const ids = [...chosen];
  const own = el("ul", { class: "audience-chosen" });
  const found = el("ul", { class: "audience-found" });
  const state = el("div", { role: "status" });
  let wish = "";
  const search = searchField(t("audiences.searchSegments"), wish, (text) => {
    wish = text;
    look();
  });
  let turn = 0;

  function drawOwn() {
    replace(
      own,
      ids.map((id) => {
        const shown = el("span", { class: "audience-segment" }, id);
        const sure = el("button", {
          type: "button",
          class: "button small",
          "aria-label": t("audiences.removeSegment", { name: id }),
          onclick: () => toggle(id),
        }, t("audiences.remove"));
        names.details(id).then((one) => {
          if (!one) return;
          replace(
            shown,
            name(one.name),
            one.archived ? el("span", { class: "badge warning" }, t("audiences.archived")) : null,
          );
          sure.setAttribute(
            "aria-label",
            t("audiences.removeSegment", { name: cut(one.name, 80) }),
          );
        });
        return el("li", shown, sure);
      }),
    );
    own.hidden = ids.length === 0;
  }

  function toggle(id) {
    const at = ids.indexOf(id);
    if (at === -1) ids.push(id);
    else ids.splice(at, 1);
    for (const box of found.querySelectorAll("input")) box.checked = ids.includes(box.value);
    drawOwn();
    if (at !== -1 && !element.contains(document.activeElement)) {
      search.querySelector("input").focus();
    }
    onChange();
  }

  async function look() {
    turn += 1;
    const mine = turn;
    try {
      const { rows, more } = await segmentsLike(wish, signal);
      if (mine !== turn) return;
      replace(
        found,
        rows.map((row) => {
          const id = freshID("segment");
          return el(
            "li",
            { class: "check" },
            el("input", {
              type: "checkbox",
              id,
              value: row.id,
              checked: ids.includes(row.id),
              onchange: () => toggle(row.id),
            }),
            el("label", { for: id }, name(row.name), " ", el("code", { class: "quiet" }, row.id)),
          );
        }),
      );
      replace(
        state,
        rows.length === 0
          ? nothing(wish)
          : more
          ? el("p", { class: "hint" }, t("audiences.moreSegments"))
          : null,
      );
    } catch (error) {
      if (mine === turn && !signal.aborted) replace(state, errorPanel(error, { retry: look }));
    }
  }

  const element = el(
    "fieldset",
    { class: "audience-choice" },
    el("legend", { class: "legend-text" }, t("audiences.segments")),
    el("p", { class: "hint" }, t("audiences.segmentsHint")),
    own,
    may("segments.list")
      ? [search, found, state]
      : notice("info", t("audiences.segmentsNotPermitted", { permission: "segments.list" })),
  );
  drawOwn();
  if (may("segments.list")) look();
  return { element, value: () => [...ids] };
}

const nothing = (text) =>
  text ? el("p", { class: "quiet" }, t("audiences.noSegmentFits")) : emptyState(
    t("audiences.noSegments"),
    t("audiences.noSegmentsText"),
    el("a", { class: "button", href: link`/segments/new` }, t("audiences.newSegment")),
  );

/** The first segments in whose name, id or tags a text stands, newest first. */
async function segmentsLike(text, signal) {
  const { segments } = await get("/segments/list", {
    search: text.trim(),
    sort_direction: "desc",
  }, { signal });
  return { rows: segments.slice(0, SHOWN), more: segments.length > SHOWN };
}
