/// Some successive changes of one cohort: a row for each, and the users of all in one array.
///
///     rows    │ position │ time │ size │ unmatched │ start │ kind │ …        ascending
///     bytes   │ PackedUsers │ PackedUsers │ …                               one for each row
///
/// Invariants: positions do not descend, times neither; all rows of one position stand in one
/// block.
package struct HistoryBlock: Equatable, Sendable {
  package internal(set) var rows: [HistoryRow] = []
  package internal(set) var bytes: [UInt8] = []

  package init() {}

  /// What the block takes when it is written out.
  package var size: Int { rows.count * HistoryBlock.rowBytes + bytes.count }

  /// Adds a change to a cohort of `sizeBefore` members, whose users are the packed set in `range`
  /// of
  /// `source`, and returns how many those are.
  @inline(__always)
  package mutating func append(
    _ kind: HistoryKind, _ source: Span<UInt8>, _ range: Range<Int>, at position: Position,
    _ time: Instant, unmatched: UInt32, sizeBefore: UInt32
  ) -> Int {
    let count = PackedUsers.count(in: source, at: range.lowerBound)
    let change = UInt32(truncatingIfNeeded: count)
    let size = kind.direction == .entering ? sizeBefore &+ change : sizeBefore &- change
    rows.append(
      HistoryRow(
        position: position, time: time, size: size, unmatched: unmatched,
        start: UInt32(truncatingIfNeeded: bytes.count), kind: kind))
    let part = source.extracting(range)
    unsafe part.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    return count
  }

  /// How many rows stand at or before `position`.
  package func count(through position: Position) -> Int {
    count { $0.position <= position }
  }

  /// How many rows are not later than `time`.
  package func count(through time: Instant) -> Int {
    count { $0.time <= time }
  }

  @inline(__always)
  private func count(_ isEarly: (HistoryRow) -> Bool) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if isEarly(rows[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The last of the first `count` rows that `user` is in.
  ///
  /// - Complexity: O(rows); 10 ns for a row of one user, 80 ns for one of a thousand.
  package func lastRow(of user: UserID, before count: Int) -> Int? {
    let span = bytes.span
    var index = count
    while index > 0 {
      index -= 1
      if PackedUsers.contains(user.rawValue, in: span, at: Int(rows[index].start)) { return index }
    }
    return nil
  }

  package func contains(_ user: UserID, inRow index: Int) -> Bool {
    PackedUsers.contains(user.rawValue, in: bytes.span, at: Int(rows[index].start))
  }

  /// Those of `users` that are in a row, ascending.
  ///
  /// Goes through the fewer: the users of the row, or those that are looked for.
  ///
  /// - Parameters:
  ///   - users: Ascending.
  ///   - index: Of the row.
  ///   - steps: Counts the users that were looked at.
  /// - Returns: Ascending.
  package func users(of users: [UserID], inRow index: Int, _ steps: inout Int) -> [UserID] {
    let start = Int(rows[index].start)
    var found: [UserID] = []
    guard PackedUsers.count(in: bytes.span, at: start) < users.count else {
      steps += users.count
      for user in users where contains(user, inRow: index) { found.append(user) }
      return found
    }
    PackedUsers.forEach(in: bytes.span, at: start) { number in
      steps += 1
      if users.has(UserID(number)) { found.append(UserID(number)) }
    }
    return found
  }

  /// How many users come and go in `range`.
  package func users(in range: Range<Int>) -> Int {
    let span = bytes.span
    return range.reduce(0) { $0 + PackedUsers.count(in: span, at: Int(rows[$1].start)) }
  }

  /// The first of `rows` whose users are not a packed set.
  ///
  /// - Complexity: O(users), about what folding them costs.
  package func firstUnsound(_ rows: Range<Int>) -> Int? {
    let span = bytes.span
    return rows.first { index in
      let range = range(ofRow: index)
      let end = try? PackedUsers.check(span, at: range.lowerBound)
      return end != range.upperBound
    }
  }

  /// Moves `bitmap` over the rows in `range` until one cannot have happened, which also spoils the
  /// bitmap.
  ///
  /// - Returns: That row, and why.
  /// - Complexity: O(users), little more than `fold`.
  package func foldJudging(
    _ range: Range<Int>, into bitmap: inout FoldBitmap
  ) -> (row: Int, flaw: FoldBitmap.Flaw)? {
    let span = bytes.span
    for index in range {
      let set = self.range(ofRow: index)
      let flaw =
        switch rows[index].kind.direction {
        case .entering: bitmap.insert(judging: span, filling: set)
        case .leaving: bitmap.remove(judging: span, filling: set)
        }
      if let flaw { return (index, flaw) }
    }
    return nil
  }

  /// Moves `bitmap` over the rows in `range`.
  package func fold(_ range: Range<Int>, into bitmap: inout FoldBitmap) {
    let span = bytes.span
    for index in range {
      let row = rows[index]
      switch row.kind.direction {
      case .entering: bitmap.insert(in: span, at: Int(row.start))
      case .leaving: bitmap.remove(in: span, at: Int(row.start))
      }
    }
  }

  /// Moves `window` over the rows in `range`.
  package func fold(_ range: Range<Int>, into window: inout FoldWindow) {
    let span = bytes.span
    for index in range {
      window.change(rows[index].kind.direction, in: span, at: Int(rows[index].start))
    }
  }

  /// The greatest user who comes or goes in `range`; `nil` if nobody does.
  package func lastUser(in range: Range<Int>) -> UInt32? {
    let span = bytes.span
    var last: UInt32?
    for index in range {
      guard let bounds = PackedUsers.bounds(in: span, at: Int(rows[index].start)) else { continue }
      last = max(last ?? 0, bounds.upperBound)
    }
    return last
  }

  /// Moves `users` over the rows in `range`: faster than a bitmap where few change and many stay.
  package func fold(_ range: Range<Int>, into users: inout LiveUsers) {
    for index in range {
      let packed = PackedUsers(accepted: Array(bytes[self.range(ofRow: index)]))
      switch rows[index].kind.direction {
      case .entering: users.apply(added: packed, removed: PackedUsers())
      case .leaving: users.apply(added: PackedUsers(), removed: packed)
      }
    }
  }

  /// Where the users of a row stand in `bytes`.
  package func range(ofRow index: Int) -> Range<Int> {
    let end = index + 1 < rows.count ? Int(rows[index + 1].start) : bytes.count
    return Int(rows[index].start)..<end
  }

  package func change(_ index: Int) -> HistoryChange {
    let row = rows[index]
    return HistoryChange(
      position: row.position, time: row.time, kind: row.kind, size: Int(row.size),
      unmatched: Int(row.unmatched),
      users: PackedUsers(accepted: Array(bytes[range(ofRow: index)])))
  }
}

extension [UserID] {
  /// Whether an ascending array holds a user.
  fileprivate func has(_ user: UserID) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < user { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == user
  }
}
