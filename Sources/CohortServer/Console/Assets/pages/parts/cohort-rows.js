// Cohorts in a table: name, size, last change and a sparkline, and rows that change while one looks.

import { get, path } from "../../api.js";
import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { followGrouped } from "../../widgets/live.js";
import { sparkline, whenSeen } from "../../widgets/sparkline.js";
import { badge } from "../../widgets/states.js";
import { link } from "../../router.js";

/** The key of a row. */
export const cohortKey = (row) => JSON.stringify([row.partner, row.cohort_id]);

/** The columns; the partner is left out where there is only one. */
export const cohortColumns = (signal, { withPartner = true } = {}) =>
  [
    {
      label: t("cohorts.cohort"),
      header: true,
      cell: (row) =>
        el(
          "span",
          { class: "cohort-name" },
          el("a", { href: link`/cohorts/${row.partner}/${row.cohort_id}` }, name(row.name)),
          row.name === row.cohort_id
            ? null
            : el("span", { class: "quiet mono" }, name(row.cohort_id)),
          row.archived ? badge("quiet", t("cohorts.archived")) : null,
        ),
    },
    withPartner
      ? {
        label: t("cohorts.partner"),
        cell: (row) => el("a", { href: link`/partners/${row.partner}` }, row.partner),
      }
      : null,
    { label: t("cohorts.size"), numeric: true, cell: (row) => number(row.size) },
    { label: t("cohorts.trend"), cell: (row) => whenSeen(() => trend(row, signal), signal) },
    withPartner ? null : {
      label: t("cohorts.arrived"),
      cell: (row) => whenSeen(() => arrived(row, signal), signal),
    },
    {
      label: t("cohorts.lastChange"),
      cell: (row) =>
        row.last_change === null
          ? t("cohorts.noChange")
          : whenSeen(() => changed(row, signal), signal),
    },
  ].filter(Boolean);

const lives = new WeakMap();

/** The sizes of a cohort since it arrived, asked for once for a row. */
function life(row, signal) {
  if (!lives.has(row)) {
    const target = `${path`/ledger/cohorts/${row.partner}/${row.cohort_id}`}/sizes`;
    lives.set(row, get(target, { points: 24 }, { signal }));
  }
  return lives.get(row);
}

async function trend(row, signal) {
  const values = (await life(row, signal)).sizes.map((point) => point.size);
  return sparkline(values, t("cohorts.trendOf", { first: values[0], last: values.at(-1) }));
}

/** When the cohort came into the ledger, whatever its partner says. */
async function arrived(row, signal) {
  return time((await life(row, signal)).sizes[0].time, { still: true });
}

/** When the position of the last change was: the answer as of it says so. */
async function changed(row, signal) {
  const answer = await get(path`/ledger/cohorts/${row.partner}/${row.cohort_id}`, {
    as_of: row.last_change,
  }, { signal });
  return time(answer.as_of.time, { still: true });
}

const TYPES = ["cohortNamed", "cohortArchived", "cohortRestored", "membersChanged"];

/**
 * Keeps a table of cohorts true to the feed. `after`: the position that the table stands on;
 * `wants(event)` leaves others out; `onOther(event)` hears of `more` types.
 * Returns the sign that says whether it is live.
 */
export function liveCohorts(
  {
    table,
    after,
    wants = () => true,
    prepend = false,
    more = [],
    onOther = () => {},
    announce = () => {},
    signal,
  },
) {
  return followGrouped({
    after,
    signal,
    types: [...TYPES, ...more],
    note: (event, group) => {
      if (!TYPES.includes(event.type)) onOther(event);
      else if (wants(event)) group.set(cohortKey(event), event);
    },
    flush: async (group) => {
      if (!group) return table.refresh();
      for (const event of group.values()) {
        const row = await get(path`/ledger/cohorts/${event.partner}/${event.cohort_id}`, {}, {
          signal,
        });
        table.update(row, { prepend });
        announce(row, event);
      }
    },
  });
}
