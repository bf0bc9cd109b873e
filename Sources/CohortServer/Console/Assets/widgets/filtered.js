// Pages of a table out of the pages of the server.

import { get } from "../api.js";

/**
 * One page of the items that hold, for `pagedTable`'s `load`: reads the server's pages one after
 * another until `want` were found. A cursor says behind which page of the server, and how many
 * found items of it were shown before.
 */
export async function filteredPage(
  { target, key, holds, params = {}, cursor, want = 25, limit = 200, signal },
) {
  let { next, skip } = cursor ?? { next: undefined, skip: 0 };
  const rows = [];
  for (;;) {
    const answer = await get(target, { ...params, limit, next }, { signal });
    const found = answer[key].filter(holds);
    const room = want - rows.length;
    rows.push(...found.slice(skip, skip + room));
    if (found.length > skip + room) return { rows, next: { next, skip: skip + room }, answer };
    if (!answer.next || rows.length === want) {
      return { rows, next: answer.next ? { next: answer.next, skip: 0 } : undefined, answer };
    }
    next = answer.next;
    skip = 0;
  }
}

// The server's numbered pages have a hundred items.
const SERVED = 100;

/** One page of a list whose pages have numbers, for `pagedTable`'s `load`. */
export async function numberedPage({ target, key, params = {}, cursor = 0, want = 25, signal }) {
  const page = Math.floor(cursor / SERVED), skip = cursor % SERVED;
  const ask = async (page) => (await get(target, { ...params, page }, { signal }))[key];
  const served = await ask(page);
  const rows = served.slice(skip, skip + want);
  // Behind a full page there may be nothing.
  const isLast = skip + want >= served.length &&
    (served.length < SERVED || (await ask(page + 1)).length === 0);
  return { rows, next: isLast ? undefined : cursor + want };
}
