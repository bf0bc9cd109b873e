#!/usr/bin/env python3
"""The projection in PostgreSQL ends equal to its ledger, however often it is killed.

    python3 Tools/Checks/downstream_postgres.py [rounds, default 4] [seed]

Each round: requests of every kind; the projection dies at a random system call while it follows, by
the feed or by the log; sometimes the server dies too. In the middle the ledger is restored, twice,
before the projection hears of it; at the end it is lost, but for an early backup. After each round
members, identifiers and sizes as of many positions are compared with the ledger's own answers, and
erased texts are looked for.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys

import psycopg

from downstream_story import COHORTS, Story
from postgres import Postgres
from shop import ROOT, Shop, check, equal, program

PROJECTION = pathlib.Path(ROOT, "Tools", "downstream", "postgres_projection.py")

MEMBERS = """
    WITH bears AS (
        SELECT b.user_id, b.role, i.label, i.text
        FROM ledger.bearers b JOIN ledger.identifiers i USING (origin_position, item)
        WHERE b.from_position <= %(at)s AND (b.to_position IS NULL OR b.to_position > %(at)s))
    SELECT user_id, external_id,
        ARRAY(SELECT ARRAY[label, coalesce(text, '')] FROM bears b
              WHERE b.user_id = m.user_id AND role = 'alias'),
        ARRAY(SELECT coalesce(text, '') FROM bears b
              WHERE b.user_id = m.user_id AND role = 'device')
    FROM ledger.members_at('hightouch', %(cohort)s, %(at)s) m
