// The feed of events (CONTRACT part 6) as server-sent events, read with fetch: a slow page makes the
// server wait instead of filling memory, and a hidden page holds no connection.

import { Failure, query, sessionEnded } from "./api.js";

/**
 * Follows the ledger until `signal` is aborted.
 * - `after`: a position or checkpoint to begin behind.
 * - `types`: types of events; all if left out.
 * - `identifiers`: "none" (users as numbers) or "all" (needs `ledger.log`).
 * - `onEvent(event, checkpoint)`: called for each, in order.
 * - `onState(state)`: "live", "waiting" or "lost".
 * - `onRestored()`: the history is another one now; default: the page is loaded again.
 */
export async function follow({
  after,
  types,
  identifiers = "none",
  signal,
  onEvent,
  onState = () => {},
  onRestored = () => location.reload(),
}) {
  let checkpoint = String(after ?? 0);
  let wait = 1;
  while (!signal.aborted) {
    if (document.hidden) await shown(signal);
    if (signal.aborted) return;
    const pause = new AbortController();
    const stop = () => pause.abort();
    const hide = () => {
      if (document.hidden) stop();
    };
    signal.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", hide);
    try {
      const answer = await fetch(
        `/ledger/events${query({ after: checkpoint, types: types?.join(), identifiers })}`,
        {
          headers: { Accept: "text/event-stream" },
          signal: pause.signal,
          cache: "no-store",
        },
      );
      if (!answer.ok) {
        throw new Failure(answer.status, (await answer.json().catch(() => ({}))).message ?? "");
      }
      onState("live");
      for await (const { id, data } of messages(answer.body)) {
        wait = 1;
        if (id) checkpoint = id;
        if (data) onEvent(JSON.parse(data), checkpoint);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 409) return onRestored();
      if (error.status === 401) return sessionEnded();
      if (error.status === 403 || error.status === 400) return onState("lost");
    } finally {
      signal.removeEventListener("abort", stop);
      document.removeEventListener("visibilitychange", hide);
    }
    if (!document.hidden) {
      onState("waiting");
      await delay(wait * 1000, signal);
      wait = Math.min(wait * 2, 30);
    }
  }
}

async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) yield message(block);
  }
}

function message(block) {
  const found = { id: "", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) found.id = line.slice(4);
    if (line.startsWith("data: ")) found.data += line.slice(6);
  }
  return found;
}

function delay(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function shown(signal) {
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
    signal.addEventListener("abort", resolve, { once: true });
  });
}
