/// A set of user numbers that changes, held as a value: a copy is a frozen snapshot.
///
/// The numbers are cut into chunks of 65,536 by their upper 16 bits. A copy shares all chunks with
/// the original; a write copies the directory once and then only the chunks that it touches.
///
///     directory     chunk 0          chunk 3          chunk 4
///                   ┌─────────────┐  ┌─────────────┐  ┌─────────────┐   16 bytes each, ascending,
///                   │ key   0     │  │ key   3     │  │ key   4     │   none of them empty
///                   │ count 2     │  │ count 9,000 │  │ count 700   │
///                   │ words ──┐   │  │ words ──┐   │  │ words ──┐   │
///                   └─────────│───┘  └─────────│───┘  └─────────│───┘
///                             ▼                ▼                ▼
///     at rest       ┌─────────┬────────────────┬─────────────────────┐  all chunks in one block
///                   │ array   │ bitmap         │ array               │
///                   └─────────┴────────────────┴─────────────────────┘
///     written to    a block of its own
///
/// A bitmap takes 1,024 words. An array has four members in a word, ascending. At rest a chunk of
/// up to 4,096 members is an array (2 bytes a member), a greater one a bitmap (less than 2). A
/// chunk that is written to becomes a bitmap beyond 1,024 members, since setting a bit is
/// then cheaper than moving half an array.
///
/// Invariants: `chunks` ascend by key; no chunk is empty; `count` is the sum of their counts.
/// Which layout a chunk has says nothing about the set: equality looks at members only.
public struct LiveUsers: Sendable {
  var chunks: [UserChunk] = []
  public internal(set) var count = 0

  public init() {}

  /// Holds `users`, which must be strictly increasing.
  public init(sorted users: Span<UInt32>) {
    insert(sorted: users)
    compact()
  }

  public var isEmpty: Bool { count == 0 }

  /// Whether `user` is a member.
  ///
  /// - Complexity: O(log chunks); 2 to 10 ns more in an array.
  public func contains(_ user: UInt32) -> Bool {
    let found = find(UInt16(truncatingIfNeeded: user >> 16))
    return found.exists && chunks[found.index].contains(UInt16(truncatingIfNeeded: user))
  }

  /// The place of the chunk `key`, or the place where it would have to be inserted.
  @inline(__always)
  func find(_ key: UInt16) -> (index: Int, exists: Bool) {
    // Numbers are dense, so in a large set every chunk stands at its own key.
    let key16 = Int(key)
    if key16 < chunks.count && chunks[key16].key == key { return (key16, true) }
    var (low, high) = (0, chunks.count)
    while low < high {
      let middle = (low + high) >> 1
      if chunks[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return (low, low < chunks.count && chunks[low].key == key)
  }
}

/// The members that share their upper 16 bits.
struct UserChunk: Sendable {
  static let width = 65_536
  static let bitmapWords = 1_024
  /// The most members that an array has at rest; a bitmap takes as much room as one of these.
  static let arrayLimit = 4_096
  /// The most members that an array has after it was written to.
  static let writtenArrayLimit = 1_024

  /// The block that the chunk lies in, its own or one shared with other chunks of the set.
  var words: [UInt64]
  var key: UInt16
  /// How many members there are, less one: 65,536 does not fit, and zero does not happen.
  private var countLessOne: UInt16
  /// Where the members are and how.
  ///
  /// Bit 31: is a bitmap. Bit 30: the block is shared. The rest: its first word in the block.
  private var place: UInt32

  init(key: UInt16, count: Int, isBitmap: Bool, words: [UInt64], sharedFrom start: Int? = nil) {
    self.words = words
    self.key = key
    countLessOne = UInt16(truncatingIfNeeded: count - 1)
    place = UInt32(start ?? 0) | (start == nil ? 0 : 1 << 30) | (isBitmap ? 1 << 31 : 0)
  }

  var count: Int {
    get { Int(countLessOne) + 1 }
    set { countLessOne = UInt16(truncatingIfNeeded: newValue - 1) }
  }
  var isBitmap: Bool { place >> 31 == 1 }
  /// Whether no other chunk of this set lies in the block.
  ///
  /// A copy of the set may well hold it too; that is for the array of words to find out.
  var hasOwnBlock: Bool { place >> 30 & 1 == 0 }
  var start: Int { Int(place & (1 << 30 - 1)) }
  /// How many words the members take.
  var length: Int { isBitmap ? UserChunk.bitmapWords : (count + 3) / 4 }
  var base: UInt32 { UInt32(key) << 16 }

  func contains(_ low: UInt16) -> Bool {
    if isBitmap { return words[start + Int(low >> 6)] >> UInt64(low & 63) & 1 == 1 }
    let index = words.span.lowerBound(of: low, from: 0, to: count, at: start)
    return index < count && words.span.lane(index, at: start) == low
  }
}
