#!/usr/bin/env python3
"""Campaigns, Canvases and the audiences of their launches in the console, in a real browser.

    python3 Tools/Checks/console_audiences.py [--language de] [--screenshots DIR]

In each language: a campaign is created with a segment as target audience and a further condition,
its reach is exact and moves with a push, the launch says the size and a double click is one send,
the frozen list does not move with the next push, its digest is checked, why is answered for somebody
in it and somebody who is not, and it is archived and restored. Hostile names are text. A key with few
permissions sees numbers. axe reports nothing, CSP reports nothing.
"""

from console_kit import HOSTILE, Console, in_languages, visible
from shop import check, equal


def within(cohort):
    return {"cohorts": {"partner": "hightouch", "includes": [cohort]}}


def create(console, kind, page):
    """Creates one in the page; returns its id."""
    browser = console.browser
    console.open(f"/{page}")
    console.see(console.word(f"audiences.of.{kind}.none"))
    console.sound(f"no {page}")
    console.open(f"/{page}/new")
    console.see("<b>vip</b>", ".audience-found")
    console.sound(f"a new {kind}")
    browser.type("form input[type=text]", f"<i>{kind}</i>")
    # By keys alone: the first segment that is found.
    browser.execute("document.querySelector('.audience-found input').focus()")
    browser.press("Space")
    console.see(console.word("audiences.users", n=3), ".audience-reach")
    console.press("segments.partnerCohorts", partner="Hightouch")
    browser.choose(".segment-leaf select", "excludes")
    console.press(f"audiences.of.{kind}.create")
    console.see(console.word("segments.incomplete"), "form .panel.error")
    console.settle()
    console.sound("a filter without a cohort")
    browser.type(".segment-picker input", "optout")
    browser.find(".segment-option[id]")
    browser.press("ArrowDown", "Enter")
    console.see(console.word("audiences.users", n=2), ".audience-size")
    console.settle()
    console.sound(f"a {kind} with a condition")
    console.shoot(f"{kind}-new")
    console.press(f"audiences.of.{kind}.create")
    console.see(console.word("audiences.noSends"))
    console.see(console.word("audiences.users", n=2), ".audience-size")
    console.settle()
    equal(browser.text("h1"), f"<i>{kind}</i>", "the heading")
    console.sound(f"a {kind}")
    return f"{kind}:1"


def launch(console, kind):
    """Launches it after a push, which the reach follows."""
    browser = console.browser
    console.push_users("vip", ["u4"])
    console.see(console.word("audiences.users", n=3), ".audience-size")
    console.press("audiences.launch")
    console.see(console.word("audiences.users", n=3), "dialog")
    console.sound("before a launch")
    console.shoot(f"{kind}-launch")
    browser.execute("const button = document.querySelector('dialog .button.primary');"
                    "button.click(); button.disabled = false; button.click();")
    console.see(console.word("audiences.digestHint"))
    console.settle()
    area = {"campaign": "campaigns", "canvas": "canvas"}[kind]
    details = console.call(f"/{area}/details?{kind}_id={kind}:1")
    equal([one["size"] for one in details["sends"]], [3], "a double click is one send")
    return details["sends"][0]["send_id"]


def audience(console, kind, send):
    """The frozen list: true to its digest, whatever comes, with a reason for everybody."""
    browser = console.browser
    console.push_users("vip", ["u5"])
    console.push_users("vip", ["u2"], remove=True)
    console.open(f"/audiences/{send}")
    console.see(console.word("audiences.users", n=3), ".audience-size")
    equal(browser.execute("return document.querySelectorAll('tbody tr').length"), 3, "recipients")
    console.see("u2", "table")
    frozen = console.call(f"/audiences/{send}")
    equal(browser.text(".copy-text"), frozen["digest"], "the digest")
    console.press("audiences.verify")
    console.see(console.word("audiences.verified", n=3))
    console.settle()
    console.sound("an audience")
    console.shoot(f"{kind}-audience")

    console.press("audiences.whyUser", user="u2")
    console.see(console.word("audiences.wasReached"), "dialog")
    console.see(console.word("users.finding.member"), "dialog")
    console.see("key:", "dialog")
    console.settle()
    console.sound("why")
    console.shoot(f"{kind}-why")
    browser.press("Escape")
    browser.wait_gone("dialog")
    for user, finding in [("u3", "member"), ("u8", "never_sent")]:
        browser.type(".audience-ask .field:last-child input", user)
        console.press("audiences.askWhy")
        console.see(console.word("audiences.wasNotReached"), "dialog")
        console.see(console.word(f"users.finding.{finding}"), "dialog")
        console.settle()
        console.sound("why not")
        browser.press("Escape")
        browser.wait_gone("dialog")
    browser.type(".audience-ask .field:last-child input", "nobody at all")
    console.press("audiences.askWhy")
    browser.find("dialog .panel.error")
    console.sound("why of nobody", expected=(404,))
    browser.press("Escape")
    browser.wait_gone("dialog")


