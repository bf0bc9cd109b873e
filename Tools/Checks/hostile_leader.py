#!/usr/bin/env python3
"""`cohort follow`, `verify --against` and `repair --from` against a leader that means no good.

    python3 Tools/Checks/hostile_leader.py

A proxy of raw sockets stands before a real leader, and does one bad thing after the other: cuts,
stalls, dribbles, floods, lies about where it stands, sends people elsewhere, becomes another ledger
or an older one. The follower must say so in words, hold its memory, hammer nobody, keep what it has
byte by byte, end when it is told to, and go on by itself when the leader is honest again.
"""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from shop import Shop, check, equal, program


class Proxy:
    """Hands requests on to a leader, and its answers back, as `behave` would have it.

    `behave(target, head, body)` gives back the bytes to send, or a generator of them.
    """

    def __init__(self, url):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.backend, self.behave, self.targets, self.keys = url, None, [], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with client:
                data = b""
                while True:
                    while b"\r\n\r\n" not in data:
                        more = client.recv(65536)
                        if not more:
                            return
                        data += more
                    head, data = data.split(b"\r\n\r\n", 1)
                    target = head.split(b" ")[1].decode()
                    self.targets.append(target)
                    self.keys += re.findall(rb"(?i)authorization: (.*)", head)
                    behave = self.behave
                    if behave is wakes and "/ledger/events" in target:
                        client.sendall(answer())
                        return
                    answer_head, body = self.ask(head)
                    parts = behave(target, answer_head, body) if behave else None
                    if parts is None:
                        parts = [answer_head + b"\r\n\r\n" + body]
                    for part in [parts] if isinstance(parts, bytes) else parts:
                        client.sendall(part)
                    if behave:
                        return
        except OSError:
            pass

    def ask(self, head):
        """Head and body of the leader's answer."""
        host, port = self.backend.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=70) as leader:
            lines = head.split(b"\r\n")
            lines = [l for l in lines if not l.lower().startswith((b"host:", b"connection:"))]
            leader.sendall(b"\r\n".join(
                lines + [b"Host: " + host.encode(), b"Connection: close"]) + b"\r\n\r\n")
            answer = b""
            while more := leader.recv(1 << 20):
                answer += more
        head, body = answer.split(b"\r\n\r\n", 1)
        if b"chunked" in head.lower():
            body, rest = b"", body
            while rest:
                size, rest = rest.split(b"\r\n", 1)
                size = int(size, 16)
                body, rest = body + rest[:size], rest[size + 2:]
        fields = [l for l in head.split(b"\r\n") if not l.lower().startswith(
            (b"transfer-encoding", b"content-length", b"connection"))]
        return b"\r\n".join(fields + [b"Content-Length: %d" % len(body)]), body


def edited(body, **fields):
    """A status with other words in it."""
    status = json.loads(body)
    for name, value in fields.items():
        place = status["tree"] if name in ("size", "root") else status
        place[name] = value
    body = json.dumps(status).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        body) + body


