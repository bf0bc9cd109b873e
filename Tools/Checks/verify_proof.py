"""Check a membership proof against a tree head, from Storage/FORMAT.md and RFC 6962 alone.

Shares no code with the product, and needs no ledger: only the proof, and a tree head that was
remembered elsewhere.

    usage: python3 Tools/Checks/verify_proof.py PROOF SIZE ROOT

Prints what each event says of the person, then whether they are a member. Exit 0 if the proof
holds, 1 if it does not, with the reason on standard error.
"""

import hashlib
import json
import struct
import sys


class Wrong(Exception):
    """The proof does not hold."""


def require(holds, reason):
    if not holds:
        raise Wrong(reason)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check_inclusion(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    require(index < size, "the event lies behind the tree head")
    fn, sn, node = index, size - 1, leaf
    for neighbour in path:
        require(sn > 0, "the path is too long")
        if fn & 1 or fn == sn:
            node = sha256(b"\1", neighbour, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\1", node, neighbour)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and node == root, "the path does not lead to the root")


class Reader:
    """The notation of FORMAT.md, section 1."""

    def __init__(self, data):
        self.data, self.at, self.commitments = data, 0, []

    def take(self, count):
        require(self.at + count <= len(self.data), "an event ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def text(self):
        return self.take(self.varint())

    def personal(self):
        self.byte()
        self.commitments.append(self.take(32))

    def identifier(self):
        kind = self.byte()
        if kind == 1:
            self.text()
        self.personal()

    def numbers(self):
        return [self.varint() for _ in range(self.varint())]


def bits(data):
    return [byte >> bit & 1 for byte in data for bit in range(8)]


def users(data):
    """Section 7."""
    reader = Reader(data)
    head = reader.varint()
    count, kind = head >> 2, head & 3
    if count == 0:
        return set()
    first = reader.varint()
    if kind == 0:
        return set(range(first, first + count))
    slack = reader.varint()
    last = first + count - 1 + slack
    found, inner = {first, last}, count - 2
    universe = inner + slack
    body = data[reader.at :]
    if kind == 1 and inner > 0:
        width = (universe // inner).bit_length() - 1
        low_size = (inner * width + 7) // 8
        low, high = bits(body[:low_size]), bits(body[low_size:])
        index = 0
        for place, bit in enumerate(high):
            if bit:
                value = place - index << width
                value |= sum(low[index * width + i] << i for i in range(width))
                found.add(first + 1 + value)
                index += 1
    elif kind == 2:
        found |= {first + 1 + place for place, bit in enumerate(bits(body)) if bit}
    elif kind == 3:
        runs = Reader(body)
        end = runs.varint() + runs.at
        at = first
        while runs.at < end:
            word = runs.varint()
            length = runs.varint() + 2 if word & 1 else 1
            found |= set(range(at, at + length))
            at += length + (word >> 1) + 1
        found |= set(range(at, last + 1))
    require(len(found) == count, "a set of users has another size than it says")
    return found


def read_event(data):
    """Sections 4 and 6, as far as a proof needs them: what happens to whom, and the commitments."""
    head = Reader(data)
    kind, version, flags = head.byte(), head.byte(), head.byte()
    require(version == 1, "an event of another version")
    head.varint()
    head.varint()
    payload = Reader(head.text())
    fact = {"kind": kind}
    if kind == 16:
        fact["user"] = payload.varint()
        for _ in range(payload.varint()):
            payload.identifier()
    elif kind == 17:
        fact["user"] = payload.varint()
        payload.identifier()
    elif kind == 19:
        fact["user"] = payload.varint()
        payload.varint()
        payload.personal()
    elif kind == 20:
        fact["user"] = payload.varint()
        payload.personal()
    elif kind == 21:
        fact["user"], fact["into"] = payload.varint(), payload.varint()
        fact["left"], fact["entered"] = payload.numbers(), payload.numbers()
    elif kind == 22:
        fact["user"], fact["left"] = payload.varint(), payload.numbers()
    elif kind == 32:
        fact["cohort"], _ = payload.varint(), payload.varint()
        fact["cohort_id"] = payload.text()
    elif kind == 35:
        fact["cohort"], fact["leaving"] = payload.varint(), payload.byte() == 1
        payload.varint()
        fact["users"] = users(payload.text())
        for _ in range(payload.varint()):
            payload.byte()
            payload.identifier()
    return fact, payload.commitments


def check(proof, size, root):
    require(proof["tree_head"]["size"] == size, "the proof is for a tree of another size")
    person, cohort = set(proof["users"]), proof["cohort"]
    members, seen, said = set(), set(), []
    last = 0
    for event in proof["events"]:
        position = event["position"]
        require(position > last, "the events are not in order")
        last = position
        data = bytes.fromhex(event["event"])
        leaf = sha256(b"\0", struct.pack("<Qq", position, event["time_us"]), data)
        path = [bytes.fromhex(node) for node in event["path"]]
        check_inclusion(leaf, position - 1, size, path, root)
        fact, commitments = read_event(data)
        words = []
        for opening in event["openings"]:
            nonce, text = bytes.fromhex(opening["nonce"]), bytes.fromhex(opening["text"])
            require(opening["item"] < len(commitments), "an opening of no text")
            require(
                sha256(nonce, text) == commitments[opening["item"]],
                "an opening does not fit its commitment",
            )
            words.append(text.decode("utf-8", "backslashreplace"))
        if fact["kind"] == 32 and fact["cohort"] == cohort:
            require(fact["cohort_id"].decode() == proof["cohort_id"], "another cohort id")
            words.append("names the cohort")
        if fact["kind"] == 35 and fact["cohort"] == cohort:
            seen |= fact["users"]
            hit = fact["users"] & person
            for user in hit:
                require((user in members) == fact["leaving"], "an event is missing")
            members = members - hit if fact["leaving"] else members | hit
            words += [f"user:{user} {'leaves' if fact['leaving'] else 'enters'}" for user in hit]
        if fact["kind"] == 21:
            seen |= {fact["user"], fact["into"]}
            if cohort in fact["left"]:
                members.discard(fact["user"])
            if cohort in fact["entered"] and fact["into"] in person:
                members.add(fact["into"])
            words.append(f"user:{fact['user']} is merged into user:{fact['into']}")
        if fact["kind"] == 22:
            members.discard(fact["user"])
            words.append(f"user:{fact['user']} is deleted")
        if fact["kind"] in (16, 17, 19, 20):
            seen.add(fact["user"])
            words.append(f"identifies user:{fact['user']}")
        said.append(f"#{position} {', '.join(words)}")
    require(seen - person <= set(proof["reveals"]), "the events reveal more than the proof says")
    require(bool(members) == proof["is_member"], "the events do not give the membership")
    return said, bool(members)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        proof = json.load(file)
    try:
        said, is_member = check(proof, int(sys.argv[2]), bytes.fromhex(sys.argv[3]))
    except (Wrong, KeyError, ValueError, TypeError, IndexError) as error:
        print(f"The proof does not hold: {error}.", file=sys.stderr)
        return 1
    for line in said:
        print(line)
    print("member" if is_member else "not a member")
    return 0


if __name__ == "__main__":
    sys.exit(main())
