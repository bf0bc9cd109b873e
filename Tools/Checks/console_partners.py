#!/usr/bin/env python3
"""Partner Integrations and Cohorts of the console, in a real browser.

    python3 Tools/Checks/console_partners.py [--language de] [--screenshots DIR]

In each language: a data import key is generated in the page, a cohort that is pushed with it arrives
without reload, its past is looked at with the slider, the difference between two moments is read,
the cohort is archived and restored, the key invalidated and the next push refused. Hostile names are
text. axe reports nothing, CSP reports nothing, no page is wider than the window.
"""

import time
import urllib.parse

from console_kit import HOSTILE, MONSTERS, Console, in_languages, visible
from shop import check, equal


def partner(console):
    """Generates a key, pushes with it, and sees what arrives. Returns the key."""
    browser = console.browser
    console.open("/partners")
    console.see("Hightouch", "table")
    console.sound("partners")
    console.shoot("partners")
    console.open("/partners/hightouch")
    equal(browser.text(".copy-text"), console.shop.url, "the REST endpoint")
    console.sound("partner")
    console.shoot("partner")

    console.press("partners.generate")
    browser.type("dialog input[type=text]", "<b>warehouse</b>")
    browser.type("dialog textarea", "nonsense")
    console.press("partners.generate", "dialog")
    browser.find("dialog .panel.error")
    console.sound("a refused key", expected=(400,))
    browser.type("dialog textarea", "127.0.0.0/8")
    console.press("partners.generate", "dialog")
    browser.find("dialog .secret")
    key = browser.text("dialog .secret code")
    check(key.startswith("dik-"), "the data import key is shown")
    browser.press("Escape", "Escape")
    check(browser.has("dialog .secret"), "a secret cannot be lost by a key press")
    console.sound("a secret")
    console.shoot("secret")
    console.press("shell.secretKept")
    browser.wait_gone("dialog")
    console.see("<b>warehouse</b>", "table")
    check(key not in browser.execute("return document.documentElement.outerHTML"),
          "the page keeps the secret")

    status, _ = console.push("cohorts", {
        "cohort_id": "vip", "name": "VIP <i>customers</i>", "created_at": "2026-09-01"}, key)
    equal(status, 201, "naming with the new key")
    status, _ = console.push("cohorts/users", {
        "cohort_id": "vip", "cohort_changes": [{"user_ids": ["u1", "u2", "u3", "ghost"]}]}, key)
    equal(status, 201, "a push with the new key")
    # Without a reload: the feed tells.
    console.see("VIP <i>customers</i>")
    browser.wait("return [...document.querySelectorAll('tr')].some(row => "
                 "row.innerText.includes('VIP <i>customers</i>') && /\\b3\\b/.test(row.innerText))",
                 what="the row of three members")
    console.settle()
    console.sound("an arrival")
    return key


