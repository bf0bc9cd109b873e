#!/usr/bin/env python3
"""Users and Segments of the console, in a real browser.

    python3 Tools/Checks/console_segments.py [--language de] [--screenshots DIR]

In each language: a segment is built in the page from cohorts of a partner, with the keys alone; its
size is exact at every step; it is saved, changed beside another who saves meanwhile, looked at in
the past and archived. A person who was merged is looked up by any identifier; the picture, the
history and why lead down to request and key. Hostile names are text. axe reports nothing, CSP
reports nothing, no page is wider than the window.
"""

import urllib.parse

from console_kit import HOSTILE, Console, in_languages, visible
from shop import check, equal


def prepare(console):
    """Two cohorts, and a person who was three users."""
    for cohort, name, members in (("vip", "VIP customers", range(1, 7)),
                                  ("lapsed", "Lapsed", range(5, 9))):
        console.push("cohorts", {"cohort_id": cohort, "name": name, "created_at": "2026-09-01"})
        console.push("cohorts/users", {"cohort_id": cohort, "cohort_changes": [
            {"user_ids": [f"u{number}" for number in members]}]})
    alias = {"alias_label": "email", "alias_name": "ana@shop.example"}
    console.call("/users/alias/new", {"user_aliases": [alias]})
    console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [
        {"aliases": [alias], "user_ids": ["stranger"]}]})
    console.call("/users/track", {"attributes": [{"external_id": "ana"}, {"device_id": "phone"}]})
    console.before = console.call("/users/identify", {"devices_to_identify": [
        {"external_id": "ana", "device_id": "phone"}]})["position"]
    console.call("/users/merge", {"merge_updates": [
        {"identifier_to_merge": {"user_alias": alias},
         "identifier_to_keep": {"external_id": "ana"}}]})
    console.call("/users/external_ids/rename", {"external_id_renames": [
        {"current_external_id": "ana", "new_external_id": "ana-2"}]})


def see_size(console, count):
    console.see(console.word("segments.users", n=count), ".segment-size-number")
    console.browser.wait("return !document.querySelector('.segment-size-number.stale')")


def build(console):
    """Builds a segment with the keys alone. Returns its id."""
    browser = console.browser
    console.open("/segments")
    console.see(console.word("segments.none"))
    console.sound("no segments")
    console.open("/segments/new")
    console.see(console.word("segments.incomplete"), ".segment-size")
    browser.execute("document.querySelector('.segment-leaf [role=combobox]').focus()")
    browser.press("ArrowDown")
    browser.find("[role=option]")
    console.sound("offers")
    browser.press("v", "i", "p")
    browser.wait("return document.querySelectorAll('.segment-option').length === 1")
    browser.press("ArrowDown", "Enter")
    see_size(console, 7)
    check(browser.execute("return document.activeElement.getAttribute('role')") == "combobox",
          "the focus stays where the next cohort is added")
    # A second filter, which excludes.
    button = console.word("segments.partnerCohorts", partner="Hightouch")
    browser.execute("arguments[0].focus()", browser.button(button))
    browser.press("Enter")
    console.see(console.word("segments.incomplete"), ".segment-size")
    browser.choose("li:nth-child(2) > .segment-leaf select", "excludes")
    browser.execute("document.querySelectorAll('.segment-leaf [role=combobox]')[1].focus()")
    browser.press("l", "a", "p")
    browser.wait("return document.querySelectorAll('.segment-option').length === 1")
    browser.press("ArrowDown", "Enter")
    see_size(console, 5)
    console.see(console.word("segments.effect", change="−2"), ".segment-builder")
    console.settle()
    console.sound("the builder")
    # A time leaf and an empty group: nothing is asked while something is missing.
    console.press("segments.timeFilter")
    console.see(console.word("segments.incomplete"), ".segment-size")
    console.press("segments.removeFilter")
    see_size(console, 5)
    browser.type(".form input", "Fresh <b>customers</b>")
    console.press("segments.group")
    console.see(console.word("segments.incomplete"), ".segment-size")
    console.press("segments.create")
    browser.find(".form .panel.error")
    console.press("segments.removeGroup")
    see_size(console, 5)
    console.see("5", ".segment-overlap")
    console.settle()
    console.shoot("segment-new")
    console.press("segments.create")
    console.see("Fresh <b>customers</b>", "h1")
    console.settle()
    console.see(console.word("segments.users", n=5), ".segment-size-now")
    console.sound("a segment")
    console.shoot("segment")
    return urllib.parse.unquote(browser.address().rsplit("/", 1)[1])


