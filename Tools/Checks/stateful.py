#!/usr/bin/env python3
"""A model of the ledger in a few lines, and the real server beside it, through random lives.

    python3 Tools/Checks/stateful.py [lives, default 12] [seed]

Hypothesis chooses what happens: users come, are renamed, merged and deleted, imports add and remove
them, the server is stopped, or killed right behind a request of which nobody has heard. It then
starts again and is sent that request once more, under the same key. After every step the members
of a cohort are compared, now and as of some earlier step, and at the end as of every one. What
fails is made as short as it can be, and printed.
"""

import json
import random
import socket
import sys

import hypothesis
import requests
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test

from shop import Shop, check, equal

NAMES = [f"person {n}/\u00e9" for n in range(12)]
COHORTS = ["vip", "lapsed %2F"]

names = st.sampled_from(NAMES)
cohorts = st.sampled_from(COHORTS)
changes = st.lists(
    st.tuples(st.lists(names, max_size=6), st.booleans()), min_size=1, max_size=3
).filter(lambda parts: any(ids for ids, _ in parts))


class Model:
    """RULES §3 and §4, for users with external ids only."""

    def __init__(self):
        self.bearer = {}        # external id → user, those of users that were merged away too
        self.primary = {}       # user → its external id, living users only
        self.into = {}          # user that was merged away → its survivor
        self.members = {cohort: set() for cohort in COHORTS}
        self.seen = set()       # cohorts that exist
        self.next = 0

    def living(self):
        return sorted(self.primary.values())

    def create(self, name):
        if name not in self.bearer:
            self.bearer[name], self.primary[self.next] = self.next, name
            self.next += 1

    def rename(self, old, new):
        user = self.bearer[old]
        if new not in self.bearer:
            self.bearer[new], self.primary[user] = user, new

    def merge(self, loser, keeper):
        loser, keeper = self.bearer[loser], self.bearer[keeper]
        if loser == keeper:
            return
        del self.primary[loser]
        self.into[loser] = keeper
        for members in self.members.values():
            if loser in members:
                members.remove(loser)
                members.add(keeper)

    def delete(self, name):
        user = self.bearer[name]
        del self.primary[user]
        self.bearer = {n: u for n, u in self.bearer.items() if u != user}
        for members in self.members.values():
            members.discard(user)

    def push(self, cohort, parts):
        counts = dict.fromkeys(
            ("added", "already_member", "removed", "not_member", "unknown", "identified", "merged"),
            0)
        members = self.members[cohort]
        self.seen.add(cohort)
        for ids, removes in parts:
            for name in ids:
                user = self.bearer.get(name)
                if user is None:
                    outcome = "unknown"
                elif user in self.into:
                    outcome = "merged"
                elif removes:
                    outcome = "removed" if user in members else "not_member"
                    members.discard(user)
                else:
                    outcome = "already_member" if user in members else "added"
                    members.add(user)
                counts[outcome] += 1
        return counts

    def told(self, cohort):
        return sorted(self.primary[user] for user in self.members[cohort])


