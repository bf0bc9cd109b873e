// What a cohort is now.

import { get } from "../../api.js";
import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { link } from "../../router.js";
import { copyButton } from "../../widgets/copy.js";
import { requestLink } from "../../widgets/events.js";
import { facts } from "../../widgets/states.js";

/** Size, id, partner, when it was made and last changed. */
export async function cohortFacts({ partner, id, target, now }, signal) {
  const last = now.last_change === null
    ? null
    : (await get(target, { as_of: now.last_change }, { signal })).as_of;
  return el(
    "div",
    { class: "card" },
    facts([
      [t("cohorts.sizeNow"), el("strong", number(now.size))],
      [
        t("cohorts.id"),
        el(
          "span",
          { class: "cohort-id" },
          name(id, { class: "mono" }),
          copyButton(id, t("cohorts.id")),
        ),
      ],
      [t("cohorts.partner"), el("a", { href: link`/partners/${partner}` }, partner)],
      [t("cohorts.created"), now.created_at ? time(now.created_at) : t("cohorts.notNamed")],
      [
        t("cohorts.lastChange"),
        last ? [time(last.time), " · ", requestLink(last.position)] : t("cohorts.noChange"),
      ],
    ]),
  );
}
