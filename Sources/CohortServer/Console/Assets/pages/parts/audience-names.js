// What an audience names, as far as the session may know it; and filters in the words of segments.

import { get } from "../../api.js";
import { el, name, replace } from "../../dom.js";
import { may } from "../../session.js";
import { naming, segmentLink } from "./segment-names.js";
import { filterTree, kindOf, leafWords } from "./segment-words.js";

/** Names for one page, as `naming` makes them, and {details(id)} of a segment, or null. */
export function namesOf(signal) {
  const names = naming(signal);
  const known = new Map();
  const details = (id) => {
    if (!may("segments.details")) return Promise.resolve(null);
    if (!known.has(id)) {
      known.set(id, get("/segments/details", { segment_id: id }, { signal }).catch(() => null));
    }
    return known.get(id);
  };
  const reads = may("ledger.read");
  return {
    ...names,
    details,
    cohort: reads ? names.cohort : (_, id) => name(id),
    filter: reads ? names.filter : (partner) => el("strong", partner),
    segment(id) {
      const shown = segmentLink(id);
      details(id).then((found) => {
        if (found) replace(shown, name(found.name));
      });
      return shown;
    },
  };
}

/** A filter as nodes: a leaf as a sentence, a group as nested lists. */
export const filterView = (filter, names) =>
  ["and", "or", "not"].includes(kindOf(filter))
    ? filterTree(filter, names)
    : el("span", leafWords(filter, names));
