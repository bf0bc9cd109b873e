/// Which definitions of segments a question takes (RULES §6).
public enum DefinitionsAsOf: Hashable, Sendable, CaseIterable {
  /// Those of the question's position.
  case then
  /// Today's.
  case now
}

/// Where filters are evaluated: what is seen, and when.
///
/// Memberships, users and who is who are those of `position`; time leaves look back from `instant`,
/// with the identities of `position`.
package struct FilterQuestion<Past: MembershipPast>: Sendable {
  /// At `position` or later.
  package let state: LedgerState
  /// Up to `position` or further.
  package let past: Past
  package let position: Position
  package let instant: Instant
  package let definitions: DefinitionsAsOf

  package init(
    _ state: LedgerState, _ past: Past, at position: Position, _ instant: Instant,
    definitions: DefinitionsAsOf = .then
  ) {
    self.state = state
    self.past = past
    self.position = position
    self.instant = instant
    self.definitions = definitions
  }

  /// The definition of a segment that is asked for; `nil` before its first version.
  package func definition(of segment: SegmentID) -> SegmentSaved? {
    state.segments.definition(of: segment, at: definitions == .then ? position : .never)
  }

  /// Whether nothing has happened to the cohort behind `position`.
  private func isUnchanged(_ cohort: CohortID) -> Bool {
    state.cohorts.contains(cohort) && state.cohorts.lastChange(of: cohort).position <= position
  }

  func members(of cohort: CohortID) throws(Past.Failure) -> LiveUsers {
    if isUnchanged(cohort) { return state.memberships[cohort] }
    return try past.members(of: cohort, at: position)
  }

  func contains(_ user: UserID, in cohort: CohortID) throws(Past.Failure) -> Bool {
    if isUnchanged(cohort) { return state.memberships.contains(user, in: cohort) }
    return try past.contains(user, in: cohort, at: position)
  }

  /// Changes not later than `instant` and not behind `position`, of which the first is at or behind
  /// `period` before `instant`.
  func window(
    of cohort: CohortID, _ period: Period
  ) throws(Past.Failure) -> (after: Position, through: Position) {
    let start = instant.back(period.microseconds + 1)
    let after = try past.position(of: cohort, at: start)
    return (after, min(position, try past.position(of: cohort, at: instant)))
  }

  /// Changes not behind `position` that are later than `period` before `instant`.
  func windowOfYoung(
    of cohort: CohortID, _ period: Period
  ) throws(Past.Failure) -> (after: Position, through: Position) {
    let start = instant.back(period.microseconds)
    return (try past.position(of: cohort, at: start), position)
  }

  /// The position that a leaf asks for; one later than the question's is read as the question's.
  func position(
    of cohort: CohortID, at moment: Moment
  ) throws(Past.Failure) -> Position {
    switch moment {
    case .position(let asked): min(asked, position)
    case .instant(let asked):
      min(position, try past.position(of: cohort, at: min(asked, instant)))
    }
  }
}

extension Instant {
  /// So many microseconds earlier, or the first instant of all.
  fileprivate func back(_ count: Int64) -> Instant {
    let (early, isBeforeAll) = microseconds.subtractingReportingOverflow(count)
    return Instant(microseconds: isBeforeAll ? .min : early)
  }
}
