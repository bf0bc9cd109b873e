/// Who was in which cohort, and when: all that a filter asks about the past.
///
/// Cohorts that were never heard of have no members and no changes.
package protocol MembershipPast<Failure>: Sendable {
  /// Why the past cannot be read.
  associatedtype Failure: Error

  func members(of cohort: CohortID, at position: Position) throws(Failure) -> LiveUsers

  func contains(
    _ user: UserID, in cohort: CohortID, at position: Position
  ) throws(Failure) -> Bool

  /// The last change of the cohort that is not later than `time`; `.origin` if there was none.
  func position(of cohort: CohortID, at time: Instant) throws(Failure) -> Position

  /// Calls `body` with each change of the cohort behind `start` up to `end`, in order. Its users
  /// are the packed set that begins at `row.start` of the bytes.
  func forEachChange(
    of cohort: CohortID, after start: Position, through end: Position,
    _ body: (_ row: HistoryRow, _ bytes: Span<UInt8>) -> Void
  ) throws(Failure)
}
