#!/usr/bin/env python3
"""The real server on a disk that fails: a full file system, and errors of system calls.

    python3 Tools/Checks/disk_trouble.py            a selection
    python3 Tools/Checks/disk_trouble.py 300        also without space at each of the first 300 writes
"""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

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
    ballast, reserve = os.path.join(folder, "ballast"), os.path.join(folder, "reserve")
    with open(reserve, "wb") as file:
        file.write(bytes(2 << 20))
    shop, key = prepared(folder)
    with shop:
        shop.start()
        equal(push(shop, "before", ["user-1"]).status_code, 201, "before")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4_096))
            except OSError:
                pass
        # The zeros ahead of the tail take a few more; identifiers of nobody use them up quickly.
        acknowledged, status = crowd(shop, {"user-1"})
        equal(status, 507, "a full disk")
        equal(members(shop, key, "before"), acknowledged, "reads on a full disk")
        os.remove(ballast)
        os.remove(reserve)
        for _ in range(1_000):
            status = push(shop, "after", ["user-2"]).status_code
            if status == 201:
                break
        equal(status, 201, "after space was freed")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print("a full file system: 507, reads go on, writing resumes, the log verifies")


def injected(call, fault, nth, expected):
    """A fault at the nth call, or at more of them; whatever was acknowledged is there afterwards."""
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


def often(statuses, messages):
    """Many writes fail: each refused request is told that nothing happened, and others are taken."""
    check(set(statuses) <= {201, 507} and statuses.count(201) >= 10, f"{statuses} {messages}")