def filing(console, kind, page):
    """Renames, archives, restores."""
    browser = console.browser
    console.open(f"/{page}/{kind}:1/edit")
    browser.type("form input[type=text]", "Renamed")
    console.press("audiences.save")
    browser.wait("return document.querySelector('h1')?.innerText === 'Renamed'")
    console.settle()
    equal(console.call(f"/{ {'campaign': 'campaigns', 'canvas': 'canvas'}[kind]}/details"
               f"?{kind}_id={kind}:1")["audience"]["filter"],
          {"cohorts": {"partner": "hightouch", "excludes": ["optout"]}}, "the filter is kept")
    console.press("audiences.archive")
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.see("<b>vip</b>", "dialog")
    console.sound("archiving")
    browser.click("dialog .button.danger")
    console.see(console.word("audiences.archivedNotice"))
    check(not browser.execute("return [...document.querySelectorAll('.page-head button')].some("
                              "one => one.innerText === arguments[0])",
                              console.word("audiences.launch")), "an archived one can be launched")
    console.settle()
    console.sound("archived")
    console.open(f"/{page}")
    console.see(console.word(f"audiences.of.{kind}.none"))
    console.open(f"/{page}?archived=true")
    console.see("Renamed", "table")
    console.see(console.word("audiences.archived"), "table")
    console.shoot(page)
    console.open(f"/{page}/{kind}:1")
    console.press("audiences.restore")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    browser.click("dialog .button.primary")
    browser.wait_gone("dialog")
    browser.button(console.word("audiences.archive"))
    console.settle()
    console.sound("restored")


def hostile(console):
    browser = console.browser
    for number, text in enumerate(HOSTILE):
        segment = console.call("/segments/create", {
            "name": text, "filter": within("vip"), "tags": [text]})["segment_id"]
        equal(console.call("/campaigns/create", {
            "name": text, "audience": {"segments": [segment]}, "tags": [text],
            "description": text})["campaign_id"], f"campaign:{number + 2}", "the id")
    console.open("/campaigns")
    console.see(HOSTILE[0], "table")
    console.sound("hostile campaigns")
    for number, text in enumerate(HOSTILE):
        console.open(f"/campaigns/campaign:{number + 2}")
        equal(browser.execute("return document.querySelector('h1').textContent"), visible(text),
              "the heading")
        console.sound(f"the campaign {text[:40]!r}")
        console.open(f"/campaigns/campaign:{number + 2}/edit")
        console.sound(f"editing {text[:40]!r}")
    equal(browser.execute("return document.querySelectorAll('main img, main script').length"), 0,
          "elements from names")


def reader(console):
    """A key that may see campaigns and audiences, but no identifiers."""
    browser = console.browser
    browser.click(browser.button(console.word("shell.signOut")))
    browser.find(".sign-in")
    browser.type("input[type=password]", console.reader)
    browser.click(".form .button.primary")
    browser.find(".frame")
    console.open("/campaigns/campaign:1")
    console.see(console.word("audiences.reachNotPermitted", permission="segments.preview"))
    for verb in ("launch", "archive", "edit"):
        check(not browser.execute(
            "return [...document.querySelectorAll('.page-head .button')].some("
            "one => one.innerText === arguments[0])", console.word(f"audiences.{verb}")), verb)
    console.sound("a campaign for a reader")
    console.open("/audiences/send:1")
    console.see("user:", "table")
    check("u2" not in browser.text("table"), "identifiers for a key without ledger.people")
    console.sound("an audience for a reader")


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 9)])
        console.shop.partner()
        console.key = console.shop.rest_key()
        console.reader = console.shop.rest_key(
            "campaigns.list", "campaigns.details", "audiences.read")
        console.start()
        for kind, page in [("campaign", "campaigns"), ("canvas", "canvases")]:
            if kind == "campaign":
                console.push_users("optout", ["u3"])
                console.push_users("vip", ["u1", "u2", "u3"])
                console.call("/segments/create", {"name": "<b>vip</b>", "filter": within("vip")})
            else:
                console.push_users("vip", ["u2"])
                console.push_users("vip", ["u4", "u5"], remove=True)
            create(console, kind, page)
            send = launch(console, kind)
            audience(console, kind, send)
            filing(console, kind, page)
        if language == "en":
            hostile(console)
        reader(console)
    print(f"{language}: campaigns, Canvases and audiences as they should be", flush=True)


if __name__ == "__main__":
    in_languages(run)
