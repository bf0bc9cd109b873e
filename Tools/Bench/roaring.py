"""The peer of `bench sets`: CRoaring, through pyroaring, on sets of the same sizes.

    pip install pyroaring
    python3 Tools/Bench/roaring.py

Prints the median time of (A | B) - C over 1.6 M, 1.0 M and 0.8 M of ten million users.
"""

import random
import statistics
import time

from pyroaring import BitMap

generator = random.Random(3)
universe = range(1, 10_000_001)
a, b, c = (BitMap(generator.sample(universe, n)) for n in (1_600_000, 1_000_000, 800_000))


def run(calls: int) -> float:
    start = time.thread_time()
    for _ in range(calls):
        (a | b) - c
    return (time.thread_time() - start) / calls


run(100)
calls = int(1.1 / run(100)) + 1
median = statistics.median(run(calls) for _ in range(3))
print(f"CRoaring (A union B) minus C: {median * 1e6:.1f} µs of the processor, {len((a | b) - c)} users")
print(f"CRoaring bytes a member of A: {len(a.serialize()) / len(a):.2f}")
