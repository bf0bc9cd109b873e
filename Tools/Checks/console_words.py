#!/usr/bin/env python3
"""The words of the console: five languages, the same keys, the same placeholders, none unused.

    python3 Tools/Checks/console_words.py

Needs node, which reads the files as the browser does.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASSETS = ROOT / "Sources/CohortServer/Console/Assets"
PERMISSIONS = ROOT / "Sources/CohortModel/Permissions.swift"
READ = """
const [folder] = process.argv.slice(1);
const { readdirSync } = await import("node:fs");
const { pathToFileURL } = await import("node:url");
const all = {};
for (const code of readdirSync(folder)) {
  all[code] = {};
  for (const file of readdirSync(`${folder}/${code}`)) {
    const module = await import(pathToFileURL(`${folder}/${code}/${file}`));
    all[code][file.replace(".js", "")] = module.default;
  }
}
console.log(JSON.stringify(all));
"""
# What the plural rules of each language can answer for whole numbers.
FORMS = {"en": {"one", "other"}, "de": {"one", "other"}, "es": {"one", "many", "other"},
         "fr": {"one", "many", "other"}, "pt-br": {"one", "many", "other"}}


def placeholders(text):
    return set(re.findall(r"\{(\w+)\}", text))


def forms(message):
    return message if isinstance(message, dict) else {"other": message}


def used_keys():
    """Keys as they stand in the code, and the stems of those that are put together there."""
    keys, stems = set(), set()
    for path in ASSETS.rglob("*.js"):
        if "lang" in path.parts:
            continue
        text = path.read_text()
        keys |= set(re.findall(r"[\"'`]([a-z]+\.[A-Za-z0-9_.]+)[\"'`]", text))
        stems |= set(re.findall(r"`([a-z]+\.[A-Za-z0-9_.]*)\$\{", text))
    return keys, stems


def main():
    done = subprocess.run(
        ["node", "--input-type=module", "-e", READ, str(ASSETS / "lang")],
        capture_output=True, text=True, timeout=60)
    if done.returncode:
        sys.exit(done.stderr)
    languages = json.loads(done.stdout)
    faults = []
    if set(languages) != set(FORMS):
        faults.append(f"languages {sorted(languages)} instead of {sorted(FORMS)}")
    english = languages["en"]
    keys, stems = used_keys()
    known = {key for area in english.values() for key in area}
    for code, areas in sorted(languages.items()):
        for area in sorted(set(english) | set(areas)):
            mine, theirs = areas.get(area, {}), english.get(area, {})
            faults += [f"{code}/{area}: no {key}" for key in theirs if key not in mine]
            faults += [f"{code}/{area}: {key} is only here" for key in mine if key not in theirs]
            for key, message in mine.items():
                if not key.startswith(f"{area}."):
                    faults.append(f"{code}/{area}: {key} belongs elsewhere")
                wanted = set().union(*map(placeholders, forms(theirs.get(key, message)).values()))
                got = forms(message)
                if "other" not in got or not set(got) <= FORMS[code]:
                    faults.append(f"{code}/{area}: {key} has the forms {sorted(got)}")
                if isinstance(message, dict) != isinstance(theirs.get(key, message), dict):
                    faults.append(f"{code}/{area}: {key} has plural forms here or there only")
                for form, text in got.items():
                    # "one" may say it without the number.
                    if placeholders(text) | ({"n"} if form == "one" else set()) != (
                            wanted | ({"n"} if form == "one" else set())):
                        faults.append(f"{code}/{area}: {key} ({form}) has {placeholders(text)}")
                    if not text.strip():
                        faults.append(f"{code}/{area}: {key} ({form}) is empty")
    areas = tuple(f"{area}." for area in english)
    # Permissions look like keys.
    permissions = set(re.findall(r': "([a-z_.]+)"', PERMISSIONS.read_text()))
    wanted = {key for key in keys if key.startswith(areas)} - permissions
    faults += [f"the code asks for {key}" for key in sorted(wanted - known)]
    faults += [
        f"nobody asks for {key}" for key in sorted(known - keys)
        if not any(key.startswith(stem) for stem in stems)]
    for fault in faults:
        print(fault)
    print(f"{len(known)} messages in {len(languages)} languages: {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
