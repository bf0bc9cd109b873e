#!/usr/bin/env python3
"""Cohorts as bitmaps in ClickHouse, embedded (`chdb`): one folder, no server. Users are numbers.

    python3 clickhouse_bitmaps.py DIR follow --url … --key-file …        a key with `ledger.read`
    python3 clickhouse_bitmaps.py DIR members hightouch/vip --as-of 5000
    python3 clickhouse_bitmaps.py DIR sizes hightouch/vip
    python3 clickhouse_bitmaps.py DIR segment '{"and":[…]}' --as-of 5000

ClickHouse has no transactions over tables. What it has is an insert that is there whole or not at
all: so a batch of the feed is *one* insert into *one* table, and its last row is the checkpoint.
The bitmaps are made from that table, and can be thrown away.
"""

import argparse
import os

from chdb import session

import feed as feeds
import filters
import questions
from facts import changes, people
from feed import Checkpoint

# `partner` is empty for people (they exist or not), and `kind` is 'checkpoint' for the last row of
# a batch, which has the epoch in `cohort_id`. One partition, and blocks as large as any batch: so
# that an insert is one part. Durable before it is believed.
SCHEMA = [
    "CREATE DATABASE IF NOT EXISTS ledger",
    """CREATE TABLE IF NOT EXISTS ledger.log (
        position UInt64, time_us Int64, partner LowCardinality(String), cohort_id String,
        kind LowCardinality(String), sign Int8, user UInt64)
       ENGINE = MergeTree ORDER BY (partner, cohort_id, position, user)
       SETTINGS fsync_after_insert = 1, fsync_part_directory = 1""",
    # Who is in at a position that ends a batch.
    """CREATE TABLE IF NOT EXISTS ledger.bitmaps (
        partner LowCardinality(String), cohort_id String, position UInt64,
        members AggregateFunction(groupBitmap, UInt64))
       ENGINE = ReplacingMergeTree ORDER BY (partner, cohort_id, position)""",
]

COLUMNS = ("position", "time_us", "partner", "cohort_id", "kind", "sign", "user")


