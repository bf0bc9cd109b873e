package import CohortModel

/// Which definitions a question takes.
package enum NaiveDefinition: Hashable, CaseIterable {
  case then, now
}

/// RULES §6, evaluating, person by person and position by position.
extension NaiveLedger {
  /// Who meets a filter, as seen at a position, with time leaves standing at an instant.
  package func evaluate(
    _ filter: Filter, at position: Position, _ instant: Instant,
    definition: NaiveDefinition = .then
  ) -> Set<UserID> {
    let state = state(at: position)
    let everyone = state.liveUsers
    func inner(_ filter: Filter) -> Set<UserID> {
      evaluate(filter, at: position, instant, definition: definition)
    }
    func inAny(_ cohorts: [CohortID]) -> Set<UserID> {
      cohorts.reduce(into: []) { $0.formUnion(state.members[$1, default: []]) }
    }
    switch filter {
    case .and(let filters): return filters.reduce(everyone) { $0.intersection(inner($1)) }
    case .or(let filters): return filters.reduce(into: []) { $0.formUnion(inner($1)) }
    case .not(let filter): return everyone.subtracting(inner(filter))
    case .includes(let cohorts): return inAny(cohorts)
    case .excludes(let cohorts): return everyone.subtracting(inAny(cohorts))
    case .segment(let id):
      return self.definition(of: id, at: position, definition).map { inner($0.filter) } ?? []
    case .entered, .left, .memberFor, .memberAsOf:
      return everyone.filter { looksBack(filter, on: $0, at: position, instant) }
    }
  }

  /// Whether a leaf that looks back holds for a user and all who are this user at `position`.
  private func looksBack(
    _ leaf: Filter, on user: UserID, at position: Position, _ instant: Instant
  ) -> Bool {
    let person = state(at: position).person(user)
    func wasIn(_ cohort: CohortID, at position: Position) -> Bool {
      !members(of: cohort, at: position).isDisjoint(with: person)
    }
    /// The positions that let the person in, or out.
    func turns(_ cohort: CohortID, in isIn: Bool) -> [Position] {
      changesOfMembers[cohort, default: []].filter { change in
        change <= position && wasIn(cohort, at: change) == isIn
          && wasIn(cohort, at: Position(change.rawValue - 1)) != isIn
      }
    }
    func isRecent(_ position: Position, within period: Period) -> Bool {
      let since = Instant(microseconds: instant.microseconds - period.microseconds)
      return (since...max(since, instant)).contains(time(of: position))
    }
    switch leaf {
    case .entered(let cohort, let period):
      return turns(cohort, in: true).contains { isRecent($0, within: period) }
    case .left(let cohort, let period):
      return turns(cohort, in: false).contains { isRecent($0, within: period) }
    case .memberFor(let cohort, let period):
      guard wasIn(cohort, at: position), let began = turns(cohort, in: true).last else {
        return false
      }
      return time(of: began).microseconds <= instant.microseconds - period.microseconds
    case .memberAsOf(let cohort, .position(let asked)):
      return wasIn(cohort, at: min(asked, position))
    case .memberAsOf(let cohort, .instant(let asked)):
      return wasIn(cohort, at: min(self.position(asOf: min(asked, instant)), position))
    case .and, .or, .not, .includes, .excludes, .segment: return false
    }
  }

  /// The version of a segment that a question takes; `nil` before the first.
  package func definition(
    of segment: SegmentID, at position: Position, _ definition: NaiveDefinition
  ) -> SegmentSaved? {
    state(at: definition == .then ? position : end).segments[segment]?.versions.last
  }

  /// Members of a segment; `nil` before its first version.
  package func members(
    of segment: SegmentID, at position: Position, _ instant: Instant,
    definition: NaiveDefinition = .then
  ) -> Set<UserID>? {
    self.definition(of: segment, at: position, definition).map {
      evaluate($0.filter, at: position, instant, definition: definition)
    }
  }

  /// Who is meant: in all segments, and in the filter if there is one (RULES §7).
  package func evaluate(
    _ audience: Audience, at position: Position, _ instant: Instant
  ) -> Set<UserID> {
    evaluate(
      .and(audience.segments.map { .segment($0) } + (audience.filter.map { [$0] } ?? [])),
      at: position, instant)
  }

  /// The audience of a send, computed again.
  package func audience(of send: SendID) -> Set<UserID>? {
    now.sends[send].map { evaluate($0.audience, at: $0.position, $0.instant) }
  }
}

extension NaiveLedger {
  /// The audience's segments and all they include, with their versions at a position.
  package func versions(of audience: Audience, at position: Position) -> [SegmentVersion] {
    var found: Set<SegmentID> = []
    func visit(_ segments: [SegmentID]) {
      for segment in segments where found.insert(segment).inserted {
        visit(definition(of: segment, at: position, .then)?.filter.segments ?? [])
      }
    }
    visit(audience.segments + (audience.filter?.segments ?? []))
    return found.sorted().compactMap { segment in
      definition(of: segment, at: position, .then).map {
        SegmentVersion(segment: segment, version: $0.version)
      }
    }
  }
}
