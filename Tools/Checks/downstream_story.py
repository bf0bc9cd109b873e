"""A ledger to which everything happens that projections must follow, and its own answers.

    story = Story(shop, seed)
    story.go_on(100)              requests of every kind, as chance has it
    story.marks                   positions of which the ledger can be asked
"""

import random

import requests

from shop import check

COHORTS = ["vip", "new", "lapsed", "été"]
LABELS = ["email", "crm"]


class Story:
    def __init__(self, shop, key, seed):
        self.shop, self.key = shop, key
        self.random = random.Random(seed)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"
        self.marks = []
        self.number = 0
        self.erased = []                # texts that must be nowhere any more
        self.begin()

    def begin(self):
        """Forgets whom it knows: after a restore others may be there."""
        self.people, self.others, self.devices = [], [], []

    # What happens

    def go_on(self, count):
        kinds = [self.import_, self.import_, self.import_, self.import_, self.track, self.track,
                 self.alias, self.device, self.merge, self.rename, self.remove, self.identify,
                 self.update_alias, self.delete, self.name, self.erase, self.archive]
        for _ in range(count):
            self.random.choice(kinds)()
        return self.marks[-1]

    def post(self, path, **body):
        answer = self.session.post(self.shop.url + path, json=body, timeout=60)
        check(answer.status_code in (200, 201, 202, 400, 404, 409), f"{path}: {answer.text}")
        self.marks.append(int(answer.headers["Ledger-Position"]))
        return answer.json()

    def fresh(self, stem):
        self.number += 1
        return f"{stem}-{self.number}-é\"\\,{self.random.randrange(1 << 30):x}"

    def one(self, of):
        return self.random.choice(of) if of and self.random.random() < 0.95 else self.fresh("no")

    def import_(self):
        def some(of, most):
            return [self.one(of) for _ in range(self.random.randrange(most))]

        changes = []
        for _ in range(self.random.randrange(1, 4)):
            changes.append({
                "user_ids": some(self.people, 60), "device_ids": some(self.devices, 4),
                "aliases": [dict(zip(("alias_label", "alias_name"), pair))
                            for pair in self.random.sample(self.others, min(3, len(self.others)))],
                "should_remove": self.random.random() < 0.4})
        self.post("/partners/hightouch/cohorts/users", **self.shop.body(
            cohort_id=self.random.choice(COHORTS), cohort_changes=changes))

    def track(self):
        names = [self.fresh("person") for _ in range(self.random.randrange(1, 50))]
        self.people += names
        self.post("/users/track", attributes=[{"external_id": name} for name in names])

    def alias(self):
        pair = (self.random.choice(LABELS), self.fresh("alias"))
        self.others.append(pair)
        item = {"alias_label": pair[0], "alias_name": pair[1]}
        if self.people and self.random.random() < 0.6:
            item["external_id"] = self.random.choice(self.people)
        self.post("/users/alias/new", user_aliases=[item])

    def device(self):
        device = self.fresh("device")
        self.devices.append(device)
        item = {"device_id": device}
        if self.people and self.random.random() < 0.5:
            item["external_id"] = self.random.choice(self.people)
        self.post("/users/track", attributes=[item])

    def update_alias(self):
        if self.others:
            label, old = self.random.choice(self.others)
            new = self.fresh("alias")
            self.others.append((label, new))
            self.post("/users/alias/update", alias_updates=[
                {"alias_label": label, "old_alias_name": old, "new_alias_name": new}])

    def merge(self):
        def who():
            return {"external_id": self.one(self.people)}

        self.post("/users/merge", merge_updates=[
            {"identifier_to_merge": who(), "identifier_to_keep": who()}])

    def rename(self):
        new = self.fresh("renamed")
        self.post("/users/external_ids/rename", external_id_renames=[
            {"current_external_id": self.one(self.people), "new_external_id": new}])
        self.people.append(new)

    def remove(self):
        """Most are primary, and refused; deprecated and merged ones become free."""
        self.post("/users/external_ids/remove",
                  external_ids=[self.one(self.people) for _ in range(20)])

    def identify(self):
        if self.others:
            label, name = self.random.choice(self.others)
            self.post("/users/identify", aliases_to_identify=[
                {"external_id": self.one(self.people) if self.random.random() < 0.6
                 else self.fresh("person"),
                 "user_alias": {"alias_label": label, "alias_name": name}}])

    def delete(self):
        self.post("/users/delete", external_ids=[self.one(self.people)])

    def erase(self):
        if self.people and self.random.random() < 0.5:
            name = self.random.choice(self.people)
            answer = self.post("/ledger/erase", external_id=name)
            if answer.get("message") == "success":
                self.erased.append(name)
                self.people = [other for other in self.people if other != name]

    def name(self):
        self.post("/partners/hightouch/cohorts", **self.shop.body(
            cohort_id=self.random.choice(COHORTS), name=self.fresh("name"),
            created_at="2026-01-01T00:00:00Z"))

    def archive(self):
        cohort = self.random.choice(COHORTS)
        for verb in ("archive", "restore"):
            self.post(f"/ledger/cohorts/hightouch/{cohort}/{verb}")

    # What the ledger answers

    def get(self, path, **parameters):
        return self.session.get(self.shop.url + path, params=parameters, timeout=60)

    def members(self, cohort, position):
        """Number → external id, aliases, devices."""
        answer = self.get(f"/ledger/cohorts/hightouch/{cohort}/members", as_of=position, limit=10000)
        if answer.status_code == 404:
            return {}
        check(answer.status_code == 200, answer.text)
        return {
            member["user"]: (
                member["external_id"],
                sorted((alias["alias_label"], alias["alias_name"] or "")
                       for alias in member["aliases"]),
                sorted(device or "" for device in member["device_ids"]))
            for member in answer.json()["members"]}

    def size(self, filter_, position):
        answer = self.session.post(
            f"{self.shop.url}/segments/preview", json={"filter": filter_, "as_of": str(position)},
            timeout=60)
        check(answer.status_code in (200, 201), answer.text)
        return answer.json()["size"]

    def end(self):
        return self.get("/ledger/status").json()["as_of"]["position"]