class Bitmaps:
    def __init__(self, folder):
        self.folder = folder
        self.session = session.Session(os.path.join(folder, "clickhouse"))
        for words in SCHEMA:
            self.run(words)

    def run(self, words):
        return self.session.query(words, "TabSeparated")

    def rows(self, words):
        text = self.run(words).bytes().decode()
        return [line.split("\t") for line in text.splitlines()]

    def open(self, ledger):
        """Which events are in the table; nothing behind the last checkpoint row can be there."""
        path = os.path.join(self.folder, "ledger")
        if not os.path.exists(path):
            with open(path + ".part", "w") as file:
                file.write(ledger)
            os.replace(path + ".part", path)
        with open(path) as file:
            known = file.read()
        if known != ledger:
            raise SystemExit(f"The folder is of ledger {known}, not of {ledger}. Take another.")
        # Killed between the two inserts of a batch, its bitmaps are missing.
        drawn, = self.rows("SELECT max(position) FROM ledger.bitmaps")
        self.draw(int(drawn[0]), self.checkpoint().position)
        return self.checkpoint()

    def checkpoint(self):
        found = self.points()
        return found[-1] if found else feeds.ORIGIN

    def points(self):
        return [Checkpoint(int(position), epoch) for position, epoch in self.rows(
            "SELECT position, cohort_id FROM ledger.log WHERE kind = 'checkpoint'"
            " ORDER BY position")]

    # Forward

    def apply(self, before, events):
        if self.checkpoint() != before:
            raise SystemExit("Somebody else has moved the checkpoint. End one of us.")
        after = feeds.at(events[-1])
        lines = []
        for event in events:
            for position, time_us, kind, sign, user in people(event):
                lines.append((position, time_us, "", "", kind, sign, user))
            lines += changes(event)
        lines.append((after.position, 0, "", after.epoch, "checkpoint", 0, 0))
        path = os.path.join(self.folder, "batch.tsv")
        with open(path, "w") as file:
            file.writelines("\t".join(map(field, line)) + "\n" for line in lines)
        size = len(lines) + 1
        self.run(f"""
            INSERT INTO ledger.log SELECT * FROM file('{quoted(os.path.abspath(path))}',
                'TabSeparated', 'position UInt64, time_us Int64, partner String, cohort_id String,
                kind String, sign Int8, user UInt64')
            SETTINGS max_threads = 1, max_insert_threads = 1, max_block_size = {size},
                min_insert_block_size_rows = {size}, min_insert_block_size_bytes = 0,
                input_format_parallel_parsing = 0""")
        self.draw(before.position, after.position)
        return after

    def draw(self, before, after):
        """New bitmaps of the cohorts that a batch changed: the last word on each user counts."""
        self.run(f"""
            INSERT INTO ledger.bitmaps
            SELECT partner, cohort_id, {after},
                bitmapOr(bitmapAndnot(old.members, new.gone), new.come)
            FROM (
                SELECT partner, cohort_id,
                    groupBitmapStateIf(user, last > 0) AS come,
                    groupBitmapStateIf(user, last < 0) AS gone
                FROM (
                    SELECT partner, cohort_id, user, argMax(sign, position) AS last
                    FROM ledger.log
                    WHERE position > {before} AND position <= {after} AND kind != 'checkpoint'
                    GROUP BY partner, cohort_id, user)
                GROUP BY partner, cohort_id) AS new
            LEFT JOIN (
                SELECT partner, cohort_id, argMax(members, position) AS members
                FROM ledger.bitmaps WHERE position <= {before}
                GROUP BY partner, cohort_id) AS old USING (partner, cohort_id)""")

    # Back

    def go_back(self, feed, before):
        """After a restore: deletes every batch that the ledger does not have whole any more.

        Killed half-way, the last checkpoint row that is left is of the old history still, or a good
        one: either way the next start goes on here.
        """
        points = self.points()
        index = feeds.last_held(feed, len(points), lambda index: points[index])
        after = points[index] if index >= 0 else feeds.ORIGIN
        for table in ("bitmaps", "log"):
            self.run(f"ALTER TABLE ledger.{table} DELETE WHERE position > {after.position}"
                     " SETTINGS mutations_sync = 2")
        return after

    # Questions

    def bitmap(self, partner, cohort, position):
        """An expression: the last bitmap not later, and what happened since."""
        where = f"partner = '{quoted(partner)}' AND cohort_id = '{quoted(cohort)}'"
        start, = self.rows(
            f"SELECT max(position) FROM ledger.bitmaps WHERE {where} AND position <= {position}")
        start = int(start[0])
        since = f"{where} AND kind != 'checkpoint' AND position > {start} AND position <= {position}"

        def net(sign):
            return (f"(SELECT groupBitmapStateIf(user, last {sign} 0) FROM (SELECT user,"
                    f" argMax(sign, position) AS last FROM ledger.log WHERE {since} GROUP BY user))")

        old = (f"(SELECT groupBitmapMergeState(members) FROM (SELECT members FROM ledger.bitmaps"
               f" WHERE {where} AND position = {start} LIMIT 1))")
        return f"bitmapOr(bitmapAndnot({old}, {net('<')}), {net('>')})"

    def end(self):
        return self.checkpoint().position

    def numbers(self, bitmap):
        return [int(user) for user, in self.rows(f"SELECT arrayJoin(arraySort(bitmapToArray({bitmap})))")]

    def members(self, partner, cohort, position):
        return self.numbers(self.bitmap(partner, cohort, position))

    def segment(self, filter_, position):
        everyone = self.bitmap("", "", position)
        both = "bitmapAnd({}, {})".format
        return self.numbers(both(everyone, filters.expression(
            filter_, lambda partner, cohort: self.bitmap(partner, cohort, position), both,
            "bitmapOr({}, {})".format, lambda one: f"bitmapAndnot({everyone}, {one})")))

    def sizes(self, partner, cohort):
        return [(int(position), int(size)) for position, size in self.rows(f"""
            SELECT position, toInt64(sum(sum(sign)) OVER (ORDER BY position)) FROM ledger.log
            WHERE partner = '{quoted(partner)}' AND cohort_id = '{quoted(cohort)}'
            GROUP BY position ORDER BY position""")]


def quoted(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


def field(value):
    """As TabSeparated wants it."""
    return (str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
            .replace("\r", "\\r"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    verbs = parser.add_subparsers(dest="verb", required=True)
    feeds.arguments(verbs.add_parser("follow"))
    questions.arguments(verbs)
    words = parser.parse_args()
    os.makedirs(words.folder, exist_ok=True)
    bitmaps = Bitmaps(words.folder)
    if words.verb == "follow":
        return feeds.follow(bitmaps, words, identifiers=False)
    return questions.answer(bitmaps, words)


if __name__ == "__main__":
    main()
