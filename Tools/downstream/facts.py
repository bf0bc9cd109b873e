"""What analysis needs of an event, as rows; the same rows as `cohort export changes` writes.

A merge takes one user out of cohorts and brings another in; a deletion takes one out: in the feed
they are events of users, here they are changes of each cohort they touch, as in RULES §3.
"""

import calendar
import hashlib
import json
import os
import time


def microseconds(text):
    """`2026-11-21T07:23:24.973067Z` as microseconds since 1970, without rounding."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return seconds * 1_000_000 + int(fraction.ljust(6, "0") or 0)


def changes(event):
    """(position, time_us, partner, cohort_id, kind, sign, user): +1 entered, -1 left."""
    kind = event["type"]
    stamp = (event["position"], microseconds(event["time"]))
    if kind == "membersChanged":
        cohort = (event["partner"], event["cohort_id"])
        for sign, users in ((1, event["added"]), (-1, event["removed"])):
            for user in users:
                yield (*stamp, *cohort, "import", sign, user["user"])
    elif kind in ("usersMerged", "userDeleted"):
        how = "merge" if kind == "usersMerged" else "deletion"
        for cohort in event["cohorts_left"]:
            yield (*stamp, cohort["partner"], cohort["cohort_id"], how, -1, event["user"]["user"])
        for cohort in event.get("cohorts_entered", ()):
            yield (*stamp, cohort["partner"], cohort["cohort_id"], how, 1, event["into"]["user"])


def people(event):
    """(position, time_us, kind, sign, user): who exists, which is what `not` is relative to."""
    kinds = {"userCreated": ("created", 1), "usersMerged": ("merge", -1),
             "userDeleted": ("deletion", -1)}
    if event["type"] in kinds:
        yield (event["position"], microseconds(event["time"]), *kinds[event["type"]],
               event["user"]["user"])


class Export:
    """A folder that `cohort export changes` has written."""

    def __init__(self, folder):
        self.folder = folder
        try:
            with open(os.path.join(folder, "manifest.json")) as file:
                self.manifest = json.load(file)
        except FileNotFoundError:
            raise SystemExit(f"'{folder}' has no manifest: the export was not finished."
                             " Export again, into another folder.") from None
        self.format = self.manifest["format"]

    def paths(self, kind):
        """Of `files` or `users`."""
        return [os.path.join(self.folder, file["name"]) for file in self.manifest[kind]]

    def verify(self):
        """Every file is as the manifest says."""
        for file in self.manifest["files"] + self.manifest["users"]:
            with open(os.path.join(self.folder, file["name"]), "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if digest != file["sha256"]:
                raise SystemExit(f"'{file['name']}' is not what was exported. Export again.")
        return self
