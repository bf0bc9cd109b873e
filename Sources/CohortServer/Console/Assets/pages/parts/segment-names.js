// What cohorts, segments and partners are called: asked once for a page, shown when it is known.

import { get, path } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { t } from "../../i18n.js";
import { link } from "../../router.js";
import { may } from "../../session.js";
import { cohortLink } from "../../widgets/events.js";

/**
 * Names for one page: {cohort(partner, id), segment(id)} are links, {filter(partner)} is what the
 * filter of a partner is called. They show the id until the name has come.
 */
export function naming(signal) {
  const known = new Map();
  const once = (key, ask) => {
    if (!known.has(key)) known.set(key, Promise.resolve().then(ask).catch(() => null));
    return known.get(key);
  };
  const then = (node, promise, write) => {
    promise.then((text) => {
      if (text !== null && text !== undefined && !signal.aborted) write(node, text);
    });
    return node;
  };
  const partners = () =>
    once(
      "partners",
      async () =>
        new Map(
          (await get("/ledger/partners", { limit: 1000 }, { signal })).partners.map((
            one,
          ) => [one.partner, one.display_name]),
        ),
    );
  const cohortName = (partner, id) =>
    once(
      `cohort ${partner}/${id}`,
      async () => (await get(path`/ledger/cohorts/${partner}/${id}`, {}, { signal })).name,
    );
  const segmentName = (id) =>
    once(
      `segment ${id}`,
      async () => (await get("/segments/details", { segment_id: id }, { signal })).name,
    );

  return {
    cohort: (partner, id) =>
      then(
        cohortLink(partner, id),
        cohortName(partner, id),
        (node, text) => replace(node, name(text)),
      ),
    segment: (id) =>
      then(segmentLink(id), segmentName(id), (node, text) => replace(node, name(text))),
    filter: (partner) =>
      then(
        el("strong", filterName(partner)),
        partners(),
        (node, names) => replace(node, filterName(names.get(partner) ?? partner)),
      ),
    cohortName,
    segmentName,
    partners,
    /** A name that is known already. */
    learn(partner, id, text) {
      known.set(`cohort ${partner}/${id}`, Promise.resolve(text));
    },
  };
}

/** "Hightouch Cohorts", as the articles call the filter of a partner. */
export const filterName = (partner) => t("segments.partnerCohorts", { partner });

/** A segment as a link to its page, if the session may see it. */
export const segmentLink = (
  id,
  text = id,
) => (may("segments.details")
  ? el("a", { href: link`/segments/${id}` }, name(text))
  : el("span", name(text)));
