#!/usr/bin/env python3
"""An example of what receives from `webhook_sink.py`: checks everything, keeps each event once.

    python3 webhook_receiver.py 127.0.0.1:8000 --secret-file secret --into events.ndjson

It answers 401 to what is not signed with the secret or is more than five minutes old, 400 to what is
no CloudEvent, 409 to a gap, and 204 when the events are durable in the file. An event that is there
already is left out; one with another epoch at a position that is there means that the ledger was
restored: what follows that position in the file is void, and is cut off.
"""

import argparse
import hmac
import http.server
import json
import os
import sys
import time

from cloudevents import BATCH, SINGLE, faults
from webhook_sink import secret, sign

TOLERANCE = 300
LARGEST = 64 << 20


class Denied(Exception):
    pass


def verify(key, headers, body, now):
    """The message is from who has the secret, and from now."""
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        raise Denied("The time is missing or too far away. Set the clocks.")
    wanted = sign(key, identity, stamp, body)
    # There may be several, while a secret is being replaced.
    given = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
        raise Denied("The signature is not of this secret. Give both sides the same.")


class Book:
    """Events in a file, in order; `ends[n]` is where the n-th ends, `ids[n]` what it is called."""

    def __init__(self, path):
        self.file = open(path, "a+b")
        self.positions, self.ids, self.ends = [], [], []
        self.file.seek(0)
        end = 0
        for line in self.file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            self.note(json.loads(line), end)
        self.file.truncate(end)

    def note(self, made, end):
        self.positions.append(int(made["sequence"]))
        self.ids.append(made["id"])
        self.ends.append(end)

    def add(self, events):
        """- Returns: how many are new. Raises `KeyError` where something is left out."""
        end = self.ends[-1] if self.ends else 0
        new = 0
        for made in events:
            position = int(made["sequence"])
            if position <= len(self.ids):
                if self.ids[position - 1] == made["id"]:
                    continue
                end = self.cut(position - 1)
            elif position != len(self.ids) + 1:
                raise KeyError(f"{len(self.ids)} is followed by {position}. Send what is between.")
            line = json.dumps(made).encode() + b"\n"
            self.file.write(line)
            end += len(line)
            self.note(made, end)
            new += 1
        self.file.flush()
        os.fsync(self.file.fileno())
        return new

    def cut(self, count):
        """Only the first `count` were never undone."""
        self.file.flush()
        end = self.ends[count - 1] if count else 0
        self.file.truncate(end)
        self.file.seek(end)
        del self.positions[count:], self.ids[count:], self.ends[count:]
        return end


def handler(key, book):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_POST(self):
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LARGEST:
                return self.answer(413, "Too long, or without a length.")
            body = self.rfile.read(int(length))
            try:
                verify(key, self.headers, body, time.time())
                self.answer(*self.take(self.headers.get_content_type(), body))
            except Denied as error:
                self.answer(401, str(error))

        def take(self, kind, body):
            try:
                value = json.loads(body)
            except ValueError as error:
                return 400, f"This is no JSON: {error}."
            if kind not in (BATCH, SINGLE) or (kind == BATCH) != isinstance(value, list):
                return 415, f"Neither {BATCH} nor {SINGLE}."
            events = value if kind == BATCH else [value]
            for made in events:
                found = faults(made)
                if found:
                    return 400, " ".join(found)
            try:
                book.add(events)
            except KeyError as error:
                return 409, error.args[0]
            return 204, None

        def answer(self, status, words):
            body = (words + "\n").encode() if words else b""
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nothing personal in a log."""

    return Handler


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listen", help="HOST:PORT; port 0 picks one")
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--into", required=True, help="a file of CloudEvents, one a line")
    words = parser.parse_args()
    host, _, port = words.listen.rpartition(":")
    with open(words.secret_file) as file:
        key = secret(file.read())
    # One request at a time: order is what this is about.
    server = http.server.HTTPServer((host, int(port)), handler(key, Book(words.into)))
    print(f"listening on http://{host}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
