// The builder of a filter: groups in groups, filters in them, each with what it contributes.

import { el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { may } from "../../session.js";
import { icon } from "../../widgets/icons.js";
import { select } from "../../widgets/form.js";
import { leafEditor } from "./segment-leaf.js";
import { modelLeaves, newCohorts, newGroup, newSegment, newTime } from "./segment-model.js";
import { filterName } from "./segment-names.js";
import { groupWords } from "./segment-words.js";

const MOST_PARTNERS = 4;

/**
 * Edits a model. `partners` is a Map of code → display name; `onChange()` hears of every change;
 * `self` is the id of the segment that is edited. Returns {element, contribute(index, given)}.
 */
export function filterBuilder({ model, names, partners, self, onChange, signal }) {
  const element = el("div", { class: "segment-builder" });
  let editors = new Map();

  /** Draws all anew and puts the focus where the reader was. */
  function draw(focused = null, selector = null) {
    editors = new Map();
    replace(element, group(model, null));
    if (focused) {
      const editor = editors.get(focused);
      if (selector) (editor?.element ?? editor)?.querySelector(selector)?.focus();
      else editor?.focus?.();
    }
  }

  function group(node, parent) {
    const op = select(["and", "or", "not"].map((one) => [one, groupWords(one)]), {
      value: node.op,
      "aria-label": t("segments.groupKind"),
      onchange: () => {
        node.op = op.value;
        box.className = `segment-group ${node.op}`;
        onChange();
      },
    });
    const remove = parent === null ? null : el("button", {
      type: "button",
      class: "button bare small",
      "aria-label": t("segments.removeGroup"),
      onclick: () => drop(node, parent),
    }, icon("close"));
    const parts = node.parts.map((part) =>
      el("li", part.type === "group" ? group(part, node) : leaf(part, node))
    );
    const box = el(
      "div",
      { class: `segment-group ${node.op}`, role: "group", "aria-label": t("segments.group") },
      el("div", { class: "segment-group-head" }, op, remove),
      parts.length === 0 ? el("p", { class: "quiet" }, t("segments.emptyGroup")) : el("ul", parts),
      adders(node),
    );
    editors.set(node, {
      element: box,
      focus: () => box.querySelector(":scope > .segment-adders button")?.focus(),
    });
    return box;
  }

  function leaf(part, parent) {
    const editor = leafEditor(part, {
      names,
      partners,
      self,
      signal,
      changed: onChange,
      redraw: draw,
      remove: () => drop(part, parent),
    });
    editors.set(part, editor);
    return editor.element;
  }

  function drop(part, parent) {
    parent.parts.splice(parent.parts.indexOf(part), 1);
    draw(parent);
    onChange();
  }

  function adders(node) {
    const add = (label, make) =>
      el(
        "button",
        {
          type: "button",
          class: "button small",
          onclick: () => {
            const part = make();
            node.parts.push(part);
            draw(part, part.type === "group" ? null : "input, select");
            onChange();
          },
        },
        icon("plus"),
        el("span", label),
      );
    const codes = [...partners.keys()].slice(0, MOST_PARTNERS);
    return el(
      "div",
      { class: "segment-adders", role: "group", "aria-label": t("segments.add") },
      codes.map((code) => add(filterName(partners.get(code)), () => newCohorts(code))),
      morePartners(node),
      may("segments.list") ? add(t("segments.membership"), newSegment) : null,
      codes.length
        ? add(t("segments.timeFilter"), () => newTime(lastPartner(node) ?? codes[0]))
        : null,
      add(t("segments.group"), () => newGroup("or")),
    );
  }

  /** The partners beyond the first few stand in a list. */
  function morePartners(node) {
    const rest = [...partners.keys()].slice(MOST_PARTNERS);
    if (rest.length === 0) return null;
    const choice = select([
      ["", t("segments.morePartners")],
      ...rest.map((code) => [code, filterName(partners.get(code)).slice(0, 60)]),
    ], {
      "aria-label": t("segments.morePartners"),
      class: "segment-more",
      onchange: () => {
        const part = newCohorts(choice.value);
        node.parts.push(part);
        draw(part, "input, select");
        onChange();
      },
    });
    return choice;
  }

  const lastPartner = (node) => modelLeaves(node).findLast((one) => one.partner)?.partner;

  draw();
  return {
    element,
    /** Shows what the leaf of an index contributes, or with null that it is not known. */
    contribute(index, given) {
      editors.get(modelLeaves(model)[index])?.contributes(given);
    },
  };
}
