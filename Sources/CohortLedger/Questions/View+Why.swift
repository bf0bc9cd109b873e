import CohortFormat
import CohortLog
public import CohortModel

/// An event that an answer rests on.
public struct ReasonEvent: Hashable, Sendable {
  public let position: Position
  /// Named by the position of its last event.
  public let request: Position
  public let time: Instant
  public let key: KeyID
  /// Whom it brought, took out or merged; `nil` where nobody matched.
  public let user: UserID?
}

/// A request that named one of somebody's identifiers and matched nobody by it.
public struct Mention: Hashable, Sendable {
  public let event: ReasonEvent
  public let identifier: IdentifierName
  public let reason: Unmatched.Reason
  public let direction: Direction
}

/// Why somebody is in a cohort, or is not.
///
/// RULES §8.
public struct CohortReason: Hashable, Sendable {
  public enum Finding: Hashable, Sendable {
    /// `merges` that brought or joined the membership now open, then the `origins`: the imports of
    /// everyone who is this person by now. Each earliest first.
    case member(merges: [ReasonEvent], origins: [ReasonEvent])
    case neverSent
    /// Named by imports, but each time without a match: see ``mentions``.
    case unmatched
    case removed(ReasonEvent)
    case leftByDeletion(ReasonEvent)
    case mergedInto(UserID, ReasonEvent)
    case cohortDidNotExist
  }

  public let cohort: CohortID
  /// `nil` if nobody bears the identifier that was asked for.
  public let user: UserID?
  public let finding: Finding
  /// Imports into this cohort that named the person and matched nobody.
  public let mentions: [Mention]

  public var isMember: Bool { if case .member = finding { true } else { false } }
}

extension View {
  /// Why a user is in a cohort, or is not, as of this view.
  ///
  /// - Complexity: As ``history(of:)`` for one cohort, and a read of the log for each
  ///   frame with events named.
  public func why(_ user: UserID, _ cohort: CohortID) throws(LedgerError) -> CohortReason {
    guard exists(cohort) else {
      return CohortReason(cohort: cohort, user: user, finding: .cohortDidNotExist, mentions: [])
    }
    var log = EventReader(self)
    if try contains(user, in: cohort) {
      let (merges, origins) = try membershipChain(of: user, cohort, &log)
      return CohortReason(
        cohort: cohort, user: user, finding: .member(merges: merges, origins: origins),
        mentions: [])
    }
    let mentions = try mentions(of: identifiersEver(of: user), in: cohort, &log)
    return CohortReason(
      cohort: cohort, user: user,
      finding: try absence(of: user, cohort, isMentioned: !mentions.isEmpty, &log),
      mentions: mentions)
  }

  /// The same for an identifier that names nobody: what imports made of it.
  public func why(_ name: IdentifierName, _ cohort: CohortID) throws(LedgerError) -> CohortReason {
    guard exists(cohort) else {
      return CohortReason(cohort: cohort, user: nil, finding: .cohortDidNotExist, mentions: [])
    }
    var log = EventReader(self)
    let mentions = try mentions(of: [name], in: cohort, &log)
    return CohortReason(
      cohort: cohort, user: nil, finding: mentions.isEmpty ? .neverSent : .unmatched,
      mentions: mentions)
  }

  private func absence(
    of user: UserID, _ cohort: CohortID, isMentioned: Bool, _ log: inout EventReader
  ) throws(LedgerError) -> CohortReason.Finding {
    if case .merged(let survivor, let at) = status(of: user) {
      return .mergedInto(survivor, try reasonEvent(at: at, user, &log))
    }
    var last: (change: HistoryChange, user: UserID)?
    let persons = persons(of: user)
    let past = try past(of: persons, cohort)
    for person in persons {
      guard let change = try past(person, position) else { continue }
      // Being merged away is no leaving: whoever it became is asked as well.
      guard change.kind != .mergedAway else { continue }
      if last.map({ $0.change.position < change.position }) ?? true { last = (change, person) }
    }
    guard let last else { return isMentioned ? .unmatched : .neverSent }
    let event = try reasonEvent(at: last.change.position, last.user, &log)
    return last.change.kind == .deleted ? .leftByDeletion(event) : .removed(event)
  }

