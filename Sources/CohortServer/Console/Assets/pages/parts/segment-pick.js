// A search field that offers what it finds, to be chosen by pointer or by keys (ARIA combobox).

import { cut, debounced, el, freshID, name, replace } from "../../dom.js";
import { get } from "../../api.js";
import { number } from "../../format.js";
import { t } from "../../i18n.js";
import { filteredPage } from "../../widgets/filtered.js";

const MOST = 12;

/**
 * A combobox. `find(text, signal)` returns [{value, text, detail?}]; `onPick(found)` hears of a
 * choice. With `keep` the chosen text stays in the field, else the field is emptied.
 */
export function picker({ label, find, onPick, placeholder, keep = false, value = "", signal }) {
  const id = freshID("options");
  let asking = new AbortController();
  let found = [];
  let active = -1;
  const input = el("input", {
    type: "text",
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 1024,
    placeholder,
    value,
    dir: "auto",
    oninput: () => later(),
    onfocus: () => input.select(),
    onclick: () => {
      if (list.hidden) look();
    },
    onblur: () => close(),
    onkeydown: keys,
  });
  const list = el("ul", {
    id,
    role: "listbox",
    class: "segment-options",
    "aria-label": label,
    hidden: true,
  });
  const told = el("span", { class: "visually-hidden", role: "status" });
  const element = el("div", { class: "segment-picker" }, input, list, told);

  const later = debounced(150, () => look());
  signal?.addEventListener("abort", () => asking.abort(), { once: true });

  async function look() {
    asking.abort();
    asking = new AbortController();
    const mine = asking.signal;
    try {
      const answer = await find(keep && input.value === value ? "" : input.value.trim(), mine);
      if (mine.aborted || document.activeElement !== input) return;
      found = answer.slice(0, MOST);
      show();
    } catch (error) {
      if (mine.aborted) return;
      found = [];
      show(error.message);
    }
  }

  function show(trouble) {
    active = -1;
    replace(
      list,
      found.map((one, index) =>
        el(
          "li",
          {
            role: "option",
            id: `${id}-${index}`,
            "aria-selected": "false",
            class: "segment-option",
            onpointerdown: (event) => {
              event.preventDefault();
              choose(index);
            },
          },
          name(one.text),
          one.detail === undefined ? null : el("span", { class: "quiet" }, one.detail),
        )
      ),
      found.length === 0
        ? el("li", {
          role: "option",
          "aria-disabled": "true",
          "aria-selected": "false",
          class: "segment-option none",
        }, trouble ?? t("segments.noneFit"))
        : null,
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    replace(
      told,
      found.length === 0
        ? trouble ?? t("segments.noneFit")
        : t("segments.optionsFound", { n: found.length }),
    );
    mark(-1);
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((option, place) =>
      option.setAttribute("aria-selected", String(place === index))
    );
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `${id}-${index}`);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    asking.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (keep) input.value = value;
  }

  function choose(index) {
    const chosen = found[index];
    if (!chosen) return;
    value = keep ? chosen.text : "";
    input.value = value;
    close();
    onPick(chosen);
  }

  function keys(event) {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      return close();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return look();
      if (found.length) {
        mark(
          event.key === "ArrowDown"
            ? (active + 1) % found.length
            : (active <= 0 ? found.length : active) - 1,
        );
      }
    }
    if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      choose(active < 0 && found.length === 1 ? 0 : active);
    }
    return undefined;
  }

  return {
    element,
    input,
    set: (text) => {
      value = text;
      input.value = text;
    },
  };
}

/** Finds cohorts by name or id; of one partner if one is given. */
export async function findCohorts(text, { partner, signal, leaveOut = new Set() }) {
  const { rows } = await filteredPage({
    target: "/ledger/cohorts",
    key: "cohorts",
    params: { partner, search: text.trim() },
    holds: (row) => !leaveOut.has(row.cohort_id),
    want: MOST,
    limit: 50,
    signal,
  });
  return rows.map((row) => ({
    value: { partner: row.partner, id: row.cohort_id },
    text: row.name,
    detail: [
      row.name === row.cohort_id ? null : cut(row.cohort_id, 40),
      partner ? null : row.partner,
      number(row.size),
    ].filter(Boolean).join(" · "),
  }));
}

/** Finds segments that are not archived by name, id or tag. */
export async function findSegments(text, { signal, leaveOut = new Set() }) {
  const { segments } = await get("/segments/list", { search: text.trim() }, { signal });
  return segments.filter((one) => !leaveOut.has(one.id))
    .map((row) => ({ value: row.id, text: row.name, detail: row.id }));
}
