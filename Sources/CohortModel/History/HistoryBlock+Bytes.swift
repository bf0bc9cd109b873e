// The bytes of a block, in the cache of tiles and in snapshots, little-endian:
//
//     rows u32 │ length of the sets u32
//     for each row, 29 bytes:  position u64 │ time i64 │ size u32 │ unmatched u32 │ start u32 │
//     kind u8 the sets

extension HistoryBlock {
  package static let rowBytes = 29

  package func append(to output: inout [UInt8]) {
    output.reserveCapacity(output.count + 8 + size)
    output.appendSnapshot(UInt32(rows.count))
    output.appendSnapshot(UInt32(bytes.count))
    for row in rows {
      output.appendSnapshot(row.position.rawValue)
      output.appendSnapshot(row.time.microseconds)
      output.appendSnapshot(row.size)
      output.appendSnapshot(row.unmatched)
      output.appendSnapshot(row.start)
      output.append(row.kind.rawValue)
    }
    output.append(contentsOf: bytes)
  }

  /// Reads what `append(to:)` wrote and moves `cursor` behind it.
  ///
  /// Order and places are always checked. The sets themselves take as long to check as to unpack,
  /// which bytes do not need whose checksum says that they are our own.
  package static func read(
    _ source: Span<UInt8>, at cursor: inout SnapshotCursor, checkingSets: Bool
  ) throws(SnapshotDamage) -> HistoryBlock {
    let start = cursor.offset
    let count = Int(try cursor.read(UInt32.self, from: source))
    let length = Int(try cursor.read(UInt32.self, from: source))
    let rowsStart = try cursor.take(count * rowBytes, of: source)
    let setsStart = try cursor.take(length, of: source)
    var block = HistoryBlock()
    block.rows.reserveCapacity(count)
    let raw = unsafe source.bytes
    var (position, time, place) = (Position.origin, Instant(microseconds: .min), -1)
    for index in 0..<count {
      let offset = rowsStart + index * rowBytes
      let sizes = raw.word(at: offset + 16)
      let rest = raw.word(at: offset + 21)
      guard let kind = HistoryKind(rawValue: UInt8(truncatingIfNeeded: rest >> 56)) else {
        throw SnapshotDamage(at: offset, "a change has no known kind")
      }
      let row = HistoryRow(
        position: Position(raw.word(at: offset)),
        time: Instant(microseconds: Int64(bitPattern: raw.word(at: offset + 8))),
        size: UInt32(truncatingIfNeeded: sizes), unmatched: UInt32(truncatingIfNeeded: sizes >> 32),
        start: UInt32(truncatingIfNeeded: rest >> 24), kind: kind)
      guard row.position >= position, row.time >= time, Int(row.start) > place,
        Int(row.start) < length, index > 0 || row.start == 0
      else { throw SnapshotDamage(at: offset, "the changes of a cohort are not in order") }
      (position, time, place) = (row.position, row.time, Int(row.start))
      block.rows.append(row)
    }
    guard count > 0 || length == 0 else {
      throw SnapshotDamage(at: start, "there are users without a change")
    }
    let sets = source.extracting(setsStart..<setsStart + length)
    unsafe sets.withUnsafeBufferPointer { unsafe block.bytes.append(contentsOf: $0) }
    if checkingSets { try block.checkSets(from: start) }
    return block
  }

  private func checkSets(from start: Int) throws(SnapshotDamage) {
    guard firstUnsound(rows.indices) == nil else {
      throw SnapshotDamage(at: start, "a change does not hold a set of users")
    }
  }
}
