#!/usr/bin/env python3
"""Runs clients.mjs, Node's fetch, against a real server: python3 Tools/Checks/node.py"""

import pathlib
import subprocess
import sys

from shop import Shop

with Shop() as shop:
    shop.partner()
    shop.users(["ann", "bob"])
    key = shop.rest_key()
    shop.start()
    script = pathlib.Path(__file__).with_name("clients.mjs")
    done = subprocess.run(
        ["node", str(script), shop.url, shop.partner_key, shop.import_key, key], timeout=120)
    shop.stop()
    sys.exit(done.returncode)
