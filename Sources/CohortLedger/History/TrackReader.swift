import CohortLog
import CohortModel

/// Reads the past of one cohort, and makes again from the log what its cache does not give back.
struct TrackReader {
  let cohort: CohortID
  let track: Track
  let readings: TileReadings
  /// Whether a page is wanted only if nothing has to be read or decoded for it.
  var isHasty = false
  /// The block that was read last.
  private var loaded: (index: Int, block: HistoryBlock)?

  init(_ cohort: CohortID, of history: History) {
    self.cohort = cohort
    track = history.track(cohort)
    readings = history.readings
  }

  /// A point of the past: behind so many rows of a block, and all of those before it.
  ///
  /// Invariant: `row` is not the count of a closed block; that is row 0 of the next one.
  struct Place: Hashable {
    var block: Int
    var row: Int
  }

  var end: Place { Place(block: track.blocks.count, row: track.open.rows.count) }

  /// A block; the open one has the number behind the last.
  mutating func block(_ index: Int) throws(LogError) -> HistoryBlock {
    if index == track.blocks.count { return track.open }
    if let loaded, loaded.index == index { return loaded.block }
    let block: HistoryBlock
    if let found = track.blocks[index].part.load() {
      block = found
    } else {
      block = try remake(index)
    }
    loaded = (index, block)
    return block
  }

  /// Behind the last change at or before `position`.
  mutating func place(at position: Position) throws(LogError) -> Place {
    if let first = track.open.rows.first, first.position <= position {
      return Place(block: track.blocks.count, row: track.open.count(through: position))
    }
    let index = track.blocks.count(while: { $0.last <= position })
    guard index < track.blocks.count, track.blocks[index].first <= position else {
      return Place(block: index, row: 0)
    }
    return Place(block: index, row: try block(index).count(through: position))
  }

  /// Behind the last change that is not later than `time`.
  mutating func place(at time: Instant) throws(LogError) -> Place {
    let index = track.blocks.count(while: { $0.lastTime <= time })
    return Place(block: index, row: try block(index).count(through: time))
  }

  /// The row before a place; `nil` at the beginning.
  mutating func row(before place: Place) throws(LogError) -> HistoryRow? {
    if place.row > 0 { return try block(place.block).rows[place.row - 1] }
    if place.block == 0 { return nil }
    return try block(place.block - 1).rows.last
  }

  mutating func size(at place: Place) throws(LogError) -> Int {
    if place.row > 0 { return Int(try block(place.block).rows[place.row - 1].size) }
    return place.block == 0 ? 0 : Int(track.blocks[place.block - 1].size)
  }

  mutating func contains(_ user: UserID, at place: Place) throws(LogError) -> Bool {
    let base = baseIndex(at: place.block)
    let first = base.map { track.bases[$0].block } ?? 0
    for index in (first...place.block).reversed() {
      if index == place.block && place.row == 0 { continue }
      let block = try block(index)
      let count = index == place.block ? place.row : block.rows.count
      if let row = block.lastRow(of: user, before: count) {
        return block.rows[row].kind.direction == .entering
      }
    }
    guard let base else { return false }
    if let isIn = track.bases[base].part.contains(user) { return isIn }
    return try self.base(base).contains(user.rawValue)
  }

  mutating func members(at place: Place) throws(LogError) -> LiveUsers {
    guard let base = baseIndex(at: place.block) else {
      return try members(from: LiveUsers(), Place(block: 0, row: 0), to: place)
    }
    let from = Place(block: track.bases[base].block, row: 0)
    return try members(from: self.base(base), from, to: place)
  }

  /// Calls `body` with each change between two places, in order, until it returns `false`.
  mutating func forEachChange(
    from start: Place, to end: Place, _ body: (HistoryBlock, Int) -> Bool
  ) throws(LogError) {
    guard start.block <= end.block else { return }
    for index in start.block...end.block {
      if index == end.block && end.row == 0 { return }
      let block = try block(index)
      let first = index == start.block ? start.row : 0
      let last = index == end.block ? end.row : block.rows.count
      for row in first..<max(first, last) where !body(block, row) { return }
    }
  }

