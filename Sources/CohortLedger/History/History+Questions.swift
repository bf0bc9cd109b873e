package import CohortLog
package import CohortModel

// Every question can be asked for any position up to the end, and for any cohort: one that did not
// exist then had no members. They throw only where a part must be made again from a log that cannot
// be read.

extension History {
  /// How many members a cohort had.
  ///
  /// - Complexity: One block of changes, 32 KiB; none for the present.
  package func size(of cohort: CohortID, at position: Position) throws(LogError) -> Int {
    var reader = TrackReader(cohort, of: self)
    return try reader.size(at: reader.place(at: position))
  }

  /// How many members a cohort had at each of `positions`, which ascend.
  package func sizes(
    of cohort: CohortID, at positions: [Position]
  ) throws(LogError) -> [Int] {
    var reader = TrackReader(cohort, of: self)
    var sizes: [Int] = []
    for position in positions {
      sizes.append(try reader.size(at: reader.place(at: position)))
    }
    return sizes
  }

  /// Whether a user was a member.
  ///
  /// - Complexity: Walks back through one tile at most, then looks into one piece of its base.
  package func contains(
    _ user: UserID, in cohort: CohortID, at position: Position
  ) throws(LogError) -> Bool {
    var reader = TrackReader(cohort, of: self)
    return try reader.contains(user, at: reader.place(at: position))
  }

  /// Who the members were.
  ///
  /// - Complexity: O(members + changes of one tile).
  package func members(
    of cohort: CohortID, at position: Position
  ) throws(LogError) -> LiveUsers {
    var reader = TrackReader(cohort, of: self)
    return try reader.members(at: reader.place(at: position))
  }

  /// The members behind `user`, at most `limit` of them.
  ///
  /// - Returns: `nil` only with `ifAtHand`, if something has to be read or decoded first.
  /// - Complexity: O(page); where nobody has asked about the tile lately, also about 50 ns for each
  ///   of its changes.
  package func members(
    of cohort: CohortID, at position: Position, after user: UInt32, limit: Int,
    ifAtHand: Bool = false
  ) throws(LogError) -> MembersPart? {
    var reader = TrackReader(cohort, of: self)
    reader.isHasty = ifAtHand
    return try reader.page(after: user, limit: limit, at: position)
  }

  /// The last change of a cohort that is not later than `time`; `.origin` if there was none.
  ///
  /// The changes of a request have one time, so an instant never cuts one.
  package func position(of cohort: CohortID, at time: Instant) throws(LogError) -> Position {
    var reader = TrackReader(cohort, of: self)
    return try reader.row(before: reader.place(at: time))?.position ?? .origin
  }

  /// The changes of a cohort behind `after` up to `through`, oldest first or newest first.
  ///
  /// Returns up to `limit`, and one more if the last position has a second change.
  package func changes(
    of cohort: CohortID, after: Position = .origin, through: Position, limit: Int = .max,
    newestFirst: Bool = false
  ) throws(LogError) -> [HistoryChange] {
    guard after < through else { return [] }
    var reader = TrackReader(cohort, of: self)
    let (start, end) = (try reader.place(at: after), try reader.place(at: through))
    var found: [HistoryChange] = []
    func take(_ block: HistoryBlock, _ row: Int) -> Bool {
      if found.count >= limit, found.last?.position != block.rows[row].position { return false }
      found.append(block.change(row))
      return true
    }
    if newestFirst {
      try reader.forEachChange(backFrom: end, to: start, take)
    } else {
      try reader.forEachChange(from: start, to: end, take)
    }
    return found
  }

  /// The last change of a cohort at or before `position` that a user was part of.
  ///
  /// - Complexity: O(changes since then), 10 to 80 ns each.
  package func lastChange(
    of user: UserID, in cohort: CohortID, at position: Position
  ) throws(LogError) -> HistoryChange? {
    var reader = TrackReader(cohort, of: self)
    var found: HistoryChange?
    try reader.forEachChange(
      backFrom: reader.place(at: position), to: TrackReader.Place(block: 0, row: 0)
    ) { block, row in
      guard block.contains(user, inRow: row) else { return true }
      found = block.change(row)
      return false
    }
    return found
  }

  /// When a user was in a cohort, under its own number, up to `position`; oldest first.
  package func intervals(
    of user: UserID, in cohort: CohortID, through position: Position
  ) throws(LogError) -> [MembershipInterval] {
    var reader = TrackReader(cohort, of: self)
    var found: [MembershipInterval] = []
    try reader.forEachChange(
      from: TrackReader.Place(block: 0, row: 0), to: reader.place(at: position)
    ) { block, row in
      guard block.contains(user, inRow: row) else { return true }
      let turn = MembershipInterval.Turn(block.rows[row])
      switch turn.kind.direction {
      case .entering: found.append(MembershipInterval(start: turn, end: nil))
      case .leaving:
        if let start = found.popLast()?.start {
          found.append(MembershipInterval(start: start, end: turn))
        }
      }
      return true
    }
    return found
  }
}
