"""What checks of the console share: a server, a browser that is signed in, words, axe.

    with Console() as console:
        console.open("/partners/hightouch")
        console.press("partners.generate")      a button by what it is called in this language
        console.sound("partner")                axe, CSP, scripts: nothing to report

Needs chromium and chromium-driver of Debian, node, and axe-core-python from PyPI.
"""

import argparse
import importlib.util
import json
import pathlib
import re
import statistics
import subprocess
import time
import unicodedata
import urllib.error
import urllib.request

from console_words import ASSETS, READ
from shop import Shop, check, equal
from webdriver import Browser

LANGUAGES = {"en": "en-US", "es": "es-ES", "fr": "fr-FR", "pt-br": "pt-BR", "de": "de-DE"}
HOSTILE = [
    "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "</script><script>alert(1)</script>",
    "{{7*7}}${7*7}", "javascript:alert(1)", "a/b/c%2F?#&=", "مرحبا بالعالم", "\u202eevil rtl override",
    "👩‍👩‍👧‍👦 families 🎉", "N\u0001\u0007\u001b[31mctrl", "\\u0000 NUL", "x" * 1024, "😀" * 256,
    ".", "..", "\u2069\u202egnp.exe", "Z\u0351\u0300" + "\u0327\u0316\u0342" * 99, "\u2028line\u2029",
    "ש" * 512, " \u00a0 ",
]
# What no name can be: an import keeps such identifiers, cut at 1,024 bytes, among the unmatched.
MONSTERS = ["NUL \0 <img src=x onerror=alert(1)>", "<b>" + "y" * 10_240, "😀" * 2_560]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def visible(text):
    """As the page shows a name: of a blank one, what it is made of."""
    blank = all(unicodedata.category(one)[0] in "CZ" for one in text)
    return " ".join(f"U+{ord(one):04X}" for one in text) if blank else text


def words():
    """All messages: code → key → message."""
    done = subprocess.run(["node", "--input-type=module", "-e", READ, str(ASSETS / "lang")],
                          capture_output=True, text=True, timeout=60, check=True)
    return {code: {key: message for area in areas.values() for key, message in area.items()}
            for code, areas in json.loads(done.stdout).items()}


def axe_source():
    found = importlib.util.find_spec("axe_core_python")
    if found is None:
        raise SystemExit("There is no axe-core-python. Install it: pip install axe-core-python")
    return (pathlib.Path(found.submodule_search_locations[0]) / "axe.min.js").read_text()


