#!/usr/bin/env python3
"""How long a wrong key takes to be refused says nothing about the right one (FAULTS 133).

    python3 Tools/Checks/timing.py [tries]

Two kinds of wrong keys are sent in random order: those that differ from the right key in their last
letter only, and others of the same length. Welch's t of the two is below 4.5 in every run but one in
a hundred thousand if they take the same time. What takes longest is left out: that is the machine.
"""

import math
import random
import secrets
import socket
import string
import sys
import time

from shop import Shop, check

LETTERS = string.ascii_letters + string.digits + "-_"
LIMIT = 4.5


def request(key):
    # Each try comes from an address of its own: wrong keys from one are slowed down.
    address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
    return (f"GET /ledger/status HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n"
            f"Authorization: Bearer {key}\r\n\r\n").encode()


def near(key):
    last = random.choice([letter for letter in LETTERS if letter != key[-1]])
    return key[:-1] + last


def far(key):
    return "rk-" + "".join(secrets.choice(LETTERS) for _ in range(len(key) - 3))


def tries(shop, key, count):
    """Nanoseconds of each refusal, by kind."""
    times = ([], [])
    connection = None
    # Made before: how long the making takes would show in how soon the server wakes.
    kinds = [random.getrandbits(1) for _ in range(count)]
    requests = [request((near, far)[kind](key)) for kind in kinds]
    for kind, data in zip(kinds, requests):
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", shop.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = time.perf_counter_ns()
        connection.sendall(data)
        answer = connection.recv(65_536)
        taken = time.perf_counter_ns() - start
        if answer.startswith(b"HTTP/1.1 401 "):
            times[kind].append(taken)
        else:
            # The bucket of some address was empty.
            connection.close()
            connection = None
    return times


def welch(a, b):
    def moments(values):
        mean = sum(values) / len(values)
        return mean, sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    (one, first), (two, second) = moments(a), moments(b)
    return (one - two) / math.sqrt(first / len(a) + second / len(b))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    with Shop() as shop:
        key = shop.rest_key("ledger.read")
        shop.start("--trusted-proxy", "127.0.0.0/8")
        tries(shop, key, 1_000)
        found = []
        # A machine that is busy with something else spoils a run, not two in the same direction.
        for _ in range(3):
            times = tries(shop, key, count)
            limit = sorted(times[0] + times[1])[int(0.9 * (len(times[0]) + len(times[1])))]
            kept = [[value for value in kind if value <= limit] for kind in times]
            check(min(len(kind) for kind in kept) > count // 4, "too few tries were refused")
            found.append(welch(*kept))
            print(f"{len(kept[0]) + len(kept[1])} tries, t = {found[-1]:+.2f}")
            if abs(found[-1]) < LIMIT:
                return
        signs = {value > 0 for value in found}
        check(len(signs) == 2, f"wrong keys near the right one take another time: {found}")


if __name__ == "__main__":
    main()
