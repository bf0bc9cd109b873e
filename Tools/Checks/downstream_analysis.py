#!/usr/bin/env python3
"""DuckDB, ClickHouse and Spark answer as the ledger does, fed by the feed and by exports.

    python3 Tools/Checks/downstream_analysis.py [seed]

DuckDB and ClickHouse follow the feed and die while they write; the ledger is restored in
between. Then `cohort export changes` is read by DuckDB, which follows on from its checkpoint, and by
Spark, as it is and as a table. Members, sizes and segments as of many positions are compared.
"""

import json
import os
import random
import subprocess
import sys

from downstream_story import COHORTS, Story
from shop import ROOT, Shop, check, equal

DOWNSTREAM = ROOT / "Tools" / "downstream"
sys.path.insert(0, str(DOWNSTREAM))



class Follower:
    def __init__(self, shop, script, target, key_file):
        self.shop, self.script, self.target, self.key_file = shop, script, target, key_file

    def run(self, until, dies_at=None):
        call, when = dies_at or (None, None)
        wrap = [] if dies_at is None else [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:signal=SIGKILL:when={when}"]
        done = subprocess.run(
            [*wrap, sys.executable, str(DOWNSTREAM / self.script), self.target, "follow", "--url",
             self.shop.url, "--key-file", self.key_file, "--until", str(until), "--page", "20"],
            capture_output=True, text=True, timeout=180)
        check(dies_at is not None or done.returncode == 0, f"{self.script}: {done.stderr}")
        return done

    def die_and_resume(self, story, generator):
        died = 0
        for _ in range(2):
            story.go_on(20)
            dies_at = (generator.choice(["fdatasync", "write"]), generator.randrange(1, 12))
            died += self.run(story.end(), dies_at).returncode != 0
        return died, self.run(story.end()).stderr


def random_filter(generator, depth=3):
    kind = generator.choice(["and", "or", "not", "leaf", "leaf"]) if depth else "leaf"
    if kind == "leaf":
        return {"cohorts": {"partner": "hightouch", generator.choice(["includes", "excludes"]):
                            generator.sample(COHORTS, generator.randrange(1, 3))}}
    if kind == "not":
        return {"not": random_filter(generator, depth - 1)}
    return {kind: [random_filter(generator, depth - 1) for _ in range(generator.randrange(1, 4))]}


class Truth:
    """The ledger's own answers, asked once."""

    def __init__(self, story, generator, count=4):
        self.end = story.end()
        self.positions = [*generator.sample(range(1, self.end), count), self.end]
        self.members = {(cohort, position): sorted(story.members(cohort, position))
                        for cohort in COHORTS for position in self.positions}
        self.segments = [(filter_, position, story.size(filter_, position))
                         for position in self.positions
                         for filter_ in [random_filter(generator) for _ in range(2)]]
        check(sum(map(len, self.members.values())) > 200, "hardly anybody was compared")

    def compare(self, history, what):
        equal(history.end(), self.end, f"{what}: where it stands")
        for (cohort, position), wanted in self.members.items():
            equal(history.members("hightouch", cohort, position), wanted,
                  f"{what}: {cohort} as of {position}")
        for filter_, position, size in self.segments:
            equal(len(history.segment(filter_, position)), size,
                  f"{what}: {json.dumps(filter_)} as of {position}")
        for cohort in COHORTS:
            self.compare_sizes(dict(history.sizes("hightouch", cohort)), cohort, what)

    def compare_sizes(self, sizes, cohort, what):
        for position in self.positions:
            before = [at for at in sizes if at <= position]
            equal(sizes[max(before)] if before else 0, len(self.members[cohort, position]),
                  f"{what}: the size of {cohort} as of {position}")


def follow(shop, story, key_file, generator):
    """Kills, and a restore in the middle."""
    from clickhouse_bitmaps import Bitmaps
    from duckdb_history import History
    duck = Follower(shop, "duckdb_history.py", shop.folder + "/shop.duckdb", key_file)
    house = Follower(shop, "clickhouse_bitmaps.py", shop.folder + "/clickhouse", key_file)
    deaths = 0
    for restored in (False, True):
        if restored:
            known = story.end()
            shop.run("backup", shop.folder + "/backup")
            shop.stop()
            shop.run("restore", shop.folder + "/backup", "--to", str(known // 2))
            shop.start()
            story.begin()
            story.go_on(20)
        results = [one.die_and_resume(story, generator) for one in (duck, house)]
        duck.run(story.end())
        truth = Truth(story, generator)
        history = History(duck.target)
        truth.compare(history, "DuckDB")
        history.database.close()
        bitmaps = Bitmaps(house.target)
        truth.compare(bitmaps, "ClickHouse")
        bitmaps.session.close()
        deaths += sum(died for died, _ in results)
        print(f"up to #{truth.end}: DuckDB died {results[0][0]} times, ClickHouse {results[1][0]};"
              " both equal", flush=True)
    check(deaths, "nothing died")


def exports(shop, story, key_file, generator):
    from duckdb_history import History
    from facts import Export
    truth = Truth(story, generator)
    shop.run("export", "changes", shop.folder + "/ndjson")
    shop.run("export", "changes", shop.folder + "/csv", "--format", "csv", "--identifiers", "none")
    for kind in ("csv", "ndjson"):
        target = f"{shop.folder}/{kind}.duckdb"
        history = History(target)
        history.load(Export(f"{shop.folder}/{kind}").verify())
        truth.compare(history, f"DuckDB from {kind}")
        history.database.close()
    story.go_on(20)
    Follower(shop, "duckdb_history.py", target, key_file).run(story.end())
    later = Truth(story, generator, 3)
    history = History(target)
    later.compare(history, "DuckDB, on from an export")
    history.database.close()
    print(f"exports up to #{truth.end}: DuckDB equal, and on from there to #{later.end}", flush=True)
    return truth


class SparkAnswers:
    """Questions as `Truth` asks them, with few jobs: Spark is slow to begin one."""

    def __init__(self, history, truth):
        self.history = history
        self.members_at = {}
        for position in truth.positions:
            for row in history.members_of_all(position).collect():
                self.members_at.setdefault((row.cohort, position), []).append(row.user)
        self.sizes_of = {}
        for row in history.sizes().collect():
            self.sizes_of.setdefault(row.cohort, []).append((row["at"], row["size"]))

    def end(self):
        return self.history.end()

    def members(self, partner, cohort, position):
        return sorted(self.members_at.get((f"{partner}/{cohort}", position), []))

    def sizes(self, partner, cohort):
        return self.sizes_of[f"{partner}/{cohort}"]

    def segment(self, filter_, position):
        return [row.user for row in self.history.segment(filter_, position).collect()]


def spark(shop, truth):
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_SUBMIT_ARGS"] = (
        "--master local[2] --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false --conf spark.sql.shuffle.partitions=2"
        f" --conf spark.sql.warehouse.dir={shop.folder}/warehouse pyspark-shell")
    from spark_history import History, prepare, session
    engine = session()
    engine.sparkContext.setLogLevel("ERROR")
    truth.positions = truth.positions[-3:]
    truth.members = {key: found for key, found in truth.members.items() if key[1] in truth.positions}
    truth.segments = truth.segments[-4:]
    direct = SparkAnswers(History(engine, f"{shop.folder}/ndjson"), truth)
    truth.compare(direct, "Spark on an export")
    table = f"{shop.folder}/table"
    prepare(engine, f"{shop.folder}/csv", table, "shop")
    history = History(engine, table, "shop")
    truth.compare(SparkAnswers(history, truth), "Spark on a table")
    one = sorted(row.user for row in history.members("hightouch", "été", truth.end).collect())
    equal(one, truth.members["été", truth.end], "Spark: one cohort of a table")
    engine.stop()
    print(f"Spark: equal at {len(truth.positions)} positions, {len(truth.segments)} segments,"
          " on an export and on a table", flush=True)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    with Shop() as shop:
        shop.partner()
        key_file = os.path.join(shop.folder, "key")
        with open(key_file, "w") as file:
            file.write(shop.rest_key("ledger.read"))        # no identifiers are needed
        shop.start()
        story = Story(shop, shop.rest_key(), seed)
        story.go_on(60)
        follow(shop, story, key_file, generator)
        truth = exports(shop, story, key_file, generator)
        shop.stop()
        spark(shop, truth)


if __name__ == "__main__":
    main()
