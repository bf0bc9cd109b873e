"""What the projections for analysis are asked, on the command line.

    program PLACE members hightouch/vip [--as-of 500]       user numbers, one a line
    program PLACE sizes hightouch/vip                       position and size, where it changed
    program PLACE segment '{"and":[…]}'                     user numbers
"""

import sys

import filters


def arguments(verbs):
    for verb, what in (("members", "cohort"), ("sizes", "cohort"), ("segment", "filter")):
        one = verbs.add_parser(verb)
        one.add_argument(what)
        one.add_argument("--as-of", type=int)


def answer(projection, words):
    position = projection.end() if words.as_of is None else words.as_of
    if words.verb == "segment":
        lines = projection.segment(filters.read(words.filter), position)
    elif words.verb == "members":
        lines = projection.members(*words.cohort.split("/", 1), position)
    else:
        lines = [f"{at}\t{size}" for at, size in projection.sizes(*words.cohort.split("/", 1))
                 if at <= position]
    sys.stdout.writelines(f"{line}\n" for line in lines)
