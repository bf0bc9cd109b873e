// What is done to a partner and its keys: enable, disable, generate, invalidate.

import { Failure, freshKey, get, path, post, preview } from "../../api.js";
import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { go, link } from "../../router.js";
import { confirm, dialog } from "../../widgets/dialog.js";
import { cohortLink } from "../../widgets/events.js";
import { field, form, select } from "../../widgets/form.js";
import { secretOnce } from "../../widgets/secret.js";
import { facts, notice } from "../../widgets/states.js";

/** Enables a partner and shows the key that was made for it. */
export async function enablePartner({ code = "" }) {
  const once = freshKey();
  const partner = el("input", {
    type: "text",
    value: code,
    required: true,
    maxlength: 64,
    pattern: "[a-z0-9_\\-]+",
    autocomplete: "off",
    spellcheck: "false",
  });
  const shown = el("input", { type: "text", maxlength: 200, autocomplete: "off" });
  const source = select([["made", t("partners.keyMade")], ["given", t("partners.keyGiven")], [
    "learned",
    t("partners.keyLearned"),
  ]], {
    value: "made",
    onchange: () => {
      ownField.hidden = source.value !== "given";
      own.required = !ownField.hidden;
    },
  });
  const own = el("input", { type: "password", autocomplete: "off", spellcheck: "false" });
  const ownField = field(t("partners.partnerKey"), own);
  ownField.hidden = true;
  const answer = await dialog(t("partners.enable"), (close) =>
    form({
      fields: [
        field(t("partners.code"), partner, { hint: t("partners.codeHint") }),
        field(t("partners.displayName"), shown, { optional: t("shell.optional") }),
        field(t("partners.partnerKey"), source, { hint: t("partners.partnerKeyHint") }),
        ownField,
      ],
      action: t("partners.enable"),
      submit: async () =>
        close(
          await post("/ledger/partners", {
            partner: partner.value.trim(),
            display_name: shown.value.trim() || undefined,
            partner_api_key: source.value === "given" ? own.value : undefined,
            learn: source.value === "learned" || undefined,
          }, { once }),
        ),
    }));
  if (!answer) return;
  if (source.value === "made") {
    const made = await withSecret(
      answer,
      "partner_api_key",
      (again) => post("/ledger/partners", { partner: answer.partner }, { once: again }),
    );
    if (made) {
      await secretOnce(t("partners.enabledTitle", { partner: made.partner }), [[
        t("partners.partnerKey"),
        made.partner_api_key,
      ]]);
    }
  }
  go(link`/partners/${answer.partner}`);
}

/**
 * An answer with its secret. A repeated request is answered without: then the key is live and nobody
 * has its secret, and it is offered to invalidate it and to `generate(once)` another. Null if the
 * reader leaves it.
 */
async function withSecret(answer, field, generate) {
  let made = answer;
  while (made.key_id && !made[field]) {
    const lost = made.key_id;
    const [first, second] = [freshKey(), freshKey()];
    const done = await confirm({
      title: t("partners.secretLost"),
      preview: () => notice("warning", t("partners.secretLostText", { key: lost })),
      action: t("partners.replaceLost"),
      danger: true,
      run: async () => {
        await post(path`/ledger/keys/${lost}/invalidate`, {}, { once: first });
        return generate(second);
      },
    });
    if (!done) return null;
    made = done.value;
  }
  return made[field] ? made : null;
}

/** Disables a partner; its cohorts stay. Returns whether it was done. */
export const disablePartner = (partner) =>
  confirm({
    title: t("partners.disableTitle", { partner: partner.display_name }),
    preview: async () => {
      await wouldWork(path`/ledger/partners/${partner.partner}/disable`);
      return [
        el("p", t("partners.disableText")),
        facts([[t("partners.cohorts"), number(partner.cohorts)], [
          t("partners.keys"),
          number(partner.keys.length),
        ]]),
      ];
    },
    action: t("partners.disable"),
    danger: true,
    run: () => post(path`/ledger/partners/${partner.partner}/disable`),
  });

/** Generates a data import key, which is shown once. Returns whether it was done. */
export async function generateKey(partner) {
  const once = freshKey();
  const label = el("input", { type: "text", required: true, maxlength: 200, autocomplete: "off" });
  const expiry = el("input", { type: "datetime-local", step: 60 });
  const networks = el("textarea", { rows: 2, spellcheck: "false" });
  let wish;
  const answer = await dialog(t("partners.generate"), (close) =>
    form({
      fields: [
        field(t("partners.label"), label, { hint: t("partners.labelHint") }),
        field(t("partners.expires"), expiry, {
          optional: t("shell.optional"),
          hint: t("partners.expiresHint"),
        }),
        field(t("partners.networks"), networks, {
          optional: t("shell.optional"),
          hint: t("partners.networksHint"),
        }),
      ],
      action: t("partners.generate"),
      submit: async () => {
        wish = {
          kind: "data-import",
          partner: partner.partner,
          label: label.value.trim(),
          expires_at: expiry.value ? new Date(expiry.value).toISOString() : undefined,
          networks: networks.value.split(/[\s,;]+/).filter(Boolean),
        };
        close(await post("/ledger/keys", wish, { once }));
      },
    }));
  if (!answer) return false;
  const made = await withSecret(
    answer,
    "secret",
    (again) => post("/ledger/keys", wish, { once: again }),
  );
  if (!made) return true;
  await secretOnce(
    t("partners.generated"),
    [[t("partners.dataImportKey"), made.secret]],
    facts([[t("partners.restEndpoint"), location.origin], [t("partners.keyId"), made.key_id]]),
  );
  return true;
}

/** Invalidates a key after showing what used it. Returns whether it was done. */
export const invalidateKey = (key) =>
  confirm({
    title: t("partners.invalidateTitle"),
    preview: async () => {
      const target = path`/ledger/keys/${key.key_id}`;
      const [activity] = await Promise.all([
        get(`${target}/activity`, { limit: 100 }),
        wouldWork(`${target}/invalidate`),
      ]);
      return [
        notice("warning", t("partners.invalidateText")),
        facts([
          [t("partners.label"), name(key.label)],
          [t("partners.keyId"), key.key_id],
          [t("partners.requests"), number(key.writes)],
          [t("partners.lastUse"), key.last_write ? time(key.last_write.time) : t("partners.never")],
        ]),
        used(activity),
      ];
    },
    action: t("partners.invalidate"),
    danger: true,
    run: () => post(path`/ledger/keys/${key.key_id}/invalidate`),
  });

/** The cohorts that the last requests of a key were about. */
function used({ activity }) {
  const cohorts = new Map();
  for (const { events } of activity) {
    for (const event of events) {
      if (event.cohort_id !== undefined) cohorts.set(`${event.partner}/${event.cohort_id}`, event);
    }
  }
  if (cohorts.size === 0) return el("p", { class: "quiet" }, t("partners.neverUsed"));
  const shown = [...cohorts.values()].slice(0, 12);
  return el(
    "div",
    el("p", t("partners.usedBy", { n: activity.length })),
    el(
      "ul",
      { class: "partner-used" },
      shown.map((event) => el("li", cohortLink(event.partner, event.cohort_id))),
    ),
    cohorts.size > shown.length
      ? el("p", { class: "quiet" }, t("shell.andMore", { n: cohorts.size - shown.length }))
      : null,
  );
}

/** Asks the server whether a write would be done; throws its own words if not. */
async function wouldWork(target) {
  const { status, body } = await preview(target);
  if (status >= 400) throw new Failure(status, body.message, body);
}
