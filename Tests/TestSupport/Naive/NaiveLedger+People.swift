package import CohortModel

/// When somebody was somewhere, or bore something.
package struct NaiveInterval: Hashable {
  /// The position that began it.
  package let start: Position
  /// The position that ended it; `nil` while it lasts.
  package let end: Position?
}

/// Who bore an identifier.
package struct NaiveBearing: Hashable {
  package let user: UserID
  package let interval: NaiveInterval
}

extension NaiveLedger {
  /// Intervals in which `isSo` held, up to a position.
  private func intervals(upTo last: Position, _ isSo: (NaiveState) -> Bool) -> [NaiveInterval] {
    var intervals: [NaiveInterval] = []
    var start: Position?
    for (index, state) in states.prefix(Int(last.rawValue) + 1).enumerated() {
      let position = Position(UInt64(index))
      if let began = start, !isSo(state) {
        intervals.append(NaiveInterval(start: began, end: position))
        start = nil
      } else if start == nil, isSo(state) {
        start = position
      }
    }
    return intervals + (start.map { [NaiveInterval(start: $0, end: nil)] } ?? [])
  }

  /// When a user was in a cohort under its own number.
  package func intervals(
    of user: UserID, in cohort: CohortID, upTo position: Position
  ) -> [NaiveInterval] {
    intervals(upTo: position) { $0.members[cohort]?.contains(user) ?? false }
  }

  /// When anyone was in a cohort who is this person at `position` (RULES §6).
  package func intervals(
    ofPerson user: UserID, in cohort: CohortID, upTo position: Position
  ) -> [NaiveInterval] {
    let person = state(at: position).person(user)
    return intervals(upTo: position) { !($0.members[cohort]?.isDisjoint(with: person) ?? true) }
  }

  /// Whom an identifier names at a position; with identities of now: whom it names now.
  ///
  /// silent: an external id that a merge retired names nobody but the one merged away; the
  /// caller gets both. What is erased by now names nobody at any position.
  package func standing(
    of name: UserName, at position: Position, identity: NaiveIdentity = .then
  ) -> NaiveStanding {
    let standing = state(at: identity == .then ? position : end).standing(ofUser: name)
    guard name.identifier != nil else { return standing }
    switch standing {
    case .user(let user), .merged(let user, _):
      return now.users[user]?.isErased == true ? .nobody : standing
    case .nobody: return .nobody
    }
  }

  /// Everyone who bore an identifier, the earliest first, as far as they are not erased.
  ///
  /// One that moved with a merge ends with one user and begins with another.
  package func bearings(of name: IdentifierName) -> [NaiveBearing] {
    now.users.keys.filter { now.users[$0]?.isErased == false }
      .flatMap { user in
        intervals(upTo: end) { $0.standing(of: name) == .user(user) }
          .map { NaiveBearing(user: user, interval: $0) }
      }
      .sorted { $0.interval.start < $1.interval.start }
  }

  /// Where anything happened to a user or to anyone merged into it, up to a position.
  package func history(of user: UserID, upTo position: Position) -> [Position] {
    let person = state(at: position).person(user)
    return facts.prefix(Int(position.rawValue))
      .filter { !person.isDisjoint(with: $0.users) }.map(\.position)
  }
}

extension NaiveFact {
  /// The users it happened to.
  package var users: Set<UserID> {
    switch what {
    case .membersChanged(let change): change.users
    case .event(.userCreated(let event)): [event.user]
    case .event(.identifierAdded(let event)): [event.user]
    case .event(.identifierRemoved(let event)): [event.user]
    case .event(.externalIDRenamed(let event)): [event.user]
    case .event(.userIdentified(let event)): [event.user]
    case .event(.usersMerged(let event)): [event.user, event.into]
    case .event(.userDeleted(let event)): [event.user]
    case .event(.userErased(let event)): Set(event.user.map { [$0] } ?? [])
    case .event: []
    }
  }
}

/// What a key did, from the log (RULES §9).
package struct NaiveKeyActivity: Hashable {
  /// Requests that recorded something.
  package var writes = 0
  package var events = 0
  package var lastPosition: Position?
  package var lastTime: Instant?
}

extension NaiveLedger {
  package func activity(of key: KeyID) -> NaiveKeyActivity {
    let own = facts.filter { $0.key == key }
    return NaiveKeyActivity(
      writes: Set(own.map(\.request)).count, events: own.count,
      lastPosition: own.last?.position, lastTime: own.last?.time)
  }
}