class Trouble:
    """What strace does to a server that runs, from here to the end of the block."""

    def __init__(self, shop, call, fault, *words):
        self.strace = subprocess.Popen(
            ["strace", "-f", "-p", str(shop.server.pid), "-o", "/dev/null", "-e", f"trace={call}",
             "-e", f"inject={call}:{fault}", *words], stderr=subprocess.PIPE, text=True)
        line = self.strace.stderr.readline()
        check("attached" in line, line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.strace.send_signal(signal.SIGINT)
        self.strace.communicate(timeout=30)


def ask(shop, key, path):
    return requests.get(
        f"{shop.url}{path}", timeout=5, headers={"Authorization": f"Bearer {key}"})


def unreadable():
    """37: what cannot be read is told, for as long as that is so; nobody else suffers."""
    shop, key = prepared()
    with shop:
        shop.start()
        position = push(shop, "shop", ["user-0"]).json()["position"]
        log = os.path.join(shop.storage, "events.log")
        path = f"/ledger/requests/{position}"
        equal(ask(shop, key, path).status_code, 200, "before")
        for when in ("", ":when=1"):
            with Trouble(shop, "pread64", f"error=EIO{when}", "-P", log):
                statuses = [ask(shop, key, path).status_code for _ in range(20)]
                check(set(statuses) <= ({500, 503} if when == "" else {200, 500, 503}), f"{statuses}")
                check(set(statuses) != {200}, f"nothing was injected: {statuses}")
                equal(push(shop, "shop", ["user-1"]).status_code, 201, "a write beside it")
                equal(ask(shop, key, "/ledger/cohorts").status_code, 200, "another read")
            equal(ask(shop, key, path).status_code, 200, "behind it")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print("a log that cannot be read: told, and over when it is over")


def without_descriptors():
    """47: no descriptor, no memory, no thread for others; the log goes on."""
    shop, key = prepared()
    with shop:
        shop.start()
        for call, fault in (("openat", "error=EMFILE"), ("openat", "error=ENFILE"),
                            ("clone3", "error=EAGAIN"), ("accept4", "error=ENOMEM:when=1+2"),
                            ("accept4", "error=ENFILE:when=1+2")):
            session = requests.Session()
            session.get(f"{shop.url}/health")
            with Trouble(shop, call, fault):
                for number in range(10):
                    answer = session.post(
                        f"{shop.url}/partners/hightouch/cohorts/users", timeout=60,
                        json=shop.body(cohort_id="shop", cohort_changes=[{
                            "user_ids": [f"user-{number}"], "should_remove": call == "clone3"}]))
                    equal(answer.status_code, 201, f"{call} {fault}")
                equal(ask(shop, key, "/ledger/cohorts").status_code, 200, f"{call} {fault}")
                shop.run("verify", check=False)
            equal(shop.run("verify", check=False).returncode, 0, f"behind {call} {fault}")
        shop.stop()
    print("without descriptors, memory or threads for others: the log goes on")


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def silent():
    """45: a sync that never returns; reads go on, and the server can be ended."""
    shop, key = prepared()
    with shop:
        shop.start()
        equal(push(shop, "shop", ["user-0"]).status_code, 201, "before")
        with Trouble(shop, "fdatasync", "delay_enter=600000000") as trouble:
            try:
                push(shop, "shop", ["user-1"], timeout=1)
                check(False, "a write was answered without a sync")
            except requests.Timeout:
                pass
            equal(ask(shop, key, "/ledger/cohorts").status_code, 200, "a read")
            equal(members(shop, key, "shop"), {"user-0"}, "members")
            began = time.monotonic()
            shop.server.send_signal(signal.SIGTERM)
            # The thread in its sync is strace's as long as that waits, the others are gone.
            while state(shop.server.pid) != "Z":
                check(time.monotonic() - began < 90, "it cannot be ended")
                time.sleep(0.1)
            after = time.monotonic() - began
            trouble.strace.kill()
            code, shop.server = shop.server.wait(timeout=60), None
        check(code == 4, f"it ended with {code}")
        shop.start()
        check(members(shop, key, "shop") >= {"user-0"}, "something acknowledged is lost")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print(f"a sync that never returns: reads go on, and it ended within {after:.0f} s")


def limited():
    """52: a limit of the file size, with its signal as usual and ignored, is a full disk."""
    for trap in ("", "trap '' XFSZ; "):
        shop, key = prepared()
        with shop:
            shop.start(wrap=("bash", "-c", trap + 'ulimit -f 12000; exec "$0" "$@"'))
            acknowledged, status = crowd(shop, set())
            equal(status, 507, "beyond the limit")
            equal(members(shop, key, "before"), acknowledged, "reads beyond the limit")
            shop.stop()
            shop.start()
            equal(push(shop, "before", ["user-199"]).status_code, 201, "without the limit")
            shop.stop()
            equal(shop.run("verify", check=False).returncode, 0, "verify")
    print("a limited file size: 507, and the server lives")


def crowd(shop, acknowledged):
    """Pushes people and many strangers until that is refused."""
    for number in range(100):
        strangers = [f"{number}-{other}-" + "x" * 900 for other in range(999)]
        answer = push(shop, "before", [f"user-{number}", *strangers])
        if answer.status_code != 201:
            check("Retry-After" in answer.headers, "it does not say when to come again")
            return acknowledged, answer.status_code
        acknowledged.add(f"user-{number}")
    return acknowledged, None


def no_room_for_files(folder):
    """54: no snapshot can be made; writes go on, and nothing of it is left."""
    shop, key = prepared(folder)
    with shop:
        shop.start()
        fillers = os.path.join(folder, "fillers")
        os.mkdir(fillers)
        try:
            for number in range(10_000):
                open(os.path.join(fillers, str(number)), "x").close()
            check(False, "there is room for any number of files")
        except OSError:
            pass
        names = lambda: os.listdir(shop.storage)
        written, freed = 0, False
        # A snapshot is due whenever the log has grown by 32 MiB.
        while not any("snapshot-" in name for name in names()):
            check(written < 100, "no snapshot although there is room for it")
            strangers = [f"{written}-{other}-" + "x" * 900 for other in range(999)]
            answer = push(shop, "shop", [f"user-{written}", *strangers])
            equal(answer.status_code, 201, "a write")
            written += 1
            if written == 45:
                check(not any("snapshot-" in name for name in names()), f"{names()}")
                shutil.rmtree(fillers)
                freed = True
        check(freed, "a snapshot was made without a file")
        check(not any(name.endswith(".part") for name in names()), f"{names()}")
        equal(len(members(shop, key, "shop")), written, "members")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
    print("no room for another file: no snapshot, and everything else")


def read_only(folder):
    """53: a file system that takes no writes can be read, and is not written to."""
    shop, key = prepared(folder)
    with shop:
        shop.start()
        equal(push(shop, "shop", ["user-1"]).status_code, 201, "before")
        shop.stop()
        there, view = shop.storage, folder + "-view"
        os.mkdir(view)
        equal(os.system(
            f"mount --bind '{there}' '{view}' && mount -o remount,bind,ro '{view}'"), 0, "mount")
        shop.storage = view
        done = shop.run("serve", "--listen", "127.0.0.1:0", check=False)
        equal((done.returncode, done.stdout), (4, ""), f"a writer: {done.stderr}")
        equal(shop.run("members", "hightouch/shop").stdout, "user-1\n", "members")
        equal(shop.run("verify", check=False).returncode, 0, "verify")
        shop.storage = there
        shop.start()
        equal(push(shop, "shop", ["user-2"]).status_code, 201, "where it is not")
        shop.stop()
    print("a file system for reading only: read, and not written to")


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


SMALL = {"full": (full, "size=48m"), "8 MiB": (full, "size=8m"),
         "files": (no_room_for_files, "size=160m,nr_inodes=40"), "read-only": (read_only, "size=48m")}


def main():
    if INSIDE in sys.argv:
        folder, (work, options) = sys.argv[-1], SMALL[sys.argv[-2]]
        os.makedirs(folder, exist_ok=True)
        code = os.system(f"mount -t tmpfs -o {options} tmpfs '{folder}'")
        equal(code, 0, "mount")
        return work(folder)
    patient = multiprocessing.Process(target=silent)
    patient.start()
    for name in SMALL:
        with Shop() as room:
            command = ["unshare", "-Urm", sys.executable, os.path.abspath(__file__), INSIDE, name,
                       os.path.join(room.folder, "small")]
            equal(os.spawnvp(os.P_WAIT, command[0], command), 0, name)
    injected("fdatasync", "error=EIO", 12, unknown_then_stopped)
    for nth in (1, 2, 5, 13, 21):
        for error in ("ENOSPC", "EIO"):
            injected("pwrite64", f"error={error}", nth, goes_on)
    for error in ("EDQUOT", "EROFS"):
        injected("pwrite64", f"error={error}", 9, goes_on)
    injected("pwrite64", "error=ENOSPC", "20+5", often)
    for call in ("pwrite64", "fdatasync", "pread64", "epoll_wait", "recvfrom", "sendto",
                 "sendmsg"):
        injected(call, "error=EINTR", "12+5", transparent)
    injected("accept4", "error=EMFILE", 3, transparent)
    slow_sync()
    limited()
    unreadable()
    without_descriptors()
    for nth in range(1, 1 + int(sys.argv[1]) if sys.argv[1:] else 1):
        injected("pwrite64", "error=ENOSPC", nth, goes_on)
    patient.join()
    equal(patient.exitcode, 0, "a sync that never returns")


if __name__ == "__main__":
    main()
