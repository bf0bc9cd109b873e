// The builder: a new segment, or a new version of one.

import { Failure, freshKey, get, onceFor, post } from "../api.js";
import { el, replace } from "../dom.js";
import { rich, t } from "../i18n.js";
import { go, head, link } from "../router.js";
import { may } from "../session.js";
import { field, form } from "../widgets/form.js";
import { emptyState, notice } from "../widgets/states.js";
import { toast } from "../widgets/toast.js";
import { filterBuilder } from "./parts/segment-builder.js";
import { cohortsOf, newCohorts, newGroup, toFilter, toModel } from "./parts/segment-model.js";
import { naming } from "./parts/segment-names.js";
import { overlapView } from "./parts/segment-overlap.js";
import { sizePanel } from "./parts/segment-preview.js";
import { changesList } from "./parts/segment-versions.js";

export async function page(main, { id, query, signal }) {
  const once = freshKey();
  const names = naming(signal);
  const partners = await names.partners() ?? new Map();
  const base = id === undefined
    ? null
    : await get("/segments/details", { segment_id: id }, { signal });
  const model = base ? toModel(base.filter) : beginning(query, partners);
  // The version that a save expects to find; a conflict tells of a newer one.
  let expected = base?.version;
  const text = (value, props = {}) =>
    el("input", {
      type: "text",
      maxlength: 1024,
      autocomplete: "off",
      dir: "auto",
      value: value ?? "",
      ...props,
    });
  const title = text(base?.name, { required: true });
  const description = el("textarea", {
    maxlength: 4096,
    dir: "auto",
    rows: 2,
    value: base?.text_description ?? "",
  });
  const tags = text(base?.tags.join(", "));
  const conflict = el("div", { "aria-live": "polite" });

  const overlap = may("segments.preview")
    ? overlapView({
      cohorts: cohortsOf(base?.filter ?? { and: [] }),
      names,
      moment: () => null,
      signal,
    })
    : null;
  const size = may("segments.preview")
    ? sizePanel({
      signal,
      onLeaf: (index, given) => builder.contribute(index, given),
      onFilter: (filter) => overlap.offer(cohortsOf(filter)),
    })
    : null;
  const builder = filterBuilder({
    model,
    names,
    partners,
    self: id,
    onChange: () => size?.update(toFilter(model)),
    signal,
  });
  size?.update(toFilter(model));

  async function submit() {
    const filter = toFilter(model);
    if (filter === null) throw new Failure(0, t("segments.incomplete"));
    const body = {
      name: title.value,
      description: description.value,
      // The same tags as before, also where one of them has a comma.
      tags: base && tags.value === base.tags.join(", ")
        ? base.tags
        : tags.value.split(",").map((one) => one.trim()).filter(Boolean),
      filter,
    };
    replace(conflict);
    try {
      const { segment_id: saved, version } = base
        ? await post("/segments/update", { segment_id: id, expected_version: expected, ...body })
        : await post("/segments/create", body, { once: onceFor(once, body) });
      toast(t("segments.saved", { version }), "good");
      go(link`/segments/${saved}`);
    } catch (error) {
      if (error.status !== 409 || !base) throw error;
      const theirs = await get("/segments/details", { segment_id: id }, { signal });
      expected = theirs.version;
      replace(conflict, told(theirs));
    }
  }

  /** Somebody saved meanwhile: what they changed, and what can be done. */
  function told(theirs) {
    return notice(
      "warning",
      el("p", el("strong", t("segments.conflict", { version: theirs.version }))),
      el(
        "p",
        rich("segments.conflictText", {
          mine: String(base.version),
          theirs: String(theirs.version),
        }),
      ),
      changesList(base, theirs, names),
      el(
        "div",
        { class: "actions" },
        el("button", {
          type: "button",
          class: "button small",
          onclick: () => go(location.hash),
        }, t("segments.loadTheirs")),
      ),
    );
  }

  const title1 = base ? t("segments.editTitle", { name: base.name }) : t("segments.new");
  main.append(
    head(title1, {
      lead: t("segments.editLead"),
      crumbs: [
        [t("segments.title"), "#/segments"],
        ...(base ? [[base.name, link`/segments/${id}`]] : []),
        [base ? t("segments.edit") : t("segments.new")],
      ],
    }),
    !may("ledger.read")
      ? notice("info", rich("shell.missingPermission", { permission: el("code", "ledger.read") }))
      : partners.size === 0
      ? emptyState(
        t("segments.noPartners"),
        t("segments.noPartnersText"),
        el("a", { class: "button", href: "#/partners" }, t("segments.goPartners")),
      )
      : "",
    el(
      "div",
      { class: "segment-edit" },
      el(
        "div",
        { class: "segment-edit-main" },
        el(
          "section",
          { class: "card", "aria-label": t("segments.filter") },
          el("h2", t("segments.filter")),
          builder.element,
        ),
        el(
          "section",
          { class: "card", "aria-label": t("segments.about") },
          form({
            fields: [
              field(t("segments.name"), title, { hint: t("segments.publicHint") }),
              field(t("segments.description"), description, { optional: t("shell.optional") }),
              field(t("segments.tags"), tags, {
                optional: t("shell.optional"),
                hint: t("segments.tagsHint"),
              }),
              conflict,
            ],
            action: t(base ? "segments.saveVersion" : "segments.create"),
            submit,
            buttons: [
              el(
                "a",
                { class: "button", href: base ? link`/segments/${id}` : "#/segments" },
                t("shell.cancel"),
              ),
            ],
          }),
        ),
      ),
      el("div", { class: "segment-edit-side" }, size?.element ?? null),
    ),
    overlap
      ? el("section", { class: "section" }, el("h2", t("segments.overlap")), overlap.element)
      : "",
  );
}

/** A new filter: of the cohort that the address names, else of the first partner. */
function beginning(query, partners) {
  const wished = query.get("partner") ?? [...partners.keys()][0];
  if (wished === undefined) return newGroup();
  const leaf = newCohorts(wished);
  if (query.has("cohort_id")) leaf.ids.push(query.get("cohort_id"));
  return newGroup("and", [leaf]);
}
