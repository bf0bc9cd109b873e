#!/usr/bin/env python3
"""The whole way with real programs: rows in a warehouse become cohorts, and go on to a projection.

    python3 Tools/Checks/journey.py [weeks, default all] [seed]

The CDNOW purchases (beside the repository, otherwise generated ones) lie in a PostgreSQL. Three
models are SQL: repeat buyers, big spenders, lapsed customers. At the end of each week new customers
become users, and `cohort sync run` tells the server what has changed in each model. The members as
of each week must be what the same SQL says in the warehouse, and a projection in the same PostgreSQL
must end equal. In between the sync and the server are killed at chosen requests, before, at and behind
each, and at chosen writes of the sync's files, and the projection at its system calls. Each of these
must have happened.
"""

import datetime
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

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


class Relay:
    """Stands between the syncs and the server, and counts requests; somebody may die at one.

    Requests are counted by their first bytes: the client sends the next one only behind an answer.
    """

    MOMENTS = ["before it arrives", "while it is answered", "behind its answer"]

    def __init__(self, port):
        self.target, self.requests, self.plan = port, 0, None
        self.killed, self.lock = [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, number=None, moment=None, kill=None):
        """Counts anew. `kill` is called at that request, once."""
        with self.lock:
            self.requests, self.plan = 0, kill and (number, moment, kill)

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=120)
        except OSError:
            return client.close()                   # the server is dead: so is the way to it
        state = {"asks": False, "number": 0}
        back = threading.Thread(target=self.answer, args=[client, server, state], daemon=True)
        back.start()
        try:
            while data := client.recv(1 << 16):
                if not state["asks"]:
                    state["asks"] = True
                    with self.lock:
                        self.requests += 1
                        state["number"] = self.requests
                    self.meet(state["number"], 0)
                server.sendall(data)
                self.meet(state["number"], 1)
        except OSError:
            pass
        self.close(client, server)

    def answer(self, client, server, state):
        try:
            while data := server.recv(1 << 16):
                client.sendall(data)
                state["asks"] = False
                self.meet(state["number"], 2)
        except OSError:
            pass
        self.close(client, server)

    @staticmethod
    def close(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def moments(self):
        """How often somebody died at each moment of a request, in words."""
        count = [sum(moment == one for _, one in self.killed) for moment in range(3)]
        return [f"{words} {times}" for words, times in zip(self.MOMENTS, count)]

    def meet(self, number, moment):
        with self.lock:
            if not self.plan or self.plan[:2] != (number, moment):
                return
            kill, self.plan = self.plan[2], None
            if kill():
                self.killed.append((number, moment))


class Journey:
    def __init__(self, shop, postgres, generator):
        self.shop, self.generator = shop, generator
        self.port = free_port()                     # the same one after each kill
        self.relay = Relay(self.port)
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
        self.deaths = dict.fromkeys(["sync at a request", "sync at a write", "server"], 0)
        self.fates, self.usual = [], {}

    def path(self, name):
        return os.path.join(self.shop.folder, name + ".json")

    def sync(self, name, sql, postgres):
        return {
            "name": name, "primary_key": "id", "match": {"external_id": "id"},
            "source": {"command": ["psql", "--csv", "-X", "-h", postgres.folder, "-U", "check",
                                   "-d", "postgres", "-c", sql]},
            "destination": {
                "endpoint": f"http://127.0.0.1:{self.relay.port}", "partner": "hightouch",
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
        return subprocess.Popen(
            [*wrap, program(), "sync", "run", self.path(name), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def kill(self, fate, victim):
        """At a request of the sync: it or the server; whether that was alive."""
        if fate == "server":
            was_alive = self.shop.server.poll() is None
            self.shop.kill_server()
            return was_alive
        while not victim:
            time.sleep(0.001)                       # its first request comes early
        was_alive = victim[0].poll() is None
        victim[0].kill()
        return was_alive

    def week(self, name):
        """One run of a sync, with whatever dies in it."""
        if not self.fates:
            # Each in its turn, so that none is left out.
            self.fates = self.generator.sample([*self.deaths, None, None], 5)
        fate = self.fates.pop()
        # As many requests as a run of this sync has had, so that the chosen one comes.
        number = self.generator.randint(1, self.usual.get(name, 1))
        moment = self.generator.randrange(3)
        if fate == "sync at a write":
            calls = "fsync,rename,renameat,renameat2"
            process = self.run(name, wrap=[
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e",
                f"inject={calls}:signal=SIGKILL:when={self.generator.randint(1, 3)}"])
            process.communicate(timeout=120)
            self.deaths[fate] += process.returncode != 0
        elif fate:
            before, victim = len(self.relay.killed), []
            self.relay.begin(number, moment, lambda: self.kill(fate, victim))
            victim.append(self.run(name))
            while victim[0].poll() is None and self.shop.server.poll() is None:
                time.sleep(0.01)
            self.relay.begin()                      # from here on nobody is killed
            self.deaths[fate] += len(self.relay.killed) - before
            if fate == "server" and len(self.relay.killed) > before:
                self.shop.server.wait()
                self.serve()
            victim[0].communicate(timeout=120)
        self.relay.begin()
        process = self.run(name)
        words, errors = process.communicate(timeout=120)
        equal(process.returncode, 0, f"sync {name}: {words} {errors}")
        report = json.loads(words)
        equal((report["stopped"], report["rejected"]), (None, 0), name)
        self.usual[name] = self.relay.requests
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
            if number % 3 == 2:
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
        journey.deaths["projection"] = deaths
        print("killed: " + ", ".join(f"{who} {count} times" for who, count in journey.deaths.items())
              + f"; at requests {', '.join(journey.relay.moments())}; {verdict}")
        for who, count in journey.deaths.items():
            check(count > 0 or len(ends) < 6, f"{who}: never killed")


if __name__ == "__main__":
    main()
