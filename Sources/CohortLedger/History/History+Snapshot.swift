import CohortFormat
import CohortLog
package import CohortModel

// The bytes of the past in a snapshot, little-endian: everything but what lies in the file of
// tiles.
//
//     end of the tiles u64 │ cohorts u64 │ for each: 0 u8 if it never changed, else 1 u8 and
//         blocks u32 │ bases u32 │ open block
//         since the last base: rows u32 │ users u32 │ bytes u32 │ bytes to wait for u32
//         for each block:  first u64 │ last u64 │ last time i64 │ rows u32 │ size u32 │ part
//         for each base:   block u32 │ part
//     part of a block:  0 u8 │ its bytes              1 u8 │ offset u64 │ length u32 │ crc u32
//     part of a base:   0 u8 │ its bytes              1 u8 │ pieces u32 │ for each piece:
//                                                     first user u32 │ offset u64 │ length u32 │
//                                                     crc u32

extension History {
  /// Appends the past as a snapshot keeps it.
  ///
  /// Costs little after ``spill(to:)``; what is not spilled stands in it whole.
  package func append(to bytes: inout [UInt8]) {
    let start = bytes.count
    var end = 0
    bytes.append(littleEndian: UInt64(0))
    bytes.append(littleEndian: UInt64(tracks.count))
    for track in tracks { track.append(to: &bytes, &end) }
    var head: [UInt8] = []
    head.append(littleEndian: UInt64(end))
    bytes.replace(at: start, with: head)
  }

  /// Reads what `append(to:)` wrote, all of `bytes`, and opens the file of tiles that it refers to.
  ///
  /// - Returns: `nil` for anything else. The tiles are as they were.
  package init?(from bytes: Span<UInt8>, _ options: HistoryOptions, _ tiles: TileStore) {
    var cursor = SnapshotCursor()
    guard let history = try? History(bytes, at: &cursor, options, tiles),
      cursor.offset == bytes.count
    else { return nil }
    self = history
  }

  /// Reads what `append(to:)` wrote, and opens the file of tiles that it refers to.
  ///
  /// - Throws: `SnapshotDamage`, at any bytes that `append(to:)` cannot have written. The tiles are
  ///   as they were.
  package init(
    _ bytes: Span<UInt8>, at cursor: inout SnapshotCursor, _ options: HistoryOptions,
    _ tiles: TileStore
  ) throws(SnapshotDamage) {
    self.init(options)
    let start = cursor.offset
    let end = try cursor.read(UInt64.self, from: bytes)
    guard end <= UInt64(Int.max) else { throw SnapshotDamage(at: start, "a file is too long") }
    let count = try cursor.readCount(atMost: bytes.count, from: bytes)
    var context = TrackReading(tiles: tiles, end: Int(end), options: options)
    for _ in 0..<count { add(try Track(bytes, &cursor, &context), context.take()) }
    tiles.open(keeping: Int(end))
  }
}

/// What the parts of a track need to be read.
private struct TrackReading {
  let tiles: TileStore
  /// Of the file.
  let end: Int
  let options: HistoryOptions
  /// Parts that are not in the file.
  var unspilled: [any SealedPart] = []

  mutating func take() -> [any SealedPart] {
    defer { unspilled = [] }
    return unspilled
  }
}

extension Track {
  fileprivate func append(to bytes: inout [UInt8], _ end: inout Int) {
    guard !(blocks.isEmpty && open.rows.isEmpty) else {
      bytes.append(0)
      return
    }
    bytes.append(1)
    bytes.append(littleEndian: UInt32(blocks.count))
    bytes.append(littleEndian: UInt32(bases.count))
    open.append(to: &bytes)
    for count in [since.rows, since.changes, since.bytes, bytesMin] {
      bytes.append(littleEndian: count)
    }
    for mark in blocks {
      bytes.append(littleEndian: mark.first.rawValue)
      bytes.append(littleEndian: mark.last.rawValue)
      bytes.append(littleEndian: mark.lastTime.microseconds)
      bytes.append(littleEndian: mark.rows)
      bytes.append(littleEndian: mark.size)
      switch mark.part.now {
      case .memory(let block):
        bytes.append(0)
        block.append(to: &bytes)
      case .spilled(_, let place):
        bytes.append(1)
        bytes.append(place, &end)
      }
    }
    for base in bases {
      bytes.append(littleEndian: UInt32(base.block))
      switch base.part.now {
      case .memory(let users):
        bytes.append(0)
        users.append(to: &bytes)
      case .spilled(_, let pieces):
        bytes.append(1)
        bytes.append(littleEndian: UInt32(pieces.count))
        for piece in pieces {
          bytes.append(littleEndian: piece.first)
          bytes.append(piece.place, &end)
        }
      }
    }
  }

