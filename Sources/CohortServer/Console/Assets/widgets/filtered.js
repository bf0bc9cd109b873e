// Pages of a list of the server that hold only some of its items.

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
