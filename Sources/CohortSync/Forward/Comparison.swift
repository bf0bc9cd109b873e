import CohortModel

/// Compares all that a ledger's feed tells, up to its end, with what a destination was told.
///
/// Nothing is sent meanwhile: who came and went and came again is told once. The result owes
/// everything: all who are in are told in, and what may still be in and should not is a debt.
package struct Comparison: Sendable {
  /// Of the ledger alone.
  package private(set) var state = SentState()
  package private(set) var nameless = 0
  private var left: Set<Debt> = []
  private let remembersLeft: Bool

  /// - Parameter remembersLeft: Whether all who were ever in and are not any more are debts: what
  ///   the destination was told is lost.
  package init(remembersLeft: Bool) { self.remembersLeft = remembersLeft }

  package mutating func take(_ events: [FeedEvent]) {
    var draft = ForwardDraft()
    for event in events { draft.apply(event, over: state) }
    if let checkpoint = draft.checkpoint { state.checkpoint = checkpoint }
    nameless += draft.nameless
    for naming in draft.namings {
      state.names[naming.cohort] = SentName(
        name: naming.name, createdAt: naming.createdAt, isOwed: true)
    }
    if remembersLeft {
      for telling in draft.tellings {
        let debt = Debt(cohort: telling.cohort, identifier: telling.identifier)
        if telling.isRemoval { left.insert(debt) } else { left.remove(debt) }
      }
    }
    for (user, line) in draft.lines { state.lines[user] = line.flatMap(Self.owed) }
  }

  private static func owed(_ line: SentLine) -> SentLine? {
    var owed = line
    owed.isRenamed = false
    owed.entries = line.entries.filter { $0.told.isIn }.map {
      SentLine.Entry(cohort: $0.cohort, told: .owed)
    }
    return owed.entries.isEmpty ? nil : owed
  }

  /// Ends the comparison.
  ///
  /// - Parameters:
  ///   - old: What the destination was told, as far as that is known.
  ///   - places: Where the cohorts of `old` stand now; those that are no longer forwarded are
  ///     left as they are.
  /// - Returns: A state that owes everything.
  package consuming func finish(
    with old: SentState = SentState(), _ places: [Int: Int] = [:]
  ) -> SentState {
    var debts = left
    for line in old.lines.values {
      for entry in line.entries where entry.isHeld {
        guard let cohort = places[Int(entry.cohort)] else { continue }
        debts.insert(Debt(cohort: cohort, identifier: line.identifier))
      }
    }
    for debt in old.debts {
      guard let cohort = places[debt.cohort] else { continue }
      debts.insert(Debt(cohort: cohort, identifier: debt.identifier))
    }
    if !debts.isEmpty {
      for line in state.lines.values {
        for entry in line.entries {
          debts.remove(Debt(cohort: Int(entry.cohort), identifier: line.identifier))
        }
      }
    }
    var result = state
    result.debts = debts.sorted { $0.order < $1.order }
    return result
  }
}

extension Debt {
  fileprivate var order: (Int, Int, Text, Text) {
    switch identifier.kind {
    case .externalID: (cohort, 0, "", Text(bytes: identifier.text))
    case .alias(let label): (cohort, 1, label, Text(bytes: identifier.text))
    case .device: (cohort, 2, "", Text(bytes: identifier.text))
    }
  }
}
