/// Evaluates filters at one position, keeping every cohort, leaf and segment that it has looked up.
///
/// Exact for everyone. Deleted and merged-away users are in no result.
package struct FilterEvaluation<Past: MembershipPast> {
  package let question: FilterQuestion<Past>
  private let people: People
  private var everyone: LiveUsers?
  private var members: [CohortID: LiveUsers] = [:]
  private var leaves: [Filter: LiveUsers] = [:]
  private var segments: [SegmentID: LiveUsers] = [:]
  /// Segments being evaluated; a segment inside itself would have nobody.
  private var inside: Set<SegmentID> = []

  package init(_ question: FilterQuestion<Past>) {
    self.question = question
    people = People(question.state.directory, at: question.position)
  }

  /// Who meets the filter.
  ///
  /// - Complexity: O(chunks) for each leaf; one that looks back reads the changes since then.
  package mutating func users(_ filter: Filter) throws(Past.Failure) -> LiveUsers {
    try expression(filter).evaluated()
  }

  /// How many meet it.
  package mutating func size(_ filter: Filter) throws(Past.Failure) -> Int {
    try expression(filter).count
  }

  /// Who meets a segment; nobody before its first version.
  package mutating func users(_ segment: SegmentID) throws(Past.Failure) -> LiveUsers {
    if let users = segments[segment] { return users }
    guard let definition = question.definition(of: segment),
      inside.insert(segment).inserted
    else { return LiveUsers() }
    defer { inside.remove(segment) }
    let users = try users(definition.filter)
    segments[segment] = users
    return users
  }

  /// Who an audience means: in all segments, and in the filter if there is one.
  package mutating func users(_ audience: Audience) throws(Past.Failure) -> LiveUsers {
    try users(.and(audience.segments.map { .segment($0) } + (audience.filter.map { [$0] } ?? [])))
  }

  /// Every leaf of the filter itself, in the order in which they stand, with how many meet it
  /// alone.
  package mutating func leafSizes(
    of filter: Filter
  ) throws(Past.Failure) -> [(leaf: Filter, size: Int)] {
    var leaves: [Filter] = []
    filter.visit { filter in
      switch filter {
      case .and, .or, .not: break
      case .includes, .excludes, .segment, .entered, .left, .memberFor, .memberAsOf:
        leaves.append(filter)
      }
    }
    var sizes: [(leaf: Filter, size: Int)] = []
    for leaf in leaves { sizes.append((leaf, try size(leaf))) }
    return sizes
  }

  private mutating func expression(_ filter: Filter) throws(Past.Failure) -> SetExpression {
    switch filter {
    case .and(let parts): return .intersection(try expressions(parts))
    case .or(let parts): return .union(try expressions(parts))
    case .not(let part): return .complement(of: try expression(part), in: allUsers())
    case .includes(let cohorts): return try anyOf(cohorts)
    case .excludes(let cohorts): return .complement(of: try anyOf(cohorts), in: allUsers())
    case .segment(let segment): return .users(try users(segment))
    case .entered, .left, .memberFor, .memberAsOf:
      if let users = leaves[filter] { return .users(users) }
      let users = try lookingBack(filter)
      leaves[filter] = users
      return .users(users)
    }
  }

  private mutating func expressions(
    _ filters: [Filter]
  ) throws(Past.Failure) -> [SetExpression] {
    var parts: [SetExpression] = []
    for filter in filters { parts.append(try expression(filter)) }
    return parts
  }

  private mutating func anyOf(_ cohorts: [CohortID]) throws(Past.Failure) -> SetExpression {
    var parts: [SetExpression] = []
    for cohort in cohorts { parts.append(.users(try members(of: cohort))) }
    return .union(parts)
  }

  private mutating func allUsers() -> LiveUsers {
    if let everyone { return everyone }
    let users = people.everyone
    everyone = users
    return users
  }

  private mutating func members(of cohort: CohortID) throws(Past.Failure) -> LiveUsers {
    if let users = members[cohort] { return users }
    let users = try question.members(of: cohort)
    members[cohort] = users
    return users
  }
}

extension FilterEvaluation {
  private mutating func lookingBack(_ leaf: Filter) throws(Past.Failure) -> LiveUsers {
    switch leaf {
    case .entered(let cohort, let period):
      return try turned(.entering, cohort, question.window(of: cohort, period))
    case .left(let cohort, let period):
      return try turned(.leaving, cohort, question.window(of: cohort, period))
    case .memberFor(let cohort, let period):
      let young = try turned(.entering, cohort, question.windowOfYoung(of: cohort, period))
      return SetExpression.difference(.users(try members(of: cohort)), minus: .users(young))
        .evaluated()
    case .memberAsOf(let cohort, let moment):
      let position = try question.position(of: cohort, at: moment)
      return people.persons(try question.past.members(of: cohort, at: position))
    case .and, .or, .not, .includes, .excludes, .segment: return LiveUsers()
    }
  }

  private func turned(
    _ direction: Direction, _ cohort: CohortID, _ window: (after: Position, through: Position)
  ) throws(Past.Failure) -> LiveUsers {
    guard window.after < window.through else { return LiveUsers() }
    let past = question.past
    let before =
      people.survivors.isEmpty ? LiveUsers() : try past.members(of: cohort, at: window.after)
    var turns = Turns(people, direction, before: before)
    try past.forEachChange(of: cohort, after: window.after, through: window.through) {
      turns.take($0, $1)
    }
    return turns.users()
  }
}
