"""A ledger in a temporary folder with its server, for the checks of this folder.

    with Shop() as shop:
        shop.partner()                      keys of a partner, made through the terminal
        shop.url, shop.import_key, …
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def program():
    """The release build if there is one, else the debug build."""
    for kind in ("release", "debug"):
        path = ROOT / ".build" / kind / "cohort"
        if path.exists():
            return str(path)
    raise SystemExit("There is no cohort. Run: swift build -c release --product cohort")


class Shop:
    def __init__(self, folder=None):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="cohort-check-")
        self.storage = os.path.join(self.folder, "ledger")
        self.server = None
        self.url = self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)

    # The terminal

    def run(self, *words, stdin=None, check=True):
        done = subprocess.run(
            [program(), *words, "--storage", self.storage],
            input=stdin, capture_output=True, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"cohort {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done

    def json(self, *words, stdin=None):
        return json.loads(self.run(*words, "--json", stdin=stdin).stdout)

    def partner(self, name="hightouch"):
        self.partner_key = self.json("partners", "enable", name)["partner_api_key"]
        issued = self.json("keys", "issue", "data-import", "--partner", name, "--label", "check")
        self.import_key, self.import_key_id = issued["secret"], issued["key_id"]

    def rest_key(self, *permissions):
        words = [w for p in permissions for w in ("--permission", p)] or ["--all-permissions"]
        return self.json("keys", "issue", "rest", "--label", "check", *words)["secret"]

    def users(self, ids):
        lines = "".join(json.dumps({"external_id": i}) + "\n" for i in ids)
        return self.json("users", "import", "-", stdin=lines)

    def body(self, **fields):
        return {"partner_api_key": self.partner_key, "client_secret": self.import_key, **fields}

    # The server

    def start(self, *options, wrap=()):
        """Starts the server and waits for its first line. `wrap`: a command to run it under."""
        self.log = open(os.path.join(self.folder, "access.log"), "a")
        self.server = subprocess.Popen(
            [*wrap, program(), "serve", "--listen", "127.0.0.1:0", "--storage", self.storage,
             *options],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.server.stdout.readline()
        if not line.startswith("listening on http://"):
            code = self.server.wait(timeout=30)
            words = open(os.path.join(self.folder, "access.log")).read()[-2000:]
            raise AssertionError(f"cohort serve ended with {code}: {line!r} {words}")
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self, expect=0):
        """SIGTERM, as an operator would."""
        self.server.send_signal(signal.SIGTERM)
        code = self.server.wait(timeout=60)
        self.server = None
        assert code == expect, f"cohort serve ended with {code} instead of {expect}"

    def server_pid(self):
        """The server itself, also under another program."""
        with open(f"/proc/{self.server.pid}/task/{self.server.pid}/children") as file:
            children = file.read().split()
        return int(children[0]) if children else self.server.pid

    def kill_server(self):
        """kill -9, without waiting."""
        try:
            os.kill(self.server_pid(), signal.SIGKILL)
        except (ProcessLookupError, FileNotFoundError):
            pass

    def kill(self):
        if self.server:
            self.kill_server()
            self.server.wait()
            self.server = None


def check(is_so, words):
    """Fails with words, and is a check that can fail under `python3 -O` too."""
    if not is_so:
        raise AssertionError(words)


def equal(got, wanted, what):
    check(got == wanted, f"{what}: {got!r} instead of {wanted!r}")
