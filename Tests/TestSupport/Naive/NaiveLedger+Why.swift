package import CohortModel

/// One line of the answer to "why is this user in this cohort, or not" (RULES §8).
package enum NaiveReason: Hashable {
  /// In: by way of a merge.
  case merged(Position)
  /// In: an import brought them.
  case entered(Position)

  case noCohort
  case neverSent
  /// Sent, but it did not match.
  case unmatched(Position, Unmatched.Reason)
  case removed(Position)
  case deleted(Position)
  case mergedAway(Position, into: UserID)
}

extension NaiveLedger {
  /// Why a user is in a cohort at a position, or why not.
  ///
  /// In: each merge, then the original imports of everyone merged, each earliest first.
  package func why(
    _ user: UserID, in cohort: CohortID, at position: Position
  ) -> [NaiveReason] {
    guard exists(cohort, at: position) else { return [.noCohort] }
    guard members(of: cohort, at: position).contains(user) else {
      return whyNot(user, in: cohort, at: position)
    }
    var merges: Set<Position> = []
    var imports: Set<Position> = []
    trace(user, in: cohort, at: position, merges: &merges, imports: &imports)
    return merges.sorted().map { .merged($0) } + imports.sorted().map { .entered($0) }
  }

  /// silent: a merge counts while the membership was open, whether or not it began it: "`why`
  /// names the merge and the original events".
  private func trace(
    _ user: UserID, in cohort: CohortID, at position: Position,
    merges: inout Set<Position>, imports: inout Set<Position>
  ) {
    guard let start = intervals(of: user, in: cohort, upTo: position).last?.start else { return }
    for fact in facts[(Int(start.rawValue) - 1)..<Int(position.rawValue)] {
      switch fact.what {
      case .membersChanged(let change)
      where fact.position == start && change.cohort == cohort:
        imports.insert(start)
      case .event(.usersMerged(let event))
      where event.into == user && event.cohortsLeft.contains(cohort):
        merges.insert(fact.position)
        let before = Position(fact.position.rawValue - 1)
        trace(event.user, in: cohort, at: before, merges: &merges, imports: &imports)
      default: break
      }
    }
  }

  /// What ended the last membership, and what was sent since and did not match.
  ///
  /// silent: which identifiers count as sent for a user: all it bore up to then, also those
  /// that it did not bear yet, or no more, when they were sent.
  private func whyNot(
    _ user: UserID, in cohort: CohortID, at position: Position
  ) -> [NaiveReason] {
    var reasons: [NaiveReason] = []
    let ended = intervals(of: user, in: cohort, upTo: position).last?.end
    if let ended {
      switch facts[Int(ended.rawValue) - 1].what {
      case .membersChanged: reasons.append(.removed(ended))
      case .event(.usersMerged(let event)):
        reasons.append(.mergedAway(ended, into: event.into))
      case .event: reasons.append(.deleted(ended))
      }
    }
    let names = Set(
      states[...Int(position.rawValue)].flatMap { $0.borne(by: user).map(\.name) })
    reasons += names.flatMap { mentions(of: $0, in: cohort, upTo: position) }
      .filter { $0.name.position > ended ?? .origin }
      .sorted { $0.name < $1.name }
      .map { .unmatched($0.name.position, $0.reason) }
    return reasons.isEmpty ? [.neverSent] : reasons
  }

  /// Where an import into a cohort named an identifier that matched nobody.
  package func mentions(
    of name: IdentifierName, in cohort: CohortID, upTo position: Position
  ) -> [NaiveMention] {
    mentions().filter {
      $0.identifier == name && $0.cohort == cohort && $0.name.position <= position
    }
  }
}
