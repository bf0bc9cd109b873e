#!/usr/bin/env python3
"""The whole way with real programs: rows in a warehouse become cohorts, and go on to a projection.

    python3 Tools/Checks/journey.py [weeks, default all] [seed]

The CDNOW purchases (beside the repository, otherwise generated ones) lie in a PostgreSQL. Three
models are SQL: repeat buyers, big spenders, lapsed customers. At the end of each week new customers
become users, and `cohort sync run` tells the server what has changed in each model. The members as
of each week must be what the same SQL says in the warehouse, and a projection in the same PostgreSQL
must end equal. In between the sync, the server and the projection are killed at random system calls.
"""

import datetime
import json
import os
import random
import select
import socket
import subprocess
import sys

import psycopg
import requests

from downstream_postgres import Database, Follower
from postgres import Postgres
from shop import ROOT, Shop, check, equal, program

WINDOWS = {
    "repeat-buyers": """
        SELECT 'c' || customer AS id FROM purchases, today
        WHERE day <= today.day AND day > today.day - 84
        GROUP BY customer HAVING count(DISTINCT purchases.day) >= 2""",
    "big-spenders": """
        SELECT 'c' || customer AS id FROM purchases, today
        WHERE day <= today.day AND day > today.day - 182
        GROUP BY customer HAVING sum(cents) >= 10000""",
    "lapsed": """
        SELECT 'c' || customer AS id FROM purchases, today
        WHERE day <= today.day
        GROUP BY customer, today.day HAVING max(purchases.day) <= today.day - 182""",
}
MODELS = {name: " ".join(sql.replace("WHERE day", "WHERE purchases.day")
                         .replace("AND day", "AND purchases.day").split())
          for name, sql in WINDOWS.items()}


