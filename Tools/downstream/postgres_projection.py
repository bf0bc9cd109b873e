#!/usr/bin/env python3
"""Keeps a PostgreSQL database equal to a ledger: `postgres_schema.sql` says with which tables.

    python3 postgres_projection.py 'host=/run/postgresql dbname=shop' \\
        --url http://127.0.0.1:8080 --key-file key          a REST key with `ledger.log`
    python3 postgres_projection.py 'dbname=shop' --log Storage/ledger --until 5000

Rows and checkpoint change in one transaction: killed anywhere, it goes on where it stood, and
applies each event once. After a restore of the ledger it takes back, by the positions that stand in
every row, what the restored ledger no longer has, and goes on.
"""

import argparse
import pathlib

import psycopg
from psycopg.types.json import Jsonb

import feed as feeds
from feed import Checkpoint

SCHEMA = pathlib.Path(__file__).with_name("postgres_schema.sql")

# Tables whose rows hold from a position on, with what else is empty while there is no end.
HISTORY = {
    "partners": "", "keys": ", to_time = NULL", "cohorts": "", "cohort_versions": "",
    "users": ", to_time = NULL, ended_by = NULL, merged_into = NULL", "bearers": "",
    "memberships": ", to_time = NULL, to_kind = NULL", "imports": "", "unmatched": "",
    "other_events": "",
}

ROLES = {"external_id": "primary", "alias": "alias", "device_id": "device"}


