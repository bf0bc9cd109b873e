package import CohortModel

/// RULES §6, person by person and position by position.
extension PastStory {
  package func time(of position: Position) -> Instant { scene(at: position).time }

  /// The last position not later than an instant.
  package func position(at time: Instant) -> Position {
    Position(UInt64(steps.prefix { $0.time <= time }.count))
  }

  /// Everyone who is `user` at a position.
  package func person(_ user: UInt32, at position: Position) -> Set<UInt32> {
    let merged = scene(at: position).mergedInto
    var person: Set = [user]
    var count = 0
    while count != person.count {
      count = person.count
      for (other, into) in merged where person.contains(into) { person.insert(other) }
    }
    return person
  }

  package func evaluate(
    _ filter: Filter, at position: Position, _ instant: Instant, definitions: DefinitionsAsOf
  ) -> Set<UInt32> {
    let scene = scene(at: position)
    func inner(_ filter: Filter) -> Set<UInt32> {
      evaluate(filter, at: position, instant, definitions: definitions)
    }
    func inAny(_ cohorts: [CohortID]) -> Set<UInt32> {
      cohorts.reduce(into: []) { $0.formUnion(scene.members(of: $1)) }
    }
    switch filter {
    case .and(let filters): return filters.reduce(scene.alive) { $0.intersection(inner($1)) }
    case .or(let filters): return filters.reduce(into: []) { $0.formUnion(inner($1)) }
    case .not(let filter): return scene.alive.subtracting(inner(filter))
    case .includes(let cohorts): return inAny(cohorts)
    case .excludes(let cohorts): return scene.alive.subtracting(inAny(cohorts))
    case .segment(let segment):
      let scene = definitions == .then ? scene : self.scene(at: end)
      let index = Int(segment.rawValue) - 1
      guard scene.segments.indices.contains(index), let last = scene.segments[index].last else {
        return []
      }
      return inner(last.filter)
    case .entered, .left, .memberFor, .memberAsOf:
      return scene.alive.filter { looksBack(filter, $0, at: position, instant) }
    }
  }

  private func looksBack(
    _ leaf: Filter, _ user: UInt32, at position: Position, _ instant: Instant
  ) -> Bool {
    let person = person(user, at: position)
    func wasIn(_ cohort: CohortID, at position: Position) -> Bool {
      !scene(at: position).members(of: cohort).isDisjoint(with: person)
    }
    /// When the person came in, or went.
    func turns(_ cohort: CohortID, in isIn: Bool) -> [Int64] {
      guard position > .origin else { return [] }
      return (1...position.rawValue).filter {
        wasIn(cohort, at: Position($0)) == isIn && wasIn(cohort, at: Position($0 - 1)) != isIn
      }.map { time(of: Position($0)).microseconds }
    }
    let now = instant.microseconds
    switch leaf {
    case .entered(let cohort, let period):
      return turns(cohort, in: true).contains { $0 >= now - period.microseconds && $0 <= now }
    case .left(let cohort, let period):
      return turns(cohort, in: false).contains { $0 >= now - period.microseconds && $0 <= now }
    case .memberFor(let cohort, let period):
      guard wasIn(cohort, at: position), let began = turns(cohort, in: true).last else {
        return false
      }
      return began <= now - period.microseconds
    case .memberAsOf(let cohort, .position(let asked)):
      return wasIn(cohort, at: min(asked, position))
    case .memberAsOf(let cohort, .instant(let asked)):
      return wasIn(cohort, at: min(self.position(at: min(asked, instant)), position))
    case .and, .or, .not, .includes, .excludes, .segment: return false
    }
  }
}

/// The story itself as a past, looked up in plain sets.
package struct PlainPast: MembershipPast {
  package let story: PastStory

  package init(_ story: PastStory) { self.story = story }

  package func members(of cohort: CohortID, at position: Position) -> LiveUsers {
    LiveUsers(sorted: story.scene(at: position).members(of: cohort).sorted().span)
  }

  package func contains(
    _ user: UserID, in cohort: CohortID, at position: Position
  ) -> Bool {
    story.scene(at: position).members(of: cohort).contains(user.rawValue)
  }

  package func position(of cohort: CohortID, at time: Instant) -> Position {
    let changes = story.steps.filter { step in
      var isOurs = false
      step.event.forEachMembershipChange { changed, _, _, _ in
        isOurs = isOurs || changed == cohort
      }
      return isOurs && step.time <= time
    }
    return changes.last?.position ?? .origin
  }

  package func forEachChange(
    of cohort: CohortID, after start: Position, through end: Position,
    _ body: (_ row: HistoryRow, _ bytes: Span<UInt8>) -> Void
  ) {
    var block = HistoryBlock()
    for step in story.steps where step.position > start && step.position <= end {
      step.event.forEachMembershipChange { changed, kind, users, unmatched in
        guard changed == cohort else { return }
        let bytes = users.bytes
        _ = block.append(
          kind, bytes.span, 0..<bytes.count, at: step.position, step.time, unmatched: unmatched,
          sizeBefore: 0)
      }
    }
    for row in block.rows { body(row, block.bytes.span) }
  }
}
