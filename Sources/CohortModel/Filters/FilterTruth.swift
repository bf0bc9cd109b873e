/// What a filter says about one user, with every part of it (RULES §8).
public struct FilterTruth: Hashable, Sendable {
  public let filter: Filter
  public let holds: Bool
  /// Of a group, its parts; of a segment, its definition, if it had one.
  public let parts: [FilterTruth]
  /// The version of a segment's definition.
  public let version: UInt32?

  init(_ filter: Filter, _ holds: Bool, parts: [FilterTruth] = [], version: UInt32? = nil) {
    self.filter = filter
    self.holds = holds
    self.parts = parts
    self.version = version
  }
}

extension FilterQuestion {
  /// What a filter says about one user.
  ///
  /// Nothing holds for a user that does not exist at the position, or has ended by then.
  ///
  /// - Complexity: One question about the past for each cohort; a leaf that looks back reads the
  ///   changes since then.
  package func explain(_ filter: Filter, _ user: UserID) throws(Past.Failure) -> FilterTruth {
    var person: [UserID] = []
    if case .active = state.directory.status(of: user, at: position) {
      person = [user] + state.directory.mergedUsers(into: user, at: position)
    }
    var inside: Set<SegmentID> = []
    return try truth(filter, person, &inside)
  }

  /// Says it of everyone who is one person, the survivor first; of nobody, that nothing holds.
  private func truth(
    _ filter: Filter, _ person: [UserID], _ inside: inout Set<SegmentID>
  ) throws(Past.Failure) -> FilterTruth {
    switch filter {
    case .and(let filters):
      let parts = try truths(filters, person, &inside)
      return FilterTruth(filter, parts.allSatisfy(\.holds), parts: parts)
    case .or(let filters):
      let parts = try truths(filters, person, &inside)
      return FilterTruth(filter, parts.contains(where: \.holds), parts: parts)
    case .not(let inner):
      let part = try truth(inner, person, &inside)
      return FilterTruth(filter, !person.isEmpty && !part.holds, parts: [part])
    case .includes(let cohorts):
      return FilterTruth(filter, try isIn(cohorts, person))
    case .excludes(let cohorts):
      let isIn = try isIn(cohorts, person)
      return FilterTruth(filter, !person.isEmpty && !isIn)
    case .segment(let segment):
      guard let definition = definition(of: segment), inside.insert(segment).inserted else {
        return FilterTruth(filter, false)
      }
      defer { inside.remove(segment) }
      let part = try truth(definition.filter, person, &inside)
      return FilterTruth(filter, part.holds, parts: [part], version: definition.version)
    case .entered, .left, .memberFor, .memberAsOf:
      return FilterTruth(filter, person.isEmpty ? false : try looksBack(filter, person))
    }
  }

  private func truths(
    _ filters: [Filter], _ person: [UserID], _ inside: inout Set<SegmentID>
  ) throws(Past.Failure) -> [FilterTruth] {
    var truths: [FilterTruth] = []
    for filter in filters { truths.append(try truth(filter, person, &inside)) }
    return truths
  }

  private func isIn(_ cohorts: [CohortID], _ person: [UserID]) throws(Past.Failure) -> Bool {
    guard let user = person.first else { return false }
    for cohort in cohorts where try contains(user, in: cohort) { return true }
    return false
  }

  private func looksBack(_ leaf: Filter, _ person: [UserID]) throws(Past.Failure) -> Bool {
    switch leaf {
    case .entered(let cohort, let period):
      return try turned(.entering, cohort, person, window(of: cohort, period))
    case .left(let cohort, let period):
      return try turned(.leaving, cohort, person, window(of: cohort, period))
    case .memberFor(let cohort, let period):
      guard try isIn([cohort], person) else { return false }
      return try !turned(.entering, cohort, person, windowOfYoung(of: cohort, period))
    case .memberAsOf(let cohort, let moment):
      return try countIn(cohort, person, at: position(of: cohort, at: moment)) > 0
    case .and, .or, .not, .includes, .excludes, .segment: return false
    }
  }

  /// Whether an import let the person in, or out.
  private func turned(
    _ direction: Direction, _ cohort: CohortID, _ person: [UserID],
    _ window: (after: Position, through: Position)
  ) throws(Past.Failure) -> Bool {
    guard window.after < window.through else { return false }
    var usersIn = try countIn(cohort, person, at: window.after)
    var found = false
    try past.forEachChange(of: cohort, after: window.after, through: window.through) { row, bytes in
      for user in person
      where PackedUsers.contains(user.rawValue, in: bytes, at: Int(row.start)) {
        usersIn += row.kind.direction == .entering ? 1 : -1
        let isTurn = usersIn == (row.kind.direction == .entering ? 1 : 0)
        found = found || isTurn && row.kind.isImport && row.kind.direction == direction
      }
    }
    return found
  }

  /// How many of the person's users were members.
  private func countIn(
    _ cohort: CohortID, _ person: [UserID], at position: Position
  ) throws(Past.Failure) -> Int {
    var count = 0
    for user in person where try past.contains(user, in: cohort, at: position) { count += 1 }
    return count
  }
}
