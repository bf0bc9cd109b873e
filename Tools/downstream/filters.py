"""Filters of segments (CONTRACT part 2) as expressions: and, or, not, and leaves of cohorts.

Leaves that name a segment need its definition, and leaves of time the identities of everyone; ask
the ledger for those.
"""

import json
import os


def cohorts(filter_):
    """Every (partner, cohort_id) in a filter, each once."""
    kind, value = leaf(filter_)
    if kind in ("and", "or"):
        found = [cohort for part in value for cohort in cohorts(part)]
    elif kind == "not":
        found = cohorts(value)
    else:
        found = [(value["partner"], one) for one in value.get("includes", value.get("excludes"))]
    return list(dict.fromkeys(found))


def expression(filter_, member, both, either, negated):
    """The filter, put together by the functions given: of a cohort, two operands, one operand."""
    def fold(parts, join):
        result = parts[0]
        for part in parts[1:]:
            result = join(result, part)
        return result

    kind, value = leaf(filter_)
    if kind in ("and", "or"):
        parts = [expression(part, member, both, either, negated) for part in value]
        return fold(parts, both if kind == "and" else either)
    if kind == "not":
        return negated(expression(value, member, both, either, negated))
    names = value.get("includes", value.get("excludes"))
    any_ = fold([member(value["partner"], name) for name in names], either)
    return any_ if "includes" in value else negated(any_)


def leaf(filter_):
    (kind, value), = filter_.items()
    if kind not in ("and", "or", "not", "cohorts"):
        raise SystemExit(f"A filter with '{kind}' is not evaluated here. Ask the ledger.")
    return kind, value


def read(text):
    """JSON, or the name of a file with it."""
    if os.path.exists(text):
        with open(text) as file:
            text = file.read()
    return json.loads(text)
