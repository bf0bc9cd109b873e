#!/usr/bin/env python3
"""The real server on a disk that fails: a full file system, and errors of system calls.

    python3 Tools/Checks/disk_trouble.py
"""

import os
import sys
import threading

import requests

from shop import Shop, check, equal

INSIDE = "inside a mount namespace"


def push(shop, cohort, users, timeout=60):
    return requests.post(
        f"{shop.url}/partners/hightouch/cohorts/users", timeout=timeout,
        json=shop.body(cohort_id=cohort, cohort_changes=[{"user_ids": users}]))


def members(shop, key, cohort):
    answer = requests.get(
        f"{shop.url}/ledger/cohorts/hightouch/{cohort}/members?limit=1000",
        headers={"Authorization": f"Bearer {key}"}, timeout=60)
    if answer.status_code == 404:
        return set()
    equal(answer.status_code, 200, "members")
    return {member["external_id"] for member in answer.json()["members"]}


def prepared(folder=None):
    shop = Shop(folder)
    shop.partner()
    shop.users([f"user-{n}" for n in range(200)])
    return shop, shop.rest_key()


def full(folder):
    """507 while the file system is full; reads go on; writing resumes by itself."""
    shop, key = prepared(folder)
    with shop:
        shop.start()
        equal(push(shop, "before", ["user-1"]).status_code, 201, "before")
        ballast = os.path.join(folder, "ballast")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4_096))
            except OSError:
                pass
        # The zeros ahead of the tail take a few more; identifiers of nobody use them up quickly.
        acknowledged, status = {"user-1"}, None
        for number in range(100):
            strangers = [f"{number}-{other}-" + "x" * 900 for other in range(999)]
            answer = push(shop, "before", [f"user-{number}", *strangers])
            status = answer.status_code
            if status != 201:
                break
            acknowledged.add(f"user-{number}")
        equal(status, 507, "a full disk")
        check("Retry-After" in answer.headers, "507 does not say when to come again")
        equal(members(shop, key, "before"), acknowledged, "reads on a full disk")
        os.remove(ballast)
        for _ in range(1_000):
            status = push(shop, "after", ["user-2"]).status_code
            if status == 201:
                break
        equal(status, 201, "after space was freed")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print("a full file system: 507, reads go on, writing resumes, the log verifies")


def injected(call, fault, nth, expected):
    """One fault at the nth call; whatever was acknowledged is there after a restart."""
    shop, key = prepared()
    with shop:
        shop.start(wrap=(
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:{fault}:when={nth}"))
        acknowledged, statuses, messages = set(), [], []
        for number in range(30):
            answer = push(shop, "shop", [f"user-{number}"])
            statuses.append(answer.status_code)
            if answer.status_code == 201:
                acknowledged.add(f"user-{number}")
            else:
                messages.append(answer.json()["message"])
        now = members(shop, key, "shop")
        check(acknowledged <= now, "something acknowledged is not read")
        expected(statuses, messages)
        shop.kill()
        shop.start()
        after = members(shop, key, "shop")
        check(acknowledged <= after, "something acknowledged is lost")
        check(len(after - acknowledged) <= 1, f"never acknowledged: {after - acknowledged}")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print(f"{call} {fault} at call {nth}: {sorted(set(statuses))} {sorted(set(messages))}")


def unknown_then_stopped(statuses, messages):
    equal(messages[0], "Outcome unknown", "the request in the frame")
    equal(set(messages[1:]), {"Writes stopped"}, "those after it")
    equal(statuses[-1], 503, "the last one")


def goes_on(statuses, _):
    """One write fails: at most its own request is refused, and nothing stops."""
    equal(statuses[-1], 201, "the last one")
    check(sum(status != 201 for status in statuses) <= 1, f"{statuses}")
    check(set(statuses) <= {201, 503, 507}, f"{statuses}")


def transparent(statuses, _):
    equal(set(statuses), {201}, "all")


def slow_sync():
    """While a sync hangs, reads are answered."""
    shop, key = prepared()
    with shop:
        shop.start(wrap=(
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
            "-e", "inject=fdatasync:delay_enter=3000000:when=5+"))
        answers = []
        for number in range(4):
            push(shop, "shop", [f"user-{number}"])
        writer = threading.Thread(target=lambda: answers.append(push(shop, "shop", ["user-9"])))
        writer.start()
        reads = 0
        while writer.is_alive():
            requests.get(f"{shop.url}/ledger/cohorts", timeout=2,
                         headers={"Authorization": f"Bearer {key}"})
            reads += 1
        writer.join()
        check(reads > 10, f"only {reads} reads beside a sync of three seconds")
        equal(answers[0].status_code, 201, "the slow write")
    print(f"a sync of three seconds: {reads} reads were answered beside it")


def main():
    if INSIDE in sys.argv:
        folder = sys.argv[-1]
        os.makedirs(folder, exist_ok=True)
        code = os.system(f"mount -t tmpfs -o size=48m tmpfs '{folder}'")
        equal(code, 0, "mount")
        return full(folder)
    with Shop() as room:
        command = ["unshare", "-Urm", sys.executable, os.path.abspath(__file__), INSIDE,
                   os.path.join(room.folder, "small")]
        equal(os.spawnvp(os.P_WAIT, command[0], command), 0, "the full disk")
    injected("fdatasync", "error=EIO", 12, unknown_then_stopped)
    for nth in (1, 2, 3, 5, 8, 13, 21):
        for error in ("ENOSPC", "EDQUOT", "EIO"):
            injected("pwrite64", f"error={error}", nth, goes_on)
    injected("pwrite64", "error=EINTR", 12, transparent)
    injected("fdatasync", "error=EINTR", 12, transparent)
    injected("pread64", "error=EINTR", 12, transparent)
    injected("epoll_wait", "error=EINTR", 12, transparent)
    injected("accept4", "error=EMFILE", 3, transparent)
    slow_sync()


if __name__ == "__main__":
    main()
