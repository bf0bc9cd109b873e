#!/usr/bin/env python3
"""What goes wrong while somebody is at the console, in a real browser.

    python3 Tools/Checks/console_trouble.py [--language de] [--screenshots DIR]

A sign-out that does not reach the server is no sign-out; two ledgers and a replica's port on one
host leave each other signed in; a secret whose answer was lost is replaced; a message stands before
the dialog that is open; whoever turns pages of a live cohort stays there; a launch sends only what
was shown, however fast another saves; an id that no URL can hold has its page.
"""

import json

from console_kit import Console, in_languages
from shop import Shop, check, equal

# Requests of the page whose answer is lost, or that somebody else precedes.
LOSE = """
    const [target] = arguments, real = globalThis.fetch;
    globalThis.fetch = async (asked, how) => {
      const answer = await real(asked, how);
      if (asked !== target) return answer;
      globalThis.fetch = real;
      throw new TypeError("lost");
    };"""
PRECEDE = """
    const [target, first, body] = arguments, real = globalThis.fetch;
    globalThis.fetch = async (asked, how) => {
      if (asked !== target) return real(asked, how);
      globalThis.fetch = real;
      const headers = {...how.headers, "Idempotency-Key": "of another"};
      const before = await real(first, {...how, body, headers});
      if (!before.ok) throw new Error(await before.text());
      return real(asked, how);
    };"""


def lost_secret(console):
    """The key was made, and nobody has heard its secret."""
    browser = console.browser
    console.open("/partners/hightouch")
    console.press("partners.generate")
    browser.type("dialog input[type=text]", "warehouse")
    browser.execute(LOSE, "/ledger/keys")
    console.press("partners.generate", "dialog")
    console.see(console.word("shell.unreachable"), "dialog")
    lost = console.call("/ledger/keys")["keys"][-1]["key_id"]
    console.press("partners.generate", "dialog")
    console.see(console.word("partners.secretLost"), "dialog")
    check(not browser.has("dialog .secret"), "an empty secret is shown as if it were one")
    console.see(lost, "dialog")
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.sound("a lost secret")
    console.shoot("secret-lost")
    browser.click("dialog .button.danger")
    key = browser.text("dialog .secret code")
    check(key.startswith("dik-"), "another key is made")
    message_before_dialog(console)
    console.press("shell.secretKept")
    browser.wait_gone("dialog")
    ended = {one["key_id"]: one["invalidated_at"] for one in console.call("/ledger/keys")["keys"]}
    check(ended[lost] is not None, f"{lost} is still good")
    status, _ = console.push("cohorts", {
        "cohort_id": "vip", "name": "VIP", "created_at": "2026-09-01"}, key)
    equal(status, 201, "a push with the key that is left")


def message_before_dialog(console):
    """A toast of an open dialog is on top of it, and is spoken."""
    browser = console.browser
    browser.click("dialog .secret .copy")
    toast = browser.find(".toast")
    check(browser.execute("""
        const {left, top, width, height} = arguments[0].getBoundingClientRect();
        const seen = document.elementFromPoint(left + width / 2, top + height / 2);
        return arguments[0].contains(seen) && !!arguments[0].closest("dialog [aria-live]");""",
                          toast), "a message stands behind the dialog")


def staying(console):
    """Pages of members, while others arrive and when they cannot."""
    browser = console.browser
    console.push_users("vip", [f"u{number}" for number in range(1, 61)])
    past = console.call("/ledger/status")["as_of"]["position"]
    for query, sign in (("", ".cohort-size"), (f"?as_of={past}", ".live")):
        console.open(f"/cohorts/hightouch/vip{query}")
        console.see("u1", ".tab-panel")
        console.press("shell.nextPage")
        console.see(console.word("shell.page", n=2), ".tab-panel")
        first = browser.text(".tab-panel tbody tr:first-child")
        count = console.call("/ledger/cohorts/hightouch/vip")["size"]
        console.push_users("vip", [f"u{count + 1}"])
        if query == "":
            console.see(console.word("cohorts.membersThen", n=count + 1), sign)
        else:
            # What arrives is drawn as the size of now that the moment is held against.
            browser.wait("return [...document.querySelectorAll('.facts strong')]"
                         f".some(one => one.innerText === '{count + 1}')", what="the size of now")
        console.settle()
        console.see(console.word("shell.page", n=2), ".tab-panel")
        equal(browser.text(".tab-panel tbody tr:first-child"), first, "the page that is shown")


