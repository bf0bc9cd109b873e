import CohortModel

/// What was decoded of the first blocks of a tile, in the order of positions.
///
/// A question for a later position makes it longer; nothing of it ever becomes wrong. Who holds the
/// same block holds the same blocks before it, so the last block that is needed tells whether a
/// reading is of the past that is asked about.
final class TileReading<Entry: TileEntry>: Sendable {
  let blocks: [SealedBlock]
  let entries: [Entry]

  init(_ blocks: [SealedBlock], _ entries: [Entry]) {
    (self.blocks, self.entries) = (blocks, entries)
  }

  var byteCount: Int { entries.capacity * MemoryLayout<Entry>.stride + blocks.capacity * 8 }

  /// Those at or before a position.
  func entries(through position: Position) -> ArraySlice<Entry> {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return entries[..<low]
  }
}

/// What readings consist of.
protocol TileEntry: Sendable {
  var position: Position { get }
}

extension UserTurn: TileEntry {}

/// What the cohort had come to behind a change.
struct TileSize: TileEntry {
  let position: Position
  let size: UInt32
  /// The greatest user of this change and of those before it in the tile; 0 if there is none.
  let lastUser: UInt32
}

/// The readings of tiles that were used last.
///
///     tile      base │ block │ block │ block │ …        as it was sealed
///     sizes          ├ position, size, last user ─      one for each change
///     turns          ├ position, user, direction ─      one for each user of a strip in a change
///
///     strips    │   0   │   1   │   2   │ …             2^bits users each, for any bits
///
/// A page needs the turns of one strip or two: some hundreds, where the changes of the tile are as
/// many packed sets of users who are elsewhere. Pages of one cohort at many positions share them.
///
/// A tile goes by the name of its first block, which every reading of it holds.
final class TileReadings: Sendable {
  struct Strip: Hashable, Sendable {
    let bits: UInt32
    let number: UInt32

    /// The strip of a user that is at least so wide; a thousand users, so that small pages share
    /// one, up to four million, whose window takes 512 KiB.
    init(of user: UInt32, atLeast width: UInt32) {
      bits = UInt32(min(max(32 - width.leadingZeroBitCount, 10), 22))
      number = user >> bits
    }

    /// The users it is about.
    var users: ClosedRange<UInt32> {
      let first = number << bits
      return first...first | (1 << bits - 1)
    }
  }

  struct Turns: Hashable, Sendable {
    let tile: ObjectIdentifier
    let strip: Strip
  }

  let sizes = TileCaches<ObjectIdentifier, TileReading<TileSize>>(bytesMax: 16 << 20)
  let turns = TileCaches<Turns, TileReading<UserTurn>>(bytesMax: 32 << 20)
}
