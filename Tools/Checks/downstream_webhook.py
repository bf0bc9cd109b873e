#!/usr/bin/env python3
"""The webhook sink: what it sends is signed, ordered, whole, and each event once for a receiver.

    python3 Tools/Checks/downstream_webhook.py [seed]

Between the sink and the example receiver stands a door that misbehaves: it answers 429 and 500, cuts
the connection before and after the receiver took the batch, and answers late. The sink is killed at
chosen times, and the ledger restored. The receiver's file must then be the log itself.
"""

import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request

from downstream_story import Story
from listener import Listener, answer, cut
from shop import ROOT, Shop, check, equal

DOWNSTREAM = ROOT / "Tools" / "downstream"
sys.path.insert(0, str(DOWNSTREAM))


class Door:
    """A proxy with moods, and a memory of what went through."""

    def __init__(self, target, generator):
        self.target, self.random = target, generator
        self.bodies, self.kill_next, self.moods = [], None, {}
        self.refusals = 0
        self.url = Listener(self.pass_through).url + "/hook?a=b"

    def pass_through(self, request, body):
        mood = self.random.choice(["good", "good", "429", "500", "cut before", "cut after"])
        # The pauses of the sink double: a long streak would cost minutes, and show nothing more.
        if self.refusals == 4:
            mood = "good"
        self.refusals = 0 if mood == "good" else self.refusals + 1
        self.moods[mood] = self.moods.get(mood, 0) + 1
        if mood == "cut before":
            return cut(request)
        if mood in ("429", "500"):
            return answer(
                request, int(mood), headers={"Retry-After": "0"} if mood == "429" else {})
        status = self.send(dict(request.headers), body)
        if status == 204:
            self.bodies.append(json.loads(body))
        if self.kill_next:
            self.kill_next.kill()               # the receiver has it, the sink never hears of it
            self.kill_next = None
        if mood == "cut after":
            return cut(request)
        return answer(request, status)

    def send(self, headers, body):
        keep = {name: value for name, value in headers.items()
                if name.lower().startswith("webhook-") or name.lower() == "content-type"}
        question = urllib.request.Request(self.target, body, {**keep, "Connection": "close"})
        try:
            with urllib.request.urlopen(question, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def receiver(shop, secret_file, path):
    process = subprocess.Popen(
        [sys.executable, str(DOWNSTREAM / "webhook_receiver.py"), "127.0.0.1:0", "--secret-file",
         secret_file, "--into", path], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().split()[-1]


def signatures(url, secret):
    """What the receiver refuses. The signature is made here once more, from the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    body = b"[]"

    def post(identity="one", stamp=None, of=body, sent=body, key=key, version="v1",
             kind="application/cloudevents-batch+json", extra=""):
        stamp = str(int(time.time())) if stamp is None else stamp
        text = f"{identity}.{stamp}.".encode() + of
        mark = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        question = urllib.request.Request(url, sent, {
            "Content-Type": kind, "webhook-id": identity, "webhook-timestamp": stamp,
            "webhook-signature": f"{extra}{version},{mark}", "Connection": "close"})
        try:
            with urllib.request.urlopen(question, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    now = int(time.time())
    equal(post(), 204, "a signed batch of nothing")
    equal(post(extra="v1,AAAA "), 204, "one of two signatures")
    equal(post(key=b"x" * 32), 401, "another secret")
    equal(post(sent=b"[ ]"), 401, "another body")
    equal(post(version="v2"), 401, "another version")
    equal(post(stamp=str(now - 400)), 401, "an old message")
    equal(post(stamp=str(now + 400)), 401, "a message of tomorrow")
    equal(post(stamp="now"), 401, "a time that is none")
    equal(post(of=b"{", sent=b"{"), 400, "no JSON")
    equal(post(of=b'[{"specversion":"1.0"}]', sent=b'[{"specversion":"1.0"}]'), 400, "no CloudEvent")
    equal(post(kind="application/json"), 415, "another type")
    gap = json.dumps([{"specversion": "1.0", "id": "9@x", "source": "s", "type": "t",
                       "sequence": "9", "data": {}}]).encode()
    equal(post(of=gap, sent=gap), 409, "a gap")


class Sink:
    def __init__(self, shop, door, key_file, secret_file):
        self.shop, self.door = shop, door
        self.files = ["--secret-file", secret_file, "--state", shop.folder + "/sink.json",
                      "--key-file", key_file]

    def start(self, until, *options):
        return subprocess.Popen(
            [sys.executable, str(DOWNSTREAM / "webhook_sink.py"), self.door.url, *self.files, "--url",
             self.shop.url, "--until", str(until), "--most", "20", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finish(self, until, *options):
        equal(self.start(until, *options).wait(timeout=180), 0, "the sink")

    def die(self, until):
        process = self.start(until)
        self.door.kill_next = process
        check(process.wait(timeout=180) != 0, "the sink did not die")


def compare(shop, path):
    """The file is the log."""
    log = [json.loads(line) for line in shop.run("log", "--json").stdout.splitlines()]
    got = [json.loads(line) for line in open(path)]
    equal([made["id"] for made in got], [f"{e['position']}@{e['epoch']}" for e in log], "the ids")
    ledger = shop.json("status")["ledger"]
    # A restore may cut through a request: what is left of it is one, and ends at the cut.
    cuts = {event["cut"] for event in log if event["type"] == "restored"}
    for made, event in zip(got, log):
        equal(made["type"], f"cohort-ledger.{event['type']}", "the type")
        equal(made["source"], f"urn:cohort-ledger:{ledger}", "the source")
        equal(made["time"], event["time"], "the time")
        # Erased since, a text is null in the log: the receiver has to obey `userErased` itself.
        if event["request"] in cuts:
            made["data"]["request"] = event["request"]
        if made["data"] != event:
            check('"erased":true' in json.dumps(event, separators=(",", ":")), f"{made} is {event}")
    return len(log)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 32)
    generator = random.Random(seed)
    print(f"seed {seed}")
    with Shop() as shop:
        shop.partner()
        key_file, secret_file = shop.folder + "/key", shop.folder + "/secret"
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        for path, text in ((key_file, shop.rest_key("ledger.log", "ledger.read")),
                           (secret_file, secret)):
            with open(path, "w") as file:
                file.write(text)
        shop.start()
        story = Story(shop, shop.rest_key(), seed)
        path = shop.folder + "/events.ndjson"
        process, url = receiver(shop, secret_file, path)
        try:
            signatures(url, secret)
            door = Door(url, generator)
            sink = Sink(shop, door, key_file, secret_file)
            story.go_on(40)
            sink.die(story.end())
            sink.die(story.end())
            sink.finish(story.end())
            print(f"up to #{compare(shop, path)}: equal, {door.moods}", flush=True)
            shop.run("backup", shop.folder + "/backup")
            shop.stop()
            shop.run("restore", shop.folder + "/backup", "--to", str(story.marks[-1] // 2))
            shop.start()
            story.begin()
            story.go_on(15)
            sink.die(story.end())
            sink.finish(story.end())
            story.go_on(3)
            sink.finish(story.end(), "--single")
            print(f"restored, then up to #{compare(shop, path)}: equal, {door.moods}", flush=True)
            check(any(isinstance(body, dict) for body in door.bodies), "none came by itself")
            check(all(len(b) <= 20 or len({e["data"]["request"] for e in b}) == 1
                      for b in door.bodies if isinstance(b, list)), "a batch is too large")
        finally:
            process.kill()
            process.wait()
        shop.stop()


if __name__ == "__main__":
    main()
