// The keys of a partner: which live, when they were last used, what they did.

import { get, path } from "../../api.js";
import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { mayWrite } from "../../session.js";
import { dialog } from "../../widgets/dialog.js";
import { eventLine, requestLink } from "../../widgets/events.js";
import { filteredPage } from "../../widgets/filtered.js";
import { badge, emptyState, facts } from "../../widgets/states.js";
import { pagedTable } from "../../widgets/table.js";
import { invalidateKey } from "./partner-dialogs.js";

const STATUS = { live: "good", expired: "warning", invalidated: "quiet" };

/** A table of a partner's keys of a kind; `refresh()` loads it anew. */
export function keysTable({ partner, kind, caption, empty, signal }) {
  const list = pagedTable({
    caption,
    signal,
    rowKey: (key) => key.key_id,
    columns: [
      {
        label: t("partners.label"),
        header: true,
        cell: (key) =>
          el(
            "span",
            { class: "partner-name" },
            name(key.label),
            el("code", { class: "quiet" }, key.key_id),
          ),
      },
      {
        label: t("partners.status"),
        cell: (key) => badge(STATUS[key.status], t(`partners.key.${key.status}`)),
      },
      {
        label: t("partners.expires"),
        cell: (key) =>
          key.expires_at ? time(key.expires_at, { still: true, day: true }) : t("partners.never"),
      },
      {
        label: t("partners.networks"),
        cell: (key) =>
          key.networks.length ? el("code", key.networks.join(", ")) : t("partners.anywhere"),
      },
      {
        label: t("partners.lastUse"),
        cell: (key) =>
          key.last_write ? time(key.last_write.time, { still: true }) : t("partners.never"),
      },
      { label: t("partners.requests"), numeric: true, cell: (key) => number(key.writes) },
      {
        label: t("partners.actions"),
        hideLabel: true,
        cell: (key) =>
          el(
            "span",
            { class: "actions" },
            el("button", {
              type: "button",
              class: "button small",
              "aria-label": t("partners.activityOf", { key: key.key_id }),
              onclick: () => showActivity(key),
            }, t("partners.activity")),
            key.status === "invalidated" || !mayWrite("keys.manage") ? null : el("button", {
              type: "button",
              class: "button small",
              "aria-label": t("partners.invalidateKey", { key: key.key_id }),
              onclick: async () => {
                if (await invalidateKey(key)) list.refresh();
              },
            }, t("partners.invalidate")),
          ),
      },
    ],
    load: (cursor, asking) =>
      filteredPage({
        target: "/ledger/keys",
        key: "keys",
        cursor,
        signal: asking,
        holds: (key) => key.partner === partner && key.kind === kind,
      }),
    empty: () => emptyState(...empty),
  });
  return list;
}

/** What a key did: every request that recorded something, newest first. */
function showActivity(key) {
  const leave = new AbortController();
  const about = el("div");
  return dialog(t("partners.activityOf", { key: key.key_id }), () => {
    const list = pagedTable({
      caption: t("partners.activity"),
      signal: leave.signal,
      columns: [
        { label: t("shell.time"), header: true, cell: (row) => time(row.time, { still: true }) },
        { label: t("partners.request"), cell: (row) => requestLink(row.request) },
        {
          label: t("partners.what"),
          wide: true,
          cell: (row) => row.events.slice(0, 5).map(eventLine),
        },
      ],
      load: async (cursor, asking) => {
        const answer = await get(`${path`/ledger/keys/${key.key_id}`}/activity`, {
          limit: 10,
          next: cursor,
        }, { signal: asking });
        return { rows: answer.activity, next: answer.next, since: answer.since_start };
      },
      onPage: ({ since }) => {
        const { reads, refusals, last_read: lastRead } = since;
        about.replaceChildren(
          facts([
            [t("partners.label"), name(key.label)],
            [t("partners.issued"), time(key.issued.time), " · ", key.issued_by],
            [t("partners.requests"), number(key.writes)],
            [t("partners.reads"), number(reads)],
            [t("partners.refusals"), number(refusals)],
            [t("partners.lastRead"), lastRead ? time(lastRead) : t("partners.never")],
          ]),
          el("p", { class: "quiet" }, t("partners.sinceStart")),
        );
      },
      empty: () => emptyState(t("partners.neverUsed")),
    });
    return el("div", { class: "dialog-body" }, about, list.element);
  }, { wide: true }).finally(() => leave.abort());
}