def change(console, segment):
    """Saves beside another who was faster, and reads what changed."""
    browser = console.browser
    console.open(f"/segments/{segment}/edit")
    see_size(console, 5)
    console.call("/segments/update", {"segment_id": segment, "name": "Theirs", "filter": {
        "cohorts": {"partner": "hightouch", "includes": ["vip", "lapsed"]}}})
    browser.type(".form input", "Mine")
    console.press("segments.saveVersion")
    console.see(console.word("segments.conflict", version=2))
    console.see("Theirs", ".form .notice")
    console.sound("a conflict", expected=(409,))
    console.shoot("segment-conflict")
    console.press("segments.saveVersion")
    console.see("Mine", "h1")
    console.settle()
    console.press("segments.versions")
    console.see(console.word("segments.versionN", version=3), ".timeline")
    equal(browser.execute("return document.querySelectorAll('.timeline-item').length"), 3,
          "versions")
    console.see("Theirs", ".segment-changes")
    console.settle()
    console.sound("versions")
    console.shoot("segment-versions")
    console.press("segments.overlap")
    browser.find(".segment-circles")
    console.settle()
    console.sound("overlap")
    console.shoot("segment-overlap")
    equal(browser.execute("return [...document.querySelectorAll('.segment-upset-svg .axis-text')]"
                          ".map(one => one.textContent)"), ["5", "2", "2"], "parts of the overlap")
    console.press("segments.members")
    console.see("u1", ".tab-panel")
    console.sound("members")
    # Live: who is pushed while one looks.
    console.push("cohorts/users", {"cohort_id": "vip", "cohort_changes": [{"user_ids": ["u9"]}]})
    console.see(console.word("segments.users", n=6), ".segment-size-now")
    # The past, by an exact position.
    first = console.call(f"/segments/versions?segment_id={segment}")["versions"][1]["position"]
    browser.type(".slider-exact", str(first))
    browser.press("Enter")
    console.see(console.word("segments.users", n=9), ".segment-size-now")
    console.settle()
    console.sound("a segment as of")


def archive(console, segment):
    browser = console.browser
    console.call("/campaigns/create", {"name": "Summer", "audience": {"segments": [segment]}})
    console.open(f"/segments/{segment}")
    console.press("segments.archive")
    browser.wait("return !document.querySelector('dialog .button.danger').disabled")
    console.see("Summer", "dialog")
    console.sound("archiving a segment")
    console.press("segments.archive", "dialog")
    console.see(console.word("segments.archivedNotice"))
    console.open("/segments")
    console.see(console.word("segments.none"))
    browser.click(".toolbar input[type=checkbox]")
    console.see("Mine", "table")
    console.see(console.word("segments.archived"), "table")
    console.settle()
    console.sound("archived segments")
    browser.click("table a.segment-name")
    console.press("segments.restore")
    browser.wait("return !document.querySelector('dialog .button.primary').disabled")
    console.press("segments.restore", "dialog")
    browser.wait_gone("dialog")
    browser.button(console.word("segments.archive"))
    console.open("/segments")
    console.see("Mine", "table")
    console.settle()
    console.sound("segments")
    console.shoot("segments")


