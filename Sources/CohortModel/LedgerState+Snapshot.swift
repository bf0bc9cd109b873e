// What a snapshot keeps of a state beside its directory and its memberships: the events that
// define things are applied again, and what they do not say stands here.
//
//     position u64 | time i64 | requests u64
//     keys:    count u64 | for each: writes u64, last position u64, last time i64     0 first
//     cohorts: count u64 | for each: last change position u64, time i64
//     receipts: count u64 | for each: key u32, position u64, fingerprint's item u32, status u16,
//               and three texts

extension LedgerState {
  /// Appends positions, usage and receipts.
  package func appendUsage(to bytes: inout [UInt8]) {
    bytes.appendSnapshot(position.rawValue)
    bytes.appendSnapshot(time.microseconds)
    bytes.appendSnapshot(requestCount)
    bytes.appendSnapshot(UInt64(keys.usage.count))
    for usage in keys.usage {
      bytes.appendSnapshot(usage.writes)
      bytes.appendSnapshot(usage.lastWrite?.rawValue ?? 0)
      bytes.appendSnapshot(usage.lastTime?.microseconds ?? 0)
    }
    bytes.appendSnapshot(UInt64(cohorts.count))
    for index in 0..<cohorts.count {
      let change = cohorts.lastChange(of: CohortID(UInt32(index + 1)))
      bytes.appendSnapshot(change.position.rawValue)
      bytes.appendSnapshot(change.time.microseconds)
    }
    let receipts = receipts.current
    bytes.appendSnapshot(UInt64(receipts.count))
    for entry in receipts {
      bytes.appendSnapshot(entry.key.rawValue)
      bytes.appendSnapshot(entry.position.rawValue)
      bytes.appendSnapshot(entry.fingerprintItem)
      bytes.appendSnapshot(entry.receipt.status)
      bytes.appendText(entry.receipt.key.bytes)
      bytes.appendText(entry.receipt.fingerprint.bytes)
      bytes.appendText(entry.receipt.answer.bytes)
    }
  }

  /// Makes the state again whose directory, definitions and usage a snapshot has kept; memberships
  /// are put in with ``setMembers(of:to:)``.
  package init(
    directory: Directory, definitions: [Recorded], usage bytes: Span<UInt8>
  ) throws(SnapshotDamage) {
    self.init(directory: directory)
    for recorded in definitions {
      if let objection = objectionButMemberships(to: recorded) {
        throw SnapshotDamage(at: 0, objection)
      }
      applyButMemberships(
        recorded.event, at: recorded.position, recorded.time, by: recorded.key)
    }
    try readUsage(bytes)
  }

  private mutating func readUsage(_ bytes: Span<UInt8>) throws(SnapshotDamage) {
    var cursor = SnapshotCursor()
    position = Position(try cursor.read(UInt64.self, from: bytes))
    time = Instant(microseconds: try cursor.read(Int64.self, from: bytes))
    requestCount = try cursor.read(UInt64.self, from: bytes)

    let start = cursor.offset
    guard try cursor.readCount(atMost: bytes.count, from: bytes) == keys.usage.count else {
      throw SnapshotDamage(at: start, "the keys are not those of the definitions")
    }
    for index in keys.usage.indices {
      let writes = try cursor.read(UInt64.self, from: bytes)
      let last = Position(try cursor.read(UInt64.self, from: bytes))
      let time = Instant(microseconds: try cursor.read(Int64.self, from: bytes))
      keys.setUsage(of: index, writes: writes, last, time)
    }
    let middle = cursor.offset
    guard try cursor.readCount(atMost: bytes.count, from: bytes) == cohorts.count else {
      throw SnapshotDamage(at: middle, "the cohorts are not those of the definitions")
    }
    for index in 0..<cohorts.count {
      let change = Position(try cursor.read(UInt64.self, from: bytes))
      let time = Instant(microseconds: try cursor.read(Int64.self, from: bytes))
      cohorts.touch(CohortID(UInt32(index + 1)), at: change, time)
    }
    let count = try cursor.readCount(atMost: Receipts.window, from: bytes)
    for _ in 0..<count { try readReceipt(bytes, &cursor) }
  }

  private mutating func readReceipt(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor
  ) throws(SnapshotDamage) {
    let key = KeyID(try cursor.read(UInt32.self, from: bytes))
    let position = Position(try cursor.read(UInt64.self, from: bytes))
    let fingerprintItem = try cursor.read(UInt32.self, from: bytes)
    let status = try cursor.read(UInt16.self, from: bytes)
    let name = try cursor.readText(bytes)
    let fingerprint = try cursor.readText(bytes)
    let answer = try cursor.readText(bytes)
    receipts.add(
      Receipt(
        key: name.map { PersonalText($0) } ?? .erased,
        fingerprint: fingerprint.map { PersonalText($0) } ?? .erased, status: status,
        answer: Text(bytes: answer ?? [])), of: key, at: position,
      fingerprintItem: fingerprintItem)
  }
}

extension [UInt8] {
  /// A length plus one and the bytes; 0 for none.
  fileprivate mutating func appendText(_ text: [UInt8]?) {
    appendSnapshot(UInt32(text.map { $0.count + 1 } ?? 0))
    append(contentsOf: text ?? [])
  }
}

extension SnapshotCursor {
  fileprivate mutating func readText(_ bytes: Span<UInt8>) throws(SnapshotDamage) -> [UInt8]? {
    let length = Int(try read(UInt32.self, from: bytes))
    guard length > 0 else { return nil }
    let start = try take(length - 1, of: bytes)
    return (start..<start + length - 1).map { bytes[$0] }
  }
}
