import CohortLog
public import CohortModel

/// One change of one cohort.
///
/// A merge of two members is one of the user who goes, and, if the survivor was not in, one of the
/// survivor who comes.
public struct CohortChange: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable { case `import`, merge, deletion }

  public let position: Position
  public let time: Instant
  public let kind: Kind
  public let direction: Direction
  public let users: PackedUsers
  /// How many members there were afterwards.
  public let size: Int
  /// How many identifiers of the import changed nothing because they matched nobody.
  public let unmatched: Int

  init(_ change: HistoryChange) {
    position = change.position
    time = change.time
    kind =
      switch change.kind {
      case .entering, .leaving: .import
      case .mergedIn, .mergedAway: .merge
      case .deleted: .deletion
      }
    direction = change.kind.direction
    users = change.users
    size = change.size
    unmatched = change.unmatched
  }
}

/// What lies between two moments of a cohort.
///
/// RULES §3.
public struct CohortDifference: Equatable, Sendable {
  public let added: LiveUsers
  public let removed: LiveUsers
  /// With identities of now: users of one end only that were deleted since.
  public let gone: Int
}

/// The size of a cohort at one instant.
public struct SizePoint: Hashable, Sendable {
  public let time: Instant
  public let size: Int
}

extension View {
  /// The changes of a cohort, oldest first, or newest first.
  ///
  /// - Complexity: O(changes returned), and one tile.
  public func changes(
    of cohort: CohortID, after: Position = .origin, through: Position = .never, limit: Int = 100,
    newestFirst: Bool = false
  ) throws(LedgerError) -> [CohortChange] {
    try asking { () throws(LogError) in
      try history.changes(
        of: cohort, after: after, through: min(through, position), limit: limit,
        newestFirst: newestFirst
      ).map(CohortChange.init)
    }
  }

  /// How a cohort differs from an earlier view of it.
  ///
  /// - `identity`: `then` compares who each end had then; with `now` both ends are mapped
  ///   to the survivors of now first, and a merge is no difference.
  public func difference(
    from earlier: View, of cohort: CohortID, identity: IdentityTime = .then
  ) throws(LedgerError) -> CohortDifference {
    var (before, after) = (try earlier.members(of: cohort), try members(of: cohort))
    var gone = 0
    if identity == .now {
      let (first, last) = (split(before), split(after))
      (before, after) = (first.here, last.here)
      gone = last.gone.subtracting(first.gone).count + first.gone.subtracting(last.gone).count
    }
    return CohortDifference(
      added: after.subtracting(before), removed: before.subtracting(after), gone: gone)
  }

  /// The size of a cohort at evenly spaced instants, both ends included.
  ///
  /// - `points`: 1 to 10,000; with 1, only the last.
  public func sizes(
    of cohort: CohortID, from first: Instant, to last: Instant, points: Int
  ) throws(LedgerError) -> [SizePoint] {
    precondition((1...10_000).contains(points), "A series has 1 to 10,000 points.")
    let last = min(last, instant)
    let width = last.microseconds - first.microseconds
    var series: [SizePoint] = []
    for index in 0..<points {
      let share = points == 1 ? 1 : Double(index) / Double(points - 1)
      let time = Instant(microseconds: last.microseconds - Int64(Double(width) * (1 - share)))
      let size = try asking { () throws(LogError) in
        let position = try min(log.position(at: time), self.position)
        return try history.size(of: cohort, at: position)
      }
      series.append(SizePoint(time: time, size: size))
    }
    return series
  }
}

extension LiveUsers {
  /// Those that are not in `others`.
  func subtracting(_ others: LiveUsers) -> LiveUsers {
    var rest = self
    rest.remove(sorted: others.users.span)
    return rest
  }
}
