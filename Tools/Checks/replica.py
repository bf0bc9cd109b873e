#!/usr/bin/env python3
"""A replica of the real server: under load, through kills, and up to its leader's place.

    python3 Tools/Checks/replica.py [seed]

Clients push cohorts into a leader without a pause. `cohort follow` pulls its log into another
folder and is killed with -9 again and again; the leader is killed and restarted once, and somebody
is erased meanwhile. A read-only server on the replica is asked the same as the leader, at past
positions. Then the leader goes, the replica takes its place with and without --accept-loss, and
nobody who knows it takes the old leader any more.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import requests

from shop import Shop, check, equal, program

USERS = [f"user-{n}" for n in range(200)]
SECRET = "somebody-to-forget"


class Load:
    """Writes until it is stopped; what the server does not answer is nobody's business here."""

    def __init__(self, shop, seed):
        self.shop, self.random, self.isOver, self.count = shop, random.Random(seed), False, 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        session = requests.Session()
        while not self.isOver:
            try:
                users = self.random.sample(USERS, self.random.randrange(1, 40))
                answer = session.post(
                    f"{self.shop.url}/partners/hightouch/cohorts/users", timeout=20,
                    json=self.shop.body(
                        cohort_id=f"cohort-{self.random.randrange(5)}",
                        cohort_changes=[{"user_ids": users + [f"nobody-{self.count}"],
                                         "should_remove": self.random.random() < 0.4}]))
                check(answer.status_code in (201, 503), answer.text)
                self.count += 1
                time.sleep(0.002)
            except requests.RequestException:
                time.sleep(0.05)

    def stop(self):
        self.isOver = True
        self.thread.join()


class Follower:
    """`cohort follow` in a process of its own."""

    def __init__(self, url, storage, key, folder):
        self.words = [program(), "follow", url, "--storage", storage]
        self.environment = {**os.environ, "COHORT_KEY": key}
        self.log = open(os.path.join(folder, "follow.log"), "a")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.words + ["--json"], env=self.environment, stdout=self.log, stderr=self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        equal(self.process.wait(timeout=60), 0, "cohort follow")

    def once(self, expect=0):
        done = subprocess.run(
            self.words + ["--once", "--json"], env=self.environment, capture_output=True,
            text=True, timeout=60)
        equal(done.returncode, expect, f"cohort follow --once ({done.stderr.strip()})")
        return json.loads(done.stdout) if expect == 0 else done.stderr


def get(shop, target, key):
    return requests.get(
        f"{shop.url}{target}", headers={"Authorization": f"Bearer {key}"}, timeout=30)


def reached(shop, key, position):
    """Waits until a replica answers for a position; until then it must say how far it is behind."""
    for _ in range(300):
        answer = get(shop, f"/ledger/tree/head?size={position}", key)
        if answer.status_code == 200:
            return answer.json()
        equal(answer.status_code, 503, "a position that is not reached")
        check("lag_positions" in answer.json() and "Retry-After" in answer.headers, answer.text)
        time.sleep(0.1)
    raise AssertionError(f"the replica never reached {position}: {get(shop, '/ledger/status', key).text}")


def same(leader, replica, key, generator, end):
    """Both answer the same about moments of the past."""
    for _ in range(12):
        position = generator.randrange(1, end + 1)
        for target in [
            f"/ledger/cohorts?as_of={position}", f"/ledger/tree/head?size={position}",
            f"/ledger/cohorts/hightouch/cohort-{generator.randrange(5)}/members"
            f"?as_of={position}&limit=1000",
        ]:
            answers = [get(shop, target, key) for shop in (leader, replica)]
            equal(answers[1].status_code, answers[0].status_code, target)
            equal(answers[1].json(), answers[0].json(), target)


