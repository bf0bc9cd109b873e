// Every version of a segment, newest first, with what changed: which filter, from what to what.

import { scan } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { time } from "../../format.js";
import { t } from "../../i18n.js";
import { requestLink } from "../../widgets/events.js";
import { badge, errorPanel, loading } from "../../widgets/states.js";
import { differences } from "./segment-model.js";
import { filterTree, groupWords } from "./segment-words.js";

const MOST = 50;

/** `onMoment(position)` is called for "look at this moment". */
export function versionsView(segment, names, onMoment, signal) {
  const list = el("ol", { class: "timeline" });
  const foot = el("div");

  async function load() {
    replace(foot, loading());
    try {
      // The last fifty, and the one before them to compare with.
      const kept = [];
      for await (
        const version of scan("/segments/versions", "versions", () => true, {
          segment_id: segment.id,
        }, { signal, limit: 500 })
      ) {
        kept.push(version);
        if (kept.length > MOST + 1) kept.shift();
      }
      const shown = kept.length > MOST ? kept.slice(1) : kept;
      replace(
        list,
        shown.map((version) => item(version, kept[kept.indexOf(version) - 1], names, onMoment))
          .reverse(),
      );
      replace(
        foot,
        kept.length > MOST
          ? el("p", { class: "quiet" }, t("segments.versionsShown", { n: MOST }))
          : null,
      );
    } catch (error) {
      if (!signal.aborted) replace(foot, errorPanel(error, { retry: load }));
    }
  }
  load();
  return {
    element: el(
      "div",
      { class: "segment-view" },
      el("p", { class: "quiet" }, t("segments.versionsLead")),
      list,
      foot,
    ),
    arrived: load,
  };
}

function item(version, before, names, onMoment) {
  return el(
    "li",
    { class: "timeline-item" },
    el(
      "div",
      { class: "timeline-head" },
      el("strong", t("segments.versionN", { version: version.version })),
      time(version.time),
      requestLink(version.position),
      el("button", {
        type: "button",
        class: "button small",
        onclick: () => onMoment(version.position),
      }, t("segments.lookHere")),
    ),
    before
      ? changesList(before, version, names)
      : el("div", { class: "card" }, filterTree(version.filter, names)),
  );
}

/** What differs between two versions, as a list. */
export function changesList(before, after, names) {
  const texts = [["name", t("segments.name")], ["text_description", t("segments.description")]]
    .filter(([key]) => before[key] !== after[key])
    .map(([key, label]) => change("changed", label, words(before[key]), words(after[key])));
  const tags = before.tags.join("\n") === after.tags.join("\n") ? [] : [
    change(
      "changed",
      t("segments.tags"),
      words(before.tags.join(", ")),
      words(after.tags.join(", ")),
    ),
  ];
  const filters = differences(before.filter, after.filter).map((one) => {
    if (one.kind === "group") {
      return change("changed", t("segments.group"), groupWords(one.before), groupWords(one.after));
    }
    return change(
      one.kind,
      null,
      one.before && filterTree(one.before, names),
      one.after && filterTree(one.after, names),
    );
  });
  const all = [...texts, ...tags, ...filters];
  return all.length === 0
    ? el("p", { class: "quiet" }, t("segments.sameAsBefore"))
    : el("ul", { class: "segment-changes" }, all);
}

const words = (text) => (text === "" ? el("span", { class: "quiet" }, "—") : name(text));

const KINDS = { added: "good", removed: "danger", changed: "accent" };

const change = (kind, label, before, after) =>
  el(
    "li",
    { class: `segment-change ${kind}` },
    badge(KINDS[kind], t(`segments.change.${kind}`)),
    el(
      "div",
      { class: "segment-change-body" },
      label ? el("span", { class: "quiet" }, label) : null,
      before ? el("del", before) : null,
      before && after ? el("span", { class: "segment-arrow", "aria-hidden": "true" }, "→") : null,
      after ? el("ins", after) : null,
    ),
  );