class Projection:
    def __init__(self, connection):
        self.connection = connection
        self.cohorts = {}

    def open(self, ledger):
        """Makes the tables if there are none, and tells which events are in them."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('ledger.checkpoint')")
            if cursor.fetchone()[0] is None:
                cursor.execute(SCHEMA.read_text())
                cursor.execute(
                    "INSERT INTO ledger.checkpoint (ledger, position) VALUES (%s, 0)", [ledger])
            cursor.execute("SET search_path = ledger")
            cursor.execute("SELECT ledger, position, epoch FROM checkpoint")
            known, position, epoch = cursor.fetchone()
            if known != ledger:
                raise SystemExit(f"The tables are of ledger {known}, not of {ledger}. Take others.")
            self.load_cohorts(cursor)
        return Checkpoint(position, epoch)

    def load_cohorts(self, cursor):
        cursor.execute("SELECT partner, cohort_id, cohort FROM cohorts")
        self.cohorts = {(partner, name): number for partner, name, number in cursor}

    # Forward

    def apply(self, before, events):
        """Applies whole requests, and moves the checkpoint from `before` to their end."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            self.expect(cursor, before)
            writer = Writer(cursor, self.cohorts)
            for event in events:
                if event["type"] == "restored" and event["accepted_loss"]:
                    cursor.execute("SELECT undone_from FROM checkpoint")
                    if cursor.fetchone()[0] is not None:
                        # Erasures were given up: the ledger may have texts again that are gone here.
                        return self.clear(cursor)
                writer.apply(event)
            writer.flush()
            after = feeds.at(events[-1])
            self.note_epochs(cursor, before, events)
            cursor.execute(
                "UPDATE checkpoint SET position = %s, epoch = %s, time = %s",
                [*after, events[-1]["time"]])
        return after

    @staticmethod
    def expect(cursor, before):
        """Takes the checkpoint, and notices another process that has moved it."""
        cursor.execute("SELECT position, epoch FROM checkpoint FOR UPDATE")
        found = Checkpoint(*cursor.fetchone())
        if found != before:
            raise SystemExit(f"Somebody else has moved the checkpoint to {found}. End one of us.")

    @staticmethod
    def note_epochs(cursor, before, events):
        epoch = before.epoch
        for event in events:
            if event["epoch"] != epoch:
                epoch = event["epoch"]
                cursor.execute("INSERT INTO epochs VALUES (%s, %s)", [event["position"], epoch])

    # Back

    def go_back(self, feed, before):
        """Takes back what the restored ledger does not have; returns where it stands then."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            self.expect(cursor, before)
            cursor.execute("SELECT first_position, epoch FROM epochs ORDER BY first_position DESC")
            runs = cursor.fetchall()

            def point(index):
                position = index + 1
                return Checkpoint(
                    position, next(epoch for first, epoch in runs if first <= position))

            position = feeds.last_held(feed, before.position, point) + 1
            after = point(position - 1) if position else feeds.ORIGIN
            for table, rest in HISTORY.items():
                cursor.execute(f"DELETE FROM {table} WHERE from_position > %s", [position])
                cursor.execute(
                    f"UPDATE {table} SET to_position = NULL{rest} WHERE to_position > %s",
                    [position])
            # The cut may go through a request: what is left of it is one, and ends there.
            cursor.execute("UPDATE imports SET request = %(p)s WHERE request > %(p)s",
                           {"p": position})
            cursor.execute("DELETE FROM identifiers WHERE origin_position > %s", [position])
            cursor.execute("DELETE FROM epochs WHERE first_position > %s", [position])
            cursor.execute(
                "UPDATE checkpoint SET position = %s, epoch = %s, time = NULL, undone_from = %s",
                [*after, before.position])
            self.load_cohorts(cursor)
        return after

    def clear(self, cursor):
        for table in [*HISTORY, "identifiers", "epochs"]:
            cursor.execute(f"TRUNCATE {table}")
        cursor.execute(
            "UPDATE checkpoint SET position = 0, epoch = NULL, time = NULL, undone_from = NULL")
        self.cohorts = {}
        return feeds.ORIGIN


class Writer:
    """Applies events in one transaction. New users are gathered: there may be thousands in a row."""

    def __init__(self, cursor, cohorts):
        self.cursor, self.cohorts = cursor, cohorts
        self.users, self.identifiers, self.bearers = [], [], []

    def apply(self, event):
        self.position, self.time = event["position"], event["time"]
        if event["type"] != "userCreated":
            self.flush()
        getattr(self, event["type"], self.other)(event)

    def flush(self):
        for table, columns, rows in [
                ("users", "user_id, from_position, from_time", self.users),
                ("identifiers", "origin_position, item, kind, label, text", self.identifiers),
                ("bearers", "origin_position, item, user_id, role, from_position", self.bearers)]:
            if rows:
                with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                rows.clear()

    def run(self, words, *values):
        self.cursor.execute(words, values)

    def other(self, event):
        """Segments, campaigns, launches, and what happened to the log."""
        body = {key: value for key, value in event.items() if key not in ("position", "time", "type")}
        self.run("INSERT INTO other_events (from_position, from_time, type, body)"
                 " VALUES (%s, %s, %s, %s)",
                 self.position, self.time, event["type"], Jsonb(storable(body)))

    def restored(self, event):
        self.other(event)
        self.run("UPDATE checkpoint SET undone_from = NULL")

    # Partners and keys

    def partner(self, partner, name, is_enabled):
        self.run("UPDATE partners SET to_position = %s WHERE partner = %s AND to_position IS NULL"
                 " RETURNING display_name", self.position, partner)
        known = self.cursor.fetchone()
        self.run("INSERT INTO partners VALUES (%s, %s, %s, %s)",
                 partner, name or (known and known[0]), is_enabled, self.position)

    def partnerEnabled(self, event):
        self.partner(event["partner"], storable(event["display_name"]), True)

    def partnerDisabled(self, event):
        self.partner(event["partner"], None, False)

    def keyIssued(self, event):
        self.run("INSERT INTO keys VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                 event["key_id"], event["kind"], event["partner"], storable(event["label"]),
                 event["permissions"], event["networks"], event["expires_at"], self.position,
                 self.time)

    def keyInvalidated(self, event):
        self.run("UPDATE keys SET to_position = %s, to_time = %s WHERE key_id = %s",
                 self.position, self.time, event["key_id"])

    # Users

    def userCreated(self, event):
        user = event["user"]["user"]
        self.users.append((user, self.position, self.time))
        for item, identifier in enumerate(event["identifiers"]):
            self.add(user, item, identifier)

    def add(self, user, item, identifier):
        kind, label, text = parts(identifier)
        self.identifiers.append((self.position, item, kind, label, text))
        self.bearers.append((self.position, item, user, ROLES[kind], self.position))

    def identifierAdded(self, event):
        self.add(event["user"]["user"], 0, event["identifier"])
        self.flush()

    userIdentified = identifierAdded

    def externalIdRenamed(self, event):
        user = event["user"]["user"]
        self.pass_on(user, user, "b.role = 'primary'", "'deprecated'")
        self.identifierAdded(event)

    def identifierRemoved(self, event):
        kind, label, text = parts(event["identifier"])
        # The text may be erased by now, and stand here still. Then any of its kind will do: the
        # erasure is of all that the user has, and takes the others too.
        self.run("""
            UPDATE bearers SET to_position = %s
            WHERE (origin_position, item) = (
                SELECT origin_position, item FROM bearers b JOIN identifiers i
                  USING (origin_position, item)
                WHERE b.user_id = %s AND b.to_position IS NULL AND b.role <> 'primary'
                  AND i.kind = %s AND i.label IS NOT DISTINCT FROM %s
                ORDER BY i.text IS NOT DISTINCT FROM %s DESC, origin_position, item LIMIT 1)
              AND to_position IS NULL
            """, self.position, event["user"]["user"], kind, label, text)

    def usersMerged(self, event):
        user, into = event["user"]["user"], event["into"]["user"]
        dropped = [identifier["alias_label"] for identifier in event["aliases_dropped"]]
        self.run("""
            UPDATE bearers b SET to_position = %s FROM identifiers i
            WHERE i.origin_position = b.origin_position AND i.item = b.item
              AND b.user_id = %s AND b.to_position IS NULL AND b.role = 'alias'
              AND i.label = ANY(%s)
            """, self.position, user, [storable(label) for label in dropped])
        self.pass_on(user, into, "b.role IN ('alias', 'device')", "role")
        self.pass_on(user, user, "b.role IN ('primary', 'deprecated')", "'merged'")
        self.end(user, "merge", into)
        self.leave(event["cohorts_left"], user, "merge")
        for cohort in event["cohorts_entered"]:
            self.enter(cohort, [into], "merge")

    def userDeleted(self, event):
        user = event["user"]["user"]
        self.run("""
            WITH RECURSIVE family(user_id) AS (
                SELECT %s::bigint
                UNION SELECT u.user_id FROM users u JOIN family f ON u.merged_into = f.user_id)
            UPDATE bearers b SET to_position = %s FROM family f
            WHERE b.user_id = f.user_id AND b.to_position IS NULL
            """, user, self.position)
        self.end(user, "deletion", None)
        self.leave(event["cohorts_left"], user, "deletion")

    def end(self, user, how, into):
        self.run("UPDATE users SET to_position = %s, to_time = %s, ended_by = %s, merged_into = %s"
                 " WHERE user_id = %s", self.position, self.time, how, into, user)

    def pass_on(self, user, into, which, role):
        """Ends what a user bears, and lets another bear it, or the same in another role."""
        self.run(f"""
            WITH ended AS (
                UPDATE bearers b SET to_position = %s
                WHERE b.user_id = %s AND b.to_position IS NULL AND {which}
                RETURNING origin_position, item, role)
            INSERT INTO bearers (origin_position, item, user_id, role, from_position)
            SELECT origin_position, item, %s, {role}, %s FROM ended
            """, self.position, user, into, self.position)

    # Erasures take texts away and nothing else; going back does not bring them again.

    def userErased(self, event):
        names = [[text[key] for text in event["texts"]] for key in ("position", "item")]
        for table, origin in [("identifiers", "origin_position"), ("unmatched", "from_position")]:
            self.run(f"""
                UPDATE {table} SET text = NULL
                FROM unnest(%s::bigint[], %s::integer[]) AS gone(position, item)
                WHERE {table}.{origin} = gone.position AND {table}.item = gone.item
                """, *names)
        self.other(event)

    def unmatchedForgotten(self, event):
        self.run("UPDATE unmatched SET text = NULL WHERE from_position <= %s", event["through"])
        self.other(event)

    # Cohorts

    def cohortNamed(self, event):
        key = (event["partner"], event["cohort_id"])
        if key not in self.cohorts:
            self.cohorts[key] = len(self.cohorts) + 1
            self.run("INSERT INTO cohorts VALUES (%s, %s, %s, %s)",
                     self.cohorts[key], *key, self.position)
        self.version(event, event["name"], None)

    def cohortArchived(self, event):
        self.version(event, None, True)

    def cohortRestored(self, event):
        self.version(event, None, False)

    def version(self, event, name, is_archived):
        cohort = self.cohort(event)
        self.run("UPDATE cohort_versions SET to_position = %s"
                 " WHERE cohort = %s AND to_position IS NULL RETURNING name, is_archived",
                 self.position, cohort)
        old = self.cursor.fetchone() or (None, False)
        self.run("INSERT INTO cohort_versions VALUES (%s, %s, %s, %s)", cohort,
                 old[0] if name is None else name, old[1] if is_archived is None else is_archived,
                 self.position)

    def cohort(self, named):
        return self.cohorts[named["partner"], named["cohort_id"]]

    def membersChanged(self, event):
        cohort = self.cohort(event)
        if event["added"]:
            self.enter(event, [user["user"] for user in event["added"]], "import")
        if event["removed"]:
            self.run("""
                UPDATE memberships SET to_position = %s, to_time = %s, to_kind = 'import'
                WHERE cohort = %s AND user_id = ANY(%s) AND to_position IS NULL
                """, self.position, self.time, cohort, [u["user"] for u in event["removed"]])
        self.run("INSERT INTO imports (from_position, from_time, request, key_id, cohort, counts)"
                 " VALUES (%s, %s, %s, %s, %s, %s)", self.position, self.time, event["request"],
                 event["key"], cohort, Jsonb(event["counts"]))
        if event["unmatched"]:
            with self.cursor.copy("COPY unmatched (from_position, item, kind, label, text, outcome)"
                                  " FROM STDIN") as copy:
                for item, unmatched in enumerate(event["unmatched"]):
                    copy.write_row(
                        (self.position, item, *parts(unmatched["identifier"]), unmatched["outcome"]))

    def enter(self, named, users, kind):
        self.run("""
            INSERT INTO memberships (cohort, user_id, from_position, from_time, from_kind)
            SELECT %s, u, %s, %s, %s FROM unnest(%s::bigint[]) AS u
            """, self.cohort(named), self.position, self.time, kind, users)

    def leave(self, left, user, kind):
        self.run("""
            UPDATE memberships SET to_position = %s, to_time = %s, to_kind = %s
            WHERE user_id = %s AND to_position IS NULL AND cohort = ANY(%s)
            """, self.position, self.time, kind, user, [self.cohort(named) for named in left])


def parts(identifier):
    """Kind, label and text of an identifier as the feed shows it."""
    for kind in ("external_id", "device_id"):
        if kind in identifier:
            return kind, None, storable(identifier[kind])
    return "alias", storable(identifier["alias_label"]), storable(identifier["alias_name"])


def storable(value):
    """U+0000, which PostgreSQL cannot store, shown as U+2400. Nobody bears such an identifier."""
    if isinstance(value, str):
        return value.replace("\0", "\u2400")
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return {key: storable(one) for key, one in value.items()}
    return value


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="a connection string of PostgreSQL")
    feeds.arguments(parser)
    words = parser.parse_args()
    with psycopg.connect(words.database, autocommit=True) as connection:
        feeds.follow(Projection(connection), words)


if __name__ == "__main__":
    main()
