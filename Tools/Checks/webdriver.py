"""A small client of W3C WebDriver over HTTP: a real browser for the checks of the console.

    with Browser() as browser:                  chromedriver and Chromium, without a window
        browser.goto("http://127.0.0.1:8080/")
        browser.click("button.primary")         CSS selectors; waits until there is one to click
        browser.execute("return document.title")

Only the standard library. https://www.w3.org/TR/webdriver2/
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {
    "Backspace": "\ue003", "Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008",
    "Escape": "\ue00c", "Space": " ", "PageUp": "\ue00e", "PageDown": "\ue00f", "End": "\ue010",
    "Home": "\ue011", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
    "ArrowDown": "\ue015", "Delete": "\ue017",
}


class WebDriverError(Exception):
    """What the driver refused: `kind` is the standard's word, such as 'no such element'."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message.splitlines()[0] if message else ''}")
        self.kind = kind


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def program(*names):
    for name in names:
        if path := shutil.which(name):
            return path
    raise SystemExit(f"There is no {names[0]}. Install chromium and chromium-driver.")


class Browser:
    """A browser with one window and a profile of its own, which is gone afterwards."""

    def __init__(self, language="en-US", time_zone=None, width=1440, height=900, dark=False):
        self.profile = tempfile.mkdtemp(prefix="cohort-browser-")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "LANGUAGE": language}
        if time_zone:
            environment["TZ"] = time_zone
        self.driver = subprocess.Popen(
            [program("chromedriver"), f"--port={port}"], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = None
        try:
            self._wait_for_driver()
            arguments = [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
                f"--lang={language}", f"--user-data-dir={self.profile}",
                f"--window-size={width},{height}"]
            options = {
                "binary": program("chromium", "chromium-browser", "google-chrome"),
                "args": arguments, "prefs": {"intl.accept_languages": language}}
            answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
            self.session = answer["sessionId"]
            self.resize(width, height)
            self.dark(dark)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.session:
            try:
                self._ask("DELETE", f"/session/{self.session}")
            except (WebDriverError, OSError):
                pass
            self.session = None
        if self.driver.poll() is None:
            self.driver.terminate()
            try:
                self.driver.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.driver.kill()
                self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    # The protocol

    def _ask(self, method, path, body=None, timeout=120):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(value["error"], value["message"]) from None

    def _wait_for_driver(self):
        deadline = time.monotonic() + 30
        while True:
            try:
                if self._ask("GET", "/status")["ready"]:
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise SystemExit("chromedriver does not answer.")
            time.sleep(0.05)

    def _get(self, path):
        return self._ask("GET", f"/session/{self.session}{path}")

    def _post(self, path, **body):
        return self._ask("POST", f"/session/{self.session}{path}", body)

    def chrome(self, command, **parameters):
        """A command of the Chrome DevTools Protocol."""
        return self._post("/goog/cdp/execute", cmd=command, params=parameters)

    # The window

    def goto(self, url):
        self._post("/url", url=url)

    def address(self):
        return self._get("/url")

    def title(self):
        return self._get("/title")

    def reload(self):
        self._post("/refresh")

    def back(self):
        self._post("/back")

    def resize(self, width, height=900):
        """The size of the page itself; narrower than a window may be."""
        self.chrome("Emulation.setDeviceMetricsOverride",
                    width=width, height=height, deviceScaleFactor=1, mobile=False)

    def dark(self, is_dark):
        """What the system wishes."""
        self.chrome("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def screenshot(self, path=None, whole=False):
        """PNG bytes of what is seen, or of the whole page; written to a file if one is given."""
        if whole:
            data = self.chrome(
                "Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        else:
            data = self._get("/screenshot")
        png = base64.b64decode(data)
        if path:
            with open(path, "wb") as file:
                file.write(png)
        return png

    def log(self):
        """What the console of the browser has heard since the last call."""
        return self._post("/se/log", type="browser")

    def cookies(self):
        return self._get("/cookie")

    # Scripts

    def execute(self, script, *arguments):
        """The script is a function's body: `return` gives its value, promises are awaited."""
        return self._post("/execute/sync", script=script, args=list(arguments))

    def wait(self, script, *arguments, seconds=10, what=None):
        """Waits until a script returns something true, and returns it."""
        deadline = time.monotonic() + seconds
        while True:
            if found := self.execute(script, *arguments):
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"after {seconds} s there is no {what or script}")
            time.sleep(0.05)

    # Elements

    def find(self, selector, seconds=10):
        """The first element of a CSS selector that is shown; waits for it."""
        return self.wait(
            "return [...document.querySelectorAll(arguments[0])]"
            ".find(one => one.checkVisibility()) ?? null",
            selector, seconds=seconds, what=selector)

    def find_all(self, selector):
        return self._post("/elements", using="css selector", value=selector)

    def has(self, selector):
        return bool(self.find_all(selector))

    def text(self, selector):
        return self._get(f"/element/{self._id(self.find(selector))}/text")

    def wait_for_text(self, text, selector="body", seconds=10):
        self.wait("return document.querySelector(arguments[0])?.innerText.includes(arguments[1])",
                  selector, text, seconds=seconds, what=f"{text!r} in {selector}")

    def wait_gone(self, selector, seconds=10):
        self.wait("return !document.querySelector(arguments[0])", selector, seconds=seconds,
                  what=f"end of {selector}")

    def button(self, text, within="body"):
        """The last button, link or summary with exactly this text or label that is shown."""
        script = """
            const [text, within] = arguments;
            const all = document.querySelectorAll(
              `${within} :is(button, a, summary, [role=tab])`);
            return [...all].filter(one => one.checkVisibility() && !one.disabled
              && (one.innerText.trim() === text || one.getAttribute("aria-label") === text))
              .at(-1) ?? null;"""
        return self.wait(script, text, within, what=f"button {text!r}")

    def click(self, element):
        """Clicks an element, or the first one shown of a CSS selector."""
        element = self.find(element) if isinstance(element, str) else element
        # Into the middle: a bar may stick to the top.
        self.execute("arguments[0].scrollIntoView({block: 'center'})", element)
        self._post(f"/element/{self._id(element)}/click")

    def type(self, selector, text, clear=True):
        element = self.find(selector) if isinstance(selector, str) else selector
        if clear:
            self._post(f"/element/{self._id(element)}/clear")
        self._post(f"/element/{self._id(element)}/value", text=text)

    def press(self, *names):
        """Presses keys one after another on whatever has the focus: names of KEYS, or texts."""
        actions = []
        for name in names:
            for key in [KEYS[name]] if name in KEYS else name:
                actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def choose(self, selector, value):
        """Chooses an option of a select by its value."""
        self.execute("""
            const [element, value] = arguments;
            element.value = value;
            element.dispatchEvent(new Event("change", {bubbles: true}));""",
                     self.find(selector), value)

    @staticmethod
    def _id(element):
        return element[ELEMENT]
