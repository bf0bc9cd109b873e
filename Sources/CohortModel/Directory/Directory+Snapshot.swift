// The bytes of a directory in a snapshot:
//
//     "COHDIR01" | texts | labels | users, heights | identifiers, heights
//     transitions | links | ends
//
// What follows from these is not stored but made again: the slot table (its hash is of one process
// only), `earlier`, the chains of `transitions`, and `kinship`, by ending the users again.
// A directory that was read answers every question as the one that was written.

extension Directory {
  private static var magic: UInt64 { 0x3130_5249_4448_4F43 }

  /// Appends the bytes of this directory, about 40 a user.
  public func append(to output: inout [UInt8]) {
    output.reserveCapacity(output.count + allocatedBytes)
    output.appendSnapshot(Self.magic)
    texts.append(to: &output)
    labels.append(to: &output)
    users.append(to: &output)
    userHeights.append(to: &output)
    identifiers.append(to: &output)
    identifierHeights.append(to: &output)
    transitions.append(to: &output)
    links.append(to: &output)
    kinship.ends.append(to: &output)
  }

  /// Reads what `append(to:)` wrote, from `offset` on, and moves `offset` behind it.
  ///
  /// Bytes that `append(to:)` did not write may give another directory, never a trap, an endless
  /// search or more memory than a small multiple of their count: whoever must know that
  /// nothing was changed keeps a checksum beside them.
  ///
  /// - Throws: `SnapshotDamage`, with the section that cannot be; `offset` is then unchanged.
  public init(
    from bytes: Span<UInt8>, at offset: inout Int, hashSeed: UInt64
  ) throws(SnapshotDamage) {
    try self.init(from: bytes, at: &offset, hashing: TextHash(seed: hashSeed))
  }

  package init(
    from bytes: Span<UInt8>, at offset: inout Int, hashing hash: TextHash
  ) throws(SnapshotDamage) {
    var cursor = SnapshotCursor(at: offset)
    guard try cursor.read(UInt64.self, from: bytes) == Self.magic else {
      throw SnapshotDamage(at: offset, "no directory begins here")
    }
    self.init(hashing: hash)
    texts = try Texts(from: bytes, at: &cursor)
    labels = try Labels(from: bytes, at: &cursor, in: texts, by: hash)
    try readUsers(bytes, &cursor)
    try readIdentifiers(bytes, &cursor)
    try readTransitions(bytes, &cursor)
    try readLinks(bytes, &cursor)
    try readEnds(bytes, &cursor)
    rebuildSlots()
    offset = cursor.offset
  }

  private mutating func readUsers(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    users = try PagedArray(
      blank: UserRecord(created: 0, list: 0), dense: bytes, at: &cursor,
      atMost: Int(UInt32.max) + 1)
    guard users.count > 0 else { throw SnapshotDamage(at: start, "the users are missing") }
    userHeights = try HighHalves(from: bytes, at: &cursor, atMost: users.count)
  }

  private mutating func readIdentifiers(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    identifiers = try PagedArray(
      blank: IdentifierRecord(word: 0, bearer: 0, info: 0, introduced: 0), dense: bytes,
      at: &cursor, atMost: Self.maximumIdentifiers + 1)
    identifierHeights = try HighHalves(from: bytes, at: &cursor, atMost: identifiers.count)
    guard identifiers.count > 0, identifiers[0].info == 0, identifiers[0].word == 0 else {
      throw SnapshotDamage(at: start, "the identifiers are missing")
    }
    for number in 1..<max(1, identifiers.count) {
      guard isPossible(identifiers[number]) else {
        throw SnapshotDamage(at: start, "identifier \(number) cannot be")
      }
    }
  }

  private func isPossible(_ record: IdentifierRecord) -> Bool {
    let (kind, role) = (record.info >> 11 & 3, record.info >> 13)
    guard contains(UserID(record.bearer)), record.length <= Self.maximumTextBytes,
      texts.isWhole(at: Int(record.word), prefix: record.prefix, count: record.length)
    else { return false }
    switch kind {
    case 0: return role <= 3
    case 1:
      let label = texts.words[Int(record.word)]
      return (role == 0 || role == 4) && label > 0 && label <= UInt64(labels.count)
    case 2: return role == 0 || role == 5
    default: return false
    }
  }