def launch(console):
    """Others save while the dialog is open, and between the last look and the click."""
    browser = console.browser
    segment = console.call("/segments/create", {"name": "Buyers", "filter": {
        "cohorts": {"partner": "hightouch", "includes": ["vip"]}}})["segment_id"]
    few = {"segments": [segment], "filter": {
        "cohorts": {"partner": "hightouch", "includes": ["few"]}}}
    console.push_users("few", ["u1", "u2"])
    campaign = console.call("/campaigns/create", {
        "name": "Autumn", "audience": {"segments": [segment]}})["campaign_id"]
    size = console.call("/ledger/cohorts/hightouch/vip")["size"]
    console.open(f"/campaigns/{campaign}")
    console.press("audiences.launch")
    console.see(console.word("audiences.users", n=size), "dialog")
    console.call("/campaigns/update", {"campaign_id": campaign, "name": "Autumn letter"})
    console.see(console.word("audiences.savedMeanwhile", version=2), "dialog")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    console.sound("a launch of what was saved meanwhile")

    browser.execute(PRECEDE, "/campaigns/launch", "/campaigns/update",
                    json.dumps({"campaign_id": campaign, "audience": few}))
    browser.click("dialog .button.primary")
    console.see("3", "dialog .panel.error")
    console.see(console.word("audiences.savedMeanwhile", version=3), "dialog")
    console.see(console.word("audiences.users", n=2), "dialog")
    equal(console.call(f"/campaigns/details?campaign_id={campaign}")["sends"], [],
          "what was never shown has been sent")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    console.sound("a launch that another was faster than", expected=(409,))
    console.shoot("launch-conflict")
    browser.click("dialog .button.primary")
    console.see(console.word("audiences.digestHint"))
    equal([one["size"] for one in
           console.call(f"/campaigns/details?campaign_id={campaign}")["sends"]], [2], "the launch")


def dots(console):
    """Ids that a URL drops."""
    browser = console.browser
    for cohort in (".", ".."):
        console.push_users(cohort, ["u1", "u2"])
        console.open(f"/cohorts/hightouch/{cohort}")
        equal(browser.execute("return document.querySelector('h1').textContent"), cohort, "the name")
        console.see(console.word("cohorts.membersThen", n=2), ".cohort-size")
        for view in ("changes", "difference", "dependants"):
            console.press(f"cohorts.{view}")
            console.settle()
        console.press("cohorts.archive")
        browser.wait("return !document.querySelector('dialog .button.danger').disabled")
        console.press("cohorts.archive", "dialog")
        console.see(console.word("cohorts.archivedNotice"))
        console.sound(f"the cohort {cohort}")


def two_ledgers(console):
    """Another ledger on the same host has cookies of its own."""
    browser = console.browser
    with Shop() as other:
        other.partner()
        other.start()
        link = console.link_of(other)
        browser.goto(link)
        browser.find(".frame")
        equal(len({one["name"] for one in browser.cookies()}), 2, "cookies of two ledgers")
        console.open("/cohorts")
        check(not browser.has(".sign-in"), "signed out by another ledger")
        browser.goto(other.url)
        console.settle()
        check(not browser.has(".sign-in"), "signed out by the first ledger")
        browser.click(browser.button(console.word("shell.signOut")))
        browser.find(".sign-in")
        console.open("/cohorts")
        check(not browser.has(".sign-in"), "signed out with another ledger")
    browser.log()


def signing_out(console):
    """A sign-out that nobody hears of is none, and says so."""
    browser = console.browser
    console.open("/segments")
    # The feed would say that it is lost; here it is about the click.
    browser.chrome("Network.enable")
    line = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.chrome("Network.emulateNetworkConditions", offline=True, **line)
    browser.click(browser.button(console.word("shell.signOut")))
    console.see(console.word("shell.stillSignedIn"), "dialog")
    check(not browser.has(".sign-in"), "signed out without the server")
    browser.chrome("Network.emulateNetworkConditions", offline=False, **line)
    browser.log()
    console.sound("a sign-out that failed")
    console.press("shell.retry", "dialog")
    browser.find(".sign-in")
    browser.reload()
    browser.find(".sign-in")
    console.sound("signed out", expected=(401,))


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 81)])
        console.shop.partner()
        console.key = console.shop.rest_key()
        console.start()
        lost_secret(console)
        staying(console)
        launch(console)
        dots(console)
        two_ledgers(console)
        signing_out(console)
    print(f"{language}: trouble ends as it should", flush=True)


if __name__ == "__main__":
    in_languages(run)
