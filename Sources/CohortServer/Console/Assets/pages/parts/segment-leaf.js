// One filter of the builder: "<Partner> Cohorts", Segment Membership, or time in a cohort.

import { cut, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { icon } from "../../widgets/icons.js";
import { select } from "../../widgets/form.js";
import { contributionWords } from "./segment-filter.js";
import { filterName } from "./segment-names.js";
import { findCohorts, findSegments, picker } from "./segment-pick.js";
import { TIME_LEAVES } from "./segment-words.js";

const UNITS = ["s", "m", "h", "d", "w"];

/** The editor of a leaf. `tools` is {names, partners, changed(), redraw(focus), remove(), self, signal}. */
export function leafEditor(leaf, tools) {
  const beside = el("p", { class: "segment-contribution", role: "status" });
  const remove = el("button", {
    type: "button",
    class: "button bare small",
    "aria-label": t("segments.removeFilter"),
    onclick: tools.remove,
  }, icon("close"));
  const kinds = { cohorts: cohortsFields, segment: segmentFields, time: timeFields };
  const element = el(
    "div",
    { class: "segment-leaf" },
    el("div", { class: "segment-leaf-head" }, el("strong", titleOf(leaf, tools)), remove),
    el("div", { class: "segment-leaf-fields" }, kinds[leaf.type](leaf, tools)),
    beside,
  );
  return {
    element,
    focus: () => element.querySelector("input, select")?.focus(),
    /** What the filter gives: {alone, effect}, or null while that is not known. */
    contributes(given) {
      replace(beside, given === null ? null : contributionWords(given));
    },
  };
}

function titleOf(leaf, { partners }) {
  if (leaf.type === "segment") return t("segments.membership");
  const text = filterName(partners.get(leaf.partner) ?? leaf.partner);
  return leaf.type === "time" ? t("segments.timeOf", { filter: text }) : text;
}

const labelled = (label, input) => {
  input.setAttribute("aria-label", label);
  return input;
};

function cohortsFields(leaf, { names, changed, redraw, signal }) {
  const mode = labelled(
    t("segments.mode"),
    select([["includes", t("segments.includes")], ["excludes", t("segments.excludes")]], {
      value: leaf.mode,
      onchange: () => {
        leaf.mode = mode.value;
        changed();
      },
    }),
  );
  const chosen = leaf.ids.map((id) =>
    el(
      "li",
      { class: "segment-chip" },
      names.cohort(leaf.partner, id),
      el("button", {
        type: "button",
        class: "segment-chip-remove",
        "aria-label": t("segments.removeCohort", { name: cut(id, 60) }),
        onclick: () => {
          leaf.ids.splice(leaf.ids.indexOf(id), 1);
          redraw(leaf);
          changed();
        },
      }, icon("close")),
    )
  );
  const pick = picker({
    label: t("segments.addCohort"),
    placeholder: t("segments.addCohort"),
    signal,
    find: (text, asking) =>
      findCohorts(text, { partner: leaf.partner, signal: asking, leaveOut: new Set(leaf.ids) }),
    onPick: ({ value, text }) => {
      names.learn(leaf.partner, value.id, text);
      leaf.ids.push(value.id);
      redraw(leaf, "input");
      changed();
    },
  });
  return [mode, chosen.length ? el("ul", { class: "segment-chips" }, chosen) : null, pick.element];
}

const negation = (leaf, changed, words) => {
  const choice = labelled(
    t("segments.mode"),
    select([["", words[0]], ["not", words[1]]], {
      value: leaf.negated ? "not" : "",
      onchange: () => {
        leaf.negated = choice.value === "not";
        changed();
      },
    }),
  );
  return choice;
};

function segmentFields(leaf, { names, changed, self, signal }) {
  const pick = picker({
    label: t("segments.pickSegment"),
    placeholder: t("segments.pickSegment"),
    keep: true,
    value: leaf.id ?? "",
    signal,
    find: (text, asking) => findSegments(text, { signal: asking, leaveOut: new Set([self]) }),
    onPick: ({ value }) => {
      leaf.id = value;
      changed();
    },
  });
  if (leaf.id) named(pick, names.segmentName(leaf.id));
  return [negation(leaf, changed, [t("segments.in"), t("segments.notIn")]), pick.element];
}

function timeFields(leaf, { names, changed, redraw, signal }) {
  const kind = labelled(
    t("segments.timeKind"),
    select(TIME_LEAVES.map((one) => [one, t(`segments.time.${one}`)]), {
      value: leaf.kind,
      onchange: () => {
        leaf.kind = kind.value;
        redraw(leaf, "select");
        changed();
      },
    }),
  );
  const pick = picker({
    label: t("segments.pickCohort"),
    placeholder: t("segments.pickCohort"),
    keep: true,
    value: leaf.cohort ?? "",
    signal,
    find: (text, asking) => findCohorts(text, { signal: asking }),
    onPick: ({ value, text }) => {
      names.learn(value.partner, value.id, text);
      leaf.partner = value.partner;
      leaf.cohort = value.id;
      redraw(leaf, "input");
      changed();
    },
  });
  if (leaf.cohort) named(pick, names.cohortName(leaf.partner, leaf.cohort));
  return [
    kind,
    negation(leaf, changed, [t("segments.true"), t("segments.notTrue")]),
    pick.element,
    leaf.kind === "member_as_of" ? momentField(leaf, changed) : periodField(leaf, changed),
  ];
}

function periodField(leaf, changed) {
  const amount = labelled(
    t("segments.amount"),
    el("input", {
      type: "text",
      inputmode: "numeric",
      maxlength: 10,
      value: leaf.amount,
      class: "segment-amount",
      oninput: () => {
        leaf.amount = amount.value;
        changed();
      },
    }),
  );
  const unit = labelled(
    t("segments.unit"),
    select(UNITS.map((one) => [one, t(`segments.unit.${one}`)]), {
      value: leaf.unit,
      onchange: () => {
        leaf.unit = unit.value;
        changed();
      },
    }),
  );
  return el("span", { class: "segment-period" }, amount, unit);
}

function momentField(leaf, changed) {
  const moment = labelled(
    t("shell.sliderExact"),
    el("input", {
      type: "text",
      maxlength: 64,
      spellcheck: "false",
      autocomplete: "off",
      class: "mono",
      placeholder: t("shell.sliderHint"),
      value: leaf.moment,
      oninput: () => {
        leaf.moment = moment.value;
        changed();
      },
    }),
  );
  return moment;
}

/** Shows the name in a picker once it is known. */
function named(pick, promise) {
  promise.then((text) => {
    if (text && document.activeElement !== pick.input) pick.set(text);
  });
}