  private mutating func readTransitions(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    transitions = try PagedArray(
      blank: Transition(at: 0, identifier: 0, bearer: 0, role: 0, previous: 0), dense: bytes,
      at: &cursor, atMost: Int(UInt32.max) - 1)
    for index in 0..<transitions.count {
      let change = transitions[index]
      let identifier = IdentifierID(change.identifier)
      guard contains(identifier), contains(UserID(change.bearer)),
        let role = IdentifierRole(rawValue: UInt8(truncatingIfNeeded: change.role)),
        change.role < 6, role.suits(kind(of: identifier)),
        change.previous == latest[Int(change.identifier)]
      else { throw SnapshotDamage(at: start, "transition \(index) cannot be") }
      latest[Int(change.identifier)] = UInt32(index + 1)
    }
  }

  /// Walks every ring once.
  ///
  /// All rings together have as many links as there are, so a walk that
  /// does not come back, or comes to a link of another ring, runs out of them.
  private mutating func readLinks(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    links = try PagedArray(
      blank: Link(identifier: 0, next: 0), dense: bytes, at: &cursor,
      atMost: Int(UserRecord.numberMask))
    var left = links.count
    for user in 0..<users.count {
      let list = users[user].list
      let number = Int(list & UserRecord.numberMask)
      if list & UserRecord.ringBit == 0 {
        guard number == 0 || number < identifiers.count else {
          throw SnapshotDamage(at: start, "user \(user) has an identifier that is not there")
        }
        continue
      }
      var link = number
      repeat {
        guard left > 0, link < links.count,
          contains(IdentifierID(links[link].identifier))
        else { throw SnapshotDamage(at: start, "the list of user \(user) does not close") }
        left -= 1
        link = Int(links[link].next)
      } while link != number
    }
    guard left == 0 else { throw SnapshotDamage(at: start, "links belong to nobody") }
  }

  private mutating func readEnds(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let start = cursor.offset
    let ends = try PagedArray(
      blank: Kinship.End(at: 0, user: 0, into: 0, sibling: 0), dense: bytes, at: &cursor,
      atMost: users.count)
    for index in 0..<ends.count {
      let end = ends[index]
      guard contains(UserID(end.user)), end.into == 0 || contains(UserID(end.into)),
        index == 0 || ends[index - 1].at <= end.at,
        kinship.end(
          UserID(end.user), at: Position(end.at), into: end.into == 0 ? nil : UserID(end.into)),
        kinship.ends[index] == end
      else { throw SnapshotDamage(at: start, "end \(index) cannot be") }
    }
  }
}

extension Directory: Equatable {
  /// Whether both answer every question alike.
  ///
  /// How they hash and where their texts lie is no part of it.
  ///
  /// - Complexity: linear in users, identifiers and texts.
  public static func == (a: Self, b: Self) -> Bool {
    guard a.users == b.users, a.userHeights == b.userHeights,
      a.identifiers.count == b.identifiers.count, a.identifierHeights == b.identifierHeights,
      a.transitions == b.transitions, a.links == b.links, a.kinship.ends == b.kinship.ends,
      a.labels.count == b.labels.count
    else { return false }
    for number in 1..<max(1, a.identifiers.count) {
      let (x, y) = (a.identifiers[number], b.identifiers[number])
      guard x.bearer == y.bearer, x.info == y.info, x.introduced == y.introduced,
        a.earlier[number] == b.earlier[number],
        !x.isAlias || a.texts.words[Int(x.word)] == b.texts.words[Int(y.word)]
      else { return false }
      let (start, other) = (Int(x.word) + x.prefix, Int(y.word) + y.prefix)
      for part in 0..<(x.length + 7) / 8
      where a.texts.words[start + part] != b.texts.words[other + part] { return false }
    }
    return (1..<max(1, UInt32(a.labels.count + 1))).allSatisfy {
      a.text(of: LabelID($0)) == b.text(of: LabelID($0))
    }
  }
}
