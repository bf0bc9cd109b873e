"""The events of a ledger, whole requests at a time, from its server or through its terminal.

    feed = RestFeed("http://127.0.0.1:8080", key)       or LogFeed(["cohort", …, "--storage", DIR])
    for events in feed.follow(checkpoint):              lists that end where a request ends
        …

A checkpoint is a position with the epoch of its event. If the ledger was restored meanwhile, the
event at that position is another one: `HistoryChanged` is raised before anything is handed over,
and `last_held` finds what both histories have in common.
"""

import http.client
import json
import random
import subprocess
import sys
import time
import urllib.parse
from typing import NamedTuple, Optional


class Checkpoint(NamedTuple):
    position: int
    epoch: Optional[str]

    def __str__(self):
        return f"{self.position}@{self.epoch}" if self.epoch else str(self.position)


ORIGIN = Checkpoint(0, None)


def checkpoint(text):
    """Reads `500@…`; without an epoch a restore is not noticed."""
    position, _, epoch = text.partition("@")
    return Checkpoint(int(position), epoch or None)


class HistoryChanged(Exception):
    """The ledger was restored: what was read up to the checkpoint is not part of it."""


class Refused(Exception):
    """The ledger does not answer this question, and will not tomorrow."""


class Unreachable(Exception):
    """Nobody answers, or the answer broke off: ask again."""


class Feed:
    """What both kinds of feed have in common.

    `pages(after)`: yields lists of events behind a checkpoint, `[]` when there is nothing new for
    now; ends when the ledger does.
    `holds(checkpoint)`: whether the event there is of that epoch.
    """

    def follow(self, after, until=None, said=lambda words: None):
        """Lists of events, each ending with the last event of a request.

        One request is never divided, so what is stored after each list is a state that the ledger
        itself has shown. Goes on for ever, through restarts of the server; or to `until`, a
        position that must be there. Holds one page, and what belongs to its last request.
        """
        gathered, trouble = [], 0
        while until is None or after.position < until:
            try:
                # What was gathered is not asked for again, only what is missing of its request.
                for page in self.pages(at(gathered[-1]) if gathered else after):
                    trouble = 0
                    gathered += page
                    whole = ends_of_requests(gathered)
                    if whole:
                        events, gathered = gathered[:whole], gathered[whole:]
                        yield events
                        after = at(events[-1])
                        if until is not None and after.position >= until:
                            return
            except Unreachable as error:
                trouble += 1
                wait(trouble, error, said)


def at(event):
    return Checkpoint(event["position"], event["epoch"])


def ends_of_requests(events):
    """How many of the events make whole requests: `request` is the position of the last of each."""
    count = len(events)
    while count and events[count - 1]["request"] != events[count - 1]["position"]:
        count -= 1
    return count


def last_held(feed, count, point):
    """The greatest index below `count` whose point both histories have, or -1.

    A position of the same epoch has the same past, so it is a bisection: what `point(index)`
    returns must ascend. Not the `restored` event that the server names: after two restores that is
    only the last of them, and the histories may have parted earlier.
    """
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        if patiently(lambda: feed.holds(point(middle))):
            low = middle
        else:
            high = middle
    return low


def keep_up(feed, projection, after, until=None, said=lambda words: None):
    """Keeps a projection equal to the ledger: for ever, or until it is past a position.

    `projection.apply(before, events)` stores events and checkpoint at once, and returns where it
    stands then; `projection.go_back(feed, before)` takes back what the ledger does not have any
    more, and returns where it stands then.
    """
    def go_back():
        before = after
        now = projection.go_back(feed, before)
        said(f"The ledger was restored: went back from {before} to {now}.")
        return now

    # After a restore the ledger may be shorter than what is known of it.
    if after.epoch and not patiently(lambda: feed.holds(after), said):
        after = go_back()
    while until is None or after.position < until:
        try:
            for events in feed.follow(after, until, said):
                before, after = after, projection.apply(after, events)
                print(after, flush=True)
                if after.position < before.position:
                    said(f"{before} and all before it is begun anew.")
                    break
        except HistoryChanged:
            after = go_back()


