// Users as they may be seen: by external id, alias or device, else by number.

import { query } from "../api.js";
import { el, name } from "../dom.js";
import { t } from "../i18n.js";
import { may } from "../session.js";

/** The query that finds a user again; `as_of` may be added. */
export function userQuery(user) {
  if (typeof user === "number") return { user };
  return { user: user.user };
}

/** The address of a user's page, as of a moment if one is given. */
export const userLink = (user, asOf) => `#/users${query({ ...userQuery(user), as_of: asOf })}`;

/** What a user is called: a link if the session may look people up. */
export function userName(user, asOf) {
  const shown = primary(user);
  return may("ledger.people")
    ? el("a", { class: "user-link", href: userLink(user, asOf) }, shown)
    : shown;
}

function primary(user) {
  const number = typeof user === "number" ? user : user.user;
  if (typeof user === "object") {
    if (user.erased) {
      return el("span", { class: "identifier" }, t("shell.erasedUser", { user: `user:${number}` }));
    }
    if (user.external_id) return el("span", { class: "identifier" }, name(user.external_id));
    if (user.aliases?.length) return alias(user.aliases[0]);
    if (user.device_ids?.length) return device(user.device_ids[0]);
  }
  return el("span", { class: "identifier quiet" }, `user:${number}`);
}

/** An alias: its label, then its name. */
export const alias = ({ alias_label: label, alias_name: text }) =>
  el(
    "span",
    { class: "identifier alias" },
    el("span", { class: "identifier-kind" }, name(label)),
    text === null ? erased() : name(text),
  );

/** A device id. */
export const device = (id) =>
  el(
    "span",
    { class: "identifier device" },
    el("span", { class: "identifier-kind" }, t("shell.device")),
    id === null ? erased() : name(id),
  );

const erased = () => el("em", { class: "quiet" }, t("shell.erased"));

/** The identifiers of a user beside the one that `userName` shows. */
export function otherIdentifiers(user) {
  if (typeof user !== "object") return null;
  const rest = [
    ...(user.aliases ?? []).slice(user.external_id ? 0 : 1).map(alias),
    ...(user.device_ids ?? []).slice(user.external_id || user.aliases?.length ? 0 : 1).map(device),
  ];
  if (rest.length === 0) return null;
  const shown = rest.slice(0, 6);
  const more = rest.length - shown.length;
  return el(
    "span",
    { class: "identifiers" },
    shown,
    more > 0 ? el("span", { class: "quiet" }, t("shell.andMore", { n: more })) : null,
  );
}

/** An identifier as an import sent it: {external_id}, {alias_label, alias_name} or {device_id}. */
export function identifier(given) {
  if (given === null || given === undefined) return erased();
  if (typeof given === "string") return el("span", { class: "identifier" }, name(given));
  if ("alias_label" in given) return alias(given);
  if ("device_id" in given) return device(given.device_id);
  const text = given.external_id ?? given.user_id;
  return el(
    "span",
    { class: "identifier" },
    text === null || text === undefined ? erased() : name(text),
  );
}
