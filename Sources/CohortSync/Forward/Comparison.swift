package import CohortModel

/// Compares all that a ledger's feed tells, up to its end, with what a destination was told.
///
/// Nothing is sent meanwhile: who came and went and came again is told once. The result owes
/// everything: all who are in are told in, and what may still be in and should not is a debt.
///
/// Invariant: whoever the destination may have in a cohort is followed through the feed from what
/// they were told by up to its end, by every change of identifiers and every merge. So the line or
/// the debt that is left of them has all identifiers by which the destination may know them, and if
/// somebody was merged away whom it may have had in, their survivor is in or is told out too.
package struct Comparison: Sendable {
  /// Of the ledger alone.
  package private(set) var state = SentState()
  /// Who left some cohort and cannot be named any more: only what was told before may know them.
  package private(set) var unnamed: Set<UserID> = []
  private let remembersLeft: Bool
  /// What the destination was told; behind its checkpoint its people are followed.
  private var kept = SentState()
  /// Places from here on are of dropped cohorts.
  private var listed = Int.max
  /// Who may be in and has left, unless it turns out at the end that they are in again.
  private var left: [Place: Debt] = [:]
  /// Debts of which nobody knows whose they are.
  private var others: [Debt] = []

  private struct Place: Hashable {
    let user: UserID
    let cohort: Int
  }

  /// - Parameter remembersLeft: Whether all who were ever in and are not any more are debts: what
  ///   the destination was told is lost.
  package init(remembersLeft: Bool) { self.remembersLeft = remembersLeft }

  /// Keeps what was told; to be called before the first event.
  ///
  /// - Parameters:
  ///   - old: What the destination was told.
  ///   - places: Where its cohorts stand now.
  ///   - goesOn: Whether the feed goes on from the checkpoint of `old`. Else its users may be other
  ///     people now, and nobody could tell the destination of an erasure: they are told out.
  package mutating func keep(_ old: SentState, _ places: OldPlaces, goesOn: Bool) {
    kept.checkpoint = old.checkpoint
    listed = places.listed
    for debt in old.debts {
      guard let cohort = places[debt.cohort] else { continue }
      others.append(Debt(cohort: cohort, identifier: debt.identifier, formers: debt.formers))
    }
    for (user, line) in old.lines {
      var copy = line
      copy.entries = line.entries.compactMap { entry in
        guard entry.isHeld, let place = places[Int(entry.cohort)] else { return nil }
        return SentLine.Entry(
          cohort: UInt16(place),
          told: entry.told.isIn ? .member : place < listed ? .leavingMerged : entry.told)
      }
      for entry in copy.entries where !goesOn {
        others.append(
          Debt(cohort: Int(entry.cohort), identifier: line.identifier, formers: line.formers))
      }
      guard goesOn, !copy.entries.isEmpty else { continue }
      kept.lines[user] = copy
      for entry in copy.entries where entry.cohort < listed && !entry.told.isIn {
        owe(user, Int(entry.cohort), copy)
      }
    }
  }

  /// What may be known by a line is a debt, together with what was owed of them before.
  private mutating func owe(_ user: UserID, _ cohort: Int, _ line: SentLine) {
    owe(user, Debt(cohort: cohort, identifier: line.identifier, formers: line.formers))
  }

  private mutating func owe(_ user: UserID, _ debt: Debt) {
    let place = Place(user: user, cohort: debt.cohort)
    var line = SentLine(debt.identifier)
    if let known = left[place] { line.remember(known.formers + [known.identifier]) }
    line.remember(debt.formers)
    left[place] = Debt(cohort: debt.cohort, identifier: debt.identifier, formers: line.formers)
  }

  private mutating func owe(_ removals: [Telling]) {
    for telling in removals where telling.isRemoval {
      guard let user = telling.user else { continue }
      owe(
        user,
        Debt(cohort: telling.cohort, identifier: telling.identifier, formers: telling.formers))
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
    if remembersLeft { owe(draft.tellings) }
    for (user, line) in draft.lines { state.lines[user] = line.flatMap(owed) }
  }

  /// What happens to the people whom the destination was told of.
  private mutating func follow(_ events: [FeedEvent]) {
    if kept.lines.isEmpty { return }
    var draft = ForwardDraft()
    for event in events where event.checkpoint.position > kept.checkpoint.position {
      guard let change = event.change.ofPeople else { continue }
      draft.apply(FeedEvent(event.checkpoint, change), over: kept)
    }
    owe(draft.tellings)
    for (user, line) in draft.lines {
      guard var line, !line.entries.isEmpty else {
        kept.lines.removeValue(forKey: user)
        continue
      }
      for index in line.entries.indices {
        switch line.entries[index].told {
        // Who entered by a merge is told in.
        case .unsure: line.entries[index].told = .owed
        // Whoever they are merged into may be in for them.
        case .leaving where line.entries[index].cohort < listed:
          line.entries[index].told = .leavingMerged
        default: break
        }
      }
      kept.lines[user] = line
    }
  }

  /// All who are in are owed, and who was in and may still be is followed.
  private func owed(_ line: SentLine) -> SentLine? {
    var owed = line
    if !remembersLeft { owed.forgetFormers() }
    owed.entries = line.entries.compactMap { entry in
      guard entry.told.isIn || remembersLeft else { return nil }
      // Whoever they are merged into may be in for them.
      return SentLine.Entry(cohort: entry.cohort, told: entry.told.isIn ? .owed : .leavingMerged)
    }
    return owed.entries.isEmpty ? nil : owed
  }

  /// Ends the comparison.
  ///
  /// - Returns: A state that owes everything. Who must leave and still exists has a line, so that
  ///   whatever becomes of them before they are told out is followed.
  package consuming func finish() -> SentState {
    var result = state
    var followed = remembersLeft ? state.lines : [:]
    if remembersLeft {
      for (user, line) in state.lines {
        var line = line
        line.entries.removeAll { !$0.told.isIn }
        result.lines[user] = line.entries.isEmpty ? nil : line
      }
    }
    for (user, line) in kept.lines {
      for entry in line.entries where entry.cohort < listed { owe(user, Int(entry.cohort), line) }
      result.lines[user] = joined(line, result.lines[user])
      followed[user] = followed[user] ?? line
    }
    let leaving = left.filter { result.lines[$0.key.user]?[$0.key.cohort]?.isIn != true }
    let taken = taken(among: others + leaving.values, by: result)
    var debts = others
    for (place, debt) in leaving {
      guard var line = result.lines[place.user] ?? followed[place.user]?.withoutEntries else {
        debts.append(debt)
        continue
      }
      if taken.contains(Who(debt.cohort, line.identifier)) { continue }
      line.remember(debt.names.filter { !taken.contains(Who(debt.cohort, $0)) })
      line[place.cohort] = .leaving
      result.lines[place.user] = line
    }
    result.debts = Set(
      debts.compactMap { debt in
        var names = debt.names.filter { !taken.contains(Who(debt.cohort, $0)) }
        guard let last = names.popLast() else { return nil }
        return Debt(cohort: debt.cohort, identifier: last, formers: names)
      }
    ).sorted { $0.order < $1.order }
    return result
  }

  /// Adds what is kept of a user to what the feed tells; told is by what was told before.
  private func joined(_ kept: SentLine, _ line: SentLine?) -> SentLine? {
    let dropped = kept.entries.filter { $0.cohort >= listed }
    guard var line else {
      var joined = kept
      joined.entries = dropped
      return dropped.isEmpty ? nil : joined
    }
    guard !dropped.isEmpty, !kept.isStale else {
      line.remember(kept.names)
      line.entries += dropped
      return line
    }
    var joined = kept
    joined.entries = line.entries + dropped
    return joined
  }

  /// Names of debts by which somebody is in: nobody is told out by them.
  private func taken(among debts: [Debt], by result: SentState) -> Set<Who> {
    if debts.isEmpty { return [] }
    let names = Set(debts.flatMap { debt in debt.names.map { Who(debt.cohort, $0) } })
    var taken: Set<Who> = []
    for line in result.lines.values {
      for entry in line.entries where entry.told.isIn {
        let who = Who(Int(entry.cohort), line.identifier)
        if names.contains(who) { taken.insert(who) }
      }
    }
    return taken
  }

  private struct Who: Hashable {
    let cohort: Int
    let identifier: SentIdentifier

    init(_ cohort: Int, _ identifier: SentIdentifier) {
      (self.cohort, self.identifier) = (cohort, identifier)
    }
  }
}

extension SentLine {
  fileprivate var withoutEntries: SentLine {
    var line = self
    line.entries = []
    return line
  }
}

extension Debt {
  fileprivate var names: [SentIdentifier] { formers + [identifier] }

  fileprivate var order: (Int, Int, Text, Text) {
    switch identifier.kind {
    case .externalID: (cohort, 0, "", Text(bytes: identifier.text))
    case .alias(let label): (cohort, 1, label, Text(bytes: identifier.text))
    case .device: (cohort, 2, "", Text(bytes: identifier.text))
    }
  }
}