"""


class Database:
    def __init__(self, address):
        self.connection = psycopg.connect(address, autocommit=True)

    def rows(self, words, values=None):
        return self.connection.execute(words, values).fetchall()

    def members(self, cohort, position):
        return {
            user: (external_id, sorted(map(tuple, aliases)), sorted(devices))
            for user, external_id, aliases, devices
            in self.rows(MEMBERS, {"cohort": cohort, "at": position})}

    def position(self):
        try:
            return self.rows("SELECT position FROM ledger.checkpoint")[0][0]
        except psycopg.errors.UndefinedTable:
            return 0


class Follower:
    """The projection as a process."""

    def __init__(self, shop, address, key_file):
        self.shop, self.address, self.key_file = shop, address, key_file
        self.words = os.path.join(shop.folder, "projection.log")

    def command(self, way, until):
        source = (["--url", self.shop.url, "--key-file", self.key_file] if way == "feed"
                  else ["--log", self.shop.storage, "--cohort", program()])
        return [sys.executable, str(PROJECTION), self.address, *source, "--until", str(until),
                "--page", "40"]

    def start(self, way, until, dies_at=None):
        wrap = [] if dies_at is None else [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=sendto",
            "-e", f"inject=sendto:signal=SIGKILL:when={dies_at}"]
        log = open(self.words, "a")
        return subprocess.Popen(
            [*wrap, *self.command(way, until)], stdout=subprocess.DEVNULL, stderr=log)

    @staticmethod
    def kill(process):
        """What strace runs, with all its children: strace ends by itself then."""
        try:
            with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
                for child in file.read().split():
                    os.kill(int(child), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass                                    # it is over already

    def finish(self, way, until):
        process = self.start(way, until)
        try:
            code = process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("the projection does not arrive: " + self.tail()) from None
        equal(code, 0, "the projection: " + self.tail())

    def tail(self):
        return open(self.words).read()[-3000:]


def compare(story, database, generator):
    end = story.end()
    equal(database.position(), end, "the checkpoint")
    positions = {end, *generator.sample(range(1, end + 1), min(14, end))}
    found = 0
    for position in sorted(positions):
        for cohort in COHORTS:
            wanted = story.members(cohort, position)
            equal(database.members(cohort, position), wanted, f"{cohort} as of {position}")
            found += len(wanted)
    check(found > 200, "hardly anybody was compared")
    for user in generator.sample(range(1, database.rows("SELECT max(user_id) FROM ledger.users")
                                       [0][0] + 1), 40):
        compare_user(story, database, user)
    for text in story.erased:
        for words in ["SELECT count(*) FROM ledger.identifiers WHERE text = %s",
                      "SELECT count(*) FROM ledger.unmatched WHERE text = %s",
                      "SELECT count(*) FROM ledger.other_events WHERE strpos(body::text, %s) > 0"]:
            equal(database.rows(words, [text])[0][0], 0, f"erased, and still there: {words}")
    compare_names(story, database)
    compare_imports(story.shop, database)
    return len(positions), found


def compare_user(story, database, user):
    answer = story.get("/ledger/users", user=user)
    check(answer.status_code == 200, answer.text)
    wanted = answer.json()
    deprecated = [text or "" for (text,) in database.rows(
        "SELECT i.text FROM ledger.bearers b JOIN ledger.identifiers i USING (origin_position, item)"
        " WHERE b.user_id = %s AND b.role = 'deprecated' AND b.to_position IS NULL", [user])]
    equal(sorted(deprecated), sorted(t or "" for t in wanted["deprecated_external_ids"]),
          f"deprecated ids of user {user}")
    into, = database.rows("SELECT ended_by, merged_into FROM ledger.users WHERE user_id = %s", [user])
    check((into[0] is None) == (wanted["status"] == "active"), f"user {user}: {into}, {wanted}")
    merged = [row[0] for row in database.rows("""
        WITH RECURSIVE family(user_id) AS (
            SELECT user_id FROM ledger.users WHERE merged_into = %s
            UNION SELECT u.user_id FROM ledger.users u JOIN family f ON u.merged_into = f.user_id)
        SELECT user_id FROM family ORDER BY 1""", [user])]
    equal(merged, sorted(wanted["merged_users"]), f"who was merged into user {user}")


def compare_names(story, database):
    wanted = {c["cohort_id"]: (c["name"], c["size"], c["archived"])
              for c in story.get("/ledger/cohorts", limit=100).json()["cohorts"]}
    found = {row[0]: row[1:] for row in database.rows("""
        SELECT cohort_id, name, (SELECT count(*) FROM ledger.memberships m
            WHERE m.cohort = c.cohort AND m.to_position IS NULL), is_archived
        FROM ledger.cohorts c JOIN ledger.cohort_versions v USING (cohort)
        WHERE v.to_position IS NULL""")}
    equal(found, wanted, "the cohorts")
    keys = {key["key_id"] for key in story.get("/ledger/keys").json()["keys"]}
    equal({row[0] for row in database.rows("SELECT key_id FROM ledger.keys")}, keys, "the keys")


def compare_imports(shop, database):
    """Requests too: a restore may have cut through one."""
    log = [json.loads(line) for line in shop.run("log", "--json").stdout.splitlines()]
    wanted = [(event["position"], event["request"], event["counts"], len(event["unmatched"]))
              for event in log if event["type"] == "membersChanged"]
    equal(database.rows("""
        SELECT from_position, request, counts, (SELECT count(*) FROM ledger.unmatched u
            WHERE u.from_position = i.from_position)
        FROM ledger.imports i ORDER BY 1"""), wanted, "the imports")
    unmatched = {(event["position"], item): one["identifier"]
                 for event in log if event["type"] == "membersChanged"
                 for item, one in enumerate(event["unmatched"])}
    for position, item, text in database.rows(
            "SELECT from_position, item, text FROM ledger.unmatched"):
        check(text in unmatched[position, item].values(), f"unmatched {item} of #{position}: {text}")


def restore(shop, story, number, to):
    """The ledger as it was at a position, and other things happening since."""
    backup = os.path.join(shop.folder, f"backup-{number}")
    shop.run("backup", backup)
    shop.stop()
    shop.run("restore", backup, "--to", str(to))
    shop.start()
    story.begin()
    story.go_on(25)


def lose(shop, story):
    """Everything since an early backup, and with it the knowledge of who was erased."""
    shop.stop()
    os.rename(shop.storage, shop.storage + "-lost")
    shop.run("restore", os.path.join(shop.folder, "early"), "--accept-lost-erasures-and-revocations")
    shop.start()
    story.begin()
    story.go_on(30)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    with Shop() as shop, Postgres() as postgres:
        shop.partner()
        key = shop.rest_key()
        key_file = os.path.join(shop.folder, "key")
        with open(key_file, "w") as file:
            file.write(key)
        shop.start()
        story, database = Story(shop, key, seed), Database(postgres.address)
        follower = Follower(shop, postgres.address, key_file)
        deaths = 0
        for number in range(rounds):
            way = ["feed", "log"][number % 2]
            story.go_on(30)
            if number == rounds // 2:
                follower.finish(way, story.end())
                story.go_on(20)
                follower.finish(way, story.end())
                known = database.position()
                restore(shop, story, 1, known // 3)
                restore(shop, story, 2, story.end() - 5)
                while story.end() <= known:         # the position is there again, of another epoch
                    story.go_on(10)
            died = 0
            for _ in range(3):
                story.go_on(20)
                process = follower.start(way, story.end(), dies_at=generator.randrange(2, 60))
                if generator.random() < 0.4:
                    shop.kill()                     # under the projection's hands
                    shop.start()
                    if way == "feed":
                        follower.kill(process)      # the new server has another port
                died += process.wait(timeout=120) != 0
            deaths += died
            follower.finish(way, story.end())
            positions, members = compare(story, database, generator)
            print(f"round {number + 1}, by the {way}: died {died} times; equal at"
                  f" {positions} positions, {members} members, up to #{story.end()}", flush=True)
            if number == 0:
                shop.run("backup", os.path.join(shop.folder, "early"))
                erased = list(story.erased)
        lose(shop, story)
        story.erased = erased
        follower.finish("feed", story.end())
        positions, members = compare(story, database, generator)
        check("is begun anew" in follower.tail(), "the loss was not noticed")
        print(f"begun anew: equal at {positions} positions, {members} members, up to #{story.end()}")
        shop.stop()
        check(deaths >= rounds // 2, "hardly anything died")
        check("went back from" in follower.tail() or rounds < 2, "nobody noticed the restore")


if __name__ == "__main__":
    main()
