// The frozen audience of one launch: who is in it, whether it is still the same, and why.

import { get, path } from "../api.js";
import { cut, el, replace, visible } from "../dom.js";
import { number, position, time } from "../format.js";
import { t } from "../i18n.js";
import { head } from "../router.js";
import { may } from "../session.js";
import { copyField } from "../widgets/copy.js";
import { field, form, select } from "../widgets/form.js";
import { otherIdentifiers, userName } from "../widgets/identifier.js";
import { emptyState, errorPanel, facts, loading, notice, section } from "../widgets/states.js";
import { pagedTable } from "../widgets/table.js";
import { bearer } from "./parts/audience-kinds.js";
import { showWhy } from "./parts/audience-why.js";

export async function page(main, { send, signal }) {
  const target = path`/audiences/${send}`;
  const frozen = await get(target, { limit: 1 }, { signal });
  const [one, id] = bearer(frozen);
  const owner = one.may("details")
    ? await get(`${one.api}/details`, { [one.idKey]: id }, { signal })
    : null;
  main.append(
    head(t("audiences.audienceOf", { send }), {
      crumbs: [[one.say("title"), `#${one.page}`], [owner?.name ?? id, one.href(id)], [send]],
      lead: t("audiences.audienceLead"),
    }),
    el(
      "div",
      { class: "card" },
      el("p", { class: "audience-size" }, t("audiences.users", { n: frozen.size })),
      facts([
        [
          one.say("one"),
          el("a", { href: one.href(id), dir: "auto", class: "name" }, visible(owner?.name ?? id)),
        ],
        [t("audiences.version"), number(frozen.version)],
        [t("audiences.launchedAt"), time(frozen.launched_at)],
        [
          t("audiences.evaluatedAt"),
          el("strong", position(frozen.as_of.position)),
          " · ",
          time(frozen.as_of.time),
        ],
      ]),
      digest(target, frozen, signal),
    ),
    may("ledger.people") ? lookUp(send) : "",
    recipients(target, send, signal),
  );
}

/** The digest, and computing it again. */
function digest(target, frozen, signal) {
  const result = el("div", { role: "status" });
  const button = el("button", {
    type: "button",
    class: "button",
    onclick: async () => {
      button.disabled = true;
      replace(result, loading());
      try {
        const answer = await get(target, { verify: true, limit: 1 }, { signal });
        replace(
          result,
          answer.verified
            ? notice("good", t("audiences.verified", { n: answer.size }))
            : notice("warning", t("audiences.notVerified")),
        );
      } catch (error) {
        if (!signal.aborted) replace(result, errorPanel(error));
      }
      button.disabled = false;
    },
  }, t("audiences.verify"));
  return el(
    "div",
    { class: "audience-digest" },
    el("p", { class: "legend-text" }, t("audiences.digest")),
    copyField(frozen.digest, t("audiences.digest")),
    el("p", { class: "hint" }, t("audiences.digestHint")),
    el("div", button),
    result,
  );
}

/** Why somebody was reached, or was not: by any identifier. */
function lookUp(send) {
  const kinds = ["external_id", "alias", "device_id", "user"];
  const kind = select(kinds.map((one) => [one, t(`users.by.${one}`)]), {
    value: "external_id",
    onchange: () => {
      labelField.hidden = kind.value !== "alias";
      label.required = !labelField.hidden;
    },
  });
  const label = el("input", {
    type: "text",
    maxlength: 1024,
    autocomplete: "off",
    spellcheck: "false",
  });
  const labelField = field(t("audiences.aliasLabel"), label);
  labelField.hidden = true;
  const text = el("input", {
    type: "text",
    required: true,
    maxlength: 1024,
    autocomplete: "off",
    spellcheck: "false",
  });
  const kindField = field(t("audiences.identifierKind"), kind);
  kindField.classList.add("narrow");
  const ask = form({
    fields: el(
      "div",
      { class: "toolbar" },
      kindField,
      labelField,
      field(t("audiences.identifier"), text),
    ),
    action: t("audiences.askWhy"),
    submit: () =>
      showWhy(
        send,
        kind.value === "alias" ? { alias_label: label.value, alias_name: text.value } : {
          [kind.value]: kind.value === "user"
            ? text.value.trim().replace(/^user:/, "")
            : text.value,
        },
      ),
  });
  ask.classList.add("audience-ask");
  return section(t("audiences.why"), { lead: t("audiences.whyLead") }, ask);
}

function recipients(target, send, signal) {
  const list = pagedTable({
    caption: t("audiences.recipients"),
    signal,
    rowKey: (row) => (typeof row === "number" ? row : row.user),
    columns: [
      { label: t("audiences.user"), header: true, cell: (row) => userName(row) },
      { label: t("audiences.otherIdentifiers"), wide: true, cell: (row) => otherIdentifiers(row) },
      !may("ledger.people") ? null : {
        label: t("audiences.why"),
        hideLabel: true,
        cell: (row) => {
          const user = typeof row === "number" ? row : row.user;
          return el("button", {
            type: "button",
            class: "button small",
            "aria-label": t("audiences.whyUser", {
              user: cut(row.external_id ?? `user:${user}`, 80),
            }),
            onclick: () => showWhy(send, { user }),
          }, t("audiences.whyShort"));
        },
      },
    ].filter(Boolean),
    load: async (cursor, asking) => {
      const answer = await get(target, { limit: 25, next: cursor }, { signal: asking });
      return { rows: answer.members, next: answer.next };
    },
    empty: () => emptyState(t("audiences.nobody")),
  });
  return section(t("audiences.recipients"), {
    lead: may("ledger.people")
      ? t("audiences.recipientsLead")
      : t("audiences.numbersOnly", { permission: "ledger.people" }),
  }, list.element);
}
