#!/usr/bin/env python3
"""The OpenAPI document of the real server: valid, and true under schemathesis.

    python3 Tools/Checks/openapi.py [examples per operation, default 15]

Fails on any answer of 500 and above, and on any status, content type or body that the document
does not have.
"""

import subprocess
import sys

import requests
from openapi_spec_validator import validate

from shop import Shop, equal

CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_schema_conformance")

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def main():
    examples = sys.argv[1] if len(sys.argv) > 1 else "15"
    with Shop() as shop:
        shop.partner()
        shop.users([f"user-{n}" for n in range(50)])
        key = shop.rest_key()
        shop.start()
        answer = requests.get(
            f"{shop.url}/openapi.json", headers={"Authorization": f"Bearer {key}"})
        equal(answer.status_code, 200, "/openapi.json")
        document = answer.json()
        validate(document)
        equal(document["openapi"][:3], "3.1", "version")
        path = f"{shop.folder}/openapi.json"
        with open(path, "wb") as file:
            file.write(answer.content)
        # 501 for a method that nobody knows is the contract's answer, and no failure.
        with open(f"{shop.folder}/schemathesis.toml", "w") as file:
            file.write(f"[phases.coverage]\nunexpected-methods = {METHODS}\n")
        # The users import takes lines, which schemathesis cannot make.
        done = subprocess.run(
            ["schemathesis", "run", path, "--url", shop.url, "-H", f"Authorization: Bearer {key}",
             "--checks", CHECKS, "-n", examples, "--seed", "1", "--request-timeout", "20",
             "--exclude-path", "/ledger/users/import", "--no-color"],
            capture_output=True, text=True, timeout=900, cwd=shop.folder)
        if done.returncode != 0:
            print(done.stdout[-8_000:], done.stderr[-2_000:])
            sys.exit("schemathesis found answers that the document does not have")
        equal(requests.get(f"{shop.url}/health").status_code, 200, "health afterwards")
        shop.stop()
        equal(shop.run("verify", check=False).returncode, 0, "verify afterwards")
        operations = sum(len(item) for item in document["paths"].values())
    print(f"the document is valid, and {operations} operations answer as it says")


if __name__ == "__main__":
    main()