def in_languages(run):
    """The command line of a check: `run(language, screenshots)` in the one named, or in each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--screenshots")
    options = parser.parse_args()
    for language in [options.language] if options.language else LANGUAGES:
        run(language, options.screenshots)


class Console:
    """A shop with partner hightouch, its server, and a browser in one language."""

    def __init__(self, language="en", screenshots=None, time_zone="Europe/Berlin"):
        self.language = language
        self.screenshots = screenshots and pathlib.Path(screenshots)
        self.words = words()[language]
        self.axe = axe_source()
        self.shop = Shop()
        self.time_zone = time_zone
        self.browser = None

    def __enter__(self):
        self.browser = Browser(language=LANGUAGES[self.language], time_zone=self.time_zone)
        return self

    def __exit__(self, *_):
        if self.browser:
            self.browser.close()
        self.shop.kill()
        self.shop.__exit__()

    def start(self):
        """Starts the server and signs in with the link that it prints."""
        self.shop.start()
        self.link = self.link_of(self.shop)
        # Scripts of a new page cannot be heard from its beginning; what CSP reports, the log has.
        self.browser.goto(self.link)
        self.browser.find(".frame")
        self.settle()
        check("sign-in" not in self.browser.address(), "the code stays in the address")
        return self

    @staticmethod
    def link_of(shop):
        """The sign-in link that a server has printed."""
        for _ in range(200):
            text = pathlib.Path(shop.log.name).read_text()
            if link := re.search(r"console: (http\S+)", text):
                return link[1]
            time.sleep(0.05)
        raise AssertionError("the server printed no sign-in link")

    # The page

    def word(self, name, /, **values):
        message = self.words[name]
        if isinstance(message, dict):
            singular = (0, 1) if self.language in ("fr", "pt-br") else (1,)
            message = message["one" if values.get("n") in singular else "other"]
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), message)

    def open(self, address):
        self.browser.goto(f"{self.shop.url}/#{address}")
        self.settle()

    def settle(self):
        """Waits until nothing is on its way any more."""
        self.browser.wait(
            "return !document.querySelector('.loading, [aria-busy]')"
            " && !!document.querySelector('h1, .panel.error')", what="a page that has settled")

    def press(self, message, /, within="body", **values):
        self.browser.click(self.browser.button(self.word(message, **values), within))

    def see(self, text, selector="body", seconds=10):
        self.browser.wait_for_text(text, selector, seconds)

    def sound(self, what, expected=()):
        """Holds the page against axe, and the log against what nobody wants to read there."""
        if not self.browser.execute("return !!window.axe"):
            self.browser.execute(f"{self.axe};window.axe = axe;")
        found = self.browser.execute(
            "return axe.run(document, {runOnly: arguments[0]})", RULES)["violations"]
        lines = [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
        check(not lines, f"{what}: axe: " + "\n".join(lines))
        made = self.browser.execute(
            "return [...document.querySelectorAll("
            "'body :is(img, iframe, object, style, b, i, [onerror], [onload], [style*=url])')]"
            ".filter(one => !one.closest('.mark')).map(one => one.outerHTML.slice(0, 200))")
        check(not made, f"{what}: elements from names: {made}")
        title = self.browser.title()
        check(title.endswith("Cohort Ledger") and not re.search("[\u202a-\u202e]", title),
              f"{what}: the title is turned around: {title!r}")
        over = self.browser.execute(
            "const root = document.documentElement; return root.scrollWidth - root.clientWidth")
        check(over <= 0, f"{what}: {over} pixels too wide")
        for entry in self.browser.log():
            message = entry["message"]
            refused = re.search(r"status of (\d+)", message)
            check(refused and int(refused[1]) in expected,
                  f"{what}: the browser says: {message}")

    def shoot(self, name):
        """Pictures in both themes at three widths, if they are wanted."""
        if not self.screenshots:
            return
        self.screenshots.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            self.browser.dark(theme == "dark")
            for width in (360, 900, 1440):
                self.browser.resize(width)
                self.browser.execute("window.scrollTo(0, 0)")
                time.sleep(0.3)
                self.browser.screenshot(
                    self.screenshots / f"{name}-{self.language}-{theme}-{width}.png", whole=True)
        self.browser.dark(False)
        self.browser.resize(1440)

    def weigh(self, addresses, loads=3):
        """Prints when pages begin to be seen, as a median of loads without a cache, and what they
        weigh. No file of the console has over 100 kB; how fast it is depends on who else works."""
        for address in addresses:
            paints = []
            for _ in range(loads):
                self.browser.goto("about:blank")
                self.browser.chrome("Network.clearBrowserCache")
                self.open(address)
                paints.append(self.browser.execute(
                    "return Object.fromEntries(performance.getEntriesByType('paint')"
                    ".map(one => [one.name, one.startTime]))"))
            files = self.browser.execute(
                "return [...performance.getEntriesByType('navigation'),"
                " ...performance.getEntriesByType('resource')]"
                ".filter(one => !one.name.includes('/ledger/events'))"
                ".map(one => [new URL(one.name).pathname, one.decodedBodySize])")
            largest = max(files, key=lambda one: one[1])
            check(largest[1] <= 100_000, f"{address}: {largest[0]} has {largest[1]} bytes")
            first, full = (statistics.median(one[kind] for one in paints)
                           for kind in ("first-paint", "first-contentful-paint"))
            print(f"{address}: first paint {first:.0f} ms, with content {full:.0f} ms;"
                  f" {len(files)} requests, {sum(size for _, size in files):,} bytes,"
                  f" at most {largest[1]:,} ({largest[0]})", flush=True)

    # The REST endpoints

    def call(self, path, body=None):
        """A request with the REST key: the answer."""
        request = urllib.request.Request(
            self.shop.url + path, None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    # The partner

    def push_users(self, cohort, users, remove=False):
        status, _ = self.push("cohorts/users", {"cohort_id": cohort, "cohort_changes": [
            {"user_ids": users, "should_remove": remove}]})
        equal(status, 201, f"a push to {cohort}")

    def push(self, path, body, key=None):
        """A request of the partner's: (status, answer)."""
        full = self.shop.body(**body)
        if key:
            full["client_secret"] = key
        request = urllib.request.Request(
            f"{self.shop.url}/partners/hightouch/{path}", json.dumps(full).encode(),
            {"Content-Type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
