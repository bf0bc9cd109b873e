package import CohortModel

/// One thing to tell a destination.
package struct Telling: Hashable, Sendable {
  /// `nil` for a debt.
  package let user: UserID?
  package let cohort: Int
  package let identifier: SentIdentifier
  package let isRemoval: Bool
  /// Whether the destination may know the user only by an identifier of before.
  package var mayBeKnownOtherwise = false
  /// By what else to tell a user out whom the destination does not know by ``identifier``, the
  /// oldest first.
  package var formers: [SentIdentifier] = []
  /// Whether the destination may have had the user in.
  package var wasHeld = true
  /// The place of one that must be answered before this one is sent.
  package var behind: Int?

  package init(
    _ user: UserID?, _ cohort: Int, _ identifier: SentIdentifier, isRemoval: Bool,
    mayBeKnownOtherwise: Bool = false, formers: [SentIdentifier] = [], wasHeld: Bool = true,
    behind: Int? = nil
  ) {
    (self.user, self.cohort, self.identifier) = (user, cohort, identifier)
    (self.isRemoval, self.mayBeKnownOtherwise) = (isRemoval, mayBeKnownOtherwise)
    (self.formers, self.wasHeld, self.behind) = (formers, wasHeld, behind)
  }
}

/// What some events mean for a destination: what to tell it, in order, and what is remembered when
/// all of it was told.
///
/// It is a fold: events that were folded before and not all told can be folded again, over what was
/// remembered of them, and mean the same.
package struct ForwardDraft: Sendable {
  package private(set) var tellings: [Telling] = []
  /// In the order of their events.
  package private(set) var namings: [(cohort: Int, name: Text, createdAt: Instant)] = []
  /// Users that differ from the state; `nil` for one that is forgotten.
  package private(set) var lines: [UserID: SentLine?] = [:]
  /// Of the last event.
  package private(set) var checkpoint: FeedCheckpoint?
  package private(set) var events = 0
  /// Changes of users whose identifiers are erased by now, and were never sent.
  package private(set) var nameless = 0
  /// Those of them who were in a cohort, or perhaps in it, and were to leave.
  package private(set) var unnamed: Set<UserID> = []
  /// Whether somebody was deleted or erased, so that no file may keep any line of theirs for long.
  package private(set) var forgets = false

  package init() {}

  /// The line of a user as it is behind the events so far.
  package func line(of user: UserID, in sent: SentState) -> SentLine? {
    if let line = lines[user] { return line }
    return sent.lines[user]
  }

  package mutating func apply(_ event: FeedEvent, over sent: SentState) {
    checkpoint = event.checkpoint
    events += 1
    switch event.change {
    case .named(let cohort, let name, let createdAt): namings.append((cohort, name, createdAt))
    case .members(let cohort, let added, let removed):
      for user in removed { leave(user, cohort, sent) }
      for user in added { enter(user, cohort, sent) }
    case .identified(let user): identified(user, sent)
    case .renamed(let user, let identifier): renamed(user.user, identifier, sent)
    case .identifierRemoved(let user, let identifier): removed(identifier, of: user, sent)
    case .merged(let user, let into, let left, let entered):
      merge(user, into: into, left: left, entered: entered, sent)
    case .deleted(let user, let left):
      forget(user.user, user.identifiers.first, left: left, sent)
    case .erased(let user): forget(user, nil, left: [], sent)
    case .other: break
    }
  }

  // MARK: Members

  /// - Returns: The place of what was told; `nil` if there is nothing to name the user by.
  @discardableResult
  private mutating func enter(
    _ user: FeedUser, _ cohort: Int, _ sent: SentState, behind: Int? = nil
  ) -> Int? {
    let known = line(of: user.user, in: sent)
    guard var line = known ?? user.identifiers.first.map({ SentLine($0) }) else {
      nameless += 1
      return nil
    }
    // Nothing binds us to an identifier that never matched.
    if !line.isHeld, let best = user.identifiers.first { line.take(best) }
    let place = tell(
      Telling(
        user.user, cohort, line.identifier, isRemoval: false,
        wasHeld: line.entry(cohort)?.isHeld ?? false, behind: behind))
    line[cohort] = .unsure
    lines[user.user] = .some(line)
    return place
  }

  private mutating func leave(_ user: FeedUser, _ cohort: Int, _ sent: SentState) {
    let known = line(of: user.user, in: sent)
    guard var line = known ?? user.identifiers.first.map({ SentLine($0) }) else {
      missName(of: user.user)
      return
    }
    tellOut(user.user, line, cohort)
    line[cohort] = .leaving
    lines[user.user] = .some(line)
  }

  /// Somebody leaves who cannot be named any more.
  private mutating func missName(of user: UserID) {
    nameless += 1
    unnamed.insert(user)
  }

  @discardableResult
  private mutating func tellOut(
    _ user: UserID, _ line: SentLine, _ cohort: Int, behind: Int? = nil
  ) -> Int {
    tell(
      Telling(
        user, cohort, line.identifier, isRemoval: true, mayBeKnownOtherwise: line.isRenamed,
        formers: line.formers, wasHeld: line.entry(cohort)?.isHeld ?? false, behind: behind))
  }

  private mutating func tell(_ telling: Telling) -> Int {
    tellings.append(telling)
    return tellings.count - 1
  }

  // MARK: Identifiers

  /// The destination may not have carried this out yet, or long before.
  private mutating func renamed(
    _ user: UserID, _ identifier: SentIdentifier?, _ sent: SentState
  ) {
    guard let line = line(of: user, in: sent), let identifier,
      line.identifier.kind == .externalID || !line.isHeld
    else { return }
    change(user, line, to: identifier)
  }

  private mutating func identified(_ user: FeedUser, _ sent: SentState) {
    guard let line = line(of: user.user, in: sent), let best = user.identifiers.first else {
      return
    }
    // A device does not match who has an external id; anything else goes on to.
    let mustChange =
      line.isStale || !line.isHeld || line.identifier.kind == .device && best.kind == .externalID
    if mustChange, best != line.identifier { change(user.user, line, to: best) }
  }

  private mutating func removed(
    _ identifier: SentIdentifier?, of user: FeedUser, _ sent: SentState
  ) {
    guard var line = line(of: user.user, in: sent), line.identifier == identifier else { return }
    guard let best = user.identifiers.first(where: { $0 != identifier }) else {
      // An alias that is updated is removed first; the new one comes with the next event.
      line.isStale = true
      lines[user.user] = .some(line)
      return
    }
    change(user.user, line, to: best)
  }

  /// Goes on with another identifier, and tells again by it what did not arrive by the old one.
  private mutating func change(_ user: UserID, _ old: SentLine, to identifier: SentIdentifier) {
    var line = old
    line.take(identifier)
    if old.isHeld {
      line.isRenamed = true
      line.remember(old.names)
    }
    lines[user] = .some(line)
    for entry in old.entries {
      switch entry.told {
      case .member, .owed: break
      case .unsure, .unknown, .identified, .merged, .refused:
        _ = tell(
          Telling(user, Int(entry.cohort), identifier, isRemoval: false, wasHeld: entry.isHeld))
        lines[user]??[Int(entry.cohort)] = .unsure
      case .leaving, .leavingRefused, .leavingMerged, .leavingUnknown:
        tellOut(user, line, Int(entry.cohort))
      }
    }
  }

  // MARK: Ends

  /// The survivor enters, then the other leaves by its own identifier.
  ///
  /// Where the destination has merged the two, the other's external id or device means nobody any
  /// more, but its alias may mean the survivor: who then enters once more, wherever it belongs.
  private mutating func merge(
    _ user: FeedUser, into survivor: FeedUser, left: [Int], entered: [Int],
    _ sent: SentState
  ) {
    var places: [Int: Int] = [:]
    for cohort in entered { places[cohort] = enter(survivor, cohort, sent) }
    let line = line(of: user.user, in: sent)
    // Of a dropped cohort the event does not tell.
    for entry in line?.entries ?? [] where entry.told.isIn {
      let cohort = Int(entry.cohort)
      guard !left.contains(cohort),
        self.line(of: survivor.user, in: sent)?[cohort]?.isIn != true
      else { continue }
      places[cohort] = enter(survivor, cohort, sent)
    }
    defer { lines[user.user] = .some(nil) }
    guard let line = line ?? user.identifiers.first.map({ SentLine($0) }) else {
      if !left.isEmpty { missName(of: user.user) }
      return
    }
    var gone: [Int: Int] = [:]
    for cohort in Self.cohorts(of: line, and: left) {
      if line[cohort] == .leavingMerged || line[cohort] == .leavingUnknown {
        // Merged there before, it may have left its cohorts to the survivor.
        if self.line(of: survivor.user, in: sent)?[cohort]?.isIn != true {
          leave(survivor, cohort, sent)
        }
      } else {
        gone[cohort] = tellOut(user.user, line, cohort, behind: places[cohort])
      }
    }
    guard case .alias = line.identifier.kind,
      let kept = self.line(of: survivor.user, in: sent)
    else { return }
    for entry in kept.entries where entry.told.isIn {
      let cohort = Int(entry.cohort)
      enter(survivor, cohort, sent, behind: gone[cohort] ?? places[cohort])
    }
  }

  /// Tells a user out of everything.
  private mutating func forget(
    _ user: UserID, _ identifier: SentIdentifier?, left: [Int], _ sent: SentState
  ) {
    // Also of who left everything before a file may still tell.
    forgets = true
    guard let line = line(of: user, in: sent) ?? identifier.map({ SentLine($0) }) else {
      if !left.isEmpty { missName(of: user) }
      return
    }
    for cohort in Self.cohorts(of: line, and: left) { tellOut(user, line, cohort) }
    lines[user] = .some(nil)
  }

  /// Ascending, each once.
  private static func cohorts(of line: SentLine, and others: [Int]) -> [Int] {
    Set(line.entries.map { Int($0.cohort) }).union(others).sorted()
  }
}
