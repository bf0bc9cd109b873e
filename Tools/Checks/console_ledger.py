#!/usr/bin/env python3
"""The ledger page of the console, and requests as they were recorded, in a real browser.

    python3 Tools/Checks/console_ledger.py [--language de] [--screenshots DIR]

In each language: what is pushed arrives in the feed without reload, is held back while it is paused,
and the list stays bounded however much comes; the root is the server's; the metrics become plots; an
import is shown with every outcome, a kind of request after the other. Hostile identifiers are text.
axe reports nothing, CSP reports nothing.
"""

import time

from console_kit import HOSTILE, MONSTERS, Console, in_languages
from shop import check, equal


def push(console, users, remove=False):
    status, answer = console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [
        {"user_ids": users, "should_remove": remove}]})
    equal(status, 201, "a push")
    return answer["position"]


def lines(console):
    return console.browser.execute("return document.querySelectorAll('.ledger-line').length")


def ledger(console):
    """The page while things happen."""
    browser = console.browser
    console.open("/ledger")
    console.see(console.word("ledger.sound"))
    console.see(console.word("shell.feed.live"), ".live")
    status = console.call("/ledger/status")
    equal(browser.text(".copy-text"), status["tree"]["root"], "the root")
    equal(console.call("/ledger/tree/head")["checkpoint"],
          browser.execute("return document.querySelectorAll('.copy-text')[1].innerText"),
          "the checkpoint")
    console.see(console.word("ledger.noReplicas"))
    console.see(console.word("ledger.noSyncRuns"))
    console.sound("ledger")

    position = push(console, ["u1", "u2", "ghost"])
    console.see(f"#{position}", ".ledger-feed")
    console.see(console.word("shell.outcomes.unknown", n=1), ".ledger-feed")
    console.press("ledger.pause")
    position = push(console, ["u3"])
    console.see(console.word("ledger.paused", n=1))
    check(f"#{position}" not in browser.text(".ledger-feed"), "a paused feed goes on")
    console.press("ledger.resume")
    console.see(f"#{position}", ".ledger-feed")

    for number in range(150):
        push(console, ["u4"], remove=number % 2 == 1)
    console.see(f"#{position + 150}", ".ledger-feed")
    check(lines(console) <= 60, "the list grows without bound")
    shown = browser.execute("return [...document.querySelectorAll('.ledger-position')]"
                            ".map(one => Number(one.innerText.slice(1)))")
    equal(shown, sorted(set(shown), reverse=True), "the newest stand on top")
    browser.choose(".ledger-kind", "keys")
    console.see(console.word("shell.event.keyIssued"), ".ledger-feed")
    check(console.word("shell.event.membersChanged") not in browser.text(".ledger-feed"), "a kind")
    # The root follows what was written.
    root = console.call("/ledger/status")["tree"]["root"]
    browser.wait("return document.querySelector('.copy-text').innerText === arguments[0]", root,
                 what="the new root")
    browser.wait("return document.querySelectorAll('.ledger-plots .curve').length >= 4",
                 seconds=20, what="plots of the metrics")
    console.sound("ledger with plots")
    console.shoot("ledger")


def requests(console):
    """Requests as they were recorded."""
    browser = console.browser
    position = push(console, ["u5", "u5", "u6", "ghost", "<b>nobody</b>"])
    console.open("/ledger")
    browser.type("input.ledger-find", f"#{position}")
    browser.press("Enter")
    console.see(console.word("ledger.requestTitle", position=f"#{position}"), "h1")
    console.settle()
    counts = console.call(f"/ledger/requests/{position}")["counts"]
    equal((counts["added"], counts["already_member"], counts["unknown"]), (2, 1, 2), "the counts")
    shown = browser.execute(
        "return [...document.querySelectorAll('.ledger-outcomes strong')].map(one => one.innerText)")
    equal(shown, ["2", "0", "1", "0", "2", "0", "0"], "the outcomes")
    for text in ("u5", "u6", "ghost", "<b>nobody</b>", console.word("shell.reason.unknown")):
        console.see(text, "main")
    console.sound("an import")
    console.shoot("request")
    console.press("ledger.earlier")
    browser.wait(f"return location.hash !== '#/requests/{position}'")
    console.settle()
    console.press("ledger.later")
    console.see(console.word("ledger.requestTitle", position=f"#{position}"), "h1")

    created = console.call("/users/track", {"attributes": [
        {"external_id": text} for text in HOSTILE if "\0" not in text]})
    console.open(f"/requests/{created['position']}")
    console.see(HOSTILE[0], "table")
    console.settle()
    console.sound("a request with hostile identifiers")
    equal(browser.execute("return document.querySelectorAll('main img, main script').length"), 0,
          "elements from identifiers")
    position = push(console, MONSTERS)
    for width in (1440, 360):
        browser.resize(width)
        console.open(f"/requests/{position}")
        for text in MONSTERS:
            kept = text.encode()[:1024].decode(errors="ignore")
            check(kept in browser.execute("return document.body.textContent"), f"{kept[:40]!r}")
        console.sound(f"a request with identifiers that nobody can have, at {width}")
    browser.resize(1440)
    console.open("/ledger")
    console.settle()
    console.sound("the feed with them")
    console.open("/requests/1")
    console.see(console.word("shell.event.userCreated"), "table")
    console.sound("a request of the terminal")
    console.open("/requests/99999999")
    browser.find(".panel.error")
    console.sound("no request", expected=(404,))


def reader(console):
    """A key that may read the ledger, but no identifiers."""
    browser = console.browser
    position = push(console, ["u7", "secret-person"])
    console.open("/ledger")
    browser.click(browser.button(console.word("shell.signOut")))
    browser.find(".sign-in")
    browser.type("input[type=password]", console.reader)
    browser.click(".form .button.primary")
    browser.find(".frame")
    console.open(f"/requests/{position}")
    console.see("user:", "main")
    console.see(console.word("ledger.hidden"), "main")
    check("u7" not in browser.text("main") and "secret-person" not in browser.text("main"),
          "identifiers for a key without ledger.people")
    console.sound("a request for a reader")
    console.open("/ledger")
    console.see(console.word("ledger.sound"))
    time.sleep(0.5)
    console.sound("the ledger for a reader")


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 9)])
        console.shop.partner()
        console.key = console.shop.rest_key()
        console.reader = console.shop.rest_key("ledger.read")
        console.start()
        ledger(console)
        requests(console)
        reader(console)
    print(f"{language}: ledger and requests as they should be", flush=True)


if __name__ == "__main__":
    in_languages(run)
