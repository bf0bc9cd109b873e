#!/usr/bin/env python3
"""Raw bytes against the real server: what breaks HTTP is refused, and nobody else suffers.

    python3 Tools/Checks/hostile.py
"""

import http.client
import json
import os
import resource
import socket
import struct
import time

import requests

from shop import Shop, check, equal

GET = "GET /health HTTP/1.1\r\nHost: x\r\n"


def talk(shop, data, chunks=None, half_close=False):
    """Sends bytes and reads until the server hangs up or answers and waits."""
    with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as connection:
        for piece in chunks or [data]:
            try:
                connection.sendall(piece)
            except OSError:
                break
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while True:
                more = connection.recv(65_536)
                if not more:
                    return answer, True
                answer += more
                if not half_close and complete(answer):
                    connection.settimeout(0.2)
        except TimeoutError:
            return answer, False
        except ConnectionResetError:
            return answer, True


def complete(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return True


def status(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else None


# What is sent, the status it gets, and whether the connection must then be closed.
TABLE = [
    (GET + "\r\n", 200, False),
    (GET + "Connection: close\r\n\r\n", 200, True),
    ("GET /health HTTP/1.0\r\n\r\n", 200, True),
    ("GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n", 200, False),
    ("\r\n" + GET + "\r\n", 200, False),
    ("GET /health HTTP/1.1\r\n\r\n", 400, True),
    (GET + "Host: y\r\n\r\n", 400, True),
    (GET + "A : b\r\n\r\n", 400, True),
    (GET + "A: b\r\n c\r\n\r\n", 400, True),
    (GET + "A: b\nB: c\r\n\r\n", 400, True),
    (GET + "A: b\rc\r\n\r\n", 400, True),
    (GET + "A: b\0c\r\n\r\n", 400, True),
    (GET + ": b\r\n\r\n", 400, True),
    (GET + "\r\n\rX", 200, None),
    ("GET /health\r\n\r\n", 400, True),
    ("GET  /health HTTP/1.1\r\nHost: x\r\n\r\n", 400, True),
    ("GET /health HTTP/9.9\r\nHost: x\r\n\r\n", 505, True),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, True),
    ("get /health HTTP/1.1\r\nHost: x\r\n\r\n", 501, None),
    ("BREW /health HTTP/1.1\r\nHost: x\r\n\r\n", 501, None),
    ("PUT /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, None),
    ("GET /ledger/../health HTTP/1.1\r\nHost: x\r\n\r\n", 404, None),
    ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404, None),
    ("GET /health%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404, None),
    ("GET /%c0%af HTTP/1.1\r\nHost: x\r\n\r\n", 400, None),
    ("GET /ledger%2fcohorts HTTP/1.1\r\nHost: x\r\n\r\n", 400, None),
    ("GET /" + "a/" * 1_000 + " HTTP/1.1\r\nHost: x\r\n\r\n", 404, None),
    ("GET /" + "a" * 8_200 + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, True),
    (GET + "A: " + "b" * 8_200 + "\r\n\r\n", 431, True),
    (GET + "A: b\r\n" * 101 + "\r\n", 431, True),
    (GET + ("A: " + "b" * 8_000 + "\r\n") * 5 + "\r\n", 431, True),
]

POST = "POST /users/track HTTP/1.1\r\nHost: x\r\n"
AMBIGUOUS = [
    "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: identity\r\n", "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\x0bchunked\r\n",
    "Content-Length: \r\n", "Content-Length: -1\r\n", "Content-Length: +5\r\n",
    "Content-Length: 0x10\r\n", "Content-Length: 1_0\r\n",
    "Content-Length: 9223372036854775808\r\n", "Content-Length: 5, 6\r\n",
    "Content-Length: 5 5\r\n",
]
BAD_CHUNKS = [
    "0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", "5_\r\nhello\r\n", "\r\nhello\r\n",
    "11111111111111111\r\n", "5\nhello\r\n", "5\r\nhelloX", "5\r\nhello\n", "g\r\n",
    "5;" + "a" * 70_000,
]


def framing(shop):
    for text, wanted, closes in TABLE:
        answer, closed = talk(shop, text.encode("latin-1"))
        equal(status(answer), wanted, repr(text[:60]))
        if closes is not None:
            equal(closed, closes, f"closing after {text[:60]!r}")
        check(b'{"' in answer, f"no body after {text[:60]!r}")
    smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    for fields in AMBIGUOUS:
        answer, closed = talk(shop, (POST + fields + "\r\n" + smuggled).encode("latin-1"))
        equal((status(answer), closed), (400, True), repr(fields))
        equal(answer.count(b"HTTP/1.1 "), 1, f"answers to {fields!r}")
    for chunk in BAD_CHUNKS:
        answer, closed = talk(
            shop, (POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk + smuggled).encode())
        check(status(answer) in (400, 401) and closed, f"{chunk[:30]!r}: {answer[:80]!r}")
        equal(answer.count(b"HTTP/1.1 "), 1, f"answers to the chunk {chunk[:30]!r}")


def bodies(shop):
    text = json.dumps(
        shop.body(cohort_id="raw", cohort_changes=[{"user_ids": ["ann"]}])).encode()
    path = b"POST /partners/hightouch/cohorts/users HTTP/1.1\r\nHost: x\r\n"
    plain = path + b"Content-Length: %d\r\n\r\n" % len(text) + text
    answer, _ = talk(shop, plain)
    equal(status(answer), 201, "whole")
    for cut in range(1, len(plain), 37):
        answer, _ = talk(shop, None, chunks=[plain[:cut], plain[cut:]])
        equal(status(answer), 201, f"cut at {cut}")
    answer, _ = talk(shop, None, chunks=[bytes([byte]) for byte in plain])
    equal(status(answer), 201, "a byte at a time")
    answer, closed = talk(shop, plain, half_close=True)
    equal((status(answer), closed), (201, True), "half-closed")
    answer, _ = talk(shop, path + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(text))
    check(answer.startswith(b"HTTP/1.1 100 "), "Expect: 100-continue")
    answer, closed = talk(shop, path + b"Content-Length: 5000000\r\n\r\n" + bytes(100_000))
    equal(status(answer), 413, "a body over the limit")
    tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in text) + b"0\r\nTrailer: x\r\n\r\n"
    answer, _ = talk(shop, path + b"Transfer-Encoding: chunked\r\n\r\n" + tiny)
    equal(status(answer), 201, "chunks of a byte, and a trailer")
    pipelined, _ = talk(shop, (GET + "\r\n").encode() * 100 + plain, half_close=True)
    equal(pipelined.count(b"HTTP/1.1 200"), 100, "100 at once")
    equal(pipelined.rsplit(b"HTTP/1.1 ", 1)[1][:3], b"201", "the last of them")
    equal(talk(shop, b"A" * 1_000_000)[1], True, "no HTTP at all")
    for _ in range(50):
        connection = socket.create_connection(("127.0.0.1", shop.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(plain[:-10])
        connection.close()


def keys(shop, key):
    url = f"{shop.url}/ledger/cohorts"
    secret = key.split("-", 1)[1]
    for header in ({}, {"Authorization": ""}, {"Authorization": "Bearer"},
                   {"Authorization": "Bearer " + "x" * 7_000}, {"Authorization": f"Basic {key}"},
                   {"Authorization": "Bearer ähm".encode("latin-1")},
                   {"Authorization": f"Bearer {key} {key}"}):
        answer = requests.get(url, headers=header)
        equal((answer.status_code, answer.json()["message"]), (401, "Invalid API Key"), str(header)[:60])
    answer, _ = talk(shop, (
        f"GET /ledger/cohorts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        f"Authorization: Bearer {key}\r\n\r\n").encode())
    equal(status(answer), 401, "two keys")
    equal(requests.get(url, headers={"authorization": f"bearer {key}"}).status_code, 200, "case")
    for name in ("api_key", "access_token", "key", "authorization"):
        answer = requests.get(f"{url}?{name}={key}")
        check(answer.status_code in (400, 401), f"{name} in the query: {answer.status_code}")
        check(secret not in answer.text, "a secret in an answer")
    # Guessing does not lock out who has the right key.
    session = requests.Session()
    for number in range(300):
        wrong = session.get(url, headers={"Authorization": f"Bearer rk-{number}"})
        check(wrong.status_code in (401, 429), f"{wrong.status_code}")
    equal(session.get(url, headers={"Authorization": f"Bearer {key}"}).status_code, 200, "right key")


def crowd(shop):
    """Far more idle connections than descriptors: who is there is served, who comes is told so, the
    terminal works, nothing spins, and there is room again when they have gone."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def health(connection):
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]

    def newcomer(wanted):
        """Of those who come on top only some at a time are told so; the others are just sent away."""
        end = time.monotonic() + 30
        while True:
            try:
                found = health(http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30))
            except OSError:
                found = None
            if found == wanted:
                return
            check(time.monotonic() < end, f"a newcomer gets {found}, not {wanted}")
            time.sleep(0.1)

    def work():
        with open(f"/proc/{shop.server.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    guest = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)
    equal(health(guest), (200, None), "before the crowd")
    idle = []
    for _ in range(min(10_000, most - 200)):
        idle.append(socket.socket())
        idle[-1].setblocking(False)
        idle[-1].connect_ex(("127.0.0.1", shop.port))
    newcomer((503, "1"))
    equal(health(guest), (200, None), "who was there before")
    shop.run("status")
    before = work()
    time.sleep(1)
    check(work() - before < 0.5, f"{work() - before} s of work in 1 s, for nothing")
    for connection in idle:
        connection.close()
    newcomer((200, None))


def main():
    with Shop() as shop:
        shop.partner()
        shop.users(["ann"])
        key = shop.rest_key()
        shop.start(wrap=("bash", "-c", 'ulimit -n 1024; exec "$0" "$@"'))
        files = f"/proc/{shop.server.pid}/fd"
        equal(requests.get(f"{shop.url}/health").status_code, 200, "health")
        before = len(os.listdir(files))
        framing(shop)
        bodies(shop)
        keys(shop, key)
        crowd(shop)
        equal(requests.get(f"{shop.url}/health").status_code, 200, "health at the end")
        after = len(os.listdir(files))
        check(after <= before + 8, f"{after - before} descriptors more than before")
        shop.stop()
        log = open(os.path.join(shop.folder, "access.log"), "rb").read()
        for secret in (shop.import_key, shop.partner_key, key):
            check(secret.encode() not in log, "a secret in the access log")
        check(b"\x1b" not in log and b"smuggled" not in log, "raw bytes in the access log")
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print(f"{len(TABLE) + len(AMBIGUOUS) + len(BAD_CHUNKS)} hostile shapes refused, nobody hurt")


if __name__ == "__main__":
    main()
