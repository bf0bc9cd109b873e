// Creating a campaign or a Canvas, and changing one: segments as target audience, with its reach.

import { Failure, freshKey, get, onceFor, post } from "../api.js";
import { debounced, el } from "../dom.js";
import { t } from "../i18n.js";
import { go, head } from "../router.js";
import { may } from "../session.js";
import { field, form } from "../widgets/form.js";
import { notice } from "../widgets/states.js";
import { kindOf } from "./parts/audience-kinds.js";
import { namesOf } from "./parts/audience-names.js";
import { reachCard } from "./parts/audience-reach.js";
import { segmentChoice } from "./parts/audience-segments.js";
import { filterBuilder } from "./parts/segment-builder.js";
import { newGroup, toFilter, toModel } from "./parts/segment-model.js";

export async function page(main, { kind, id, query, signal }) {
  const one = kindOf(kind);
  const old = id === undefined
    ? null
    : await get(`${one.api}/details`, { [one.idKey]: id }, { signal });
  const once = freshKey();
  const names = namesOf(signal);
  const partners = may("ledger.read") ? await names.partners() ?? new Map() : new Map();
  const reach = reachCard(names, signal);
  const changed = debounced(250, () => {
    if (!signal.aborted) reach.show(audience());
  });

  const title = el("input", {
    type: "text",
    value: old?.name ?? "",
    required: true,
    maxlength: 1024,
    autocomplete: "off",
  });
  const description = el("textarea", { rows: 2, value: old?.description ?? "" });
  const tags = el("input", {
    type: "text",
    value: (old?.tags ?? []).join(", "),
    autocomplete: "off",
  });
  const segments = segmentChoice(
    old?.audience.segments ?? query.getAll("segment"),
    names,
    changed,
    signal,
  );
  const model = old?.audience.filter ? toModel(old.audience.filter) : newGroup();
  const further = filterBuilder({ model, names, partners, onChange: changed, signal });
  /** Undefined if there is none; null while something in it is missing. */
  const filter = () => model.parts.length === 0 ? undefined : toFilter(model);
  const audience = () => ({ segments: segments.value(), filter: filter() ?? undefined });
  const back = old ? one.href(id) : `#${one.page}`;

  const fields = form({
    fields: [
      field(t("audiences.name"), title, { hint: t("audiences.nameHint") }),
      field(t("audiences.description"), description, { optional: t("shell.optional") }),
      field(t("audiences.tags"), tags, {
        optional: t("shell.optional"),
        hint: t("audiences.tagsHint"),
      }),
    ],
    action: old ? t("audiences.save") : one.say("create"),
    buttons: [el("a", { class: "button", href: back }, t("shell.cancel"))],
    submit: async () => {
      if (filter() === null) throw new Failure(0, t("segments.incomplete"));
      const body = {
        name: title.value,
        audience: audience(),
        description: description.value,
        // The same tags as before, also where one of them has a comma.
        tags: old && tags.value === old.tags.join(", ")
          ? old.tags
          : tags.value.split(",").map((tag) => tag.trim()).filter(Boolean),
      };
      const answer = old
        ? await post(`${one.api}/update`, {
          ...body,
          [one.idKey]: id,
          expected_version: old.version,
        })
        : await post(`${one.api}/create`, body, { once: onceFor(once, body) });
      go(one.href(answer[one.idKey] ?? id));
    },
  });
  main.append(
    head(old ? one.say("editTitle") : one.say("new"), {
      crumbs: [[one.say("title"), `#${one.page}`], ...(old ? [[old.name, back]] : []), [
        old ? t("audiences.edit") : one.say("new"),
      ]],
      lead: one.say("editLead"),
    }),
    old?.archived ? notice("warning", t("audiences.archivedNotice")) : "",
    el(
      "div",
      { class: "audience-editor" },
      el(
        "div",
        { class: "audience-forms" },
        el(
          "section",
          { class: "card", "aria-label": t("audiences.target") },
          el("h2", t("audiences.target")),
          segments.element,
          el(
            "h3",
            t("audiences.further"),
            el("span", { class: "quiet" }, ` (${t("shell.optional")})`),
          ),
          el("p", { class: "hint" }, t("audiences.furtherHint")),
          further.element,
        ),
        el("section", { class: "card", "aria-label": one.say("one") }, fields),
      ),
      reach.element,
    ),
  );
  reach.show(audience());
}