class Follower:
    def __init__(self, url, storage, key):
        self.errors = storage + ".errors"
        with open(self.errors, "w") as errors:
            self.process = subprocess.Popen(
                [program(), "follow", url, "--storage", storage, "--json"],
                env={**os.environ, "COHORT_KEY": key}, stdout=subprocess.DEVNULL, stderr=errors)

    def words(self):
        return open(self.errors).read()

    def memory(self):
        """At most so far, in MiB."""
        text = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) // 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def seconds(self):
        """Of the processor."""
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """The exit code, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=100), time.monotonic() - began


def reaches(storage, size, seconds=30):
    end = time.monotonic() + seconds
    log = os.path.join(storage, "events.log")
    note = os.path.join(storage, "replica")
    while time.monotonic() < end:
        try:
            text = open(note).read()
            if int(re.search(r"durable (\d+)", text)[1]) >= size and os.path.getsize(log) >= size:
                return True
        except (OSError, TypeError):
            pass
        time.sleep(0.1)
    return False


def answer(body=b"", status=b"200 OK", fields=b""):
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, fields, len(body)) + body


def endless(part):
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"%x\r\n" % len(part) + part + b"\r\n"


def endless_head():
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(1 << 30):
        yield b"X-%d: %s\r\n" % (number, b"x" * 1000)


def wakes(target, head, body):
    """Answers at once whoever waits for an event."""
    return None


def misdeeds(elsewhere):
    """Name, what is done to an answer, and what the follower says of it."""
    def log(parts):
        return lambda target, head, body: parts(head, body) if "/ledger/log" in target else None

    def status(**fields):
        return lambda target, head, body: (
            edited(body, **fields) if "/ledger/status" in target else None)

    def dribble(head, body):
        yield head + b"\r\n\r\n"
        for byte in body:
            yield bytes([byte])
            time.sleep(0.5)

    yield "cuts every answer", lambda t, h, b: h + b"\r\n\r\n" + b[:len(b) // 2], "not heard"
    yield "speaks no HTTP", lambda t, h, b: b"SSH-2.0-OpenSSH_9.9\r\n", "not heard"
    yield "sends 500", lambda t, h, b: answer(b"{}", b"500 Oops"), "not heard"
    yield "sends no body that ends", lambda t, h, b: endless(b"x" * 65536), "not heard"
    yield "sends no head that ends", lambda t, h, b: endless_head(), "not heard"
    yield "announces more than there is", lambda t, h, b: (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx"), "not heard"
    yield "sends other bytes", log(
        lambda head, body: head + b"\r\n\r\n" + bytes(b ^ 0x55 for b in body)), "does not fit"
    yield "sends zeros", log(
        lambda head, body: head + b"\r\n\r\n" + bytes(len(body))), "does not fit"
    yield "sends byte by byte", log(dribble), None
    yield "says that it has more events", status(size=1 << 60), "asked again"
    yield "says that it has all events there can be", status(size=(1 << 64) - 1), "does not"
    yield "says that its log is endless", status(log_bytes=1 << 62), None
    yield "wakes for nothing", wakes, None
    yield "says that its log is shorter", status(log_bytes=4096), "does not fit"
    yield "has another tree", status(root="0" * 64), "does not fit"
    yield "sends elsewhere", lambda t, h, b: answer(
        b"", b"307 Moved", b"Location: " + elsewhere.encode() + b"/\r\n"), None


def main():
    began = time.monotonic()
    with Shop() as leader:
        leader.partner()
        leader.users([f"user-{n}" for n in range(2_000)])
        key = leader.rest_key("ledger.log")
        early = os.path.join(leader.folder, "early")
        leader.run("backup", early)
        leader.start()
        proxy, thief = Proxy(leader.url), Proxy(leader.url)
        storage = os.path.join(leader.folder, "replica")

        follower = Follower(proxy.url, storage, key)
        check(reaches(storage, 8192), "the replica begins")
        for name, behave, words in misdeeds(thief.url):
            open(follower.errors, "w").close()
            proxy.targets.clear()
            proxy.behave = behave
            leader.users([f"{name}-{n}" for n in range(3)])
            processor = follower.seconds()
            time.sleep(3)
            hammered = len(proxy.targets)
            for _ in range(200):
                if not words or words in follower.words():
                    break
                time.sleep(0.1)
            check(hammered < 60, f"{name}: {hammered} requests in 3 s")
            said = follower.words()
            ended = follower.process.poll()
            memory = used = 0
            if ended is None:
                memory, used = follower.memory(), follower.seconds() - processor
                check(memory < 200, f"{name}: {memory} MiB")
                check(follower.descriptors() < 40, f"{name}: {follower.descriptors()} descriptors")
            if words:
                check(words in said, f"{name}: {said!r}")
            proxy.behave = None
            print(f"{name}: {hammered} requests, {used:.1f} s, {memory} MiB, "
                  f"{'ended, ' if ended is not None else ''}{said.strip()[:110]!r}", flush=True)
            if ended is None:
                code, took = follower.stop()
                check(code == 0 and took < 45, f"{name}: {code} after {took:.1f} s")
            follower = Follower(proxy.url, storage, key)
            end = int(leader.json("status")["log_bytes"])
            check(reaches(storage, end), f"{name}: does not go on: {follower.words()}")
        equal(thief.keys, [], "keys that were sent elsewhere")

        # Another history with more events in fewer bytes, while it is followed.
        fork = Shop(leader.folder)
        fork.storage = os.path.join(leader.folder, "fork")
        fork.run("restore", early, "--accept-lost-erasures-and-revocations")
        fork.users([f"other-{n}" for n in range(500)])
        for number in range(40):
            leader.users([f"late-{number}"])
        end = int(leader.json("status")["log_bytes"])
        check(reaches(storage, end), f"the replica follows: {follower.words()}")
        other = int(fork.json("status")["log_bytes"])
        check(other < end, f"the fork has {other} bytes, the leader {end}")
        fork.start()
        proxy.targets.clear()
        proxy.backend = fork.url
        try:
            code = follower.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            code = None
        check(code == 3 and "first position that differs" in follower.words(),
              f"another history: {code}, {len(proxy.targets)} requests, {follower.words()!r}")
        fork.kill()
        proxy.backend = leader.url
        follower = Follower(proxy.url, storage, key)
        follower.stop()
        with open(os.path.join(storage, "events.log"), "rb") as copy, \
                open(os.path.join(leader.storage, "events.log"), "rb") as log:
            check(copy.read(end) == log.read(end), "the copy is the leader's log")
    print(f"a leader that means no good harms nobody ({time.monotonic() - began:.0f} s)")


if __name__ == "__main__":
    main()
