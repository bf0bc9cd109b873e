package import CohortModel

/// What has changed of a state, to be appended to its journal.
package struct SentChange: Hashable, Sendable {
  package var checkpoint: FeedCheckpoint?
  package var reached: FeedCheckpoint?
  /// `nil` for a line that is forgotten.
  package var lines: [UserID: SentLine?] = [:]
  package var names: [Int: SentName] = [:]
  /// How many debts are paid, from the first.
  package var paid = 0

  package init() {}
}

extension SentState {
  package mutating func take(_ change: SentChange) {
    if let checkpoint = change.checkpoint { self.checkpoint = checkpoint }
    // A smaller page may be told to its end than the one that was told before, and not to its end.
    let known = max(checkpoint.position, change.reached?.position ?? .origin)
    if reached.map({ $0.position <= known }) ?? true { reached = change.reached }
    for (user, line) in change.lines {
      if let line { lines[user] = line } else { lines.removeValue(forKey: user) }
    }
    names.merge(change.names) { _, new in new }
    debts.removeFirst(min(change.paid, debts.count))
  }

  /// Whether there is an identifier that is not known behind a change.
  func forgets(by change: SentChange) -> Bool {
    change.paid > 0
      || change.lines.contains { user, line in
        guard let known = lines[user] else { return false }
        guard let line else { return true }
        if known.identifier == line.identifier, known.formers == line.formers { return false }
        return !Set(known.names).isSubset(of: line.names)
      }
  }

  // MARK: Pages of the feed

  /// What to remember before a draft is told: whom the destination may know of from here on.
  ///
  /// The identifiers are those that are told first. An erasure may take them out of the feed before
  /// it is read again, and the removal still has to be told.
  package func intent(of draft: ForwardDraft) -> SentChange {
    var change = SentChange()
    change.reached = draft.checkpoint
    intend(draft.tellings, &change)
    return change
  }

  /// What to remember before something is told again.
  package func intent(of tellings: [Telling]) -> SentChange {
    var change = SentChange()
    change.reached = reached
    intend(tellings, &change)
    return change
  }

  private func intend(_ tellings: [Telling], _ change: inout SentChange) {
    for telling in tellings where !telling.isRemoval {
      guard let user = telling.user else { continue }
      let known = change.lines[user] ?? lines[user]
      var line = known ?? SentLine(telling.identifier)
      if line.isHeld {
        // Told by two names, and nobody knows yet by which of them the destination takes it.
        line.remember([telling.identifier])
      } else {
        line.take(telling.identifier)
      }
      line.mayHold(telling.cohort)
      if line != known { change.lines[user] = .some(line) }
    }
  }

  /// What is remembered when all of a draft was answered.
  package func result(of draft: ForwardDraft, _ answered: Answered) -> SentChange {
    var change = SentChange()
    change.checkpoint = draft.checkpoint
    change.lines = draft.lines
    change.settle(draft.tellings, answered)
    for naming in draft.namings {
      change.names[naming.cohort] = SentName(
        name: naming.name, createdAt: naming.createdAt, isOwed: false)
    }
    return change
  }

  // MARK: What is told besides

  /// Users with something that is owed, or that is told again, by their numbers.
  package func users(with isWanted: (Told) -> Bool) -> [UserID] {
    lines.filter { $0.value.entries.contains { isWanted($0.told) } }.keys
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// Tells again how some users stand, as far as it is wanted.
  package func tellings(of users: some Sequence<UserID>, with isWanted: (Told) -> Bool) -> [Telling]
  {
    users.flatMap { user -> [Telling] in
      guard let line = lines[user] else { return [] }
      return line.entries.filter { isWanted($0.told) }.map { entry in
        Telling(
          user, Int(entry.cohort), line.identifier, isRemoval: !entry.told.isIn,
          mayBeKnownOtherwise: line.isRenamed, formers: line.formers, wasHeld: entry.isHeld)
      }
    }
  }

  /// What is remembered when those were answered; what was not sent stays as it is.
  package func result(of tellings: [Telling], _ answered: Answered) -> SentChange {
    var change = SentChange()
    change.reached = reached
    for telling in tellings {
      guard let user = telling.user, let line = lines[user] else { continue }
      change.lines[user] = .some(line)
    }
    change.settle(tellings, answered)
    return change
  }
}

extension ForwardDraft {
  /// How many users are gone by now whom the destination still has, by an identifier that was
  /// erased before the feed told of it.
  func unreached(_ answered: Answered) -> Int {
    var users: Set<UserID> = []
    for (telling, fate) in zip(tellings, answered.fates)
    where telling.isRemoval && telling.wasHeld && fate == .identified {
      if let user = telling.user, case .some(nil) = lines[user] { users.insert(user) }
    }
    return users.count
  }
}

extension SentChange {
  /// Enters what became of tellings into the lines, which must be here; the last one of a user and
  /// a cohort counts.
  fileprivate mutating func settle(_ tellings: [Telling], _ answered: Answered) {
    for (place, telling) in tellings.enumerated() {
      let fate = answered.fates[place]
      guard let user = telling.user, let known = lines[user], var line = known else { continue }
      switch fate {
      // It stays owed or pending, or as an intent has left it.
      case .notSent, .unsure: continue
      case .added, .alreadyMember, .removed, .notMember:
        if telling.identifier == line.identifier, !answered.formerly.contains(place) {
          line.forgetFormers()
        }
      // Nobody knows whom it has taken.
      case .accepted: break
      case .unknown, .identified, .merged, .refused: break
      }
      let told = Told(after: fate, telling)
      line.set(
        telling.cohort,
        told.map { told in
          SentLine.Entry(
            cohort: UInt16(telling.cohort), told: told,
            mayBeIn: telling.wasHeld && told.isIn && told.isPending)
        })
      lines[user] = .some(line)
    }
    for (user, line) in lines {
      if let line, line.entries.isEmpty { lines[user] = .some(nil) }
    }
  }
}

extension Told {
  /// How a user stands when a telling was answered; `nil` if there is nothing to remember.
  package init?(after fate: Fate, _ telling: Telling) {
    switch (fate, telling.isRemoval) {
    case (.notSent, _), (.unsure, _): self = .unsure
    case (.accepted, false), (.added, false), (.alreadyMember, false), (.removed, false),
      (.notMember, false):
      self = .member
    case (.unknown, false): self = .unknown
    case (.identified, false): self = .identified
    case (.merged, false): self = .merged
    case (.refused, false): self = .refused
    case (.accepted, true), (.added, true), (.alreadyMember, true), (.removed, true),
      (.notMember, true):
      return nil
    case _ where !telling.wasHeld: return nil
    case (.unknown, true): self = telling.mayBeKnownOtherwise ? .leaving : .leavingUnknown
    case (.identified, true), (.merged, true): self = .leavingMerged
    case (.refused, true): self = .leavingRefused
    }
  }
}
