package import CohortModel

/// Compares all that a ledger's feed tells, up to its end, with what a destination was told.
///
/// Nothing is sent meanwhile: who came and went and came again is told once. The result owes
/// everything: all who are in are told in, and what may still be in and should not is a debt.
package struct Comparison: Sendable {
  /// Of the ledger alone.
  package private(set) var state = SentState()
  /// Who left some cohort and cannot be named any more: only what was told before may know them.
  package private(set) var unnamed: Set<UserID> = []
  private var left: Set<Debt> = []
  private let remembersLeft: Bool
  /// What is known of dropped cohorts; of their people it follows the feed behind its checkpoint.
  private var kept = SentState()

  /// - Parameter remembersLeft: Whether all who were ever in and are not any more are debts: what
  ///   the destination was told is lost.
  package init(remembersLeft: Bool) { self.remembersLeft = remembersLeft }

  /// Keeps what was told of dropped cohorts; to be called before the first event.
  ///
  /// - Parameters:
  ///   - old: What the destination was told.
  ///   - places: Where its cohorts stand now.
  ///   - goesOn: Whether the feed goes on from the checkpoint of `old`. Else its users may be other
  ///     people now, and nobody could tell the destination of an erasure: they are told out.
  package mutating func keep(_ old: SentState, _ places: OldPlaces, goesOn: Bool) {
    kept.checkpoint = old.checkpoint
    for (user, line) in old.lines {
      var copy = line
      copy.entries = line.entries.compactMap { entry in
        guard entry.isHeld, let place = places[Int(entry.cohort)], place >= places.listed else {
          return nil
        }
        return SentLine.Entry(cohort: UInt16(place), told: entry.told.isIn ? .member : entry.told)
      }
      if copy.entries.isEmpty { continue }
      if goesOn {
        kept.lines[user] = copy
      } else {
        for entry in copy.entries {
          left.insert(Debt(cohort: Int(entry.cohort), identifier: line.identifier))
        }
      }
    }
  }

  package mutating func take(_ events: [FeedEvent]) {
    var draft = ForwardDraft()
    for event in events { draft.apply(event, over: state) }
    follow(events)
    if let checkpoint = draft.checkpoint { state.checkpoint = checkpoint }
    unnamed.formUnion(draft.unnamed)
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

  /// What happens to the people of dropped cohorts.
  private mutating func follow(_ events: [FeedEvent]) {
    if kept.lines.isEmpty { return }
    var draft = ForwardDraft()
    for event in events where event.checkpoint.position > kept.checkpoint.position {
      guard let change = event.change.ofPeople else { continue }
      draft.apply(FeedEvent(event.checkpoint, change), over: kept)
    }
    for telling in draft.tellings {
      let debt = Debt(cohort: telling.cohort, identifier: telling.identifier)
      if telling.isRemoval { left.insert(debt) } else { left.remove(debt) }
    }
    for (user, line) in draft.lines {
      guard var line, !line.entries.isEmpty else {
        kept.lines.removeValue(forKey: user)
        continue
      }
      // Who entered by a merge is told in.
      for index in line.entries.indices where line.entries[index].told == .unsure {
        line.entries[index].told = .owed
      }
      kept.lines[user] = line
    }
  }

  /// Adds what is kept of a user to what the feed tells; told is by what was told before.
  private static func joined(_ kept: SentLine, _ line: SentLine?) -> SentLine {
    guard let line else { return kept }
    var joined = kept
    if kept.isStale {
      (joined.identifier, joined.isRenamed, joined.isStale) = (line.identifier, true, line.isStale)
    }
    joined.entries = line.entries + kept.entries
    return joined
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
  ///   - places: Where the cohorts of `old` stand now.
  /// - Returns: A state that owes everything.
  package consuming func finish(
    with old: SentState = SentState(), _ places: OldPlaces = OldPlaces(same: 0)
  ) -> SentState {
    var debts = left
    for line in old.lines.values {
      for entry in line.entries where entry.isHeld {
        guard let cohort = places[Int(entry.cohort)], cohort < places.listed else { continue }
        debts.insert(Debt(cohort: cohort, identifier: line.identifier))
      }
    }
    for debt in old.debts {
      guard let cohort = places[debt.cohort] else { continue }
      debts.insert(Debt(cohort: cohort, identifier: debt.identifier))
    }
    var result = state
    for (user, line) in kept.lines { result.lines[user] = Self.joined(line, result.lines[user]) }
    if !debts.isEmpty {
      for line in result.lines.values {
        for entry in line.entries where entry.told.isIn {
          debts.remove(Debt(cohort: Int(entry.cohort), identifier: line.identifier))
        }
      }
    }
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