class RestFeed(Feed):
    """`GET /ledger/events`, NDJSON, by long poll.

    `identifiers=False` needs only the permission `ledger.read`; else `ledger.log`.
    """

    def __init__(self, url, key, identifiers=True, page=5_000, wait=30):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connect = lambda: kind(parts.netloc, timeout=wait + 30)
        self.connection = None
        self.key, self.page, self.wait = key, page, wait
        self.identifiers = "all" if identifiers else "none"

    # An event may have thousands of users: a page is handed over when it is as long as this.
    page_bytes = 1 << 20

    def pages(self, after):
        while True:
            events, size = [], 0
            for line in self.events(after, limit=self.page, wait=self.wait):
                events.append(json.loads(line))
                size += len(line)
                if size >= self.page_bytes:
                    after = at(events[-1])
                    yield events
                    events, size = [], 0
            if events:
                after = at(events[-1])
            yield events

    def holds(self, point):
        try:
            for _ in self.events(point, limit=1, wait=0):
                pass
            return True
        except HistoryChanged:
            return False

    def events(self, after, **parameters):
        query = urllib.parse.urlencode(
            {"after": str(after), "identifiers": self.identifiers, **parameters})
        for line in self.lines(f"/ledger/events?{query}"):
            if not line.endswith(b"\n"):
                raise Unreachable("the answer broke off")
            yield line

    def lines(self, path):
        """The lines of an answer as they come."""
        if self.connection is None:
            self.connection = self.connect()
        # Until the answer has been read to its end, the connection is of no other use.
        connection, self.connection = self.connection, None
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.key}"})
            answer = connection.getresponse()
            if answer.status != 200:
                self.refuse(answer.status, answer.read().decode(errors="replace"))
            while line := answer.readline():
                yield line
            answer.read()                   # nothing: then the connection can be used again
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        self.connection = connection

    @staticmethod
    def refuse(status, words):
        if status == 409:
            raise HistoryChanged(words)
        if status >= 500 or status == 429:
            raise Unreachable(f"{status}: {words}")
        raise Refused(f"{status}: {words}")

    def ledger(self):
        """The id of the ledger."""
        return json.loads(b"".join(self.lines("/ledger/status")))["ledger"]


class LogFeed(Feed):
    """`cohort log --follow --json`: no key, on the machine of the ledger; needs its server."""

    def __init__(self, command):
        """`command`: the program, and the options that name the storage."""
        self.program, self.options = command[0], list(command[1:])

    def run(self, *words):
        return subprocess.Popen(
            [self.program, "log", "--json", *words, *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def pages(self, after):
        # The terminal takes a position without an epoch. So the event of the checkpoint is read
        # once more, and must be the one that was read before.
        before = max(after.position - 1, 0)
        if after.epoch and not self.holds(after):
            raise HistoryChanged(f"there is no {after}")
        process = self.run("--after", str(before), "--follow")
        try:
            first = True
            while True:
                # What is there without waiting is one page: `read1` waits for a first byte only.
                bytes_ = process.stdout.read1(1 << 20)
                if not bytes_:
                    raise Unreachable(process.stderr.read().decode().strip() or "the log ended")
                if not bytes_.endswith(b"\n"):
                    bytes_ += process.stdout.readline()
                if not bytes_.endswith(b"\n"):
                    raise Unreachable("the log broke off")
                events = [json.loads(line) for line in bytes_.splitlines()]
                if first and after.position:
                    if after.epoch and at(events[0]) != after:
                        raise HistoryChanged(f"{at(events[0])} instead of {after}")
                    events = events[1:]
                first = False
                if events:
                    yield events
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()

    def holds(self, point):
        process = self.run("--after", str(point.position - 1), "--to", str(point.position))
        lines, words = process.communicate()
        if process.returncode not in (0, 1):
            raise Unreachable(words.decode().strip())
        return [at(json.loads(line)) for line in lines.splitlines()] == [point]

    def ledger(self):
        done = subprocess.run(
            [self.program, "status", "--json", *self.options], capture_output=True)
        if done.returncode:
            raise Unreachable(done.stderr.decode().strip())
        return json.loads(done.stdout)["ledger"]


def ledger_id(feed, said=lambda words: None):
    """The id of the ledger, as soon as it answers."""
    return patiently(feed.ledger, said)


def patiently(ask, said=lambda words: None):
    """What `ask` returns, once the ledger answers."""
    trouble = 0
    while True:
        try:
            return ask()
        except Unreachable as error:
            trouble += 1
            wait(trouble, error, said)


def wait(trouble, error, said):
    """Waits longer after each failure, and not as long as all the others do."""
    pause = min(30, 0.05 * 2 ** min(trouble, 12)) * random.uniform(0.5, 1)
    said(f"{error}; again in {pause:.1f} s")
    time.sleep(pause)


def feed_from(words, identifiers=True):
    """The feed that the arguments of a program name; see `arguments`."""
    if words.log:
        return LogFeed([words.cohort, "--storage", words.log])
    if not words.url or not words.key_file:
        raise SystemExit("Name the ledger: --url with --key-file, or --log FOLDER.")
    with open(words.key_file) as file:
        return RestFeed(words.url, file.read().strip(), identifiers, page=words.page)


def follow(projection, words, identifiers=True):
    """Keeps a projection equal to the ledger that the arguments of a program name."""
    feed = feed_from(words, identifiers)

    def say(text):
        print(text, file=sys.stderr, flush=True)

    keep_up(feed, projection, projection.open(ledger_id(feed, say)), words.until, say)


def arguments(parser):
    parser.add_argument("--url", help="the ledger's server, such as http://127.0.0.1:8080")
    parser.add_argument("--key-file", help="a file with the REST API key")
    parser.add_argument("--log", metavar="FOLDER", help="the ledger's storage, instead of --url")
    parser.add_argument("--cohort", default="cohort", help="the program, for --log")
    parser.add_argument("--page", type=int, default=5_000,
                        help="with --url: about how many events are asked for, and stored, at a time")
    parser.add_argument("--until", type=int, help="end at this position instead of following")
