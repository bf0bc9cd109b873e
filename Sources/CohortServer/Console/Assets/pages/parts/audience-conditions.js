// The further filter of an audience: conditions about cohorts and time, all of which must hold.

import { debounced, el, freshID, replace } from "../../dom.js";
import { iso } from "../../format.js";
import { t } from "../../i18n.js";
import { select } from "../../widgets/form.js";
import { icon } from "../../widgets/icons.js";
import { notice } from "../../widgets/states.js";
import { cohortsLike, filterView } from "./audience-filter.js";

const KINDS = ["includes", "excludes", "entered", "left", "member_for", "member_as_of"];
const UNITS = ["h", "d", "w"];

/** What a row of the form says of a leaf, or null if a row cannot say it. */
export function conditionOf(leaf) {
  const [kind] = Object.keys(leaf);
  const given = leaf[kind];
  if (kind === "cohorts") {
    const side = given.includes ? "includes" : "excludes";
    return given[side].length === 1
      ? {
        kind: side,
        partner: given.partner,
        cohort: given[side][0],
        count: 7,
        unit: "d",
        moment: "",
      }
      : null;
  }
  if (!KINDS.includes(kind)) return null;
  const [, count, unit] = /^(\d+)([hdw])$/.exec(given.within ?? given.at_least ?? "7d") ?? [];
  if (!unit || (kind === "member_as_of" && !/^\d{4}-/.test(String(given.as_of)))) return null;
  return {
    kind,
    partner: given.partner,
    cohort: given.cohort_id,
    count: Number(count),
    unit,
    moment: given.as_of ?? "",
  };
}

/** The rows of a filter, or null if it was made elsewhere and is more than rows can say. */
export function conditionsOf(filter) {
  const rows = (filter.and ?? [filter]).map(conditionOf);
  return rows.includes(null) ? null : rows;
}

/** The leaf of a row, or null while it is not whole. */
export function leafOf({ kind, partner, cohort, count, unit, moment }) {
  if (!partner || !cohort) return null;
  if (kind === "includes" || kind === "excludes") return { cohorts: { partner, [kind]: [cohort] } };
  if (kind === "member_as_of") {
    return moment ? { member_as_of: { partner, cohort_id: cohort, as_of: moment } } : null;
  }
  if (!(Number.isInteger(count) && count > 0)) return null;
  return {
    [kind]: {
      partner,
      cohort_id: cohort,
      [kind === "member_for" ? "at_least" : "within"]: `${count}${unit}`,
    },
  };
}

/** Conditions in a form: {element, value() → filter or undefined}. */
export function conditionEditor({ filter, partners, names, onChange, signal }) {
  let rows = filter ? conditionsOf(filter) : [];
  const list = el("ul", { class: "audience-conditions" });
  const adding = el(
    "button",
    { type: "button", class: "button small", onclick: () => add() },
    icon("plus"),
    t("audiences.addCondition"),
  );

  function add() {
    rows.push({
      kind: "includes",
      partner: partners[0]?.partner ?? "",
      cohort: "",
      count: 7,
      unit: "d",
      moment: "",
    });
    draw();
    list.lastChild.querySelector("select").focus();
  }

  function draw() {
    if (rows === null) return replace(list, el("li", kept()));
    replace(list, rows.map((row, index) => line(row, index)));
  }

  const kept = () =>
    notice(
      "info",
      el("p", t("audiences.keptFilter")),
      filterView(filter, names),
      el(
        "p",
        el("button", {
          type: "button",
          class: "button small",
          onclick: () => {
            rows = [];
            adding.hidden = false;
            draw();
            onChange();
          },
        }, t("audiences.dropFilter")),
      ),
    );

  function line(row, index) {
    const options = el("datalist", { id: freshID("cohorts") });
    const suggest = debounced(200, async () => {
      const found = await cohortsLike(row.partner, row.cohort, signal).catch(() => []);
      replace(
        options,
        found.map((one) => el("option", { value: one.cohort_id, label: one.name.slice(0, 100) })),
      );
    });
    const cohort = el("input", {
      type: "text",
      list: options.id,
      value: row.cohort,
      maxlength: 1024,
      required: true,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: t("audiences.cohortId"),
      "aria-label": t("audiences.cohortId"),
      onfocus: suggest,
      oninput: () => {
        row.cohort = cohort.value;
        suggest();
        onChange();
      },
    });
    const kind = select(KINDS.map((one) => [one, t(`audiences.condition.${one}`)]), {
      value: row.kind,
      "aria-label": t("audiences.condition"),
      onchange: () => {
        row.kind = kind.value;
        draw();
        list.children[index].querySelector("select").focus();
        onChange();
      },
    });
    const partner = select(partners.map((one) => [one.partner, one.display_name.slice(0, 60)]), {
      value: row.partner,
      "aria-label": t("audiences.partner"),
      onchange: () => {
        row.partner = partner.value;
        suggest();
        onChange();
      },
    });
    return el(
      "li",
      { class: "audience-condition" },
      kind,
      partner,
      cohort,
      options,
      extent(row),
      el("button", {
        type: "button",
        class: "button bare",
        "aria-label": t("audiences.removeCondition", { n: index + 1 }),
        title: t("audiences.remove"),
        onclick: () => {
          rows.splice(index, 1);
          draw();
          adding.focus();
          onChange();
        },
      }, icon("close")),
    );
  }

  function extent(row) {
    if (row.kind === "member_as_of") {
      const moment = el("input", {
        type: "datetime-local",
        step: 1,
        required: true,
        value: row.moment ? local(row.moment) : "",
        "aria-label": t("audiences.moment"),
        onchange: () => {
          row.moment = moment.value ? iso(new Date(moment.value).getTime()) : "";
          onChange();
        },
      });
      return el("span", { class: "audience-extent" }, moment);
    }
    if (row.kind === "includes" || row.kind === "excludes") return null;
    const count = el("input", {
      type: "number",
      min: 1,
      max: 87600,
      step: 1,
      required: true,
      value: row.count,
      "aria-label": t("audiences.duration"),
      class: "audience-count",
      oninput: () => {
        row.count = count.valueAsNumber;
        onChange();
      },
    });
    const unit = select(UNITS.map((one) => [one, t(`audiences.unit.${one}`)]), {
      value: row.unit,
      "aria-label": t("audiences.unit"),
      onchange: () => {
        row.unit = unit.value;
        onChange();
      },
    });
    return el("span", { class: "audience-extent" }, count, unit);
  }

  adding.hidden = rows === null;
  draw();
  return {
    element: el(
      "fieldset",
      { class: "audience-choice" },
      el(
        "legend",
        { class: "legend-text" },
        t("audiences.further"),
        el("span", { class: "quiet" }, ` (${t("shell.optional")})`),
      ),
      el("p", { class: "hint" }, t("audiences.furtherHint")),
      list,
      partners.length ? el("div", adding) : null,
    ),
    value() {
      if (rows === null) return filter;
      const leaves = rows.map(leafOf).filter(Boolean);
      return leaves.length === 0 ? undefined : leaves.length === 1 ? leaves[0] : { and: leaves };
    },
  };
}

/** An instant as a field for date and time has it: in the reader's zone. */
function local(text) {
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}
