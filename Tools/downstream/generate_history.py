#!/usr/bin/env python3
"""Makes up an export of a chosen size, to measure with: the files that `cohort export changes`
writes, with other people in them.

    python3 generate_history.py TO --users 2000000 --cohorts 20 --turns 2

Every user comes into each of the cohorts and goes again, `turns` times by turns, at times that are
spread over a year: users × cohorts × turns rows.
"""

import argparse
import hashlib
import json
import os
import time

import duckdb

YEAR = 365 * 86_400 * 1_000_000
START = 1_735_689_600_000_000


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("to")
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--cohorts", type=int, required=True)
    parser.add_argument("--turns", type=int, default=2)
    words = parser.parse_args()
    os.mkdir(words.to)
    began = time.monotonic()
    database = duckdb.connect()
    step = words.users
    end = words.users + words.turns * step
    files = []

    def note(kind, name, rows, **more):
        path = os.path.join(words.to, name)
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        kind.append({"name": name, **more, "first": 1, "last": end, "rows": rows,
                     "bytes": os.path.getsize(path), "sha256": digest})

    clock = f"{START} + position * ({YEAR} // {end})"
    for number in range(1, words.cohorts + 1):
        name = f"cohort-{number}-0001.csv"
        database.execute(f"""
            COPY (SELECT position, {clock} AS time_us, 'hightouch' AS partner,
                    'cohort-{number}' AS cohort_id, 'import' AS kind,
                    CASE turn % 2 WHEN 0 THEN 'entered' ELSE 'left' END AS direction, "user"
                FROM (SELECT u.range AS "user", t.range AS turn,
                        {words.users} + t.range * {step}
                        + hash(u.range * 1000 + {number}) % {step} AS position
                    FROM range(1, {words.users + 1}) u, range({words.turns}) t)
                ORDER BY position) TO '{os.path.join(words.to, name)}' (HEADER)""")
        note(files, name, words.users * words.turns, partner="hightouch",
             cohort_id=f"cohort-{number}")
    people = []
    database.execute(f"""
        COPY (SELECT range AS position, {START} + range AS time_us, 'created' AS kind,
                range AS "user", NULL AS "into" FROM range(1, {words.users + 1}))
        TO '{os.path.join(words.to, "users-0001.csv")}' (HEADER)""")
    note(people, "users-0001.csv", words.users)
    manifest = {
        "ledger": "0" * 32, "position": end, "checkpoint": str(end), "time_us": START + YEAR,
        "root": "", "format": "csv", "identifiers": "none",
        "rows": words.users * words.cohorts * words.turns, "cohorts": [], "files": files,
        "users": people}
    with open(os.path.join(words.to, "manifest.json"), "w") as file:
        json.dump(manifest, file)
    print(f"{manifest['rows']} changes, {sum(f['bytes'] for f in files) >> 20} MiB,"
          f" {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