def verify_against(shop, url, key):
    return subprocess.run(
        [program(), "verify", "--against", url, "--storage", shop.storage],
        env={**os.environ, "COHORT_KEY": key}, capture_output=True, text=True, timeout=60)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    began = time.monotonic()
    with Shop() as leader:
        leader.partner()
        leader.users(USERS + [SECRET])
        key = leader.rest_key()
        log_key = leader.rest_key("ledger.log")
        leader.start()
        load = Load(leader, seed)
        # A proxy of its own address would do; here the leader keeps its port.
        port = leader.port
        replica = Shop(leader.folder)
        replica.storage = os.path.join(leader.folder, "replica")
        follower = Follower(leader.url, replica.storage, log_key, leader.folder)
        wrong = Follower(leader.url, replica.storage, "rk-wrong", leader.folder)
        check("ledger.log" in wrong.once(expect=1), "a wrong key is told what it lacks")
        check(not os.path.exists(os.path.join(replica.storage, "events.log")), "nothing was begun")

        first = follower.once()
        check(first["position"] > 200, f"{first}")
        equal(replica.run("partners", "enable", "other", check=False).returncode, 1,
              "a write to a replica")
        follower.start()
        replica.start("--read-only")
        for _ in range(6):
            time.sleep(generator.random() * 0.5)
            follower.kill()
            follower.start()
        erased = leader.json("erase", f"external_id:{SECRET}")["position"]
        follower.kill()

        leader.kill()
        for _ in range(3):
            follower.start()
            time.sleep(generator.random() * 0.3)
            follower.kill()
        follower.start()
        leader.start("--listen", f"127.0.0.1:{port}")
        time.sleep(1)
        follower.kill()
        follower.start()
        time.sleep(1)
        load.stop()
        end = get(leader, "/ledger/status", key).json()["as_of"]["position"]
        head = reached(replica, key, end)
        equal(head["root"], get(leader, f"/ledger/tree/head?size={end}", key).json()["root"], "root")
        same(leader, replica, key, generator, end)
        check(erased < end, "the erasure is behind us")
        for name in os.listdir(replica.storage):
            with open(os.path.join(replica.storage, name), "rb") as file:
                check(SECRET.encode() not in file.read(), f"{name} holds what was erased")
        print(f"{load.count} imports, {end} events: the replica answers as its leader does")

        status = get(leader, "/ledger/status", key).json()
        check([r for r in status["replicas"] if r["name"] == "check" and r["position"] == end],
              f"the leader lists its replica: {status['replicas']}")
        own = get(replica, "/ledger/status", key).json()["replica"]
        equal((own["lag_positions"], own["leader_position"]), (0, end), "the lag")
        check("cohort_replica_lag_positions 0\n" in get(replica, "/metrics", key).text, "metrics")
        equal(requests.post(f"{replica.url}/users/track", timeout=30, headers={
            "Authorization": f"Bearer {key}"}, json={}).status_code, 503, "a write")
        follower.stop()
        equal(replica.run("verify", check=False).returncode, 0, "verify")
        equal(verify_against(replica, leader.url, log_key).returncode, 0, "verify --against")

        # The way is cut behind the leader's word: it has acknowledged more than is here.
        note = os.path.join(replica.storage, "replica")
        text = open(note).read()
        with open(note, "w") as file:
            file.write(text.replace(f"position {end}\n", f"position {end + 3}\n"))
        replica.stop()
        refused = replica.run("serve", "--listen", "127.0.0.1:0", check=False)
        equal(refused.returncode, 1, "a promotion with a loss")
        check("3 events" in refused.stderr and "--accept-loss" in refused.stderr, refused.stderr)
        replica.start("--accept-loss")
        leader.run("partners", "enable", "old-way")
        partner = replica.json("partners", "enable", "new-way")
        check(partner["position"] > end + 1, f"{partner}")
        events = [json.loads(line) for line in requests.get(
            f"{replica.url}/ledger/events?after={end}", timeout=30,
            headers={"Authorization": f"Bearer {key}"}).text.splitlines()]
        restored = [e for e in events if e["type"] == "restored"]
        equal([(e["cut"], e["head"], e["accepted_loss"]) for e in restored],
              [(end, end + 3, True)], "restored")

        # From now on there are two; whoever knows one refuses the other, and names the place.
        found = verify_against(replica, leader.url, log_key)
        equal(found.returncode, 3, "verify --against the old leader")
        check(f"#{end + 1}" in found.stdout, found.stdout)
        second = os.path.join(leader.folder, "second")
        equal(Follower(replica.url, second, log_key, leader.folder).once()["position"] > end, True,
              "a replica of the new leader")
        words = Follower(leader.url, second, log_key, leader.folder).once(expect=3)
        check(f"#{end + 1}" in words, words)

        # One that had everything needs nobody's word.
        third = Shop(leader.folder)
        third.storage = os.path.join(leader.folder, "third")
        Follower(leader.url, third.storage, log_key, leader.folder).once()
        third.start()
        third.stop()
        third.kill()
        replica.kill()
    print(f"a replica took its leader's place, and the old one is refused "
          f"({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    main()
