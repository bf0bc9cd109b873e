#!/usr/bin/env python3
"""Explain every byte of a log of Cohort Ledger, and check everything that can be checked.

    usage: inspect.py [--quiet] events.log

Written from Storage/FORMAT.md alone; shares no code with the product. Prints the annotated dump to
standard output. Exit code 0: the log is whole. 3: it is damaged or torn, and the last line says
where. 4: it is of a later format. 2: wrong usage.
"""

import hashlib
import sys

FRAME_MAX = 16 << 20
FILE_HEADER, FRAME_HEADER, TRAILER = 4096, 112, 48
PAGE, SECTOR, SPARSE_MAX = 4096, 512, 16 << 10
NUMBER_MAX = (1 << 32) - 1
VARINT_MAX = (1 << 64) - 1
POSITION_MAX = 1 << 62
PERIOD_MAX = 315_360_000
FILTER_DEPTH_MAX = 128
CRC_TABLE = []
for value in range(256):
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    CRC_TABLE.append(value)


def crc32c(*parts):
    crc = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def sha(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


class Damage(Exception):
    """What is wrong, and at which byte."""

    def __init__(self, offset, what):
        super().__init__(f"at byte {offset} ({offset:05x}): {what}")
        self.offset = offset


class Later(Exception):
    """The log is of a later release."""


class Tree:
    """RFC 6962, section 2.1, kept as the roots of its full subtrees, the largest first."""

    def __init__(self):
        self.size, self.full = 0, []

    def append(self, leaf):
        self.full.append(leaf)
        self.size += 1
        size = self.size
        while size % 2 == 0:
            right, left = self.full.pop(), self.full.pop()
            self.full.append(sha(b"\x01", left, right))
            size //= 2

    def root(self):
        if not self.full:
            return sha()
        root = self.full[-1]
        for left in reversed(self.full[:-1]):
            root = sha(b"\x01", left, root)
        return root


class Dump:
    """Takes bytes in order and explains each."""

    def __init__(self, data, out):
        self.data, self.out, self.at = data, out, 0
        self.end = len(data)

    def peek(self, count):
        if self.at + count > self.end:
            raise Damage(self.at, f"{count} bytes should follow, and {self.end - self.at} do")
        return self.data[self.at : self.at + count]

    def line(self, at, words, note):
        if self.out is not None:
            self.out.append(f"{at:05x}  {words:<49}{note}".rstrip())

    def take(self, count, note, explain_text=True):
        taken = self.peek(count)
        if explain_text and taken and all(0x20 <= byte < 0x7F for byte in taken):
            note += f' "{taken.decode()}"'
        for start in range(0, max(count, 1), 16):
            row = taken[start : start + 16]
            self.line(self.at + start, row.hex(" ").upper(), "" if start else note)
        self.at += count
        return taken

    def number(self, size, note):
        value = int.from_bytes(self.peek(size), "little")
        self.take(size, f"{note} = {value}", explain_text=False)
        return value

    def signed(self, size, note):
        value = int.from_bytes(self.peek(size), "little", signed=True)
        self.take(size, f"{note} = {value}", explain_text=False)
        return value

    def varint(self, note, most=VARINT_MAX):
        value = size = 0
        while True:
            byte = self.peek(size + 1)[size]
            value |= (byte & 127) << 7 * size
            size += 1
            if byte < 128:
                break
            if size == 10:
                raise Damage(self.at, f"{note}: a varint has at most 10 bytes")
        if size > 1 and byte == 0:
            raise Damage(self.at, f"{note}: not in its shortest form")
        if value > most:
            raise Damage(self.at, f"{note}: {value} is more than {most}")
        self.take(size, f"{note} = {value}", explain_text=False)
        return value

    def expect(self, value, size, note):
        at, found = self.at, self.number(size, note)
        if found != value:
            raise Damage(at, f"{note}: should be {value}, and is {found}")

    def expect_bytes(self, value, note):
        at, found = self.at, self.take(len(value), note, '"' not in note)
        if found != value:
            raise Damage(at, f"{note}: should be {value.hex(' ').upper()}")

    def zeros(self, count, note):
        found = self.peek(count)
        for index, byte in enumerate(found):
            if byte:
                raise Damage(self.at + index, f"{note}: must be zero")
        if count > 16:
            self.line(self.at, f"00 … 00 ({count} bytes)", note)
            self.at += count
        elif count:
            self.take(count, note)


class Events(Dump):
    """The payloads of section 6."""

    def flag(self, note):
        value = self.number(1, f"{note} (0 no, 1 yes)")
        if value > 1:
            raise Damage(self.at - 1, f"{note}: a flag is 0 or 1")
        return value == 1

    def tag(self, note, words):
        value = self.number(1, f"{note} ({', '.join(f'{n} {w}' for n, w in enumerate(words))})")
        if value >= len(words):
            raise Damage(self.at - 1, f"{note}: there is no {value}")
        return value

    def id(self, note):
        return self.varint(note, NUMBER_MAX)

    def ids(self, note):
        for _ in range(self.varint(note)):
            self.id("…")

    def position(self, note):
        return self.varint(note)

    def instant(self, note):
        return self.signed(8, f"{note}, µs")

    def text(self, note):
        self.take(self.varint(f"{note}: length"), note)

    def texts_of(self, note):
        for _ in range(self.varint(note)):
            self.text("…")

    def personal(self, note):
        at, blocks = self.at, self.number(1, f"{note}: blocks")
        if not 1 <= blocks <= 65:
            raise Damage(at, f"{note}: {blocks} blocks cannot be")
        self.texts.append((blocks, self.take(32, f"{note}: commitment", False)))

    def identifier(self):
        if self.tag("identifier", ["external id", "alias", "device"]) == 1:
            self.text("label")
            self.personal("name")
        else:
            self.personal("text")

    def campaign(self):
        self.tag("campaign", ["campaign", "Canvas"])
        self.id("number")

    def audience(self):
        self.ids("segments")
        if self.flag("filter?"):
            self.filter()

    def filter(self, depth=1):
        if depth > FILTER_DEPTH_MAX:
            raise Damage(self.at, "the filter is nested too deeply")
        names = ["", "and", "or", "not", "includes", "excludes", "segment", "entered within"]
        names += ["left within", "member for at least", "member as of"]
        tag = self.peek(1)[0]
        if not 1 <= tag <= 10:
            raise Damage(self.at, f"filter: there is no tag {tag}")
        self.take(1, f"filter = {tag}, {names[tag]}", False)
        if tag in (1, 2):
            for _ in range(self.varint("filters")):
                self.filter(depth + 1)
        elif tag == 3:
            self.filter(depth + 1)
        elif tag in (4, 5):
            self.ids("cohorts")
        elif tag == 6:
            self.id("segment")
        elif tag in (7, 8, 9):
            self.id("cohort")
            if not 1 <= self.varint("seconds", PERIOD_MAX):
                raise Damage(self.at, "a period is at least one second")
        else:
            self.id("cohort")
            if self.tag("moment", ["position", "instant"]) == 0:
                self.position("position")
            else:
                self.instant("instant")

    def saved(self, name, what):
        what()
        self.id("version")
        self.text("name")
        self.text("description")
        self.texts_of("tags")

    def payload(self, kind):
        name, read = KINDS[kind]
        read(self, name)


def only(part):
    return lambda d, name: d.id(f"{name}: {part}")


def partner_enabled(d, name):
    d.id(f"{name}: partner")
    d.text("code")
    d.text("display name")
    d.flag("learns")


def key_issued(d, name):
    d.id(f"{name}: key")
    d.tag("kind", ["partner", "data import", "REST"])
    if d.flag("partner?"):
        d.id("partner")
    d.text("label")
    d.number(8, "permissions")
    for _ in range(d.varint("networks")):
        network(d)
    if d.flag("expires at?"):
        d.instant("expires at")
    d.take(32, "SHA-256 of the secret", False)


def network(d):
    at = d.at
    high, low = d.number(8, "address, upper half"), d.number(8, "address, lower half")
    prefix = d.number(1, "prefix")
    if prefix > 128 or (high << 64 | low) & ((1 << 128 - min(prefix, 128)) - 1):
        raise Damage(at, "bits behind the prefix of a network are not zero")


def user_created(d, name):
    d.id(f"{name}: user")
    for _ in range(d.varint("identifiers")):
        d.identifier()


def identifier_added(d, name):
    d.id(f"{name}: user")
    d.identifier()


def identifier_removed(d, name):
    d.id(f"{name}: user")
    d.id("identifier")


def external_id_renamed(d, name):
    d.id(f"{name}: user")
    d.id("deprecated identifier")
    d.personal("primary")


def user_identified(d, name):
    d.id(f"{name}: user")
    d.personal("external id")


def users_merged(d, name):
    d.id(f"{name}: user")
    d.id("into")
    for part in ["cohorts left", "cohorts entered", "identifiers moved", "dropped", "retired"]:
        d.ids(part)


def user_deleted(d, name):
    d.id(f"{name}: user")
    d.ids("cohorts left")
    d.ids("identifiers freed")


def user_erased(d, name):
    if d.flag(f"{name}: user?"):
        d.id("user")
    d.ids("identifiers")
    for _ in range(d.varint("texts")):
        position = d.position("… position")
        d.erased.add((position, d.id("… item")))


def erasure_finished(d, name):
    d.position(f"{name}: erasure")


def unmatched_forgotten(d, name):
    d.instant(f"{name}: before")
    d.forgotten = max(d.forgotten, d.position("through"))


def cohort_named(d, name):
    d.id(f"{name}: cohort")
    d.id("partner")
    d.text("cohort id")
    d.text("name")
    if d.flag("created at?"):
        d.instant("created at")


def members_changed(d, name):
    d.id(f"{name}: cohort")
    d.tag("direction", ["entering", "leaving"])
    d.id("unchanged")
    length, at = d.varint("length of the set of users"), d.at
    packed = d.take(length, "users, packed", False)
    read_users(packed, at)
    for _ in range(d.varint("unmatched")):
        d.tag("reason", ["unknown", "identified", "merged"])
        d.identifier()


def segment_saved(d, name):
    d.saved(name, lambda: d.id(f"{name}: segment"))
    d.filter()


def campaign_saved(d, name):
    d.line(d.at, "", f"{name}:")
    d.saved(name, d.campaign)
    d.audience()


def campaign_only(d, name):
    d.line(d.at, "", f"{name}:")
    d.campaign()


def audience_frozen(d, name):
    d.id(f"{name}: send")
    d.campaign()
    d.id("version")
    d.position("position seen")
    d.instant("instant")
    for _ in range(d.varint("segments")):
        d.id("… segment")
        d.id("… version")
    d.audience()
    d.varint("size")
    d.take(32, "digest", False)


def recovered(d, name):
    d.varint(f"{name}: offset of the cut")
    d.varint("size")
    d.take(32, "SHA-256 of what was cut", False)
    d.flag("may have been acknowledged")


def restored(d, name):
    d.position(f"{name}: cut")
    d.position("head")
    d.take(32, "root at the head", False)
    d.flag("accepted loss")


KINDS = {
    1: ("partnerEnabled", partner_enabled),
    2: ("partnerDisabled", only("partner")),
    3: ("keyIssued", key_issued),
    4: ("keyInvalidated", only("key")),
    16: ("userCreated", user_created),
    17: ("identifierAdded", identifier_added),
    18: ("identifierRemoved", identifier_removed),
    19: ("externalIDRenamed", external_id_renamed),
    20: ("userIdentified", user_identified),
    21: ("usersMerged", users_merged),
    22: ("userDeleted", user_deleted),
    23: ("userErased", user_erased),
    24: ("erasureFinished", erasure_finished),
    25: ("unmatchedForgotten", unmatched_forgotten),
    32: ("cohortNamed", cohort_named),
    33: ("cohortArchived", only("cohort")),
    34: ("cohortRestored", only("cohort")),
    35: ("membersChanged", members_changed),
    48: ("segmentSaved", segment_saved),
    49: ("segmentArchived", only("segment")),
    50: ("segmentRestored", only("segment")),
    51: ("campaignSaved", campaign_saved),
    52: ("campaignArchived", campaign_only),
    53: ("campaignRestored", campaign_only),
    54: ("audienceFrozen", audience_frozen),
    64: ("recovered", recovered),
    65: ("restored", restored),
}


def read_users(data, base):
    """The users of a packed set: section 7."""
    d = Dump(data, None)
    try:
        head = d.varint("count × 4 + kind")
        count, kind = head >> 2, head & 3
        if count == 0:
            users = []
            if kind:
                raise Damage(0, "an empty set has kind 0")
        else:
            first = d.varint("first", NUMBER_MAX)
            slack = d.varint("slack", NUMBER_MAX) if kind else 0
            last = first + count - 1 + slack
            if last > NUMBER_MAX:
                raise Damage(d.at, "a user number above 2^32 - 1")
            users = READERS[kind](d, first, last, count)
        if d.at != len(data):
            raise Damage(d.at, "bytes are left over behind the set")
    except Damage as damage:
        raise Damage(base + damage.offset, f"set of users: {damage}") from None
    if len(users) != count or any(a >= b for a, b in zip(users, users[1:])):
        raise Damage(base, "the set of users contradicts its header")
    return users


def bits(d, count, note):
    data = d.take((count + 7) // 8, note, False)
    number = int.from_bytes(data, "little")
    if number >> count:
        raise Damage(d.at - 1, f"{note}: bits behind the end are not zero")
    return number


def interval(d, first, last, count):
    return list(range(first, last + 1))


def elias_fano(d, first, last, count):
    inner, universe = count - 2, last - first - 1
    if inner <= 0:
        return [first, last][: count]
    width = (universe // inner).bit_length() - 1
    low = bits(d, width * inner, "low bits")
    high = bits(d, inner + (universe - 1 >> width), "high bits")
    middle = []
    place = 0
    while high and len(middle) < inner:
        step = (high & -high).bit_length() - 1
        place += step
        high >>= step
        index = len(middle)
        value = place - index << width | low >> width * index & ((1 << width) - 1)
        middle.append(first + 1 + value)
        high >>= 1
        place += 1
    if high or any(user >= last for user in middle):
        raise Damage(d.at, "more members than the header says")
    return [first, *middle, last]


def bitmap(d, first, last, count):
    universe = last - first - 1
    members = bits(d, universe, "bitmap")
    return [first] + [first + 1 + i for i in range(universe) if members >> i & 1] + [last]


def runs(d, first, last, count):
    length = d.varint("length")
    end = d.at + length
    users, run = [], first
    while d.at < end:
        step = d.varint("gap")
        size = d.varint("run") + 2 if step & 1 else 1
        if len(users) + size >= count:
            raise Damage(d.at, "more members than the header says")
        users += range(run, run + size)
        run += size + (step >> 1) + 1
    if d.at != end or run > last:
        raise Damage(d.at, "the runs do not end where they should")
    return users + list(range(run, last + 1))


READERS = [interval, elias_fano, bitmap, runs]


class Log(Events):
    """The file of section 2, its frames, and how one follows another."""

    def __init__(self, data, out):
        super().__init__(data, out)
        self.tree, self.next, self.time, self.generation, self.epoch = Tree(), 1, None, 0, None
        self.request, self.step = 0, PAGE
        self.erased, self.forgotten = set(), 0
        self.zeroed, self.texts, self.frames, self.seals = [], [], 0, 0

    def read(self):
        self.file_header()
        try:
            while self.at < self.end:
                self.gap()
                if self.at < self.end:
                    self.frame()
        except Damage as damage:
            self.explain_rest(damage)
            raise
        self.check_zeroed()

    def gap(self):
        """Zeros up to the next frame, or to the next seal if that is further away."""
        own, page = (-(-self.at // step) * step for step in (self.step, PAGE))
        for place in (own, page):
            if any(self.data[place : place + 4]):
                self.zeros(place - self.at, "gap")
                if place > own and int.from_bytes(self.data[place + 4 : place + 8], "little") == 0:
                    raise Damage(place, "only a seal may stand so far behind a frame")
                return
        self.zeros(self.end - self.at, "zeros to the end")

    def file_header(self):
        head = self.data[:44]
        if not any(self.data[:FILE_HEADER]):
            raise Damage(0, "no header: the first initialisation was interrupted")
        self.ledger = head[16:32]
        if len(head) == 44 and head[:8] == b"COHORTLG" and int.from_bytes(head[8:12], "little") > 1:
            if int.from_bytes(head[40:], "little") == crc32c(self.ledger, head[:40]):
                raise Later(f"the log has format version {head[8]}, and this inspector reads 1")
        self.expect_bytes(b"COHORTLG", 'magic "COHORTLG"')
        self.expect(1, 4, "format version")
        self.expect(0, 4, "zero")
        self.take(16, "ledger id")
        self.signed(8, "created, µs")
        self.expect(crc32c(self.ledger, head[:40]), 4, "crc of bytes 0 to 39")
        self.zeros(FILE_HEADER - 44, "zeros")

    def check_header(self, start):
        """In the order of section 8, before anything is believed or printed."""
        head = self.peek(FRAME_HEADER)
        if head[:4] != b"CFRM":
            raise Damage(start, "no frame begins")
        if int.from_bytes(head[108:], "little") != crc32c(self.ledger, head[:108]):
            raise Damage(start, "the header of a frame does not have its checksum")
        if int.from_bytes(head[16:24], "little") != start:
            raise Damage(start, "a frame that was written for another place")
        public, private = (int.from_bytes(head[at : at + 4], "little") for at in (8, 12))
        size = FRAME_HEADER + (public + 7) // 8 * 8 + TRAILER + private
        if size > FRAME_MAX or private % 16:
            raise Damage(start, "the lengths of a frame cannot be")
        body = self.peek(size)
        t = FRAME_HEADER + (public + 7) // 8 * 8
        if int.from_bytes(body[t + 40 : t + 44], "little") != crc32c(
            self.ledger, body[:108], body[112 : t + 40]
        ):
            raise Damage(start, "a frame does not have its checksum")

    def frame(self):
        start = self.at
        self.check_header(start)
        self.expect_bytes(b"CFRM", 'magic "CFRM"')
        kind = self.number(4, "kind (0 events, 1 seal)")
        public = self.number(4, "public length")
        private = self.number(4, "private length")
        self.expect(start, 8, "own file offset")
        self.expect(self.next, 8, "first position")
        count = self.number(4, "event count")
        self.expect(0, 4, "zero")
        time = self.signed(8, "time, µs")
        self.signed(8, "raw clock, µs")
        generation = self.number(4, "epoch: generation")
        epoch = self.take(12, "epoch: random", False)
        self.expect_bytes(self.tree.root(), "root before")
        self.expect(0, 4, "zero")
        self.number(4, "crc of the header")
        if kind > 1 or (kind == 1) != (count == 0) or count * 6 > public:
            raise Damage(start, "the kind of a frame does not fit its events")
        if kind == 1 and (start % PAGE or public or private):
            raise Damage(start, "a seal has no events and begins at a multiple of 4,096")
        if self.time is not None and time <= self.time:
            raise Damage(start, "the time of a frame is not after that of the frame before")
        if generation < self.generation or generation == self.generation and epoch != self.epoch:
            raise Damage(start, "the epoch of a frame does not follow that of the frame before")
        self.time, self.generation, self.epoch = time, generation, epoch
        self.texts, placed = [], []
        end = self.at + public
        for index in range(count):
            at, position, seen = self.at, self.next + index, len(self.texts)
            self.event(position, end)
            placed += [(position, item, self.data[at]) for item in range(len(self.texts) - seen)]
            leaf = [(position).to_bytes(8, "little"), time.to_bytes(8, "little", signed=True)]
            self.tree.append(sha(b"\x00", *leaf, self.data[at : self.at]))
        if self.at != end:
            raise Damage(self.at, "the events do not fill the public length")
        self.zeros(-public % 8, "zeros to a multiple of 8")
        self.next += count
        self.expect(self.next - 1, 8, "tree size")
        self.expect_bytes(self.tree.root(), "root")
        self.number(4, "crc of the frame")
        self.expect(0, 4, "zero")
        end = self.at + private
        for (blocks, commitment), place in zip(self.texts, placed):
            self.private_text(blocks, commitment, place)
        if self.at != end:
            raise Damage(self.at, "the texts do not fill the private area")
        self.frames, self.seals = self.frames + (kind == 0), self.seals + kind
        self.step = SECTOR if public > SPARSE_MAX else PAGE

    def event(self, position, frame_end):
        at, kind = self.at, self.peek(1)[0]
        self.take(1, f"#{position} kind = {kind}", False)
        if kind not in KINDS:
            raise Later(f"event #{position} is of kind {kind}, which this inspector does not know")
        if self.number(1, "version") != 1:
            raise Later(f"event #{position} has a version that this inspector does not know")
        flags = self.number(1, "flags (1 ends request, 2 receipt)")
        if flags > 3:
            raise Damage(at + 2, "flags that do not exist")
        request = self.varint("request")
        if request not in (self.request, self.request + 1):
            raise Damage(at + 3, f"request {request} follows request {self.request}")
        self.request = request
        self.id("key")
        length = self.varint("payload length")
        end, outer = self.at + length, self.end
        if end > frame_end:
            raise Damage(self.at, "the payload goes on behind the events of its frame")
        self.end = end
        self.payload(kind)
        if self.at != end:
            raise Damage(self.at, "bytes are left over behind the payload")
        self.end = outer
        if flags & 2:
            self.receipt(frame_end)

    def receipt(self, frame_end):
        end = self.varint("receipt length") + self.at
        self.personal("idempotency key")
        self.personal("fingerprint")
        self.number(2, "status")
        self.text("answer")
        if self.at != end or end > frame_end:
            raise Damage(self.at, "the receipt does not end where it should")

    def private_text(self, blocks, commitment, place):
        start, size = self.at, 16 + 16 * blocks
        entry = self.peek(size)
        if not any(entry):
            self.zeros(size, "an erased text")
            self.zeroed.append((start, place))
            return
        length = int.from_bytes(entry[20:22], "little")
        if (6 + length + 15) // 16 != blocks or 22 + length > size:
            raise Damage(start, f"a text of {length} bytes does not fill {blocks} blocks")
        self.take(16, "nonce")
        self.expect(crc32c(self.ledger, entry[:16], entry[20:]), 4, "crc of this text")
        self.number(2, "length")
        text = self.take(length, "text")
        self.zeros(start + size - self.at, f"zeros to 16 + 16 × {blocks}")
        if sha(entry[:16], text) != commitment:
            raise Damage(start, "a text does not open its commitment")

    def check_zeroed(self):
        """Zeros must be explained by an erasure: of this very text, or of unmatched ones."""
        for at, (position, item, kind) in self.zeroed:
            forgotten = kind == 35 and position <= self.forgotten
            if (position, item) not in self.erased and not forgotten:
                raise Damage(at, f"text {item} of #{position} is zero, and nothing has erased it")

    def explain_rest(self, damage):
        """Where the next whole frame of this ledger lies, if there is one."""
        if self.out is None:
            return
        at = max(damage.offset, FILE_HEADER) - 1
        while True:
            at = self.data.find(b"CFRM", at + 1)
            if at < 0 or self.is_frame(at):
                break
        rest = "no whole frame follows" if at < 0 else f"a whole frame follows at byte {at}"
        self.out.append(f"damage {damage}; {rest}")

    def is_frame(self, at):
        probe = Log(self.data, None)
        probe.ledger, probe.at = self.ledger, at
        try:
            probe.check_header(at)
        except Damage:
            return False
        return at % SECTOR == 0


def main(words):
    quiet = "--quiet" in words
    paths = [word for word in words if not word.startswith("-")]
    if len(paths) != 1 or len(words) > 1 + quiet:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(paths[0], "rb") as file:
        log = Log(file.read(), [])
    code = 0
    try:
        log.read()
    except Damage as damage:
        code = 3
        problem = f"damage {damage}"
        if not log.out or not log.out[-1].startswith("damage "):
            log.out.append(problem)
    except Later as later:
        code = 4
        log.out.append(f"later release: {later}")
    counts = f"{log.frames} frames, {log.seals} seals, {log.next - 1} events"
    log.out.append(f"{counts}, root {log.tree.root().hex()}")
    lines = log.out[-1 - (code > 0) :] if quiet else log.out
    sys.stdout.buffer.write(("\n".join(lines) + "\n").encode())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
