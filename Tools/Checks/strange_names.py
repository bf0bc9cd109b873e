#!/usr/bin/env python3
"""Identifiers and names that trip others up go through everything byte by byte, and no key is kept.

    python3 Tools/Checks/strange_names.py

The numbers are those of the faults that a ledger must survive.
"""

import csv
import glob
import json
import os
import pathlib

import requests

from shop import Shop, check, equal

# 130 and 132. No two of these are the same.
STRANGE = [
    "undefined", "null", "None", "NaN", "Infinity", "true", "0", "-0", "00", "1e400", "0x10", "1.0",
    "1,000", "9007199254740993", " ", "  ", " a", "a ", "a", "A", "\ta", "a\t", "a\n", "\r\n", "\x7f",
    "\x01\x02\x1f", "\x1b[31mred\x1b[0m", "\u0085", "\u00a0", "\u00ad", "\u200b", "a\u200b", "\u200d",
    "\ufeff", "\ufeffa", "\u2028", "\u2029", "\u202etxt.exe", "\u061c", "\u180e", "\ufffd", "\ufffe",
    "\uffff", "\U0010ffff", "\ue000", "caf\u00e9", "cafe\u0301", "\u212b", "\u00c5", "A\u030a", "ss",
    "\u00df", "SS", "\u1e9e", "i", "I", "\u0130", "\u0131", "\u03c3", "\u03c2", "\uff21", "\ufb01",
    "fi", "\u0430", "\u0410", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea", "\u0667", "\uff17", "7", "Z\u0351\u036b\u0343\u036a\u0302",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u7530\u4e2d", "\u0e01\u0e33", "'", '"', "''", "`",
    "\\", "\\\\", "\\n", "\\u0000", "\\x00", "/", "//", "..", "../../etc/passwd", "%", "%00", "%2F",
    "%2e%2e", "%25", "+", "a+b", "a%20b", "?", "#", "&", "a=b&c=d", ";", "|", "||", "$(id)", "`id`",
    "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>", "<!--", "]]>", "&amp;", "&#0;",
    "' OR 1=1 --", "'); DROP TABLE users; --", "=1+1", "@SUM(1)", "-1", "+1", "CON", "nul.txt", ".",
    "user:1", "external_id:a", "alias:l:n", "device:d", "--json", "-", "*", "[]", "{}", '{"a":1}', ",",
    "a,b", 'a"b', "a\nb", "__proto__", "constructor", "hasOwnProperty", "x" * 1_024, "\u00e9" * 512,
    "\U0001f600" * 256, "\U000e0041", "\u0300", "a\u0300", "\u1160", "\ufff9", "\ufdfd", "\u034f",
]


def main():
    equal(len(set(STRANGE)), len(STRANGE), "the list")
    with Shop() as shop:
        shop.partner()
        key = shop.rest_key()
        shop.start()
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {key}"

        def ask(path, **parameters):
            answer = session.get(shop.url + path, params=parameters, timeout=60)
            check(answer.status_code == 200, f"{path} {parameters}: {answer.text}")
            return answer.json()

        def push(path, **fields):
            answer = session.post(
                f"{shop.url}/partners/hightouch/cohorts{path}", json=shop.body(**fields), timeout=60)
            equal(answer.status_code, 201, f"{fields}: {answer.text}")
            return answer.json()

        for start in range(0, len(STRANGE), 75):
            answer = session.post(f"{shop.url}/users/track", json={
                "attributes": [{"external_id": text} for text in STRANGE[start:start + 75]]})
            equal((answer.status_code, answer.json().get("errors")), (201, None), "track")
        users = {}
        for text in STRANGE:
            push("", cohort_id=text, name=text, created_at="2026-11-21T00:00:00Z")
            answer = push("/users", cohort_id=text, cohort_changes=[{"user_ids": [text]}])
            equal(answer["outcomes"]["added"], 1, f"pushed {text!r}")
            user = ask("/ledger/users", external_id=text)
            equal(user["external_id"], text, "a user")
            users[text] = user["user"]
            where = "/ledger/cohorts/hightouch/" + requests.utils.quote(text, safe="")
            if text not in (".", ".."):  # which the client takes out of a path
                equal(ask(where)["name"], text, "a name")
                members = ask(where + "/members")["members"]
                equal([m["external_id"] for m in members], [text], "members")
        equal(len(set(users.values())), len(STRANGE), "users that are one")
        lines = session.get(f"{shop.url}/ledger/events?limit=10000").text
        feed = [json.loads(line) for line in lines.split("\n") if line]
        for part in (feed, [json.loads(line) for line in shop.run("log", "--json").stdout.split("\n")
                            if line]):
            equal(texts(part), set(STRANGE), "the events")
        for kind in ("ndjson", "csv"):
            place = os.path.join(shop.folder, kind)
            shop.run("export", "changes", place, "--format", kind)
            equal(exported(place, kind), {(text, text) for text in STRANGE}, f"exported as {kind}")
        secrets(shop, key)
        shop.stop()
        shop.run("backup", os.path.join(shop.folder, "backup"))
        shop.start()
        for text, user in users.items():
            equal(ask("/ledger/users", external_id=text)["user"], user, "behind a restart")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify")
        secrets(shop, key)
    print(f"{len(STRANGE)} strange names: as they were, in the log, the feed, the interface and exports")


def texts(events):
    """All external ids and names of cohorts in events."""
    found = {"created": set(), "named": set()}
    for event in events:
        if event["type"] == "userCreated":
            found["created"] |= {i["external_id"] for i in event["identifiers"]}
        if event["type"] == "cohortNamed":
            equal(event["cohort_id"], event["name"], "an id and its name")
            found["named"].add(event["name"])
    equal(found["created"], found["named"], "texts of events")
    return found["named"]


def exported(place, kind):
    rows = []
    for path in sorted(glob.glob(f"{place}/*.{kind}")):
        with open(path, newline="", encoding="utf-8") as file:
            rows += csv.DictReader(file) if kind == "csv" else map(json.loads, file)
    return {(row["cohort_id"], row["external_id"]) for row in rows if "cohort_id" in row}


def secrets(shop, key):
    """135: after all this no key stands in any file, nor where other processes look."""
    files = [path for path in pathlib.Path(shop.folder).rglob("*") if path.is_file()]
    check(len(files) > 3, f"{files}")
    if shop.server:
        files += [pathlib.Path(f"/proc/{shop.server.pid}/{name}") for name in ("cmdline", "environ")]
    for path in files:
        data = path.read_bytes()
        for secret in (key, shop.import_key, shop.partner_key):
            check(secret.encode() not in data, f"a key in {path}")
            check(secret.split("-", 1)[1].encode() not in data, f"a key in {path}")


if __name__ == "__main__":
    main()
