#!/usr/bin/env python3
"""The program as a process: killed at its first start, stopped in the midst of a commit, orphaned, with
streams closed, with clocks that jump, and with everybody at its files at once.

    python3 Tools/Checks/processes.py [seconds that it stands still, default 1]

The numbers are those of the faults that a ledger must survive.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import requests

from shop import Shop, check, equal, program

INJECT = ("strace", "-f", "-qq", "-o", "/dev/null", "-e")


def push(shop, users, key=None, timeout=60, cohort="vip"):
    return requests.post(
        f"{shop.url}/partners/hightouch/cohorts/users", timeout=timeout,
        headers={"Idempotency-Key": key} if key else {},
        json=shop.body(cohort_id=cohort, cohort_changes=[{"user_ids": users}]))


def prepared(users=20):
    shop = Shop()
    shop.partner()
    shop.users([f"user-{n}" for n in range(users)])
    return shop


def sound(shop):
    equal(shop.run("verify", check=False).returncode, 0, "verify")


def end(shop):
    """SIGTERM to a server, also under another program, and the exit code."""
    os.kill(shop.server_pid(), signal.SIGTERM)
    code, shop.server = shop.server.wait(timeout=60), None
    return code


def first_start():
    """9: killed at every call of its first start that changes a file; the next one succeeds."""
    deaths = 0
    for call in ("mkdir", "flock", "ftruncate", "pwrite64", "fdatasync", "fsync", "rename", "unlink"):
        for nth in (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24):
            with Shop() as shop:
                died = subprocess.run(
                    [*INJECT, f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={nth}",
                     program(), "partners", "enable", "hightouch", "--storage", shop.storage],
                    capture_output=True, text=True, timeout=120)
                if died.returncode == 0:
                    break
                deaths += 1
                shop.run("partners", "enable", "hightouch")
                check("hightouch" in shop.run("partners", "list").stdout, f"{call} {nth}")
    check(deaths > 15, f"only {deaths} deaths")
    print(f"killed at {deaths} calls of its first start: the next one succeeds")


def standing_still(seconds):
    """13: stopped at its sync; who waits is not told, nobody takes the lock, nothing comes twice."""
    with prepared() as shop:
        shop.start(wrap=(
            *INJECT, "trace=fdatasync", "-e", "inject=fdatasync:signal=SIGSTOP:when=5"))
        pid, unknown = shop.server_pid(), None
        for number in range(20):
            try:
                equal(push(shop, [f"user-{number}"], f"r-{number}", timeout=5).status_code, 201, "r")
            except requests.Timeout:
                unknown = number
                break
        check(unknown, "it was never stopped")
        time.sleep(seconds)
        second = shop.run("serve", "--listen", "127.0.0.1:0", check=False)
        equal(second.returncode, 4, "a second server")
        check(f"number {pid}," in second.stderr, second.stderr)
        os.kill(pid, signal.SIGCONT)
        again = push(shop, [f"user-{unknown}"], f"r-{unknown}")
        equal(again.status_code, 201, "the same request once more")
        equal(again.json()["outcomes"]["added"], 1, "the answer of the first")
        equal(again.headers["Idempotency-Replayed"], "true", "the answer of the first")
        equal(end(shop), 0, "its exit code")
        events = [json.loads(line) for line in shop.run("log", "--json").stdout.splitlines()]
        changes = sum(event["type"] == "membersChanged" for event in events)
        equal(changes, unknown + 1, "imports in the log")
        sound(shop)
    print(f"stopped in the midst of a commit for {seconds} s: one import, and the lock was kept")


def orphans():
    """14: its whole group is killed, helpers and all; nobody is left who holds the lock."""
    with prepared() as shop:
        for _ in range(3):
            server = subprocess.Popen(
                ["bash", "-c", 'sleep 1000 & "$0" "$@" | cat & sleep 1000', program(), "serve",
                 "--listen", "127.0.0.1:0", "--storage", shop.storage],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
            shop.url = server.stdout.readline().split()[-1]
            equal(push(shop, ["user-1"]).status_code, 201, "before")
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            shop.start()
            equal(push(shop, ["user-2"]).status_code, 201, "behind")
            with open(f"/proc/{shop.server.pid}/task/{shop.server.pid}/children") as file:
                equal(file.read().split(), [], "processes of its own")
            shop.stop()
        sound(shop)
    print("the group killed three times: the next server starts at once")


def without_streams():
    """48, 60 and 65: with 0, 1 and 2 closed the log is none of them, no child would inherit what is
    open, and no file of data is mapped."""
    with prepared() as shop:
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        shop.server = subprocess.Popen(
            ["bash", "-c", 'ulimit -c unlimited; exec "$0" "$@" <&- >&- 2>&-', program(), "serve",
             "--listen", f"127.0.0.1:{port}", "--storage", shop.storage])
        shop.url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                requests.get(f"{shop.url}/health", timeout=5)
                break
            except requests.ConnectionError:
                check(shop.server.poll() is None, "it ended")
                time.sleep(0.05)
        for number in range(10):
            equal(push(shop, [f"user-{number}"]).status_code, 201, "a write")
        files = f"/proc/{shop.server.pid}/fd"
        targets = {int(name): os.readlink(f"{files}/{name}") for name in os.listdir(files)}
        logs = [number for number, path in targets.items() if path.endswith("/events.log")]
        check(logs and min(logs) >= 3, f"{targets}")
        check(not any(shop.storage in targets.get(number, "") for number in range(3)), f"{targets}")
        for number in targets:
            if number > 2:
                with open(f"/proc/{shop.server.pid}/fdinfo/{number}") as file:
                    flags = int(re.search(r"flags:\s+(\d+)", file.read())[1], 8)
                check(flags & os.O_CLOEXEC, f"a child would inherit {targets[number]}")
        with open(f"/proc/{shop.server.pid}/maps") as file:
            check(shop.storage not in file.read(), "a file of the ledger is mapped")
        with open(f"/proc/{shop.server.pid}/limits") as file:
            limit = re.search(r"Max core file size +(\S+)", file.read())[1]
        equal(limit, "0", "what a core dump may hold, keys and all (135)")
        shop.stop()
        sound(shop)
    print("without standard streams: the log is none of them, and no file is mapped")


def ended_in_the_midst():
    """121: told to end, and killed a moment later, with 100 requests on their way to a slow disk."""
    for kills in (False, True):
        with prepared(100) as shop:
            key = shop.rest_key()
            shop.start(wrap=(*INJECT, "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=150000"))
            statuses = [None] * 100

            def write(number):
                try:
                    statuses[number] = push(shop, [f"user-{number}"]).status_code
                except requests.RequestException:
                    pass

            writers = [threading.Thread(target=write, args=(n,)) for n in range(100)]
            for writer in writers:
                writer.start()
            while 201 not in statuses:
                time.sleep(0.01)
            began = time.monotonic()
            os.kill(shop.server_pid(), signal.SIGTERM)
            if kills:
                time.sleep(0.05)
                shop.kill()
            else:
                code, shop.server = shop.server.wait(timeout=60), None
                equal(code, 0, "its exit code")
                check(time.monotonic() - began < 35, "it ended too late")
            for writer in writers:
                writer.join()
            check(set(statuses) <= {201, 503, None}, f"{statuses}")
            shop.start()
            answer = requests.get(
                f"{shop.url}/ledger/cohorts/hightouch/vip/members?limit=1000", timeout=60,
                headers={"Authorization": f"Bearer {key}"})
            found = {member["external_id"] for member in answer.json()["members"]}
            taken = {f"user-{n}" for n, status in enumerate(statuses) if status == 201}
            check(taken <= found, f"acknowledged and lost: {taken - found}")
            refused = {f"user-{n}" for n, status in enumerate(statuses) if status == 503}
            check(not refused & found, f"refused and taken: {refused & found}")
            shop.stop()
            sound(shop)
            print(f"{'killed' if kills else 'ended'} in the midst: {len(taken)} of 100 acknowledged, "
                  f"{len(refused)} refused")


def refused_locks():
    """64: a file system without locks is not written to."""
    for error in ("ENOLCK", "EOPNOTSUPP"):
        with prepared() as shop:
            log = os.path.join(shop.storage, "events.log")
            before = open(log, "rb").read()
            done = subprocess.run(
                [*INJECT, "trace=flock", "-e", f"inject=flock:error={error}", program(), "serve",
                 "--listen", "127.0.0.1:0", "--storage", shop.storage],
                capture_output=True, text=True, timeout=60)
            equal((done.returncode, done.stdout), (4, ""), f"{error}: {done.stderr}")
            check(open(log, "rb").read() == before, "the log was written to")
    print("without locks: refused, and the log untouched")


def failing_close():
    """49: a close that fails at the end is told, and the exit code says so."""
    with prepared() as shop:
        log = os.path.join(shop.storage, "events.log")
        shop.start(wrap=(
            *INJECT, "trace=close", "-P", log, "-e", "inject=close:error=EIO"))
        equal(push(shop, ["user-1"]).status_code, 201, "a write")
        equal(end(shop), 4, "its exit code")
        words = open(os.path.join(shop.folder, "access.log")).read()
        check("events.log" in words and "errno 5" in words, words[-500:])
        sound(shop)
    print("a close that fails: told, and exit code 4")


def untimed():
    """A log that was asked for its times gets new ones with the next write (since Linux 6.13), and each
    sync then takes a second trip to the disk."""
    with prepared() as shop:
        calls = os.path.join(shop.folder, "calls")
        shop.start(wrap=(
            "strace", "-f", "-qq", "-y", "-o", calls, "-e", "trace=stat,lstat,fstat,newfstatat,statx"))
        for number in range(10):
            equal(push(shop, [f"user-{number}"]).status_code, 201, "a write")
        equal(end(shop), 0, "its exit code")
        asked = [line.split("{")[0] for line in open(calls) if "/events.log" in line]
        check(len(asked) >= 10, "the name of the log is looked at before each write")
        timed = [line for line in asked if "statx(" not in line or "TIME" in line or "BASIC" in line]
        equal(timed[:2], [], "calls that ask the log for its times")
    print(f"{len(asked)} looks at the log, none at its times")


def at(moment, shop, *words, refusable=False):
    """Runs a command at another moment."""
    done = subprocess.run(
        ["faketime", "-f", moment, program(), *words, "--storage", shop.storage],
        capture_output=True, text=True, timeout=60, env={**os.environ, "TZ": "UTC"})
    check(done.returncode == 0 or refusable, f"{moment} {words}: {done.returncode}\n{done.stderr}")
    return done


def clocks():
    """68 and 69: back a day, over a leap second and 2038, ten years ahead; times never decrease."""
    with Shop() as shop:
        moments = ["@2016-12-31 23:59:58", "@2016-12-31 23:59:59", "@2017-01-01 00:00:00",
                   "@2016-12-30 23:59:59", "@2038-01-19 03:14:06", "@2038-01-19 03:14:09",
                   "@1970-01-01 00:00:01", "-1d"]
        for number, moment in enumerate(moments):
            at(moment, shop, "partners", "enable", f"p{number}")
        far = at("+3650d", shop, "partners", "enable", "far", refusable=True)
        events = [json.loads(line) for line in shop.run("log", "--json").stdout.splitlines()]
        times = [event["time"] for event in events]
        equal(times, sorted(times), "times")
        equal([event["position"] for event in events], list(range(1, len(events) + 1)), "positions")
        check(times[-1] >= "2038-01-19T03:14:06", times[-1])
        check(far.returncode in (0, 4), far.stderr)
        key = shop.rest_key()
        shop.start(wrap=("faketime", "-f", "-1d"))
        status = requests.get(f"{shop.url}/ledger/status", timeout=60,
                              headers={"Authorization": f"Bearer {key}"}).json()
        check(status["clock_lead_microseconds"] > 86_000_000_000, f"no warning: {status}")
        end(shop)
        listed = shop.run("partners", "list").stdout
        check(all(f"p{number}" in listed for number in range(len(moments))), listed)
        sound(shop)
    print(f"clocks that jump {len(moments)} times: times never decrease")


def everybody():
    """66 and 100: verified, backed up and exported while clients write, all at the same time."""
    with prepared(300) as shop:
        key = shop.rest_key()
        shop.start()
        done, counts = threading.Event(), []

        def write(number):
            session, count = requests.Session(), 0
            while not done.is_set():
                answer = session.post(
                    f"{shop.url}/partners/hightouch/cohorts/users", timeout=60, json=shop.body(
                        cohort_id=f"c{number}", cohort_changes=[{
                            "user_ids": [f"user-{(count * 7 + n) % 300}" for n in range(40)],
                            "should_remove": count % 3 == 2}]))
                equal(answer.status_code, 201, "a write")
                count += 1
            counts.append(count)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        try:
            for turn in range(3):
                place = os.path.join(shop.folder, f"turn-{turn}")
                os.mkdir(place)
                commands = [subprocess.Popen(
                    [program(), *words, "--storage", shop.storage, "--json"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    for words in (["backup", f"{place}/backup"], ["verify"],
                                  ["export", "changes", f"{place}/export"])]
                results = []
                for command in commands:
                    out, words = command.communicate(timeout=60)
                    equal(command.returncode, 0, f"{command.args}: {words}")
                    results.append(out)
                backup = json.loads(results[0])
                check(json.loads(results[1])["sound"], "it is not sound")
                head = requests.get(
                    f"{shop.url}/ledger/tree/head?size={backup['position']}", timeout=60,
                    headers={"Authorization": f"Bearer {key}"}).json()
                equal(backup["root"], head["root"], "the root that the server publishes")
        finally:
            done.set()
            for writer in writers:
                writer.join()
        equal(len(counts), 4, "writers that went on")
        shop.stop()
        for turn in range(3):
            restored = os.path.join(shop.folder, f"restored-{turn}")
            taken = subprocess.run(
                [program(), "restore", f"{shop.folder}/turn-{turn}/backup", "--newer", shop.storage,
                 "--storage", restored], capture_output=True, text=True, timeout=60)
            equal(taken.returncode, 0, f"a restore: {taken.stderr}")
            verified = shop.run("verify", restored, check=False)
            equal(verified.returncode, 0, f"the restored ledger: {verified.stdout}")
    print(f"verified, backed up and exported beside {sum(counts)} imports")


def main():
    first_start()
    standing_still(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    orphans()
    without_streams()
    ended_in_the_midst()
    refused_locks()
    failing_close()
    untimed()
    clocks()
    everybody()


if __name__ == "__main__":
    main()
