// What a segment is now.

import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { copyButton } from "../../widgets/copy.js";
import { facts } from "../../widgets/states.js";

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
