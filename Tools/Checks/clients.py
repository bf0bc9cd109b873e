#!/usr/bin/env python3
"""Python's HTTP clients against the real server: requests, httpx, and urllib.

    python3 Tools/Checks/clients.py
"""

import asyncio
import json
import urllib.request

import httpx
import requests
from prometheus_client.parser import text_string_to_metric_families

from shop import Shop, check, equal


def with_requests(shop, key):
    session = requests.Session()
    named = session.post(f"{shop.url}/partners/hightouch/cohorts", json=shop.body(
        cohort_id="vip", name="VIP", created_at="2026-11-21T00:00:00Z"))
    equal(named.status_code, 201, "naming")
    equal(named.json()["message"], "success", "naming")
    answer = session.post(f"{shop.url}/partners/hightouch/cohorts/users", json=shop.body(
        cohort_id="vip", cohort_changes=[
            {"user_ids": ["ann", "bob", "nobody"]},
            {"user_ids": ["bob"], "should_remove": True}]))
    equal(answer.status_code, 201, "import")
    outcomes = answer.json()["outcomes"]
    equal((outcomes["added"], outcomes["removed"], outcomes["unknown"]), (2, 1, 1), "outcomes")
    equal(answer.headers["Ledger-Position"], str(answer.json()["position"]), "Ledger-Position")
    # A body without a length, in chunks.
    text = json.dumps(shop.body(cohort_id="vip", cohort_changes=[{"user_ids": ["carl"]}]))
    pieces = (text[i:i + 7].encode() for i in range(0, len(text), 7))
    equal(session.post(f"{shop.url}/partners/hightouch/cohorts/users", data=pieces).status_code,
          201, "chunked import")
    members = session.get(
        f"{shop.url}/ledger/cohorts/hightouch/vip/members", headers={"Authorization": key})
    equal(sorted(m["external_id"] for m in members.json()["members"]), ["ann", "carl"], "members")
    wrong = session.get(
        f"{shop.url}/ledger/cohorts", headers={"Authorization": "Bearer rk-nonsense"})
    equal((wrong.status_code, wrong.json()["message"]), (401, "Invalid API Key"), "wrong key")
    head = session.head(f"{shop.url}/health")
    equal((head.status_code, head.content), (200, b""), "HEAD")


async def with_httpx(shop, key):
    async with httpx.AsyncClient(base_url=shop.url, headers={"Authorization": key}) as client:
        answers = await asyncio.gather(*(
            client.post("/partners/hightouch/cohorts/users", json=shop.body(
                cohort_id=f"c{n % 5}", cohort_changes=[{"user_ids": ["ann", "bob", "carl"]}]))
            for n in range(100)))
        equal({a.status_code for a in answers}, {201}, "100 at once")
        equal(sum(a.json()["outcomes"]["added"] for a in answers), 15, "added once each")
        # Pages walk one moment.
        seen, parameters = [], {"limit": 2}
        while True:
            page = (await client.get("/ledger/cohorts", params=parameters)).json()
            seen += [c["cohort_id"] for c in page["cohorts"]]
            if not page.get("next"):
                break
            parameters["next"] = page["next"]
        equal(sorted(seen), ["c0", "c1", "c2", "c3", "c4", "vip"], "pages")
        # The feed as server-sent events: what happened, then what happens.
        got = []
        async with client.stream(
                "GET", "/ledger/events", params={"after": 0},
                headers={"Accept": "text/event-stream"}) as feed:
            equal(feed.headers["content-type"].split(";")[0], "text/event-stream", "SSE")
            late = None
            async for line in feed.aiter_lines():
                if line.startswith("data:"):
                    got.append(json.loads(line[5:]))
                    if late is None and got[-1]["type"] == "membersChanged":
                        late = await client.post("/partners/hightouch/cohorts/users", json=shop.body(
                            cohort_id="late", cohort_changes=[{"user_ids": ["ann"]}]))
                    if got[-1].get("cohort_id") == "late":
                        break
        positions = [e["position"] for e in got]
        equal(positions, list(range(1, len(positions) + 1)), "every position once, in order")
        # A stream of members, a line each.
        lines = []
        async with client.stream(
                "GET", "/ledger/cohorts/hightouch/vip/members",
                headers={"Accept": "application/x-ndjson"}) as answer:
            async for line in answer.aiter_lines():
                lines.append(json.loads(line)["external_id"])
        equal(sorted(lines), ["ann", "bob", "carl"][:1] + ["carl"], "NDJSON")


def with_urllib(shop, key):
    question = urllib.request.Request(
        f"{shop.url}/ledger/why?external_id=ann&partner=hightouch&cohort_id=vip",
        headers={"Authorization": key})
    with urllib.request.urlopen(question) as answer:
        check("as_of" in json.load(answer), "why")


def metrics(shop, key):
    text = requests.get(f"{shop.url}/metrics", headers={"Authorization": key}).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    check(len(families) > 10, f"only {len(families)} metrics")
    for family in families.values():
        check(family.documentation, f"{family.name} has no HELP")
        check(family.type != "unknown", f"{family.name} has no TYPE")
    for secret in (shop.import_key, shop.partner_key, key.split()[1]):
        check(secret not in text, "a secret in the metrics")
    return len(families)


def main():
    with Shop() as shop:
        shop.partner()
        shop.users(["ann", "bob", "carl"])
        key = "Bearer " + shop.rest_key()
        shop.start()
        with_requests(shop, key)
        asyncio.run(with_httpx(shop, key))
        with_urllib(shop, key)
        count = metrics(shop, key)
        shop.stop()
    print(f"requests, httpx and urllib are served; {count} metrics read by prometheus_client")


if __name__ == "__main__":
    main()
