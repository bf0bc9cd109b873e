import CohortModel

/// The past of one cohort: all its changes, and its members at some of them.
///
///     blocks    │  0  │  1  │  2  │  3  │  4  │ open │        closed at about 32 KiB each
///               ╵     ╵     ▲     ╵     ╵     ▲
///     bases     nobody    base 0            base 1             the members before that block
///
/// A base and the blocks up to the next one are a *tile*: what a question has to read at most.
/// Sealed parts never change, and are shared by all copies of the track.
///
/// A cohort that never changed takes no memory but the track itself.
///
/// Invariants: positions ascend through the blocks and the open one, and no position stands in two;
/// `size` is that of the last row; bases ascend by block.
struct Track: Sendable {
  private(set) var blocks = Shelves<Mark>()
  private(set) var bases: [Base] = []
  private(set) var open = HistoryBlock()
  /// How many members there are now.
  private(set) var size: UInt32 = 0
  /// What has come behind the last base.
  private(set) var since = Growth()
  /// How many bytes of changes must come behind the last base before the next.
  private(set) var bytesMin: UInt32 = 0

  /// A closed block.
  struct Mark: Sendable {
    let part: SealedBlock
    let first: Position
    let last: Position
    let lastTime: Instant
    let rows: UInt32
    /// Of the cohort, behind the last row.
    let size: UInt32
  }

  /// The members before the first row of a block.
  struct Base: Sendable {
    let block: Int
    let part: SealedBase
  }

  struct Growth: Hashable, Sendable {
    var rows: UInt32 = 0
    var changes: UInt32 = 0
    var bytes: UInt32 = 0

    @inline(__always)
    mutating func add(users: Int, bytes: Int) {
      rows &+= 1
      changes = UInt32(clamping: Int(changes) + users)
      self.bytes = UInt32(clamping: Int(self.bytes) + bytes + HistoryBlock.rowBytes)
    }

    @inline(__always)
    func isDue(size: Int, _ options: HistoryOptions) -> Bool {
      let limit = max(options.changesMin, min(size, options.changesMax))
      return Int(changes) >= limit || Int(rows) >= options.rowsMax
    }
  }

  /// Takes the next change: the packed set that stands in `range` of `source`.
  ///
  /// - Returns: A block that this has closed.
  @inline(__always)
  mutating func append(
    _ kind: HistoryKind, _ source: Span<UInt8>, _ range: Range<Int>, at position: Position,
    _ time: Instant, unmatched: UInt32, _ options: HistoryOptions
  ) -> SealedBlock? {
    var closed: SealedBlock?
    if open.size >= options.blockSize, let last = open.rows.last, last.position < position {
      closed = closeBlock()
    }
    let count = open.append(
      kind, source, range, at: position, time, unmatched: unmatched, sizeBefore: size)
    size =
      kind.direction == .entering
      ? size &+ UInt32(truncatingIfNeeded: count) : size &- UInt32(truncatingIfNeeded: count)
    since.add(users: count, bytes: range.count)
    return closed
  }

  /// Whether enough has come behind the last base for another.
  @inline(__always)
  func isBaseDue(_ options: HistoryOptions) -> Bool {
    since.isDue(size: Int(size), options) && since.bytes >= bytesMin
  }

  /// Closes the open block, which must not be empty.
  mutating func closeBlock() -> SealedBlock {
    let part = SealedBlock(.memory(open))
    append(part, open)
    open = HistoryBlock()
    return part
  }

  private mutating func append(_ part: SealedBlock, _ block: HistoryBlock) {
    guard let first = block.rows.first, let last = block.rows.last else { return }
    blocks.append(
      Mark(
        part: part, first: first.position, last: last.position, lastTime: last.time,
        rows: UInt32(block.rows.count), size: last.size))
  }

  /// Notes who the members are now, and closes what came before.
  ///
  /// A base of more bytes than twice the changes before it would cost more than it saves: it waits.
  ///
  /// - Returns: What is sealed now.
  mutating func setBase(_ users: LiveUsers, _ options: HistoryOptions) -> [any SealedPart] {
    let needed = UInt32(clamping: users.byteCount / 2)
    guard since.bytes >= needed else {
      bytesMin = needed
      return []
    }
    var parts: [any SealedPart] = []
    if !open.rows.isEmpty { parts.append(closeBlock()) }
    let part = SealedBase(.memory(users), pieceSize: options.pieceSize)
    bases.append(Base(block: blocks.count, part: part))
    parts.append(part)
    since = Growth()
    bytesMin = 0
    return parts
  }

  /// Adds bases that a rebuild has found or a snapshot has kept, ascending and behind those there
  /// are, and what has come behind the last of them.
  mutating func addBases(_ new: [Base], since: Growth, bytesMin: UInt32 = 0) {
    bases += new
    self.since = since
    self.bytesMin = bytesMin
  }

  /// Adds a closed block that a snapshot has kept.
  mutating func add(_ mark: Mark, from start: Int) throws(SnapshotDamage) {
    let last = blocks.last
    guard mark.first <= mark.last, mark.rows > 0, mark.first > last?.last ?? .origin,
      mark.lastTime >= last?.lastTime ?? mark.lastTime
    else { throw SnapshotDamage(at: start, "the blocks of a cohort are not in order") }
    blocks.append(mark)
    size = mark.size
  }

  /// Puts in the open block that a snapshot has kept.
  mutating func end(with block: HistoryBlock, from start: Int) throws(SnapshotDamage) {
    if let first = block.rows.first, let last = blocks.last {
      guard first.position > last.last, first.time >= last.lastTime else {
        throw SnapshotDamage(at: start, "the open block of a cohort is not behind the others")
      }
    }
    guard !blocks.isEmpty || !block.rows.isEmpty else {
      throw SnapshotDamage(at: start, "a cohort that changed has no changes")
    }
    open = block
    size = block.rows.last?.size ?? size
  }
}
