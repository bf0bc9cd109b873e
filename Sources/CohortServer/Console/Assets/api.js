// The public REST interface, as the signed-in session sees it.

import { t } from "./i18n.js";

/** What the server refused, in its own words. `status` is 0 if it could not be reached. */
export class Failure extends Error {
  constructor(status, message, body = {}) {
    super(message);
    this.name = "Failure";
    this.status = status;
    /** The whole answer, with the fields beside the message. */
    this.body = body;
  }
}

const listeners = new Set();

/** Calls a function when the session has ended; returns how to stop that. */
export function onSessionEnd(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells everybody that the session has ended. */
export function sessionEnded() {
  for (const tell of listeners) tell();
}

/** A path with its ids encoded: path`/ledger/cohorts/${partner}/${id}`. */
export const path = (texts, ...ids) =>
  texts.reduce((whole, text, index) => {
    const id = String(ids[index - 1]);
    return whole + (/^\.\.?$/.test(id) ? id.replaceAll(".", "%2E") : encodeURIComponent(id)) + text;
  });

/**
 * A URL drops segments of dots, also encoded: the id of such a cohort stands beside the path.
 * Returns what to ask instead.
 */
export function askable(method, target, body) {
  const dots = /\/(%2E|%2E%2E)(?=[/?]|$)/.exec(target);
  if (!dots) return { target, body };
  const cohort = { cohort_id: decodeURIComponent(dots[1]) };
  const beside = target.replace(dots[0], "/-");
  if (method !== "GET") return { target: beside, body: { ...body, ...cohort } };
  return {
    target: `${beside}${beside.includes("?") ? "&" : "?"}${new URLSearchParams(cohort)}`,
    body,
  };
}

/** A query string from an object, without what is null or empty; '' if nothing is left. */
export function query(params = {}) {
  const given = Object.entries(params).filter(([, value]) =>
    value !== null && value !== undefined && value !== ""
  );
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

async function ask(method, wanted, { body: given, headers = {}, signal } = {}) {
  const { target, body } = askable(method, wanted, given);
  let answer;
  try {
    answer = await fetch(target, {
      method,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      headers: {
        ...(method === "GET" ? {} : { "Cohort-Console": "1" }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(0, t("shell.unreachable"));
  }
  if (!answer.ok) throw await failure(answer, target);
  return answer;
}

async function failure(answer, target) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // A proxy's own page: the status says what there is to say.
  }
  const message = typeof body.message === "string"
    ? body.message
    : t("shell.status", { status: String(answer.status) });
  if (answer.status === 401 && target !== "/session") sessionEnded();
  return new Failure(answer.status, message, body);
}

async function json(answer) {
  const text = await answer.text();
  return text ? JSON.parse(text) : {};
}

/** Asks, and returns the answer as an object. Throws `Failure`. */
export async function get(target, params, { signal } = {}) {
  return json(await ask("GET", target + query(params), { signal }));
}

/** Writes, and returns the answer. With `once`, a repeated click is one write (Idempotency-Key). */
export async function post(target, body = {}, { signal, once } = {}) {
  const headers = once ? { "Idempotency-Key": once } : {};
  return json(await ask("POST", target, { body, headers, signal }));
}

/** Deletes: only `/session` can be. */
export async function remove(target) {
  return json(await ask("DELETE", target));
}

/** What a write would answer now, writing nothing: `{status, body}`. */
export async function preview(target, body = {}, { signal } = {}) {
  const answer = await post("/ledger/preview", { path: target, body }, { signal });
  return { status: answer.status, body: answer.body ?? {} };
}

/** A text for `once`. */
export const freshKey = () =>
  crypto.randomUUID?.() ?? Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");

/**
 * A text for `once` of a form that may be corrected: a corrected one is another request, whose key
 * must not be that of the one before.
 */
export function onceFor(key, body) {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify(body))) {
    sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  }
  return `${key}-${sum.toString(16)}`;
}

/**
 * Walks a list page by page and yields the items that hold: one page is in memory at a time.
 * `key` is what the list is called in an answer.
 */
export async function* scan(
  target,
  key,
  holds = () => true,
  params = {},
  { signal, limit = 500 } = {},
) {
  let next;
  do {
    const answer = await get(target, { ...params, limit, next }, { signal });
    for (const item of answer[key]) if (holds(item)) yield item;
    next = answer.next;
  } while (next);
}
