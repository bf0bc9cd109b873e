#!/usr/bin/env python3
"""`cohort sync` and `cohort forward` against a destination that misbehaves on purpose.

    python3 Tools/Checks/misbehaving.py [seed]

It answers 429 with a reset header, 500 before and after applying, cuts the connection before and
after the answer, is slow, refuses long requests with 413 and bad rows with 400, sends half an answer,
and refuses the keys in the midst. It keeps its own books: who is in, and how often each came in or
went out. Nobody may be lost, nobody may flip twice, and the reports must say what happened.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

from listener import Listener, answer, cut
from shop import Shop, check, equal, program

BAD_MOODS = ["429", "500 before", "500 after", "cut before", "cut after", "cut in the answer",
             "slow", "half JSON", "no HTTP"]
PARTNER_KEY, IMPORT_KEY = "pk-platform", "dik-platform"


class Platform:
    """A destination of the contract with moods, and books."""

    def __init__(self, seed):
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.users, self.bad = set(), set()
        self.members, self.flips, self.names = {}, {}, {}
        self.rudeness, self.longest, self.turns = 0.0, 1_000, []
        self.refuses_after = None
        self.moods, self.requests, self.notices, self.when_applied = {}, 0, [], None
        self.deaf_to_notices = False
        self.url = Listener(self.take).url

    # Manners

    def mood(self):
        if self.random.random() >= self.rudeness:
            return "good"
        # Each in its turn, so that none is left out.
        if not self.turns:
            self.turns = self.random.sample(BAD_MOODS, len(BAD_MOODS))
        return self.turns.pop()

    def take(self, request, body):
        if request.path == "/hook":
            with self.lock:
                self.notices.append(json.loads(body))
            return answer(request, 500 if self.deaf_to_notices else 204, b"")
        with self.lock:
            self.requests += 1
            mood = self.mood()
            if self.refuses_after is not None and self.requests > self.refuses_after:
                mood = "401"
            self.moods[mood] = self.moods.get(mood, 0) + 1
            if mood in ("500 before", "cut before", "429", "401"):
                status, said = int(mood[:3]) if mood[0] in "45" else 0, {"message": mood}
            else:
                status, said = self.apply(request.path, json.loads(body), request.headers)
            applied = self.when_applied
        if applied:
            applied()
        text = json.dumps(said).encode()
        if mood in ("cut before", "cut after"):
            return cut(request)
        if mood == "cut in the answer":
            request.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 10000\r\n\r\n" + text[:20])
            return cut(request)
        if mood == "no HTTP":
            request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
            return cut(request)
        if mood == "429":
            return answer(request, 429, text, {"x-ratelimit-reset": str(int(time.time()))})
        if mood in ("500 before", "500 after"):
            return answer(request, 500, b'{"message":"Internal error"}')
        if mood == "half JSON" and status == 201:
            text = text[:-2]
        if mood == "slow":
            time.sleep(0.2)
        return answer(request, status, text)

    # Books

    def apply(self, path, body, headers):
        if (body["partner_api_key"], body["client_secret"]) != (PARTNER_KEY, IMPORT_KEY):
            return 401, {"message": "Invalid Partner API key"}
        cohort = body["cohort_id"]
        if path == "/partners/platform/cohorts":
            self.names[cohort] = body["name"]
            return 201, {"message": "success"}
        if path != "/partners/platform/cohorts/users":
            return 404, {"message": "Not Found"}
        ids = [i for change in body["cohort_changes"] for i in change["user_ids"]]
        if len(ids) > self.longest:
            return 413, {"message": "Payload Too Large"}
        if self.bad.intersection(ids):
            return 400, {"message": "cohort_changes must be an array of objects"}
        members, results = self.members.setdefault(cohort, set()), []
        for number, change in enumerate(body["cohort_changes"]):
            removes = change.get("should_remove", False)
            for identifier in change["user_ids"]:
                results.append({"change": number, "user_id": identifier,
                                "outcome": self.flip(members, cohort, identifier, removes)})
        if headers.get("Prefer") != "return=representation":
            return 201, {"message": "success"}
        return 201, {"message": "success", "results": results}

    def flip(self, members, cohort, identifier, removes):
        if identifier not in self.users:
            return "unknown"
        if (identifier in members) != removes:
            return "not_member" if removes else "already_member"
        members.symmetric_difference_update([identifier])
        self.flips[cohort, identifier] = self.flips.get((cohort, identifier), 0) + 1
        return "removed" if removes else "added"

    def settings(self):
        return {"endpoint": self.url, "partner": "platform",
                "partner_api_key": {"env": "PARTNER_KEY"}, "data_import_key": {"env": "IMPORT_KEY"}}


ENVIRONMENT = {**os.environ, "PARTNER_KEY": PARTNER_KEY, "IMPORT_KEY": IMPORT_KEY}


def start(folder, *words):
    return subprocess.Popen(
        [program(), *words], cwd=folder, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(folder, *words):
    process = start(folder, *words)
    output, said = process.communicate(timeout=50)
    for secret in (PARTNER_KEY, IMPORT_KEY):
        check(secret not in output + said, "no key is printed")
    return process.returncode, json.loads(output) if output.startswith("{") else output, said


# A sync

def model(folder, ids):
    with open(os.path.join(folder, "model.csv"), "w") as file:
        file.write("id,customer\n" + "".join(f"k-{i},{i}\n" for i in sorted(ids)))


def rejects(folder):
    with open(os.path.join(folder, "sync-state", "vip.rejects.csv")) as file:
        return {line.split(",")[1] for line in file.read().splitlines()[1:]}


def expect_books(platform, cohort, ids, flips, title):
    equal(platform.members.get(cohort, set()), ids, f"{title}: who is in")
    wrong = {i: n for (c, i), n in platform.flips.items() if c == cohort and n != flips(i)}
    check(not wrong, f"{title}: nobody came or went twice: {dict(list(wrong.items())[:5])}")


def sync(platform, folder):
    people = [f"u-{i}" for i in range(6_000)]
    platform.users, platform.bad = set(people), {"bad-1", "bad-2"}
    nobody = {f"nobody-{i}" for i in range(5)}
    with open(os.path.join(folder, "vip.json"), "w") as file:
        json.dump({"name": "vip", "source": {"csv": "model.csv"}, "primary_key": "id",
                   "match": {"external_id": "customer"}, "destination": platform.settings(),
                   "cohort": {"create": {"cohort_id": "vip", "name": "VIP"}},
                   "guard": {"max_removed_share": 0.9},
                   "notify": {"webhook": platform.url + "/hook"}}, file)
    words = ("sync", "run", "vip.json", "--json")

    first = set(people[:4_000])
    platform.rudeness, platform.longest = 0.25, 300
    # Whether the destination says what became of each is its own matter; here it does not.
    model(folder, first | nobody | platform.bad)
    code, report, said = run(folder, *words)
    equal(code, 1, f"rows were refused: {said}")
    expect_books(platform, "vip", first, lambda i: 1, "the first run")
    equal(report["refused"], 2, "two rows are not taken, not even alone")
    equal(report["sent"], 4_005, "all others are")
    equal(report["outcomes"]["accepted"], 4_005, "the destination says no more of them")
    equal(rejects(folder), platform.bad, "the rejects")
    equal(platform.names, {"vip": "VIP"}, "the name")
    equal([n["event"] for n in platform.notices], ["failure"], "the notices")

    platform.longest, platform.bad = 1_000, set()
    second = set(people[1_000:5_000])
    model(folder, second)
    code, report, said = run(folder, *words)
    equal((code, report["stopped"]), (0, None), f"the second run ends well: {said}")
    expect_books(platform, "vip", second,
                 lambda i: 1 + (int(i[2:]) < 1_000), "the second run")
    equal((report["entered"], report["left"]), (1_000, 1_007), "entered and left")
    equal([n["event"] for n in platform.notices], ["failure", "recovery"], "the notices")
    check(IMPORT_KEY not in json.dumps(platform.notices), "no key is in a notice")

    # The keys are refused in the midst; then they are good again.
    platform.requests, platform.refuses_after, platform.deaf_to_notices = 0, 1, True
    third = set(people[2_000:])
    model(folder, third)
    code, report, said = run(folder, *words)
    equal((code, report["stopped"]), (1, "destination"), "the third run is stopped")
    check("401" in report["message"] and "data_import_key" in report["message"], report["message"])
    check("The webhook answered 500." in said, f"the notice is lost, and that is said: {said}")
    platform.refuses_after, platform.deaf_to_notices = None, False

    # Killed while requests are on their way, some of them applied.
    model(folder, third)
    platform.rudeness, platform.requests = 0, 0
    process = start(folder, *words)
    platform.when_applied = process.kill
    process.communicate()
    platform.when_applied = None
    platform.rudeness = 0.25
    code, report, said = run(folder, *words)
    equal((code, report["stopped"]), (0, None), f"after the kill: {said}")
    flips = lambda i: 1 + (int(i[2:]) < 1_000 or 1_000 <= int(i[2:]) < 2_000)
    expect_books(platform, "vip", third, flips, "401, a kill, and all is well")
    equal([n["event"] for n in platform.notices][2:], ["failure", "recovery"], "the notices")
    moods = dict(sorted(platform.moods.items()))
    check(set(BAD_MOODS) <= set(moods), f"every mood was met: {moods}")
    print(f"sync: 6000 people, {sum(moods.values())} requests: {moods}")


# A forwarding

def forward(platform, shop):
    people = [f"f-{i}" for i in range(300)]
    platform.users, platform.rudeness, platform.moods = set(people), 0.2, {}
    shop.partner()
    shop.users(people)
    with open(os.path.join(shop.folder, "rest.key"), "w") as file:
        file.write(shop.rest_key("ledger.read", "ledger.log"))
    shop.start()
    with open(os.path.join(shop.folder, "platform.json"), "w") as file:
        json.dump({"endpoint": shop.url, "read_key": {"file": "rest.key"},
                   "destination": platform.settings(),
                   "cohorts": ["hightouch/gold", "hightouch/silver"]}, file)

    chance, now, flips = random.Random(7), {"gold": set(), "silver": set()}, {}

    def live(count):
        lines = []
        for _ in range(count):
            cohort, removes = chance.choice(["gold", "silver"]), chance.random() < 0.4
            ids = chance.sample(people, 20)
            for i in ids:
                if (i in now[cohort]) == removes:
                    now[cohort] ^= {i}
                    flips[cohort, i] = flips.get((cohort, i), 0) + 1
            lines.append(json.dumps(
                {"path": "/partners/hightouch/cohorts/users",
                 "body": shop.body(cohort_id=cohort, cohort_changes=[
                     {"user_ids": ids, "should_remove": removes}])}) + "\n")
        shop.run("import", "-", stdin="".join(lines))

    def is_equal():
        with platform.lock:
            return all(platform.members.get(c, set()) == now[c] for c in now)

    def expect_flips(title):
        counted = {k: n for k, n in platform.flips.items() if k[0] != "vip"}
        equal(counted, flips, f"{title}: every change was told once")

    # From the beginning, so that every change is one that is told.
    code, report, said = run(shop.folder, "forward", "platform.json", "--once", "--json")
    equal((code, report["resync"], report["sent"]), (0, "first", 0), said)
    process = start(shop.folder, "forward", "platform.json", "--json")
    for _ in range(6):
        live(10)
        time.sleep(0.1)
    end = shop.json("status")["as_of"]["position"]
    watchdog = threading.Timer(40, process.kill)
    watchdog.start()
    for line in process.stdout:
        # A line is printed when all up to there was acknowledged.
        if json.loads(line)["position"] == end:
            break
    watchdog.cancel()
    check(is_equal(), "the platform is equal")
    expect_flips("while it lives")
    process.send_signal(signal.SIGTERM)
    output, said = process.communicate(timeout=30)
    equal(process.returncode, 0, f"SIGTERM ends it well: {said}")
    equal(json.loads(output.splitlines()[-1])["position"], end, "the position")

    # Killed again and again: pages are told again, and it ends equal.
    for _ in range(4):
        live(5)
        process = start(shop.folder, "forward", "platform.json")
        platform.when_applied = process.kill
        process.communicate(timeout=30)
        platform.when_applied = None
    platform.requests, platform.refuses_after = 0, 1
    live(5)
    code, report, said = run(shop.folder, "forward", "platform.json", "--once", "--json")
    equal((code, report["stopped"]), (1, "destination"), said)
    check("401" in report["message"], report["message"])
    platform.refuses_after = None

    # A merge, a deletion and a name.
    a, b, c = (sorted(now["gold"])[0], sorted(set(people) - now["gold"])[0],
               sorted(now["gold"])[1])
    shop.run("users", "apply", "-", stdin="".join(json.dumps(line) + "\n" for line in [
        {"path": "/users/merge", "body": {"merge_updates": [
            {"identifier_to_merge": {"external_id": a}, "identifier_to_keep": {"external_id": b}}]}},
        {"path": "/users/delete", "body": {"external_ids": [c]}}]))
    shop.run("import", "-", stdin=json.dumps(
        {"path": "/partners/hightouch/cohorts", "body": shop.body(
            cohort_id="gold", name="Gold", created_at="2026-01-02T03:04:05Z")}) + "\n")
    for cohort in now.values():
        if a in cohort:
            cohort.add(b)
        cohort -= {a, c}
    code, report, said = run(shop.folder, "forward", "platform.json", "--once", "--json")
    equal((code, report["stopped"], report["rejected"]), (0, None, 0), said)
    check(is_equal(), "after kills, 401, a merge and a deletion the platform is equal")
    for cohort in now:
        listed = shop.run("members", f"hightouch/{cohort}").stdout.split()
        equal(platform.members[cohort], set(listed), f"{cohort} as the ledger lists it")
    equal(platform.names["gold"], "Gold", "the name")
    equal(report["position"], shop.json("status")["as_of"]["position"], "the position")
    moods = dict(sorted(platform.moods.items()))
    print(f"forward: {sum(flips.values())} changes, {sum(moods.values())} requests: {moods}")


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    begun = time.time()
    platform = Platform(seed)
    with Shop() as shop:
        sync(platform, shop.folder)
        forward(platform, shop)
    print(f"misbehaving: nobody lost, nobody twice, in {time.time() - begun:.0f} s (seed {seed})")


if __name__ == "__main__":
    main()
