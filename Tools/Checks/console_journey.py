#!/usr/bin/env python3
"""The whole way of the reference articles in the console, from a key to its end, in five languages.

    python3 Tools/Checks/console_journey.py [--language de] [--screenshots DIR]

One person, one browser, one sign-in: finds the partner and its REST endpoint, generates a data
import key, sees a cohort arrive that was pushed with it, builds a segment on it, uses that as the
audience of a campaign, launches, moves the slider back to before the push, asks why somebody was
reached, invalidates the key, and sees the next push refused. The single steps are looked at more
closely, with axe and hostile names, by the checks beside this one. In English it also prints how
soon each page is seen and what it weighs.
"""

from console_kit import Console, in_languages
from shop import check, equal


def find_partner(console):
    """Step 1 of the article: partner, endpoint, key. Returns the key."""
    browser = console.browser
    console.open("/partners")
    browser.click(browser.button("Hightouch"))
    console.see(console.shop.url, ".copy-text")
    console.press("partners.generate")
    browser.type("dialog input[type=text]", "warehouse")
    console.press("partners.generate", "dialog")
    key = browser.text("dialog .secret code")
    console.press("shell.secretKept")
    browser.wait_gone("dialog")
    console.see("warehouse", "table")
    return key


def push(console, key):
    """Step 2: the cohort is synced, and arrives while one looks."""
    for path, body in (
            ("cohorts", {"name": "VIP", "created_at": "2026-11-21T09:00:00Z"}),
            ("cohorts/users", {"cohort_changes": [{"user_ids": ["u1", "u2", "u3", "stranger"]}]})):
        status, answer = console.push(path, {"cohort_id": "vip", **body}, key)
        equal(status, 201, answer)
    console.see("VIP")
    console.settle()
    console.shoot("journey-partner")
    return answer["position"]


def build_segment(console):
    """Step 3: the filter of the partner, and the segment that includes the cohort."""
    browser = console.browser
    browser.click(browser.find("[data-nav=segments]"))
    console.settle()
    browser.click(browser.button(console.word("segments.new")))
    console.settle()
    console.see(console.word("segments.partnerCohorts", partner="Hightouch"))
    browser.execute("document.querySelector('.segment-leaf [role=combobox]').focus()")
    browser.press("v", "i", "p")
    browser.wait("return document.querySelectorAll('.segment-option').length === 1")
    browser.press("ArrowDown", "Enter")
    console.see(console.word("segments.users", n=3), ".segment-size-number")
    browser.type(".form input", "Best customers")
    console.press("segments.create")
    console.see("Best customers", "h1")
    console.see(console.word("segments.users", n=3), ".segment-size-now")
    console.settle()
    console.shoot("journey-segment")


def launch_campaign(console):
    """Step 4: the segment as target audience, and the list that a launch freezes."""
    browser = console.browser
    browser.click(browser.find("[data-nav=campaigns]"))
    console.settle()
    console.open("/campaigns/new")
    console.see("Best customers", ".audience-found")
    browser.type("form input[type=text]", "Autumn letter")
    browser.execute("document.querySelector('.audience-found input').focus()")
    browser.press("Space")
    console.see(console.word("audiences.users", n=3), ".audience-reach")
    console.press("audiences.of.campaign.create")
    console.see("Autumn letter", "h1")
    console.settle()
    console.press("audiences.launch")
    console.see(console.word("audiences.users", n=3), "dialog")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    browser.click("dialog .button.primary")
    console.see(console.word("audiences.digestHint"))
    console.see(console.word("audiences.users", n=3), ".audience-size")
    console.settle()
    console.press("audiences.verify")
    console.see(console.word("audiences.verified", n=3))
    console.settle()
    console.shoot("journey-audience")


def ask_why(console):
    """Down to the request, and to the key that sent it."""
    browser = console.browser
    console.press("audiences.whyUser", user="u2")
    console.see(console.word("audiences.wasReached"), "dialog")
    console.see("key:", "dialog")
    console.settle()
    console.shoot("journey-why")
    browser.press("Escape")
    browser.wait_gone("dialog")


def look_back(console, key):
    """What no such dashboard has: who was in it before."""
    browser = console.browser
    console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [
        {"user_ids": ["u1"], "should_remove": True}]}, key)
    console.open("/cohorts/hightouch/vip")
    console.see(console.word("cohorts.membersThen", n=2), ".cohort-size")
    browser.click("button.segment[data-unit=position]")
    browser.execute("document.querySelector('.slider-range').focus()")
    browser.press("ArrowLeft")
    console.see(console.word("cohorts.membersThen", n=3), ".cohort-size")
    console.see("u1", ".tab-panel")
    console.settle()
    console.shoot("journey-then")
    browser.press("Home")
    console.see(console.word("cohorts.membersThen", n=0), ".cohort-size")


def end_key(console, key):
    browser = console.browser
    console.open("/partners/hightouch")
    label = browser.execute(
        "return [...document.querySelectorAll('tr')].find(row => "
        "row.innerText.includes('warehouse')).querySelector('code').innerText")
    console.press("partners.invalidateKey", key=label)
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.see("vip", "dialog")
    browser.click("dialog .button.danger")
    browser.wait_gone("dialog")
    console.see(console.word("partners.key.invalidated"), "table")
    status, answer = console.push("cohorts/users", {
        "cohort_id": "vip", "cohort_changes": [{"user_ids": ["u3"]}]}, key)
    equal((status, answer["message"]), (401, "Invalid client secret"), "a push with an old key")


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 6)])
        console.shop.partner()
        console.start()
        key = find_partner(console)
        push(console, key)
        build_segment(console)
        launch_campaign(console)
        ask_why(console)
        look_back(console, key)
        end_key(console, key)
        console.sound("the end of the journey")
        if language == "en":
            console.weigh(["/partners", "/partners/hightouch", "/cohorts", "/cohorts/hightouch/vip",
                           "/users?external_id=u2", "/segments", "/segments/segment:1",
                           "/segments/segment:1/edit", "/campaigns", "/campaigns/campaign:1",
                           "/audiences/send:1", "/ledger"])
        check(key not in console.browser.execute("return document.documentElement.outerHTML"),
              "the page keeps the secret")
    print(f"{language}: from the key to its end", flush=True)


if __name__ == "__main__":
    in_languages(run)