def cohort(console, key):
    """Looks at the past of what arrived."""
    browser = console.browser
    time.sleep(0.05)
    _, answer = console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [
        {"user_ids": ["u4"]}, {"user_ids": ["u1"], "should_remove": True}]}, key)
    before = answer["position"] - 2
    console.open("/cohorts")
    console.see("VIP <i>customers</i>", "table")
    console.sound("cohorts")
    console.shoot("cohorts")
    browser.type("input[type=search]", "no such cohort")
    browser.find(".empty")
    console.open("/cohorts?q=vip")
    equal(browser.execute("return document.querySelectorAll('tbody tr').length"), 1, "found cohorts")

    console.open("/cohorts/hightouch/vip")
    console.see(console.word("cohorts.membersThen", n=3), ".cohort-size")
    console.see("u4", ".tab-panel")
    console.sound("cohort")
    console.shoot("cohort")
    # The slider by keys, then by an exact position.
    browser.click("button.segment[data-unit=position]")
    browser.execute("document.querySelector('.slider-range').focus()")
    browser.press("Home")
    console.see(console.word("cohorts.membersThen", n=0), ".cohort-size")
    browser.type(".slider-exact", f"#{before}")
    browser.press("Enter")
    console.see(console.word("cohorts.membersThen", n=3), ".cohort-size")
    console.see("u1", ".tab-panel")
    console.see(f"#{before}", ".slider-reading")
    check(f"as_of={before}" in browser.address(), "the moment stands in the address")
    console.sound("cohort as of")

    console.press("cohorts.changes")
    console.see("#", ".timeline")
    equal(browser.execute("return document.querySelectorAll('.timeline-item').length"), 2,
          "the timeline has one entry for each request")
    console.see(console.word("shell.outcomes.unknown", n=1), ".timeline")
    browser.click(".timeline-unmatched summary")
    console.see("ghost", ".timeline")
    console.see(console.word("shell.reason.unknown"), ".timeline")
    console.sound("changes")
    console.shoot("changes")

    console.press("cohorts.difference")
    console.see(console.word("cohorts.enteredCount", n=3), ".cohort-difference")
    browser.type(".tab-panel .slider-exact", str(before))
    browser.press("Enter")
    console.see(console.word("cohorts.enteredCount", n=1), ".cohort-difference")
    console.see(console.word("cohorts.leftCount", n=1), ".cohort-difference")
    console.settle()
    console.sound("difference")
    console.shoot("difference")

    # Live: what is pushed while one looks at now.
    console.open("/cohorts/hightouch/vip")
    console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [{"user_ids": ["u5"]}]}, key)
    console.see(console.word("cohorts.membersThen", n=4), ".cohort-size")

    console.press("cohorts.archive")
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.sound("archiving")
    console.press("cohorts.archive", "dialog")
    console.see(console.word("cohorts.archivedNotice"))
    status, _ = console.push("cohorts/users", {
        "cohort_id": "vip", "cohort_changes": [{"user_ids": ["u6"]}]}, key)
    equal(status, 423, "a push to an archived cohort")
    console.press("cohorts.restore")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    console.press("cohorts.restore", "dialog")
    browser.wait_gone("dialog")
    browser.button(console.word("cohorts.archive"))
    console.settle()
    console.sound("restored")


def hostile(console):
    """Names that would like to be something else."""
    browser = console.browser
    for text in HOSTILE:
        _, answer = console.push("cohorts", {
            "cohort_id": text, "name": text, "created_at": "2026-09-01"})
        equal(answer["message"], "success", repr(text[:40]))
    for width in (1440, 360):
        browser.resize(width)
        console.open("/cohorts")
        console.see(HOSTILE[0], "table")
        console.sound(f"hostile cohorts at {width}")
    browser.resize(1440)
    for text in HOSTILE:
        console.open(f"/cohorts/hightouch/{urllib.parse.quote(text, safe='')}")
        equal(browser.execute("return document.querySelector('h1').textContent"), visible(text),
              "the heading")
        console.sound(f"the cohort {text[:40]!r}")
    console.push("cohorts/users", {"cohort_id": HOSTILE[0], "cohort_changes": [
        {"user_ids": ["u1", *MONSTERS]}]})
    console.open(f"/cohorts/hightouch/{urllib.parse.quote(HOSTILE[0], safe='')}?view=changes")
    browser.click(".timeline-unmatched summary")
    console.see("<b>yyy", ".timeline")
    console.settle()
    console.sound("unmatched that nobody can be")
    hostile_partners(console)


