// The cohorts and segments of a user at a moment, against those of now.

import { cut, el, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { cohortLink } from "../../widgets/events.js";
import { badge, emptyState, errorPanel, section } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";
import { segmentLink } from "./segment-names.js";

const PAGE = 25;

/** `person` is {user, now, then, asOf}; `onWhy(place)` is called for "why". */
export function membershipsView(person, onWhy, signal) {
  const element = el("div", { class: "users-view" });

  function draw() {
    const isNow = person.asOf === null;
    if (!isNow && person.trouble) return replace(element, errorPanel(person.trouble));
    const groups = [
      [
        "cohorts",
        (one) => `${one.partner}/${one.cohort_id}`,
        (one) =>
          el(
            "span",
            { class: "users-place" },
            cohortLink(one.partner, one.cohort_id, one.name),
            el("span", { class: "quiet" }, one.partner),
          ),
        (one) => ({ partner: one.partner, cohort_id: one.cohort_id }),
      ],
      [
        "segments",
        (one) => one.segment_id,
        (one) => segmentLink(one.segment_id, one.name),
        (one) => ({ segment_id: one.segment_id }),
      ],
    ];
    return replace(
      element,
      el(
        "div",
        { class: "columns" },
        groups.map(([key, keyOf, link, place]) =>
          section(
            t(`users.${key}`),
            {},
            list(key, merged(person.then?.[key] ?? [], person.now[key], keyOf), link, place, isNow),
          )
        ),
      ),
    );
  }

  function list(key, rows, link, place, isNow) {
    const sign = (holds) => (holds ? badge("good", t("users.in")) : badge("quiet", t("users.out")));
    return pagedTable({
      caption: t(`users.${key}`),
      signal,
      columns: [
        {
          label: t(`users.${key === "cohorts" ? "cohort" : "segment"}`),
          header: true,
          cell: (row) => link(row.one),
        },
        isNow ? null : { label: t("users.then"), cell: (row) => sign(row.then) },
        { label: t("shell.now"), cell: (row) => sign(row.now) },
        {
          label: t("users.why"),
          hideLabel: true,
          cell: (row) =>
            el("button", {
              type: "button",
              class: "button small",
              "aria-label": t("users.whyWhat", { what: cut(row.one.name, 80) }),
              onclick: () => onWhy(place(row.one)),
            }, t("users.why")),
        },
      ].filter(Boolean),
      load: async (cursor = 0) => ({
        rows: rows.slice(cursor, cursor + PAGE),
        next: cursor + PAGE < rows.length ? cursor + PAGE : undefined,
      }),
      empty: () => emptyState(t(isNow ? `users.none.${key}` : `users.noneThen.${key}`)),
    }).element;
  }

  draw();
  return { element, moved: draw };
}

/** What was held then or is now, each once. Without a moment of then only what is now. */
function merged(then, now, keyOf) {
  const rows = new Map();
  for (const one of then) rows.set(keyOf(one), { one, then: true, now: false });
  for (const one of now) rows.set(keyOf(one), { one, then: rows.has(keyOf(one)), now: true });
  return [...rows.values()];
}