def people(console, segment):
    """Looks a person up, and asks why."""
    browser = console.browser
    console.open("/users")
    browser.type("form[role=search] input", "ana")
    browser.press("Enter")
    console.see("ana-2", "h1")
    console.settle()
    equal(browser.execute("return document.querySelectorAll('.users-svg .join').length"), 2,
          "merges")
    console.see("VIP customers", ".tab-panel")
    console.sound("a user")
    console.shoot("user")
    browser.type(".slider-exact", str(console.before - 1))
    browser.press("Enter")
    browser.wait("return /as_of=/.test(location.hash)")
    console.see(console.word("users.out"), ".tab-panel")
    console.sound("a user as of")
    browser.click(".users-picture details summary")
    console.see("email", ".users-picture table")
    console.settle()
    console.sound("identities as a table")
    console.open("/users?external_id=ana-2")
    console.press("users.whyWhat", what="VIP customers")
    console.see(console.word("users.verdict.cohort.in"), ".users-verdict")
    console.see(console.word("users.finding.member"))
    check(browser.has(".users-chain a[href^='#/requests/']"), "the chain leads to requests")
    check(browser.has("a[download][href^='/ledger/prove']"), "the proof is at hand")
    console.settle()
    console.sound("why")
    console.shoot("user-why")
    console.open(f"/users?external_id=u5&view=why&segment_id={urllib.parse.quote(segment)}")
    console.see(console.word("users.verdict.segment.out"), ".users-verdict")
    console.settle()
    console.sound("why not")
    console.open("/users?external_id=ana-2&view=history")
    console.see(console.word("shell.event.usersMerged"), "table")
    console.settle()
    console.sound("history")
    console.shoot("user-history")
    # Live: a push, then a merge.
    console.open("/users?external_id=ana-2")
    console.push("cohorts/users", {"cohort_id": "lapsed", "cohort_changes": [
        {"user_ids": ["ana-2"]}]})
    console.see("Lapsed", ".tab-panel")
    console.call("/users/merge", {"merge_updates": [
        {"identifier_to_merge": {"external_id": "u4"}, "identifier_to_keep": {
            "external_id": "ana-2"}}]})
    console.press("cohorts.showNew")
    browser.wait("return document.querySelectorAll('.users-svg .join').length === 3")
    console.settle()
    console.sound("a user who was merged meanwhile")
    # Nobody, and what imports made of the name.
    console.open("/users?external_id=stranger&partner=hightouch&cohort_id=vip")
    console.see(console.word("users.finding.unmatched"))
    console.see(console.word("shell.reason.unknown"), ".users-chain")
    console.settle()
    console.sound("nobody", expected=(404,))
    console.shoot("user-nobody")


def hostile(console):
    """Names that would like to be something else."""
    browser = console.browser
    for text in HOSTILE:
        console.call("/users/track", {"attributes": [
            {"external_id": text, "_update_existing_only": False}]})
        console.push("cohorts/users", {"cohort_id": text, "cohort_changes": [{"user_ids": [text]}]})
        segment = console.call("/segments/create", {"name": text, "tags": [text], "filter": {
            "cohorts": {"partner": "hightouch", "includes": [text]}}})["segment_id"]
        quoted = urllib.parse.quote(text, safe="")
        for address in (f"/users?external_id={quoted}", f"/segments/{segment}",
                        f"/cohorts/hightouch/{quoted}?view=dependants"):
            console.open(address)
            equal(browser.execute("return document.querySelector('h1').textContent"), visible(text),
                  "the heading")
            browser.resize(360)
            console.settle()
            console.sound(f"{address[:40]!r}")
            browser.resize(1440)
        console.open(f"/segments/{segment}/edit")
        browser.find(".segment-chip")
        console.settle()
        console.sound(f"editing {text[:40]!r}")
    console.open("/segments")
    console.settle()
    console.sound("hostile segments")
    equal(browser.execute("return document.querySelectorAll('main img, main script').length"), 0,
          "elements from names")


def run(language, screenshots):
    with Console(language, screenshots) as console:
        console.shop.users([f"u{number}" for number in range(1, 10)])
        console.shop.partner()
        console.key = console.shop.rest_key()
        console.start()
        prepare(console)
        segment = build(console)
        change(console, segment)
        people(console, segment)
        archive(console, segment)
        if language == "en":
            hostile(console)
    print(f"{language}: users and segments as they should be", flush=True)


if __name__ == "__main__":
    in_languages(run)
