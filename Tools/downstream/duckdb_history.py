#!/usr/bin/env python3
"""The history of a ledger in one DuckDB file, for analysis on one machine. Users are numbers.

    cohort export changes changes --identifiers none
    python3 duckdb_history.py shop.duckdb load changes            all up to the export's position
    python3 duckdb_history.py shop.duckdb follow --url … --key-file …     and what comes, `ledger.read`
    python3 duckdb_history.py shop.duckdb members hightouch/vip --as-of 5000
    python3 duckdb_history.py shop.duckdb sizes hightouch/vip
    python3 duckdb_history.py shop.duckdb segment '{"and":[…]}' --as-of 5000

or any SQL on the tables `changes` and `people`. Rows and checkpoint change in one transaction.
"""

import argparse

import duckdb

import feed as feeds
import filters
import questions
from facts import Export, changes, people
from feed import Checkpoint

SCHEMA = """
    CREATE TABLE IF NOT EXISTS checkpoint (ledger VARCHAR, position BIGINT, epoch VARCHAR);
    CREATE TABLE IF NOT EXISTS epochs (first_position BIGINT, epoch VARCHAR);
    CREATE TABLE IF NOT EXISTS changes (
        position BIGINT, time_us BIGINT, partner VARCHAR, cohort_id VARCHAR, kind VARCHAR,
        sign TINYINT, user_id BIGINT);
    CREATE TABLE IF NOT EXISTS people (
        position BIGINT, time_us BIGINT, kind VARCHAR, sign TINYINT, user_id BIGINT);
    CREATE OR REPLACE MACRO members_at(of_partner, of_cohort, as_of) AS TABLE
        SELECT user_id FROM changes
        WHERE partner = of_partner AND cohort_id = of_cohort AND position <= as_of
        GROUP BY user_id HAVING sum(sign) = 1;
    CREATE OR REPLACE MACRO sizes(of_partner, of_cohort) AS TABLE
        SELECT position, make_timestamptz(any_value(time_us)) AS time,
            CAST(sum(sum(sign)) OVER (ORDER BY position) AS BIGINT) AS size
        FROM changes WHERE partner = of_partner AND cohort_id = of_cohort
        GROUP BY position ORDER BY position;
"""

TYPES = {"position": "BIGINT", "time_us": "BIGINT", "user": "BIGINT", "partner": "VARCHAR",
         "cohort_id": "VARCHAR", "kind": "VARCHAR", "direction": "VARCHAR"}
COLUMNS = {"files": ("position", "time_us", "partner", "cohort_id", "kind", "direction", "user"),
           "users": ("position", "time_us", "kind", "user")}