  fileprivate init(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor, _ context: inout TrackReading
  ) throws(SnapshotDamage) {
    self.init()
    let start = cursor.offset
    switch try cursor.read(UInt8.self, from: bytes) {
    case 0: return
    case 1: break
    default: throw SnapshotDamage(at: start, "a cohort is neither empty nor not")
    }
    let blockCount = Int(try cursor.read(UInt32.self, from: bytes))
    let baseCount = Int(try cursor.read(UInt32.self, from: bytes))
    let open = try HistoryBlock.read(bytes, at: &cursor, checkingSets: true)
    let since = Growth(
      rows: try cursor.read(UInt32.self, from: bytes),
      changes: try cursor.read(UInt32.self, from: bytes),
      bytes: try cursor.read(UInt32.self, from: bytes))
    let bytesMin = try cursor.read(UInt32.self, from: bytes)
    for _ in 0..<blockCount { try add(Mark(bytes, &cursor, &context), from: start) }
    try end(with: open, from: start)
    var bases: [Base] = []
    for _ in 0..<baseCount {
      let base = try Base(bytes, &cursor, &context)
      guard base.block <= blockCount, base.block > bases.last?.block ?? -1 else {
        throw SnapshotDamage(at: start, "the bases of a cohort are not in order")
      }
      bases.append(base)
    }
    addBases(bases, since: since, bytesMin: bytesMin)
  }
}

extension Track.Mark {
  fileprivate init(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor, _ context: inout TrackReading
  ) throws(SnapshotDamage) {
    first = Position(try cursor.read(UInt64.self, from: bytes))
    last = Position(try cursor.read(UInt64.self, from: bytes))
    lastTime = Instant(microseconds: try cursor.read(Int64.self, from: bytes))
    rows = try cursor.read(UInt32.self, from: bytes)
    size = try cursor.read(UInt32.self, from: bytes)
    let start = cursor.offset
    switch try cursor.read(UInt8.self, from: bytes) {
    case 0:
      let block = try HistoryBlock.read(bytes, at: &cursor, checkingSets: true)
      part = SealedBlock(.memory(block))
      context.unspilled.append(part)
      guard block.rows.count == rows, block.rows.first?.position == first,
        block.rows.last?.position == last, block.rows.last?.time == lastTime,
        block.rows.last?.size == size
      else { throw SnapshotDamage(at: start, "a block is not what its mark says") }
    case 1:
      part = SealedBlock(.spilled(context.tiles, try cursor.readPlace(bytes, context.end)))
    default: throw SnapshotDamage(at: start, "a block is nowhere")
    }
  }
}

extension Track.Base {
  fileprivate init(
    _ bytes: Span<UInt8>, _ cursor: inout SnapshotCursor, _ context: inout TrackReading
  ) throws(SnapshotDamage) {
    block = Int(try cursor.read(UInt32.self, from: bytes))
    let start = cursor.offset
    let content: SealedBase.Content
    switch try cursor.read(UInt8.self, from: bytes) {
    case 0:
      guard let (users, end) = try? LiveUsers.read(bytes, at: cursor.offset) else {
        throw SnapshotDamage(at: start, "a base is not a set of users")
      }
      cursor.offset = end
      content = .memory(users)
    case 1:
      var pieces: [SealedBase.Piece] = []
      for _ in 0..<(try cursor.read(UInt32.self, from: bytes)) {
        let first = try cursor.read(UInt32.self, from: bytes)
        if let last = pieces.last, last.first >= first {
          throw SnapshotDamage(at: start, "the pieces of a base are not in order")
        }
        pieces.append(
          SealedBase.Piece(first: first, place: try cursor.readPlace(bytes, context.end)))
      }
      content = .spilled(context.tiles, pieces)
    default: throw SnapshotDamage(at: start, "a base is nowhere")
    }
    part = SealedBase(content, pieceSize: context.options.pieceSize)
    if !part.isSpilled { context.unspilled.append(part) }
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ place: CachedBytes, _ end: inout Int) {
    append(littleEndian: UInt64(place.offset))
    append(littleEndian: UInt32(place.length))
    append(littleEndian: place.crc)
    end = Swift.max(end, place.offset + place.length)
  }
}

extension SnapshotCursor {
  fileprivate mutating func readPlace(
    _ bytes: Span<UInt8>, _ end: Int
  ) throws(SnapshotDamage) -> CachedBytes {
    let start = offset
    let place = try read(UInt64.self, from: bytes)
    let length = try read(UInt32.self, from: bytes)
    let crc = try read(UInt32.self, from: bytes)
    guard place <= UInt64(end), UInt64(length) <= UInt64(end) - place else {
      throw SnapshotDamage(at: start, "a part lies behind the end of the tiles")
    }
    return CachedBytes(offset: Int(place), length: Int(length), crc: crc)
  }
}
