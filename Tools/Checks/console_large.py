#!/usr/bin/env python3
"""The console of a large ledger, in a real browser: 10,000 cohorts, one of them of ten million.

    python3 Tools/Checks/console_large.py [USERS]

Lists are paged and searched by the server, so no page gets long or heavy, whatever it is of: every
answer that a page asks for has at most 100 kB, and its memory stays as it is on an empty ledger.
Prints how long each took. Not part of what runs before each change: it takes minutes.
"""

import json
import pathlib
import sys
import time

from console_kit import Console
from shop import check, equal

COHORTS = 10_000
BATCH = 1_000


def fill(console, users):
    shop = console.shop
    folder = pathlib.Path(shop.folder)
    table, requests = folder / "users.csv", folder / "requests.ndjson"
    with table.open("w") as file:
        file.write("external_id\n")
        file.writelines(f"user-{number:08}\n" for number in range(users))
    shop.run("users", "import", str(table))
    shop.partner()
    with requests.open("w") as file:
        def say(path, **fields):
            file.write(json.dumps({"path": f"/partners/hightouch/{path}",
                                   "body": shop.body(**fields)}) + "\n")
        for number in range(COHORTS):
            say("cohorts", cohort_id=f"c{number}", name=f"Cohort {number}", created_at="2026-09-01")
            say("cohorts/users", cohort_id=f"c{number}",
                cohort_changes=[{"user_ids": [f"user-{number % users:08}"]}])
        for start in range(0, users, BATCH):
            say("cohorts/users", cohort_id="c7777", cohort_changes=[
                {"user_ids": [f"user-{n:08}" for n in range(start, min(start + BATCH, users))]}])
    shop.run("import", str(requests))
    for file in (table, requests):
        file.unlink()


def look(console, what, act):
    """Does something at the page, and says what it took."""
    browser = console.browser
    browser.execute("performance.clearResourceTimings()")
    start = time.monotonic()
    act()
    console.settle()
    seconds = time.monotonic() - start
    browser.chrome("HeapProfiler.collectGarbage")
    heap = browser.execute("return performance.memory.usedJSHeapSize") / 1e6
    sizes = browser.execute(
        "return performance.getEntriesByType('resource').filter(one =>"
        " !one.name.includes('/ledger/events')).map(one => [one.name, one.decodedBodySize])")
    name, largest = max(sizes, key=lambda one: one[1], default=("", 0))
    rows = browser.execute("return document.querySelectorAll('tr').length")
    print(f"{what}: {seconds:.2f} s, {heap:.1f} MB, {rows} rows, answers of at most {largest:,} bytes",
          flush=True)
    check(largest <= 100_000, f"{what}: {name} has {largest} bytes")
    check(rows <= 300, f"{what}: {rows} rows")
    check(heap < 40, f"{what}: {heap} MB")


def main(users):
    with Console("en") as console:
        fill(console, users)
        console.start()
        browser = console.browser
        look(console, "cohorts", lambda: console.open("/cohorts"))

        def search():
            browser.type("input[type=search]", "Cohort 7777")
            console.see("Cohort 7777", "table")
        look(console, "search", search)
        equal(browser.execute("return document.querySelectorAll('tbody tr').length"), 1, "found")
        look(console, "the large cohort", lambda: console.open("/cohorts/hightouch/c7777"))
        console.see(console.word("cohorts.membersThen", n=f"{users:,}"), ".cohort-size")
        console.sound("a large cohort")

        def next_page():
            console.press("shell.nextPage")
        look(console, "the next members", next_page)

        def past():
            browser.click("button.segment[data-unit=position]")
            end = console.shop.json("status")["as_of"]["position"]
            browser.type(".slider-exact", f"#{end - users // BATCH // 2}")
            browser.press("Enter")
            console.see(f"{users // 2:,}"[:3], ".cohort-size")
        look(console, "half of it, in the past", past)
        look(console, "its imports", lambda: console.press("cohorts.changes"))
        look(console, "a user of it", lambda: console.open("/users?external_id=user-00007777"))
        look(console, "partner", lambda: console.open("/partners/hightouch"))
        look(console, "a new segment", lambda: console.open("/segments/new"))
        look(console, "ledger", lambda: console.open("/ledger"))
    print("a large ledger is as light as a small one", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
