// What a segment is, what uses it, and archiving it after a look at that.

import { Failure, get, post, preview } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { show } from "../../router.js";
import { copyButton } from "../../widgets/copy.js";
import { confirm } from "../../widgets/dialog.js";
import { emptyState, errorPanel, facts, loading } from "../../widgets/states.js";

const KINDS = [["segments", "segments"], ["campaigns", "campaigns"], ["canvases", "canvases"]];

/** Size, id, version, times, tags and description. */
export const segmentFacts = (now) =>
  el(
    "div",
    { class: "card" },
    facts([
      [t("segments.sizeNow"), el("strong", number(now.size))],
      [
        t("segments.id"),
        el(
          "span",
          { class: "cohort-id" },
          el("span", { class: "mono nowrap" }, now.segment_id),
          copyButton(now.segment_id, t("segments.id")),
        ),
      ],
      [t("segments.version"), number(now.version)],
      [t("segments.created"), time(now.created_at)],
      [t("segments.updated"), time(now.updated_at)],
      now.tags.length
        ? [
          t("segments.tags"),
          el(
            "span",
            { class: "segment-tags" },
            now.tags.slice(0, 20).map((tag) => el("span", { class: "badge quiet" }, name(tag))),
          ),
        ]
        : null,
    ]),
    now.text_description
      ? el("p", { class: "description", dir: "auto" }, now.text_description)
      : null,
  );

/** What uses a segment now, by kind. */
async function dependants(id, signal) {
  const answer = await get("/ledger/dependants", { segment: id }, { signal });
  const groups = KINDS.filter(([key]) => answer.dependants[key].length > 0);
  if (groups.length === 0) return emptyState(t("segments.noDependants"));
  return el(
    "div",
    { class: "segment-uses" },
    el("p", { class: "quiet" }, t("segments.dependantsLead")),
    groups.map(([key, route]) =>
      el(
        "div",
        el("h3", t(`segments.used.${key}`)),
        el(
          "ul",
          answer.dependants[key].map((one) =>
            el(
              "li",
              el(
                "a",
                { href: `#/${route}/${encodeURIComponent(one.id)}` },
                name(one.name ?? one.id),
              ),
            )
          ),
        ),
      )
    ),
  );
}

/** The same as a view of the page. */
export function dependantsView(segment, signal) {
  const element = el("div", { class: "segment-view" }, loading());
  const load = () =>
    dependants(segment.id, signal).then(
      (shown) => replace(element, shown),
      (error) => {
        if (!signal.aborted) replace(element, errorPanel(error, { retry: load }));
      },
    );
  load();
  return { element, arrived: load };
}

/** Archives or restores, after showing what depends on the segment. */
export function archiveButton(segment) {
  const verb = segment.now.archived ? "restore" : "archive";
  const body = { segment_id: segment.id };
  const ask = async () => {
    const done = await confirm({
      title: t(`segments.${verb}Title`),
      action: t(`segments.${verb}`),
      danger: verb === "archive",
      preview: async () => {
        const [{ status, body: said }, uses] = await Promise.all([
          preview(`/segments/${verb}`, body),
          dependants(segment.id),
        ]);
        if (status >= 400) throw new Failure(status, said.message, said);
        return [el("p", t(`segments.${verb}Text`)), uses];
      },
      run: () => post(`/segments/${verb}`, body),
    });
    if (done) show();
  };
  return el("button", { type: "button", class: "button", onclick: ask }, t(`segments.${verb}`));
}