  /// Calls `body` with each change between two places, the last one first, until it returns
  /// `false`.
  mutating func forEachChange(
    backFrom end: Place, to start: Place, _ body: (HistoryBlock, Int) -> Bool
  ) throws(LogError) {
    guard start.block <= end.block else { return }
    for index in (start.block...end.block).reversed() {
      if index == end.block && end.row == 0 { continue }
      let block = try block(index)
      let first = index == start.block ? start.row : 0
      let last = index == end.block ? end.row : block.rows.count
      for row in (first..<max(first, last)).reversed() where !body(block, row) { return }
    }
  }

  /// The last base at or before the beginning of a block.
  func baseIndex(at block: Int) -> Int? {
    var (low, high) = (0, track.bases.count)
    while low < high {
      let middle = (low + high) / 2
      if track.bases[middle].block <= block { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }

  /// The rows between the beginning of a block and a place.
  mutating func parts(
    from start: Place, to end: Place
  ) throws(LogError) -> [(block: HistoryBlock, rows: Range<Int>)] {
    var parts: [(block: HistoryBlock, rows: Range<Int>)] = []
    for index in start.block...end.block {
      if index == end.block && end.row == 0 { break }
      let block = try block(index)
      parts.append((block, 0..<(index == end.block ? end.row : block.rows.count)))
    }
    return parts
  }

  /// Moves `users`, the members at `start`, to `end`.
  private mutating func members(
    from users: LiveUsers, _ start: Place, to end: Place
  ) throws(LogError) -> LiveUsers {
    let parts = try parts(from: start, to: end)
    let changes = parts.reduce(0) { $0 + $1.block.users(in: $1.rows) }
    if parts.isEmpty { return users }
    if changes < users.count / 16 {
      var users = users
      for part in parts { part.block.fold(part.rows, into: &users) }
      return users
    }
    var bitmap = FoldBitmap()
    bitmap.insert(users)
    for part in parts { part.block.fold(part.rows, into: &bitmap) }
    return bitmap.cut()
  }
}

extension TrackReader {
  /// The members of a base.
  mutating func base(_ index: Int) throws(LogError) -> LiveUsers {
    if let users = track.bases[index].part.load() { return users }
    // From the nearest base before it that can be read, or from the beginning.
    var start = index
    var found: LiveUsers?
    while start > 0, found == nil {
      start -= 1
      found = track.bases[start].part.load()
    }
    let from = found == nil ? 0 : track.bases[start].block
    let users = try members(
      from: found ?? LiveUsers(), Place(block: from, row: 0),
      to: Place(block: track.bases[index].block, row: 0))
    track.bases[index].part.restore(users)
    return users
  }

  /// Makes a block again from the events of the log.
  ///
  /// - Throws: Where the log cannot be read.
  private func remake(_ index: Int) throws(LogError) -> HistoryBlock {
    let mark = track.blocks[index]
    guard case .spilled(let store, _) = mark.part.now else {
      // Another reader has just made it.
      return mark.part.load() ?? HistoryBlock()
    }
    var (block, size) = (HistoryBlock(), index == 0 ? 0 : track.blocks[index - 1].size)
    try store.replay(mark.first...mark.last) { event, position, time in
      guard (mark.first...mark.last).contains(position) else { return }
      event.forEachMembershipChange { cohort, kind, users, unmatched in
        guard cohort == self.cohort else { return }
        let bytes = users.bytes
        _ = block.append(
          kind, bytes.span, 0..<bytes.count, at: position, time, unmatched: unmatched,
          sizeBefore: size)
        size = block.rows.last?.size ?? size
      }
    }
    guard block.rows.count == mark.rows, let last = block.rows.last, last.size == mark.size,
      last.position == mark.last
    else { throw .beyondEnd(mark.last, end: block.rows.last?.position ?? .origin) }
    mark.part.restore(block)
    return block
  }
}

extension Shelves {
  var isEmpty: Bool { count == 0 }

  var last: Element? { isEmpty ? nil : self[count - 1] }

  /// How many elements stand before the first one of which `isEarly` is not true.
  ///
  /// - Complexity: O(log n).
  func count(while isEarly: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isEarly(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
