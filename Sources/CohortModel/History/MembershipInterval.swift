/// A stretch during which a user was in a cohort.
package struct MembershipInterval: Hashable, Sendable {
  /// What began or ended it.
  package struct Turn: Hashable, Sendable {
    package let position: Position
    package let time: Instant
    package let kind: HistoryKind

    package init(_ row: HistoryRow) {
      position = row.position
      time = row.time
      kind = row.kind
    }
  }

  package let start: Turn
  /// `nil` while it lasts.
  package let end: Turn?

  package init(start: Turn, end: Turn?) {
    self.start = start
    self.end = end
  }
}
