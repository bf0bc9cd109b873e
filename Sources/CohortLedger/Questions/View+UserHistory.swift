import CohortLog
public import CohortModel

/// Something that happened to a user, or to someone merged into it.
public struct UserHistoryEntry: Hashable, Sendable {
  public enum What: Hashable, Sendable {
    /// Created, identified, renamed, merged, deleted, erased: the event says it.
    case identity(Event)
    case membership(CohortID, CohortChange.Kind, Direction)
  }

  public let position: Position
  public let time: Instant
  public let key: KeyID
  /// Whom it happened to.
  public let user: UserID
  public let what: What
}

extension View {
  /// Everything that happened to a user and to everyone merged into it, oldest first.
  ///
  /// - Complexity: O(changes of all cohorts), 10 to 80 ns each, and one read of the log for each
  ///   frame with events found, at most once more for each cohort.
  public func history(of user: UserID) throws(LedgerError) -> [UserHistoryEntry] {
    let persons = Set(persons(of: user))
    var positions: Set<Position> = []
    for person in persons {
      positions.insert(state.directory.created(person))
      switch state.directory.status(of: person) {
      case .deleted(let at), .merged(_, let at): positions.insert(at)
      case .absent, .active: break
      }
      if let erasure = state.erasures.erasure(of: person) { positions.insert(erasure) }
      for identifier in state.directory.identifiersEver(of: person) {
        for bearing in state.directory.bearings(of: identifier) {
          positions.insert(bearing.from)
          positions.insert(bearing.until)
        }
      }
    }
    var entries: [UserHistoryEntry] = []
    var log = EventReader(self)
    for at in positions.sorted() where at <= position {
      let recorded = try log.event(at: at)
      guard let subject = recorded.event.subjects.first(where: persons.contains) else { continue }
      entries.append(
        UserHistoryEntry(
          position: at, time: recorded.time, key: recorded.key, user: subject,
          what: .identity(recorded.event)))
    }
    entries += try membershipEntries(of: persons, &log)
    return entries.sorted {
      ($0.position, $0.rank, $0.user, $0.cohort) < ($1.position, $1.rank, $1.user, $1.cohort)
    }
  }

  private func membershipEntries(
    of persons: Set<UserID>, _ log: inout EventReader
  ) throws(LedgerError) -> [UserHistoryEntry] {
    var entries: [UserHistoryEntry] = []
    for number in 0..<state.cohorts.count {
      let cohort = CohortID(UInt32(number + 1))
      let found = try asking { () throws(LogError) in
        try history.changes(of: cohort, touching: persons, through: position)
      }
      for (user, change) in found {
        entries.append(
          UserHistoryEntry(
            position: change.position, time: change.time,
            key: try log.event(at: change.position).key, user: user,
            what: .membership(cohort, CohortChange(change).kind, change.kind.direction)))
      }
    }
    return entries
  }
}

extension UserHistoryEntry {
  /// At one position identity comes before memberships, and leaving before entering.
  fileprivate var rank: Int {
    switch what {
    case .identity: 0
    case .membership(_, _, .leaving): 1
    case .membership(_, _, .entering): 2
    }
  }

  /// 0 for what is no membership.
  fileprivate var cohort: CohortID {
    if case .membership(let cohort, _, _) = what { cohort } else { CohortID(0) }
  }
}

extension Event {
  /// The users that an event is about, but for memberships.
  public var subjects: [UserID] {
    switch self {
    case .userCreated(let event): [event.user]
    case .identifierAdded(let event): [event.user]
    case .identifierRemoved(let event): [event.user]
    case .externalIDRenamed(let event): [event.user]
    case .userIdentified(let event): [event.user]
    case .usersMerged(let event): [event.user, event.into]
    case .userDeleted(let event): [event.user]
    case .userErased(let event): event.user.map { [$0] } ?? []
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .erasureFinished,
      .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored, .membersChanged,
      .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived,
      .campaignRestored, .audienceFrozen, .recovered, .restored:
      []
    }
  }
}