def hostile_partners(console):
    """Display names of partners and labels of keys, in tables, dialogs and what filters are called."""
    browser = console.browser
    for number, text in enumerate(HOSTILE):
        partner = f"p{number}"
        console.call("/ledger/partners", {"partner": partner, "display_name": text})
        key = console.call("/ledger/keys", {
            "kind": "data-import", "partner": partner, "label": text})["key_id"]
        console.open(f"/partners/{partner}")
        equal(browser.execute("return document.querySelector('h1').textContent"), visible(text), "the name")
        console.press("partners.invalidateKey", key=key)
        browser.wait("return !document.querySelector('dialog .button.danger').disabled")
        console.sound(f"the partner {text[:40]!r}")
        browser.press("Escape")
        browser.wait_gone("dialog")
        console.press("partners.disable")
        browser.wait("return !document.querySelector('dialog .button.danger').disabled")
        check(text.strip("\u2069\u202e\u2028\u2029")[:20].strip() in browser.execute(
            "return document.querySelector('dialog').textContent"), "the dialog names the partner")
        console.sound(f"disabling {text[:40]!r}")
        browser.press("Escape")
        browser.wait_gone("dialog")
    for width in (1440, 360):
        browser.resize(width)
        for address in ("/partners", "/segments/new", "/cohorts"):
            console.open(address)
            console.sound(f"{address} with hostile partners at {width}")
    browser.resize(1440)


def invalidate(console, key):
    browser = console.browser
    console.open("/partners/hightouch")
    label = browser.execute(
        "return [...document.querySelectorAll('tr')].find(row => "
        "row.innerText.includes('<b>warehouse</b>')).querySelector('code').innerText")
    console.press("partners.activityOf", key=label)
    console.see("VIP <i>customers</i>", "dialog")
    console.settle()
    console.sound("activity")
    browser.press("Escape")
    browser.wait_gone("dialog")
    console.press("partners.invalidateKey", key=label)
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.see("vip", "dialog")
    console.sound("invalidating")
    console.shoot("invalidate")
    browser.click("dialog .button.danger")
    browser.wait_gone("dialog")
    console.see(console.word("partners.key.invalidated"), "table")
    status, answer = console.push("cohorts/users", {
        "cohort_id": "vip", "cohort_changes": [{"user_ids": ["u7"]}]}, key)
    equal((status, answer["message"]), (401, "Invalid client secret"), "a push with an old key")
    console.sound("invalidated")


def signing(console):
    """The link is good once; a REST key signs in with what it may do."""
    browser = console.browser
    console.open("/cohorts")
    browser.click(browser.button(console.word("shell.signOut")))
    browser.find(".sign-in")
    console.sound("the sign-in page")
    console.shoot("sign-in")
    browser.goto(console.link)
    browser.find(".sign-in .panel.error")
    check("sign-in" not in browser.address(), "the code of a used link stays in the address")
    console.sound("a used link", expected=(401,))
    for wrong in ("😀<img src=x>", "rk-" + "x" * 190):
        browser.type("input[type=password]", wrong)
        browser.click(".form .button.primary")
        browser.find(".form .panel.error")
        console.sound("a wrong key", expected=(400, 401))
    browser.type("input[type=password]", console.reader)
    browser.click(".form .button.primary")
    browser.find(".frame")
    console.settle()
    links = browser.execute(
        "return [...document.querySelectorAll('.nav-link')].map(one => one.dataset.nav)")
    equal(links, ["partners", "cohorts", "ledger"], "what a key with ledger.read may see")
    console.open("/cohorts/hightouch/vip")
    console.see("user:", ".tab-panel")
    console.sound("a reader")
    console.open("/partners/hightouch")
    console.see("keys.manage", "main")
    equal(browser.has(".section .button.primary"), False, "a button for what is not permitted")
    console.sound("a partner for a reader")
    console.open("/users")
    console.see("ledger.people", "main")
    console.sound("a page that is not permitted")


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 9)])
        console.shop.partner()
        console.reader = console.shop.rest_key("ledger.read")
        console.key = console.shop.rest_key()
        console.start()
        key = partner(console)
        cohort(console, key)
        if language == "en":
            hostile(console)
        invalidate(console, key)
        signing(console)
    print(f"{language}: partners and cohorts as they should be", flush=True)


if __name__ == "__main__":
    in_languages(run)
