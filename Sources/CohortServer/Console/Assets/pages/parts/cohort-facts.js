// What a cohort is now, and archiving it.

import { Failure, get, post, preview } from "../../api.js";
import { el, name } from "../../dom.js";
import { number, time } from "../../format.js";
import { t } from "../../i18n.js";
import { link, show } from "../../router.js";
import { copyButton } from "../../widgets/copy.js";
import { confirm } from "../../widgets/dialog.js";
import { requestLink } from "../../widgets/events.js";
import { facts } from "../../widgets/states.js";
import { dependants } from "./cohort-dependants.js";

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

/** Archives or restores, after showing what depends on the cohort. */
export function archiveButton(cohort) {
  const verb = cohort.now.archived ? "restore" : "archive";
  const ask = async () => {
    const done = await confirm({
      title: t(`cohorts.${verb}Title`),
      action: t(`cohorts.${verb}`),
      danger: verb === "archive",
      preview: async () => {
        const [{ status, body }, uses] = await Promise.all([
          preview(`${cohort.target}/${verb}`),
          dependants(cohort),
        ]);
        if (status >= 400) throw new Failure(status, body.message, body);
        return [el("p", t(`cohorts.${verb}Text`)), uses];
      },
      run: () => post(`${cohort.target}/${verb}`),
    });
    if (done) show();
  };
  return el("button", { type: "button", class: "button", onclick: ask }, t(`cohorts.${verb}`));
}
