#!/usr/bin/env python3
"""The steps of the partner's article, by curl against the real server, as a transcript.

    python3 Tools/Checks/article.py            compares with article.txt
    python3 Tools/Checks/article.py --write    writes it anew

Lines of article.txt that begin with `$ ` are commands; what follows is what they print. Keys stand
as names, and times as TIME.
"""

import os
import pathlib
import re
import subprocess
import sys

from shop import Shop, check, program

TRANSCRIPT = pathlib.Path(__file__).with_name("article.txt")
USERS = "\n".join([
    '{"external_id":"ann"}',
    '{"external_id":"bob","aliases":[{"alias_label":"email","alias_name":"bob@example.com"}]}',
    '{"external_id":"carl"}',
    '{"device_ids":["phone-1"]}',
])


def commands():
    for line in TRANSCRIPT.read_text().splitlines():
        if line.startswith(("$ ", "# ")) or not line:
            yield line


def plain(text, names):
    for name, value in names.items():
        text = text.replace(value, "$" + name)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME", text)
    text = re.sub(r"[dpr]k-[A-Za-z0-9_-]{20,}", "SECRET", text)
    return text.replace("\r", "")


def main():
    with Shop() as shop:
        shop.run("users", "import", "-", stdin=USERS)
        key = shop.rest_key()
        shop.start()
        folder = os.path.dirname(program())
        names = {"URL": shop.url, "REST_KEY": key}
        environment = {**os.environ, **names, "PATH": folder + os.pathsep + os.environ["PATH"],
                       "STORAGE": shop.storage}
        said = []
        for line in commands():
            said.append(line)
            if not line.startswith("$ "):
                continue
            done = subprocess.run(
                ["bash", "-c", line[2:]], env=environment, capture_output=True, text=True,
                timeout=60, cwd=shop.folder)
            check(done.returncode == 0, f"{line}\n{done.stderr}")
            # NAME=… takes a key out of an answer for the commands after it.
            for name, value in re.findall(r"^([A-Z_]+)=(\S+)$", done.stdout, re.M):
                environment[name] = names[name] = value
            said += plain(done.stdout, names).splitlines()
        shop.stop()
    text = "\n".join(said) + "\n"
    if "--write" in sys.argv:
        TRANSCRIPT.write_text(text)
        print(text)
        return
    if text != TRANSCRIPT.read_text():
        path = pathlib.Path("article.new.txt")
        path.write_text(text)
        subprocess.run(["diff", "-u", str(TRANSCRIPT), str(path)], check=False)
        path.unlink()
        sys.exit("the transcript is not what article.txt says")
    print("every step of the article prints what article.txt says")


if __name__ == "__main__":
    main()
