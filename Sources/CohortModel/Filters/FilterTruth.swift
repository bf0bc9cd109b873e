/// What a filter says about one user, with every part of it (RULES §8).
public struct FilterTruth: Hashable, Sendable {
  public let filter: Filter
  public let holds: Bool
  /// Of a group, its parts; of a segment, its definition, if it had one and is met here first.
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
  /// Nothing holds for a user that does not exist at the position, or has ended by then. Segments
  /// may include each other in more ways than could be told: each is explained where it is met
  /// first, and stands with its truth alone wherever it is met again.
  ///
  /// - Complexity: One question about the past for each cohort of the filter and of every included
  ///   definition; a leaf that looks back reads the changes since then. The answer is no longer
  ///   than these definitions.
  package func explain(_ filter: Filter, _ user: UserID) throws(Past.Failure) -> FilterTruth {
    var explanation = FilterExplanation(self, user)
    return try explanation.truth(filter)
  }

  /// Which of some segments hold one user, in their order.
  ///
  /// - Complexity: As that of ``explain(_:_:)``, every definition once for all of them.
  package func holding(
    _ segments: [SegmentID], _ user: UserID
  ) throws(Past.Failure) -> [SegmentID] {
    var explanation = FilterExplanation(self, user)
    var holding: [SegmentID] = []
    for segment in segments where try explanation.truth(.segment(segment)).holds {
      holding.append(segment)
    }
    return holding
  }
}

/// The truth of filters for one person.
private struct FilterExplanation<Past: MembershipPast> {
  private let question: FilterQuestion<Past>
  /// Everyone who is that person, the survivor first; of nobody, nothing holds.
  private var person: [UserID] = []
  /// The segments met so far, without their parts.
  private var explained: [SegmentID: FilterTruth] = [:]
  /// Segments being explained; a segment inside itself holds nobody.
  private var inside: Set<SegmentID> = []

  init(_ question: FilterQuestion<Past>, _ user: UserID) {
    self.question = question
    let (directory, position) = (question.state.directory, question.position)
    if case .active = directory.status(of: user, at: position) {
      person = [user] + directory.mergedUsers(into: user, at: position)
    }
  }

  mutating func truth(_ filter: Filter) throws(Past.Failure) -> FilterTruth {
    switch filter {
    case .and(let filters):
      let parts = try truths(filters)
      return FilterTruth(filter, parts.allSatisfy(\.holds), parts: parts)
    case .or(let filters):
      let parts = try truths(filters)
      return FilterTruth(filter, parts.contains(where: \.holds), parts: parts)
    case .not(let inner):
      let part = try truth(inner)
      return FilterTruth(filter, !person.isEmpty && !part.holds, parts: [part])
    case .includes(let cohorts):
      return FilterTruth(filter, try question.isIn(cohorts, person))
    case .excludes(let cohorts):
      let isIn = try question.isIn(cohorts, person)
      return FilterTruth(filter, !person.isEmpty && !isIn)
    case .segment(let segment): return try truth(of: segment)
    case .entered, .left, .memberFor, .memberAsOf:
      return FilterTruth(filter, person.isEmpty ? false : try question.looksBack(filter, person))
    }
  }

  private mutating func truth(of segment: SegmentID) throws(Past.Failure) -> FilterTruth {
    if let truth = explained[segment] { return truth }
    let filter = Filter.segment(segment)
    guard let definition = question.definition(of: segment), inside.insert(segment).inserted else {
      return FilterTruth(filter, false)
    }
    defer { inside.remove(segment) }
    let part = try truth(definition.filter)
    explained[segment] = FilterTruth(filter, part.holds, version: definition.version)
    return FilterTruth(filter, part.holds, parts: [part], version: definition.version)
  }

  private mutating func truths(_ filters: [Filter]) throws(Past.Failure) -> [FilterTruth] {
    var truths: [FilterTruth] = []
    for filter in filters { truths.append(try truth(filter)) }
    return truths
  }
}

extension FilterQuestion {
  fileprivate func isIn(_ cohorts: [CohortID], _ person: [UserID]) throws(Past.Failure) -> Bool {
    guard let user = person.first else { return false }
    for cohort in cohorts where try contains(user, in: cohort) { return true }
    return false
  }

  fileprivate func looksBack(_ leaf: Filter, _ person: [UserID]) throws(Past.Failure) -> Bool {
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
