#!/usr/bin/env python3
"""Sends the events of a ledger to a webhook, as CloudEvents: for everything that has no projection.

    python3 webhook_sink.py https://example.org/hook --secret-file secret --state sink.json \\
        --url http://127.0.0.1:8080 --key-file key

- **Batched**: whole requests of the ledger, up to --most events or --bytes bytes a POST (one event or
  one request that is larger goes alone). --single sends each event by itself.
- **Signed** as Standard Webhooks have it: `webhook-id`, `webhook-timestamp`, and
  `webhook-signature: v1,BASE64(HMAC-SHA-256(secret, "id.timestamp.body"))`. The time is inside: what
  was overheard is of no use later. The secret is `whsec_BASE64`, at least 24 bytes.
- **Retried** on everything but 2xx and 410, with growing pauses or as `Retry-After` says. A retry has
  the same id and a new time. 410 Gone ends the sink: exit code 1.
- **Ordered**: one POST at a time; nothing is sent before what stands before it was taken.
- **Bounded**: it holds one page of the feed (--page), and reads on when that was taken.

The state file moves after the receiver has answered 2xx. Killed in between, a batch comes again, so
receivers leave out ids that they have; `webhook_receiver.py` is one that does.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import time
import urllib.parse

import feed as feeds
from cloudevents import BATCH, SINGLE, cloud_event


def secret(text):
    kind, _, encoded = text.strip().partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if kind != "whsec" or not 24 <= len(key) <= 64:
        raise SystemExit("The secret is not 'whsec_' and 24 to 64 bytes in Base64. Make one with:"
                         " echo whsec_$(openssl rand -base64 32)")
    return key


def sign(key, identity, timestamp, body):
    text = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


class State:
    """Where the sink stands: one file, replaced as a whole."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path) as file:
                self.value = json.load(file)
        except FileNotFoundError:
            self.value = {"ledger": None, "checkpoint": "0", "epochs": []}

    def open(self, ledger):
        if self.value["ledger"] not in (None, ledger):
            raise SystemExit(f"'{self.path}' is of ledger {self.value['ledger']}, not of {ledger}.")
        self.value["ledger"] = ledger
        return feeds.checkpoint(self.value["checkpoint"])

    def move(self, after, events=()):
        epochs = self.value["epochs"]
        for event in events:
            if not epochs or epochs[-1][1] != event["epoch"]:
                epochs.append([event["position"], event["epoch"]])
        self.value["checkpoint"] = str(after)
        with open(self.path + ".part", "w") as file:
            json.dump(self.value, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".part", self.path)

    def go_back(self, feed, before):
        epochs = self.value["epochs"]

        def point(index):
            position = index + 1
            return feeds.Checkpoint(
                position, next(e for first, e in reversed(epochs) if first <= position))

        index = feeds.last_held(feed, before.position, point)
        after = point(index) if index >= 0 else feeds.ORIGIN
        self.value["epochs"] = [run for run in epochs if run[0] <= after.position]
        self.move(after)
        return after


class Hook:
    def __init__(self, url, key, said):
        self.parts = urllib.parse.urlsplit(url)
        self.key, self.said = key, said
        self.connection = None

    def deliver(self, identity, kind, body):
        """Returns when the receiver has taken it."""
        failures = 0
        while True:
            pause, reason = self.post(identity, kind, body)
            if reason is None:
                return
            failures += 1
            if pause is None:
                pause = min(60, 0.1 * 2 ** min(failures, 10)) * random.uniform(0.5, 1)
            self.said(f"{identity}: {reason}; again in {pause:.1f} s")
            time.sleep(pause)

    def post(self, identity, kind, body):
        """(pause or None, why it was not taken or None)."""
        now = int(time.time())
        headers = {
            "Content-Type": f"{kind}; charset=utf-8", "webhook-id": identity,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self.key, identity, now, body)}
        try:
            if self.connection is None:
                make = (http.client.HTTPSConnection if self.parts.scheme == "https"
                        else http.client.HTTPConnection)
                self.connection = make(self.parts.netloc, timeout=30)
            path = (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            return None, f"{type(error).__name__}: {error}"
        if 200 <= answer.status < 300:
            return None, None
        if answer.status == 410:
            raise SystemExit("The receiver wants no more (410).")
        after = answer.headers.get("Retry-After", "")
        return (min(float(after), 3600) if after.isdigit() else None), f"status {answer.status}"


def batches(events, most, size):
    """Cuts a list between requests, so that no batch is larger than it must be."""
    batch, length = [], 0
    start = 0
    while start < len(events):
        end = start + 1
        while events[end - 1]["request"] != events[end - 1]["position"]:
            end += 1
        request = events[start:end]
        weight = sum(len(json.dumps(event)) for event in request)
        if batch and (len(batch) + len(request) > most or length + weight > size):
            yield batch
            batch, length = [], 0
        batch, length = batch + request, length + weight
        start = end
    if batch:
        yield batch


class Sink:
    """What `keep_up` sees: batches go out one after another, and the state moves after each."""

    def __init__(self, hook, state, ledger, words):
        self.hook, self.state, self.ledger, self.words = hook, state, ledger, words
        self.go_back = state.go_back

    def apply(self, before, events):
        single = self.words.single
        for batch in [[e] for e in events] if single else batches(
                events, self.words.most, self.words.bytes):
            made = [cloud_event(event, self.ledger) for event in batch]
            body = json.dumps(made[0] if single else made).encode()
            self.hook.deliver(
                f"{made[0]['id']}-{batch[-1]['position']}", SINGLE if single else BATCH, body)
            before = feeds.at(batch[-1])
            self.state.move(before, batch)
        return before


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hook", help="where to POST")
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--state", required=True, help="a file that keeps the position")
    parser.add_argument("--most", type=int, default=500, help="events in a batch")
    parser.add_argument("--bytes", type=int, default=256 << 10, help="bytes in a batch")
    parser.add_argument("--single", action="store_true", help="one event a POST")
    parser.add_argument("--no-identifiers", action="store_true", help="users are numbers")
    feeds.arguments(parser)
    words = parser.parse_args()

    def say(text):
        print(text, file=sys.stderr, flush=True)

    with open(words.secret_file) as file:
        hook = Hook(words.hook, secret(file.read()), say)
    feed = feeds.feed_from(words, identifiers=not words.no_identifiers)
    state = State(words.state)
    ledger = feeds.ledger_id(feed, say)
    sink = Sink(hook, state, ledger, words)
    feeds.keep_up(feed, sink, state.open(ledger), words.until, say)


if __name__ == "__main__":
    main()
