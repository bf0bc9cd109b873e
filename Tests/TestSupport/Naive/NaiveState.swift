package import CohortModel

/// Everything that is so at one position, in plain dictionaries and sets.
///
/// The naive model keeps a whole copy of this for every position, so that "as of" is looking up
/// the copy. Obviously right rather than fast: enough for some thousand commands.
package struct NaiveState {
  package var users: [UserID: NaiveUser] = [:]
  package var identifiers: [IdentifierID: NaiveIdentifier] = [:]
  /// The identifiers that are not free: borne, or taken by a user that was merged away.
  package var taken: [IdentifierName: IdentifierID] = [:]
  package var members: [CohortID: Set<UserID>] = [:]
  package var partners: [PartnerID: NaivePartner] = [:]
  package var keys: [KeyID: KeyIssued] = [:]
  package var invalidatedKeys: Set<KeyID> = []
  package var cohorts: [CohortID: NaiveCohort] = [:]
  package var segments: [SegmentID: NaiveSegment] = [:]
  package var campaigns: [CampaignReference: NaiveCampaign] = [:]
  package var sends: [SendID: AudienceFrozen] = [:]
}

package struct NaiveUser: Hashable {
  package enum Fate: Hashable {
    case live
    case merged(into: UserID)
    case deleted
  }
  package var fate: Fate = .live
  /// Also of everyone who was merged into an erased user.
  package var isErased = false
}

package struct NaiveIdentifier: Hashable {
  package enum Role: Hashable {
    case primary, deprecated, alias, device
    /// An external id of a user that was merged away: it matches nobody and stays taken.
    case retired
    case free
  }
  package let id: IdentifierID
  package let name: IdentifierName
  /// Where its text stands in the log.
  package let text: TextName
  package var role: Role
  /// Who bears it; once free, who bore it last.
  package var holder: UserID
  /// An alias that a merge took from its user because the survivor had the label.
  package var isDropped = false
}

package struct NaivePartner: Hashable {
  package var code: Text
  package var displayName: Text
  package var isEnabled: Bool
  package var learns: Bool
}

package struct NaiveCohort: Hashable {
  package var partner: PartnerID
  package var name: CohortName
  package var displayName: Text
  package var createdAt: Instant?
  package var isArchived = false
}

package struct NaiveSegment: Hashable {
  /// The first has version 1.
  package var versions: [SegmentSaved]
  package var isArchived = false
}

package struct NaiveCampaign: Hashable {
  package var versions: [CampaignSaved]
  package var isArchived = false
}

/// Who an identifier names.
package enum NaiveStanding: Hashable {
  case user(UserID)
  /// Its user was merged away.
  case merged(UserID, survivor: UserID)
  case nobody
}

extension NaiveState {
  /// Follows merges to the one who is left.
  package func survivor(of user: UserID) -> UserID {
    guard case .merged(let into)? = users[user]?.fate else { return user }
    return survivor(of: into)
  }

  /// The user and everyone who was merged into them, directly or by way of others.
  package func person(_ user: UserID) -> Set<UserID> {
    Set(users.keys.filter { survivor(of: $0) == survivor(of: user) }).union([user])
  }

  package func isLive(_ user: UserID) -> Bool { users[user]?.fate == .live }

  package var liveUsers: Set<UserID> { Set(users.keys.filter(isLive)) }

  package func standing(of name: IdentifierName) -> NaiveStanding {
    if let identifier = taken[name].flatMap({ identifiers[$0] }) {
      return identifier.role == .retired
        ? .merged(identifier.holder, survivor: survivor(of: identifier.holder))
        : .user(identifier.holder)
    }
    // silent: RULES §2 lists `merged` for aliases, and an alias that moved still matches, so
    // this is the alias that a merge dropped: it says `merged` until somebody takes it, or the
    // survivor is deleted. What an erased user bore is forgotten, as if nobody had taken it.
    let last = identifiers.values
      .filter { $0.name == name && users[$0.holder]?.isErased == false }
      .max { $0.id < $1.id }
    guard let last, last.isDropped, isLive(survivor(of: last.holder)) else { return .nobody }
    return .merged(last.holder, survivor: survivor(of: last.holder))
  }

  package func standing(ofUser name: UserName) -> NaiveStanding {
    if let name = name.identifier { return standing(of: name) }
    guard case .number(let user) = name else { return .nobody }
    switch users[user]?.fate {
    case .live: return .user(user)
    case .merged: return .merged(user, survivor: survivor(of: user))
    case .deleted, nil: return .nobody
    }
  }

  /// What a user bears, in the order in which the log introduced it.
  package func borne(by user: UserID) -> [NaiveIdentifier] {
    identifiers.values
      .filter { $0.holder == user && $0.role != .free && $0.role != .retired }
      .sorted { $0.id < $1.id }
  }

  package func aliases(of user: UserID) -> [NaiveIdentifier] {
    borne(by: user).filter { $0.role == .alias }
  }

  package func alias(of user: UserID, label: Text) -> NaiveIdentifier? {
    aliases(of: user).first { $0.name.label == label }
  }

  package func primary(of user: UserID) -> NaiveIdentifier? {
    borne(by: user).first { $0.role == .primary }
  }

  package func isIdentified(_ user: UserID) -> Bool { primary(of: user) != nil }

  package func cohorts(of user: UserID) -> [CohortID] {
    members.filter { $0.value.contains(user) }.map(\.key).sorted()
  }

  package func cohort(named name: CohortName) -> CohortID? {
    cohorts.first { $0.value.name == name }?.key
  }

  package func partner(code: Text) -> PartnerID? {
    partners.first { $0.value.code == code }?.key
  }
}

extension NaiveState {
  package mutating func free(_ id: IdentifierID) {
    guard let identifier = identifiers[id] else { return }
    taken[identifier.name] = nil
    identifiers[id]?.role = .free
  }

  /// Moves what `user` is and has over to `into`, as RULES §4 says.
  package mutating func merge(_ user: UserID, into: UserID) -> UsersMerged {
    let left = cohorts(of: user)
    let entered = left.filter { !(members[$0]?.contains(into) ?? false) }
    var moved: [IdentifierID] = []
    var dropped: [IdentifierID] = []
    var retired: [IdentifierID] = []
    for identifier in borne(by: user) {
      switch identifier.role {
      case .primary, .deprecated:
        retired.append(identifier.id)
        identifiers[identifier.id]?.role = .retired
      case .alias where identifier.name.label.map({ alias(of: into, label: $0) != nil }) ?? false:
        dropped.append(identifier.id)
        free(identifier.id)
        identifiers[identifier.id]?.isDropped = true
      case .alias, .device:
        moved.append(identifier.id)
        identifiers[identifier.id]?.holder = into
      case .retired, .free: break
      }
    }
    for cohort in left {
      members[cohort]?.remove(user)
      members[cohort]?.insert(into)
    }
    users[user]?.fate = .merged(into: into)
    return UsersMerged(
      user: user, into: into, cohortsLeft: left, cohortsEntered: entered, moved: moved,
      dropped: dropped, retired: retired)
  }

  /// Takes a live user out of everything.
  package mutating func delete(_ user: UserID) -> UserDeleted {
    let person = person(user)
    let left = cohorts(of: user)
    for cohort in left { members[cohort]?.remove(user) }
    let freed = identifiers.values
      .filter { person.contains($0.holder) && $0.role != .free }.map(\.id).sorted()
    for id in freed { free(id) }
    users[user]?.fate = .deleted
    return UserDeleted(user: user, cohortsLeft: left, freed: freed)
  }
}