class History:
    def __init__(self, path):
        self.database = duckdb.connect(path)
        self.database.execute(SCHEMA)

    def one(self, words, values=()):
        return self.database.execute(words, list(values)).fetchone()

    def transaction(self, work):
        self.database.execute("BEGIN")
        try:
            result = work()
            self.database.execute("COMMIT")
            return result
        except BaseException:
            self.database.execute("ROLLBACK")
            raise

    def open(self, ledger):
        known = self.one("SELECT ledger, position, epoch FROM checkpoint")
        if known is None:
            self.database.execute("INSERT INTO checkpoint VALUES (?, 0, NULL)", [ledger])
            return feeds.ORIGIN
        if known[0] != ledger:
            raise SystemExit(f"The file is of ledger {known[0]}, not of {ledger}. Take another.")
        return Checkpoint(*known[1:])

    def move(self, before, after):
        self.database.execute(
            "UPDATE checkpoint SET position = ?, epoch = ?", [after.position, after.epoch])
        if after.epoch != before.epoch:
            self.database.execute(
                "INSERT INTO epochs VALUES (?, ?)", [after.position, after.epoch])

    # From an export

    def load(self, export):
        """Replaces everything by an export."""
        manifest = export.manifest

        def read(kind):
            types = ", ".join(f"'{name}': '{TYPES[name]}'" for name in COLUMNS[kind])
            if export.format == "csv":
                return f"read_csv(?, header = true, quote = '\"', types = {{{types}}})"
            return f"read_json(?, format = 'newline_delimited', columns = {{{types}}})"

        def work():
            for table in ("changes", "people", "checkpoint", "epochs"):
                self.database.execute(f"DELETE FROM {table}")
            if manifest["files"]:
                self.database.execute(f"""
                    INSERT INTO changes
                    SELECT position, time_us, partner, cohort_id, kind,
                        CASE direction WHEN 'entered' THEN 1 ELSE -1 END, "user"
                    FROM {read("files")}""", [export.paths("files")])
            if manifest["users"]:
                self.database.execute(f"""
                    INSERT INTO people
                    SELECT position, time_us, kind, CASE kind WHEN 'created' THEN 1 ELSE -1 END,
                        "user" FROM {read("users")}""", [export.paths("users")])
            self.database.execute(
                "INSERT INTO checkpoint VALUES (?, 0, NULL)", [manifest["ledger"]])
            self.move(feeds.ORIGIN, feeds.checkpoint(manifest["checkpoint"]))
            rows, = self.one("SELECT count(*) FROM changes")
            if rows != manifest["rows"]:
                raise SystemExit(f"{rows} rows instead of {manifest['rows']}. Export again.")

        self.transaction(work)

    # From the feed

    def apply(self, before, events):
        after = feeds.at(events[-1])
        rows = [row for event in events for row in changes(event)]
        persons = [row for event in events for row in people(event)]

        def work():
            if Checkpoint(*self.one("SELECT position, epoch FROM checkpoint")) != before:
                raise SystemExit("Somebody else has moved the checkpoint. End one of us.")
            insert(self.database, "changes", rows)
            insert(self.database, "people", persons)
            epoch = before
            for event in events:
                if event["epoch"] != epoch.epoch:
                    self.move(epoch, feeds.at(event))
                    epoch = feeds.at(event)
            self.move(after, after)

        self.transaction(work)
        return after

    def go_back(self, feed, before):
        """After a restore: deletes what the ledger does not have any more. Rows are never changed,
        so what is left is what stood here then."""
        runs = self.database.execute(
            "SELECT first_position, epoch FROM epochs ORDER BY first_position DESC").fetchall()
        start = min((first for first, _ in runs), default=0)

        def point(index):
            position = start + index
            return Checkpoint(position, next(e for first, e in runs if first <= position))

        # An export tells the epoch of its end only: before that nothing can be compared.
        index = feeds.last_held(feed, before.position - start + 1, point)
        after = point(index) if index >= 0 else feeds.ORIGIN

        def work():
            for table in ("changes", "people"):
                self.database.execute(f"DELETE FROM {table} WHERE position > ?", [after.position])
            self.database.execute("DELETE FROM epochs WHERE first_position > ?", [after.position])
            self.database.execute(
                "UPDATE checkpoint SET position = ?, epoch = ?", [after.position, after.epoch])

        self.transaction(work)
        return after

    # Questions

    def end(self):
        return self.one("SELECT position FROM checkpoint")[0]

    def members(self, partner, cohort, position):
        return [row[0] for row in self.database.execute(
            "SELECT user_id FROM members_at(?, ?, ?) ORDER BY 1",
            [partner, cohort, position]).fetchall()]

    def sizes(self, partner, cohort):
        return self.database.execute(
            "SELECT position, size FROM sizes(?, ?)", [partner, cohort]).fetchall()

    def segment(self, filter_, position):
        """One pass over the changes: a column for each cohort of the filter."""
        named = filters.cohorts(filter_)
        values, columns = [], []
        for number, (partner, cohort) in enumerate(named):
            columns.append(f"coalesce(sum(sign) FILTER (WHERE partner = ? AND cohort_id = ?), 0) = 1"
                           f" AS m{number}")
            values += [partner, cohort]
        where = " OR ".join("(partner = ? AND cohort_id = ?)" for _ in named)
        values += [position, *(name for pair in named for name in pair), position]
        holds = filters.expression(
            filter_, lambda p, c: f"coalesce(m{named.index((p, c))}, false)",
            lambda a, b: f"({a} AND {b})", lambda a, b: f"({a} OR {b})", lambda a: f"(NOT {a})")
        return [row[0] for row in self.database.execute(f"""
            WITH flags AS (
                SELECT user_id, {", ".join(columns)} FROM changes
                WHERE position <= ? AND ({where}) GROUP BY user_id),
            here AS (SELECT user_id FROM people WHERE position <= ?
                GROUP BY user_id HAVING sum(sign) = 1)
            SELECT user_id FROM here LEFT JOIN flags USING (user_id) WHERE {holds} ORDER BY 1
            """, values).fetchall()]


def insert(database, table, rows):
    """Columns as lists: DuckDB takes a row at a time slowly."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows)]
    marks = ", ".join("unnest(?)" for _ in columns)
    database.execute(f"INSERT INTO {table} SELECT {marks}", columns)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("load").add_argument("export")
    feeds.arguments(verbs.add_parser("follow"))
    questions.arguments(verbs)
    words = parser.parse_args()
    history = History(words.database)
    if words.verb == "load":
        history.load(Export(words.export).verify())
        print(f"up to {history.end()}")
    elif words.verb == "follow":
        feeds.follow(history, words, identifiers=False)
    else:
        questions.answer(history, words)


if __name__ == "__main__":
    main()
