"""Print the digest of every root and inclusion proof of every tree of up to 300 leaves.

The trees are those of pymerkle (PyPI), which shares no code with this repository. The number stands
in Tests/CohortFormatTests/Tree/MerkleIndependenceTests.swift, which computes it from our own trees.

    usage: python3 Tools/Checks/merkle_tree.py
"""

import hashlib

from pymerkle import InmemoryTree

LEAVES = 300

tree = InmemoryTree(algorithm="sha256")
summary = hashlib.sha256()
for size in range(1, LEAVES + 1):
    leaf = size - 1
    tree.append_entry(bytes([leaf & 255, leaf >> 8]))
    summary.update(tree.get_root(size))
    for index in range(1, size + 1):  # pymerkle counts from 1
        path = tree.prove_inclusion(index, size).serialize()["path"]
        for neighbour in path[1:]:  # the leaf itself comes first
            summary.update(bytes.fromhex(neighbour))
print(summary.hexdigest())
