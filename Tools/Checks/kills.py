#!/usr/bin/env python3
"""Kills the real server again and again under writing clients, who keep their own books.

    python3 Tools/Checks/kills.py [rounds, default 15] [seed]
    python3 Tools/Checks/kills.py each [calls, default 500]

Each client owns a cohort, sends one import after another, each with an idempotency key, and notes
what was acknowledged. After each kill the server starts again; every client sends what it never
heard of once more under the same key, and its cohort must then be exactly what its book says.
Half of the rounds die by `kill -9` after a random number of answers, the others at a chosen system
call, under strace; `each`: at the first, the second and so on of every kind of call.
"""

import random
import sys
import threading

import requests

from shop import Shop, check, equal

CLIENTS = 8
CALLS = ["pwrite64", "fdatasync", "rename"]
USERS = [f"user-{n}" for n in range(300)]


class Client:
    def __init__(self, number):
        self.cohort = f"cohort-{number}"
        self.random = random.Random(number)
        self.members = set()
        self.unknown = None
        self.number = number
        self.sent = 0

    def request(self):
        users = self.random.sample(USERS, self.random.randrange(1, 60))
        removes = self.random.random() < 0.4
        self.sent += 1
        return (f"{self.cohort}-{self.sent}", users, removes)

    def send(self, shop, session):
        """Sends the request that is not known to be durable, or the next one."""
        self.unknown = self.unknown or self.request()
        key, users, removes = self.unknown
        answer = session.post(
            f"{shop.url}/partners/hightouch/cohorts/users", timeout=60,
            headers={"Idempotency-Key": key},
            json=shop.body(cohort_id=self.cohort, cohort_changes=[
                {"user_ids": users, "should_remove": removes}]))
        if answer.status_code != 201:
            check(answer.status_code == 503, f"{answer.status_code}: {answer.text}")
            return False
        self.members = self.members - set(users) if removes else self.members | set(users)
        self.unknown = None
        return True

    def run(self, shop, count):
        session = requests.Session()
        try:
            while self.send(shop, session):
                count()
        except requests.RequestException:
            pass


def life(shop, clients, generator, place=None):
    """Starts, writes, dies, at a place or after so many answers."""
    wrap, die_after = (), generator.randrange(1, 120)
    if place:
        call, nth = place
        wrap = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                "-e", f"inject={call}:signal=SIGKILL:when={nth}")
        die_after = 400 + 4 * nth
    try:
        shop.start(wrap=wrap)
    except AssertionError:
        check(wrap, "the server did not start")
        shop.kill()
        return f"died at its start, {call} {nth}"
    lock, answered = threading.Lock(), [0]

    def count():
        with lock:
            answered[0] += 1
            if answered[0] == die_after:
                shop.kill_server()

    threads = [threading.Thread(target=c.run, args=(shop, count)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.kill()
    return f"{answered[0]} answers, then " + (f"{call} {nth}" if wrap else "kill -9")


def settle(shop, clients, key):
    """Every book is right, once what nobody heard of has been sent again."""
    shop.start()
    session = requests.Session()
    for client in clients:
        if client.unknown:
            check(client.send(shop, session), "a repeated request was not taken")
        answer = session.get(
            f"{shop.url}/ledger/cohorts/hightouch/{client.cohort}/members?limit=1000",
            headers={"Authorization": f"Bearer {key}"})
        if answer.status_code == 404:
            equal(client.members, set(), client.cohort)
            continue
        equal({m["external_id"] for m in answer.json()["members"]}, client.members, client.cohort)
    shop.stop()
    equal(shop.run("verify", check=False).returncode, 0, "verify")


def places(generator, words):
    """Where each round dies; `None` for anywhere."""
    if words[:1] == ["each"]:
        return [(call, nth) for nth in range(1, 1 + int(words[1] if words[1:] else 500))
                for call in CALLS]
    return [(generator.choice(CALLS[:2]), generator.randrange(2, 60)) if number % 2 else None
            for number in range(int(words[0]) if words else 15)]


def main():
    is_chosen = len(sys.argv) > 2 and sys.argv[1] != "each"
    seed = int(sys.argv[2]) if is_chosen else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    with Shop() as shop:
        shop.partner()
        shop.users(USERS)
        key = shop.rest_key()
        clients = [Client(number) for number in range(CLIENTS)]
        all_places = places(generator, sys.argv[1:])
        for number, place in enumerate(all_places):
            print(f"round {number + 1}: {life(shop, clients, generator, place)}", flush=True)
            settle(shop, clients, key)
    print(f"{len(all_places)} kills; every acknowledged import is there, none twice")


if __name__ == "__main__":
    main()
