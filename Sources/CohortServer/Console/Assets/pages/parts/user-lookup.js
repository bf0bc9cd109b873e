// Looking a user up: by external id, alias, device id or number.

import { query } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { position } from "../../format.js";
import { rich, t } from "../../i18n.js";
import { go } from "../../router.js";
import { field, select } from "../../widgets/form.js";
import { notice } from "../../widgets/states.js";

const KINDS = ["external_id", "alias", "device_id", "user"];

/** Who an address names: the parameters of `/ledger/users`, or null. */
export function wishOf(params) {
  if (params.has("external_id")) return { external_id: params.get("external_id") };
  if (params.has("alias_label") && params.has("alias_name")) {
    return { alias_label: params.get("alias_label"), alias_name: params.get("alias_name") };
  }
  if (params.has("device_id")) return { device_id: params.get("device_id") };
  if (params.has("user")) return { user: params.get("user") };
  return null;
}

/** A form that goes to the user it names. */
export function lookupForm(wish) {
  const kind = select(KINDS.map((one) => [one, t(`users.by.${one}`)]), {
    value: wish === null ? "external_id" : "alias_label" in wish ? "alias" : Object.keys(wish)[0],
    onchange: () => draw(),
  });
  const fields = el("div", { class: "users-lookup-fields" });
  const text = (label, value, props = {}) => {
    const input = el("input", {
      type: "text",
      required: true,
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 1024,
      dir: "auto",
      value: value ?? "",
      ...props,
    });
    return { input, element: field(label, input) };
  };
  let read = () => ({});

  function draw() {
    const asked = wish ?? {};
    if (kind.value === "alias") {
      const [label, alias] = [
        text(t("users.aliasLabel"), asked.alias_label),
        text(t("users.aliasName"), asked.alias_name),
      ];
      read = () => ({ alias_label: label.input.value, alias_name: alias.input.value });
      return replace(fields, label.element, alias.element);
    }
    const key = kind.value;
    const one = text(
      t(`users.by.${key}`),
      asked[key],
      key === "user" ? { inputmode: "numeric", placeholder: "17", pattern: "(user:)?[0-9]+" } : {},
    );
    read = () => ({
      [key]: key === "user" ? one.input.value.trim().replace(/^user:/, "") : one.input.value,
    });
    return replace(fields, one.element);
  }

  draw();
  return el(
    "form",
    {
      class: "card users-lookup",
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        go(`#/users${query(read())}`);
      },
    },
    el(
      "div",
      { class: "users-lookup-row" },
      field(t("users.lookBy"), kind),
      fields,
      el("button", { class: "button primary" }, t("users.look")),
    ),
  );
}

/** Nobody bears the identifier at the moment asked about: who did, or will. */
export function nobody(error, wish) {
  const bearers = error.body?.bearers ?? [];
  const text = wish.external_id ?? wish.device_id ?? wish.alias_name ?? `user:${wish.user}`;
  const survivors = [
    ...new Set(bearers.map((one) => one.survivor).filter((one) => one !== undefined)),
  ];
  return el(
    "section",
    { class: "card" },
    el("h2", rich("users.nobody", { who: name(text) })),
    el("p", { class: "quiet", dir: "auto" }, error.message),
    bearers.length === 0 ? null : el(
      "ul",
      { class: "users-bearers" },
      bearers.map((one) =>
        el(
          "li",
          el(
            "a",
            { href: `#/users${query({ user: one.user, as_of: one.from })}` },
            `user:${one.user}`,
          ),
          " ",
          t(`users.role.${one.role}`),
          " · ",
          one.until === null
            ? t("users.since", { from: position(one.from) })
            : t("users.span", { from: position(one.from), until: position(one.until) }),
        )
      ),
    ),
    survivors.map((one) =>
      notice(
        "info",
        rich("users.survivorNow", {
          user: el("a", { href: `#/users${query({ user: one })}` }, `user:${one}`),
        }),
      )
    ),
  );
}
