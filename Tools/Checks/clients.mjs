// Node's fetch against the real server: node Tools/Checks/clients.mjs URL PARTNER_KEY IMPORT_KEY REST_KEY
import assert from "node:assert/strict";

const [url, partnerKey, importKey, restKey] = process.argv.slice(2);
const post = (path, body, headers = {}) =>
  fetch(url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ partner_api_key: partnerKey, client_secret: importKey, ...body }),
  });
const bearer = { Authorization: `Bearer ${restKey}` };

const named = await post("/partners/hightouch/cohorts", {
  cohort_id: "node", name: "Node", created_at: "2026-11-21T00:00:00Z",
});
assert.equal(named.status, 201);

const answers = await Promise.all(
  Array.from({ length: 50 }, () =>
    post("/partners/hightouch/cohorts/users", {
      cohort_id: "node", cohort_changes: [{ user_ids: ["ann", "bob"] }],
    }, { Prefer: "return=representation" })));
const bodies = await Promise.all(answers.map((answer) => answer.json()));
assert.equal(bodies.reduce((sum, body) => sum + body.outcomes.added, 0), 2);
assert.ok(bodies.every((body) => body.results.length === 2));

const members = await fetch(`${url}/ledger/cohorts/hightouch/node/members`, { headers: bearer });
const list = await members.json();
assert.deepEqual(list.members.map((member) => member.external_id).sort(), ["ann", "bob"]);
const past = await fetch(
  `${url}/ledger/cohorts/hightouch/node/members?as_of=${list.as_of.position}&at=${encodeURIComponent(list.as_of.time)}`,
  { headers: bearer });
assert.deepEqual(await past.json(), list);

const missing = await fetch(`${url}/nothing`, { headers: bearer });
assert.equal(missing.status, 404);
assert.equal((await missing.json()).message, "Not Found");
const wrong = await fetch(`${url}/users/merge`, { headers: bearer });
assert.equal(wrong.status, 405);
assert.equal(wrong.headers.get("allow"), "POST");

// A reader that goes away in the middle does no harm.
const abort = new AbortController();
const feed = await fetch(`${url}/ledger/events?after=0`, {
  headers: { ...bearer, Accept: "text/event-stream" }, signal: abort.signal,
});
await feed.body.getReader().read();
abort.abort();
assert.equal((await fetch(`${url}/health`)).status, 200);
console.log("fetch of Node is served");
