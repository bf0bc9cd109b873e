package import CohortModel

/// What one position of the log says, as the naive model has it.
package struct NaiveFact {
  package enum What {
    /// Everything but `membersChanged`.
    case event(Event)
    case membersChanged(NaiveChange)
  }
  package let position: Position
  package let time: Instant
  package let key: KeyID
  /// The position of the last fact of the request; right once the request is done.
  package var request: Position
  package let what: What
  package var receipt: Receipt?
}

/// One change object of an import.
package struct NaiveChange: Hashable {
  package let cohort: CohortID
  package let direction: Direction
  package let users: Set<UserID>
  package let unchanged: UInt32
  package let unmatched: [Unmatched]
}

extension NaiveFact {
  /// Whether an event says the same.
  ///
  /// The order inside lists of identifiers is not compared, nor wording that RULES leave open
  /// (a partner's made-up display name, a learned key's label). `users` lists a packed set.
  package func agrees(
    with event: Event, users: (PackedUsers) -> some Sequence<UserID>
  ) -> Bool {
    switch (what, event) {
    case (.membersChanged(let change), .membersChanged(let other)):
      return change
        == NaiveChange(
          cohort: other.cohort, direction: other.direction, users: Set(users(other.users)),
          unchanged: other.unchanged, unmatched: other.unmatched)
    case (.event(.usersMerged(let a)), .usersMerged(let b)):
      return a.user == b.user && a.into == b.into && a.cohortsLeft == b.cohortsLeft
        && a.cohortsEntered == b.cohortsEntered && a.moved.sorted() == b.moved.sorted()
        && a.dropped.sorted() == b.dropped.sorted() && a.retired.sorted() == b.retired.sorted()
    case (.event(.userDeleted(let a)), .userDeleted(let b)):
      return a.user == b.user && a.cohortsLeft == b.cohortsLeft
        && a.freed.sorted() == b.freed.sorted()
    case (.event(.partnerEnabled(let a)), .partnerEnabled(let b)):
      return a.partner == b.partner && a.code == b.code && a.learns == b.learns
    case (.event(.keyIssued(let a)), .keyIssued(let b)):
      return a.key == b.key && a.kind == b.kind && a.partner == b.partner
        && a.permissions == b.permissions && a.networks == b.networks
        && a.expiresAt == b.expiresAt && a.digest == b.digest
    case (.event(let a), let b): return a == b
    default: return false
    }
  }
}