def purchases():
    """(customer, day, cents) of the real table, or of a made-up one of the same kind."""
    path = ROOT.parent / "shared" / "data" / "cdnow" / "CDNOW_master.txt"
    if path.exists():
        for line in path.read_text().splitlines():
            words = line.split()
            if len(words) == 4 and words[0].isdigit():
                day = datetime.datetime.strptime(words[1], "%Y%m%d").date()
                yield words[0], day, round(float(words[3]) * 100)
        return
    print("the CDNOW table is not here: a generated one takes its place")
    dice, first = random.Random(7), datetime.date(1997, 1, 1)
    for number in range(3_000):
        day = first + datetime.timedelta(days=dice.randrange(90))
        while day <= datetime.date(1998, 6, 30):
            yield f"{number:05}", day, dice.randrange(500, 9_000)
            day += datetime.timedelta(days=1 + int(dice.expovariate(1 / 70)))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Journey:
    def __init__(self, shop, postgres, generator):
        self.shop, self.generator = shop, generator
        self.port = free_port()                     # the same one after each kill
        self.warehouse = psycopg.connect(postgres.address, autocommit=True)
        self.warehouse.execute("CREATE TABLE purchases (customer text, day date, cents bigint)")
        self.warehouse.execute("CREATE TABLE today (day date)")
        with self.warehouse.cursor() as cursor:
            with cursor.copy("COPY purchases FROM STDIN") as copy:
                for row in purchases():
                    copy.write_row(row)
        shop.partner()
        self.key = shop.rest_key()
        self.serve()
        for name, text in [("partner.key", shop.partner_key), ("import.key", shop.import_key),
                           ("rest.key", self.key)]:
            with open(os.path.join(shop.folder, name), "w") as file:
                file.write(text)
        for name, sql in MODELS.items():
            with open(self.path(name), "w") as file:
                json.dump(self.sync(name, sql, postgres), file)
        self.deaths = {"sync": 0, "server": 0}

    def path(self, name):
        return os.path.join(self.shop.folder, name + ".json")

    def sync(self, name, sql, postgres):
        return {
            "name": name, "primary_key": "id", "match": {"external_id": "id"},
            "source": {"command": ["psql", "--csv", "-X", "-h", postgres.folder, "-U", "check",
                                   "-d", "postgres", "-c", sql]},
            "destination": {
                "endpoint": f"http://127.0.0.1:{self.port}", "partner": "hightouch",
                "partner_api_key": {"file": "partner.key"},
                "data_import_key": {"file": "import.key"}, "read_key": {"file": "rest.key"}},
            "cohort": {"create": {"cohort_id": name, "name": name}},
            "guard": {"allow_empty": True}}

    def serve(self, *wrap):
        self.shop.start("--listen", f"127.0.0.1:{self.port}", wrap=wrap)

    def begin_week(self, last, day):
        """New customers become users on their first day."""
        self.warehouse.execute("TRUNCATE today")
        self.warehouse.execute("INSERT INTO today VALUES (%s)", [day])
        new = self.warehouse.execute(
            "SELECT customer FROM purchases GROUP BY customer"
            " HAVING min(day) > %s AND min(day) <= %s", [last, day]).fetchall()
        if new:
            path = os.path.join(self.shop.folder, "new.csv")
            with open(path, "w") as file:
                file.write("external_id\n" + "".join(f"c{row[0]}\n" for row in new))
            equal(self.shop.json("users", "import", path)["created"], len(new), "new customers")

    def run(self, name, wrap=()):
        done = subprocess.Popen(
            [*wrap, program(), "sync", "run", self.path(name), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done

    def week(self, name):
        """One run of a sync, with whatever dies in it."""
        fate = self.generator.randrange(6)
        if fate == 0:
            calls = "sendto,fsync,renameat,renameat2,rename"
            process = self.run(name, wrap=[
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e",
                f"inject={calls}:signal=SIGKILL:when={self.generator.randrange(1, 12)}"])
            process.communicate(timeout=120)
            self.deaths["sync"] += process.returncode != 0
        elif fate == 1:
            self.shop.stop()
            self.serve("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                       f"inject=fdatasync:signal=SIGKILL:when={self.generator.randrange(2, 4)}")
            process = self.run(name)
            # The server's death or the end of the sync, whichever comes first.
            output = process.stdout.fileno(), self.shop.server.stdout.fileno()
            ready, _, _ = select.select(output, [], [], 120)
            if self.shop.server.stdout.fileno() in ready:
                self.shop.server.wait()
                self.deaths["server"] += 1
            else:
                self.shop.kill()
            self.serve()
            process.communicate(timeout=120)
        process = self.run(name)
        words, errors = process.communicate(timeout=120)
        equal(process.returncode, 0, f"sync {name}: {words} {errors}")
        report = json.loads(words)
        equal((report["stopped"], report["rejected"]), (None, 0), name)
        return report["position"] or self.end()     # nothing had changed

    def ask(self, path, **fields):
        answer = requests.get(
            f"http://127.0.0.1:{self.port}{path}", params=fields, timeout=60,
            headers={"Authorization": f"Bearer {self.key}", "Accept": "application/x-ndjson"})
        equal(answer.status_code, 200, answer.text[:500])
        return answer

    def end(self):
        return int(self.ask("/ledger/cohorts").headers["Ledger-Position"])

    def model(self, name, day):
        self.warehouse.execute("UPDATE today SET day = %s", [day])
        return {row[0] for row in self.warehouse.execute(MODELS[name]).fetchall()}

    def members(self, name, position):
        answer = self.ask(f"/ledger/cohorts/hightouch/{name}/members", as_of=position)
        people = [json.loads(line) for line in answer.text.splitlines()]
        return {one["external_id"] for one in people if "external_id" in one}


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    with Shop() as shop, Postgres() as postgres:
        journey = Journey(shop, postgres, generator)
        follower = Follower(shop, postgres.address, os.path.join(shop.folder, "rest.key"))
        first, last = journey.warehouse.execute(
            "SELECT min(day), max(day) FROM purchases").fetchone()
        weeks = [first + datetime.timedelta(days=6 + 7 * n)
                 for n in range((last - first).days // 7 + 1)]
        weeks = weeks[:int(sys.argv[1])] if len(sys.argv) > 1 else weeks
        ends, before, deaths = [], first - datetime.timedelta(days=1), 0
        for number, day in enumerate(weeks):
            journey.begin_week(before, day)
            ends.append((day, {name: journey.week(name) for name in MODELS}))
            before = day
            if number % 10 == 9:
                end = max(ends[-1][1].values())
                process = follower.start("feed", end, dies_at=generator.randrange(2, 40))
                deaths += process.wait(timeout=120) != 0
        found = 0
        end = max(ends[-1][1].values())
        follower.finish("feed", end)
        database = Database(postgres.address)
        database.connection.execute("ANALYZE")
        for day, positions in ends:
            for name, position in positions.items():
                wanted = journey.model(name, day)
                equal(journey.members(name, position), wanted, f"{name} as of {day}")
                projected = {one[0] for one in database.members(name, position).values()}
                equal(projected, wanted, f"{name} as of {day} in the projection")
                found += len(wanted)
        check(found > 0, "nobody was ever a member")
        shop.stop()
        verdict = shop.run("verify").stdout.strip().splitlines()[-1]
        check("sound" in verdict, verdict)
        print(f"{len(ends)} weeks, 3 models: {found} members as of the end of their week are those of"
              f" the warehouse, in the ledger and in the projection")
        print(f"killed: sync {journey.deaths['sync']}, server {journey.deaths['server']},"
              f" projection {deaths} times; {verdict}")


if __name__ == "__main__":
    main()
