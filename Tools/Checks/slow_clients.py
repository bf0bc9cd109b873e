#!/usr/bin/env python3
"""Clients that are slow, wasteful, or gone before they are answered: nobody else suffers.

    python3 Tools/Checks/slow_clients.py

The numbers are those of the faults that a ledger must survive. It takes half a minute, most of which
it waits.
"""

import http.client
import os
import socket
import struct
import threading
import time

import requests

from shop import Shop, check, equal

HEAD, BODY, ANSWER = 10, 30, 30  # seconds that the server waits for each


def connect(shop, receive=None):
    connection = socket.socket()
    if receive:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    connection.connect(("127.0.0.1", shop.port))
    return connection


def is_over(connection):
    """Whether the server has ended it, and the last bytes that it sent."""
    answer = b""
    connection.setblocking(False)
    try:
        while True:
            more = connection.recv(1 << 20)
            if not more:
                return True, answer
            answer += more
    except BlockingIOError:
        return False, answer
    except ConnectionResetError:
        return True, answer


class Crowd(threading.Thread):
    """107: heads and bodies that come in drops, and answers that nobody reads."""

    def __init__(self, shop, key):
        super().__init__()
        self.shop = shop
        self.heads = [connect(shop) for _ in range(200)]
        self.bodies = [connect(shop) for _ in range(50)]
        self.readers = [connect(shop, 4_096) for _ in range(20)]
        for connection in self.heads:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX: ")
        for connection in self.bodies:
            connection.sendall(b"POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: x\r\n"
                               b"Content-Length: 100000\r\n\r\n{")
        for connection in self.readers:
            connection.sendall(b"GET /ledger/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                               + key.encode() + b"\r\n\r\n")
        self.began = time.monotonic()
        self.trouble = None

    def run(self):
        try:
            self.expect(self.heads, HEAD, b"HTTP/1.1 408 ")
            self.expect(self.bodies, BODY, b"HTTP/1.1 408 ")
            for connection in self.readers:
                # What lies in the buffers of the system comes, and then no more.
                wanted, got = None, b""
                connection.settimeout(10)
                try:
                    while more := connection.recv(1 << 20):
                        got += more
                        check(wanted is None or len(got) < wanted, "a slow reader was waited for")
                        wanted = wanted or length(got)
                except ConnectionResetError:
                    pass
        except Exception as error:
            self.trouble = error

    def expect(self, connections, seconds, answer):
        """All are still there shortly before the deadline, and ended soon after it."""
        while time.monotonic() < self.began + seconds + 4:
            drop(connections)
            time.sleep(1)
            if time.monotonic() < self.began + seconds - 2:
                check(not any(is_over(one)[0] for one in connections[:3]), "it was not waited for")
        for connection in connections:
            ended, said = is_over(connection)
            check(ended and (said.startswith(answer) or said == b""), f"{seconds}: {said[:60]}")
            connection.close()


def drop(connections):
    for connection in connections:
        try:
            connection.send(b"x")
        except OSError:
            pass


def length(answer):
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length:")[2].split()[0])


def resident(shop):
    with open(f"/proc/{shop.server.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def too_long(shop):
    """108: heads beyond the limits take no memory that is kept."""
    heads = [b"GET /" + b"a" * 9_000, b"GET / HTTP/1.1\r\nA: " + b"b" * 9_000,
             b"GET / HTTP/1.1\r\n" + (b"A: " + b"b" * 8_000 + b"\r\n") * 5,
             b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101]

    def send(count):
        for number in range(count):
            with connect(shop) as connection:
                connection.sendall(heads[number % 4])
                status = connection.recv(1_000).split(b" ")[1]
                check(status in (b"414", b"431"), f"{status}")

    send(400)
    before = resident(shop)
    send(4_000)
    check(resident(shop) - before < 16 << 20, f"{resident(shop) - before} bytes more")


def tiny_chunks(shop):
    """110: a million chunks of one byte are a body like any other."""
    text = requests.Request(
        "POST", shop.url, json=shop.body(cohort_id="c", cohort_changes=[{"user_ids": ["user-1"]}])
    ).prepare().body
    text += b" " * (1_000_000 - len(text))
    with connect(shop) as connection:
        connection.settimeout(30)
        connection.sendall(b"POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: x\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n"
                           + b"".join(b"1\r\n%c\r\n" % byte for byte in text) + b"0\r\n\r\n")
        check(connection.recv(1_000).startswith(b"HTTP/1.1 201 "), "a million chunks")


def gone(shop):
    """116: who leaves before the answer has been served once, or not at all; no descriptor is lost."""
    files = f"/proc/{shop.server.pid}/fd"
    before = len(os.listdir(files))
    bodies = [requests.Request("POST", shop.url, json=shop.body(
        cohort_id="gone", cohort_changes=[{"user_ids": [f"user-{number}"]}])).prepare().body
        for number in range(200)]

    def head(number):
        return (b"POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: x\r\n"
                b"Idempotency-Key: gone-%d\r\nContent-Length: %d\r\n\r\n" % (
                    number, len(bodies[number])))

    for number, body in enumerate(bodies):
        with connect(shop) as connection:
            if number % 2:
                connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(head(number) + (body[:-3] if number % 4 == 3 else body))
    applied = 0
    client = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)
    for number, body in enumerate(bodies):
        client.request("POST", "/partners/hightouch/cohorts/users", body,
                       {"Idempotency-Key": f"gone-{number}"})
        answer = client.getresponse()
        text = answer.read()
        equal(answer.status, 201, text)
        check(b'"added":1' in text, f"{number}: {text}")
        applied += answer.headers["Idempotency-Replayed"] == "true"
    check(applied <= 150, "half a request was carried out")
    for _ in range(100):
        if len(os.listdir(files)) <= before + 1:
            break
        time.sleep(0.05)
    check(len(os.listdir(files)) <= before + 1, "descriptors that are lost")
    return applied


def main():
    with Shop() as shop:
        shop.partner()
        shop.users([f"user-{number}" for number in range(200)])
        shop.users([f"somebody-with-a-name-of-some-length-{n}" for n in range(100_000)])
        key = shop.rest_key()
        shop.start()
        size = int(requests.head(
            f"{shop.url}/ledger/log", headers={"Authorization": f"Bearer {key}"}
        ).headers["Content-Length"])
        check(size > 8 << 20, f"{size} bytes fit into the buffers of the system")
        crowd = Crowd(shop, key)
        crowd.start()
        slowest, served = 0, 0
        session = requests.Session()
        too_long(shop)
        tiny_chunks(shop)
        applied = gone(shop)
        while crowd.is_alive():
            began = time.monotonic()
            answer = session.post(
                f"{shop.url}/partners/hightouch/cohorts/users", timeout=20, json=shop.body(
                    cohort_id="c", cohort_changes=[{"user_ids": [f"user-{served % 200}"]}]))
            equal(answer.status_code, 201, "another client")
            slowest = max(slowest, time.monotonic() - began)
            served += 1
            time.sleep(0.02)
        if crowd.trouble:
            raise crowd.trouble
        check(slowest < 5, f"another client has waited {slowest} s")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print(f"270 slow clients were ended; of {served} others the slowest waited {slowest * 1e3:.0f} ms; "
          f"of 200 who had left {applied} were served, all once")


if __name__ == "__main__":
    main()