  /// Follows the membership now open back to the imports that began it, through every merge.
  ///
  /// A worklist, not a recursion: chains of merges can be as long as there are users.
  private func membershipChain(
    of user: UserID, _ cohort: CohortID, _ log: inout EventReader
  ) throws(LedgerError) -> (merges: [ReasonEvent], origins: [ReasonEvent]) {
    var duplicates: [UserID: [(user: UserID, at: Position)]] = [:]
    let persons = persons(of: user)
    let past = try past(of: persons, cohort)
    for person in persons where person != user {
      if case .merged(let into, let at) = status(of: person) {
        duplicates[into, default: []].append((person, at))
      }
    }
    var merges: [ReasonEvent] = []
    var origins: [ReasonEvent] = []
    var work = [(user: user, end: position)]
    while let (user, end) = work.popLast() {
      guard let start = try past(user, end) else { continue }
      if start.kind == .entering { origins.append(try reasonEvent(at: start.position, user, &log)) }
      for (duplicate, at) in duplicates[user] ?? [] where at >= start.position && at <= end {
        guard let gone = try past(duplicate, at), gone.position == at else { continue }
        merges.append(try reasonEvent(at: at, duplicate, &log))
        work.append((duplicate, Position(at.rawValue - 1)))
      }
    }
    return (
      merges.sorted { $0.position < $1.position }, origins.sorted { $0.position < $1.position }
    )
  }

  /// What tells the last change of any of some persons at or before a position.
  ///
  /// A walk back from there for each of a few; for many, all that touched them at once.
  private func past(
    of persons: [UserID], _ cohort: CohortID
  ) throws(LedgerError) -> (UserID, Position) throws(LedgerError) -> HistoryChange? {
    if persons.count > 8 {
      let all = try asking { () throws(LogError) in
        try ChangesOfPersons(history, of: cohort, persons, through: position)
      }
      return { user, position in all.last(of: user, at: position) }
    }
    return { (user, position) throws(LedgerError) in
      try asking { () throws(LogError) in
        try history.lastChange(of: user, in: cohort, at: position)
      }
    }
  }

  private func reasonEvent(
    at position: Position, _ user: UserID, _ log: inout EventReader
  ) throws(LedgerError) -> ReasonEvent {
    let recorded = try log.event(at: position)
    return ReasonEvent(
      position: position, request: recorded.request, time: recorded.time, key: recorded.key,
      user: user)
  }

  /// Every identifier, with its text, that a user and those merged into it had by this position.
  private func identifiersEver(of user: UserID) -> Set<IdentifierName> {
    var names: Set<IdentifierName> = []
    for person in persons(of: user) {
      for identifier in state.directory.identifiersEver(of: person)
      where state.directory.bearings(of: identifier).contains(where: {
        // What comes with a later merge was not this user's yet.
        $0.user == person && $0.from <= position
      }) {
        if let name = state.name(of: identifier) { names.insert(name) }
      }
    }
    return names
  }

  /// The imports into a cohort that named one of `names` and matched nobody by it, oldest first.
  ///
  /// - Complexity: One read for each frame with imports of the cohort that had unmatched
  ///   identifiers.
  private func mentions(
    of names: Set<IdentifierName>, in cohort: CohortID, _ log: inout EventReader
  ) throws(LedgerError) -> [Mention] {
    guard !names.isEmpty else { return [] }
    var found: [Mention] = []
    let changes = try asking { () throws(LogError) in
      try history.changes(of: cohort, through: position)
    }
    for change in changes where change.unmatched > 0 {
      let recorded = try log.event(at: change.position)
      guard case .membersChanged(let event) = recorded.event else { continue }
      for unmatched in event.unmatched where names.contains(unmatched.identifier) {
        found.append(
          Mention(
            event: ReasonEvent(
              position: recorded.position, request: recorded.request, time: recorded.time,
              key: recorded.key, user: nil),
            identifier: unmatched.identifier, reason: unmatched.reason,
            direction: event.direction))
      }
    }
    return found
  }
}