class Lives(RuleBasedStateMachine):
    """The rules are what may happen; a life is what Hypothesis makes of them."""

    def __init__(self):
        super().__init__()
        self.model, self.past, self.sent = Model(), [], 0
        self.shop = Shop()
        self.session = requests.Session()

    @initialize()
    def begin(self):
        self.shop.partner()
        self.key = self.shop.rest_key()
        self.shop.start()

    def teardown(self):
        try:
            if self.shop.server:
                for position, told in self.past:
                    for cohort in COHORTS:
                        equal(self.ask(cohort, position), told[cohort], f"{cohort} as of {position}")
                self.shop.stop()
                equal(self.shop.run("verify", check=False).returncode, 0, "verify")
        finally:
            self.session.close()
            self.shop.__exit__()

    # How it is asked

    def post(self, path, body):
        self.sent += 1
        answer = self.session.post(
            self.shop.url + path, json=body, timeout=60,
            headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"r{self.sent}"})
        check(answer.status_code in (201, 202), f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def note(self, position):
        told = {cohort: self.model.told(cohort) for cohort in COHORTS}
        # A later step at the same position recorded nothing.
        if self.past and self.past[-1][0] == position:
            equal(told, self.past[-1][1], "what a request that recorded nothing has changed")
        else:
            self.past.append((position, told))

    def ask(self, cohort, position=None):
        place = requests.utils.quote(cohort, safe="")
        answer = self.session.get(
            f"{self.shop.url}/ledger/cohorts/hightouch/{place}/members", timeout=60,
            params={"limit": 1000, **({"as_of": position} if position is not None else {})},
            headers={"Authorization": f"Bearer {self.key}"})
        if answer.status_code == 404:
            return []
        equal(answer.status_code, 200, answer.text)
        return sorted(member["external_id"] for member in answer.json()["members"])

    def body(self, cohort, parts):
        return self.shop.body(cohort_id=cohort, cohort_changes=[
            {"user_ids": ids, "should_remove": removes} for ids, removes in parts])

    # What may happen

    @rule(new=st.lists(names, min_size=1, max_size=6))
    def track(self, new):
        # Ids of users that were merged away stay taken; a request of nothing else is refused.
        into, bearer = self.model.into, self.model.bearer
        new = [name for name in new if bearer.get(name) not in into]
        if not new:
            return
        answer = self.post(
            "/users/track", {"attributes": [{"external_id": name} for name in new]})
        for name in new:
            self.model.create(name)
        self.note(answer["position"])

    @rule(cohort=cohorts, parts=changes)
    def push(self, cohort, parts):
        answer = self.post("/partners/hightouch/cohorts/users", self.body(cohort, parts))
        equal(answer["outcomes"], self.model.push(cohort, parts), "outcomes")
        self.note(answer["position"])

    @rule(data=st.data())
    def rename(self, data):
        living = self.model.living()
        if not living:
            return
        old, new = data.draw(st.sampled_from(living)), data.draw(names)
        answer = self.post("/users/external_ids/rename", {"external_id_renames": [
            {"current_external_id": old, "new_external_id": new}]})
        equal(bool(answer.get("rename_errors")), new in self.model.bearer, "refusals")
        self.model.rename(old, new)
        self.note(answer["position"])

    @rule(data=st.data())
    def merge(self, data):
        living = self.model.living()
        if len(living) < 2:
            return
        loser, keeper = data.draw(st.sampled_from(living)), data.draw(st.sampled_from(living))
        answer = self.post("/users/merge", {"merge_updates": [
            {"identifier_to_merge": {"external_id": loser},
             "identifier_to_keep": {"external_id": keeper}}]})
        self.model.merge(loser, keeper)
        self.note(answer["position"])

    @rule(data=st.data())
    def delete(self, data):
        # Whom nobody was merged into: what becomes of those names is tested elsewhere.
        survivors = set(self.model.into.values())
        living = [n for n in self.model.living() if self.model.bearer[n] not in survivors]
        if not living:
            return
        name = data.draw(st.sampled_from(living))
        answer = self.post("/users/delete", {"external_ids": [name]})
        equal(answer["deleted"], 1, "deleted")
        self.model.delete(name)
        self.note(answer["position"])

    @rule()
    def restart(self):
        self.shop.stop()
        self.shop.start()

    @rule(cohort=cohorts, parts=changes)
    def crash(self, cohort, parts):
        """A request is on its way when the server dies: nobody knows, until it is sent again."""
        body = json.dumps(self.body(cohort, parts)).encode()
        head = (f"POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: x\r\n"
                f"Idempotency-Key: r{self.sent + 1}\r\nContent-Length: {len(body)}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.shop.port)) as connection:
            connection.sendall(head.encode() + body)
            self.shop.kill()
        self.session.close()
        self.shop.start()
        answer = self.post("/partners/hightouch/cohorts/users", self.body(cohort, parts))
        expected = self.model.push(cohort, parts)
        equal(answer["outcomes"], expected, "outcomes")
        self.note(answer["position"])

    @invariant()
    def agrees(self):
        if not self.shop.server:
            return
        for cohort in COHORTS:
            equal(self.ask(cohort), self.model.told(cohort), cohort)
        if self.past:
            position, told = self.past[len(self.past) * 7 // 11]
            cohort = COHORTS[position % 2]
            equal(self.ask(cohort, position), told[cohort], f"{cohort} as of {position}")


def main():
    lives = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    hypothesis.seed(seed)(Lives)
    run_state_machine_as_test(Lives, settings=hypothesis.settings(
        max_examples=lives, stateful_step_count=40, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck)))
    print(f"{lives} lives: the server and the model agreed after every step")


if __name__ == "__main__":
    main()
