package import CohortModel

/// The past, by looking up the copy of that position. RULES §1 and §3.
extension NaiveLedger {
  /// The copy of a position, which must be at most ``end``.
  package func state(at position: Position) -> NaiveState { states[Int(position.rawValue)] }

  package func time(of position: Position) -> Instant {
    position == .origin
      ? Instant(microseconds: .min) : facts[Int(position.rawValue) - 1].time
  }

  /// The last position not later than an instant.
  package func position(asOf instant: Instant) -> Position {
    Position(UInt64(facts.prefix { $0.time <= instant }.count))
  }

  /// Whether a position is the end of a request; others show half of one.
  package func endsRequest(_ position: Position) -> Bool {
    position == .origin || facts[Int(position.rawValue) - 1].request == position
  }

  package func exists(_ cohort: CohortID, at position: Position) -> Bool {
    state(at: position).cohorts[cohort] != nil
  }

  /// Members with the numbers of then.
  package func members(of cohort: CohortID, at position: Position) -> Set<UserID> {
    state(at: position).members[cohort, default: []]
  }

  package func size(of cohort: CohortID, at position: Position) -> Int {
    members(of: cohort, at: position).count
  }
}

/// As whom a list shows people.
package enum NaiveIdentity: Hashable, CaseIterable {
  case then, now
}

/// A line of a list.
package struct NaiveMember: Hashable {
  package var user: UserID
  package var externalID: Text?
  package var aliases: Set<Alias> = []
  package var devices: Set<Text> = []
  package var isErased = false

  package init(user: UserID, externalID: Text? = nil, isErased: Bool = false) {
    self.user = user
    self.externalID = externalID
    self.isErased = isErased
  }
}

package struct NaiveList: Hashable {
  /// In order of user number.
  package var members: [NaiveMember]
  /// With identities of now: how many survivors were deleted since.
  package var gone: Int
}

extension NaiveLedger {
  /// A user with what it bore at a position, as far as that is not erased by now.
  package func member(_ user: UserID, at position: Position) -> NaiveMember {
    guard now.users[user]?.isErased != true else { return NaiveMember(user: user, isErased: true) }
    var member = NaiveMember(user: user)
    for identifier in state(at: position).borne(by: user) {
      let text = Text(bytes: identifier.name.text.bytes ?? [])
      switch identifier.role {
      case .primary: member.externalID = text
      case .alias: member.aliases.insert(Alias(label: identifier.name.label ?? "", name: text))
      case .device: member.devices.insert(text)
      case .deprecated, .retired, .free: break
      }
    }
    return member
  }

  /// A set of users of a position, as a list shows them.
  package func list(
    _ users: Set<UserID>, at position: Position, identity: NaiveIdentity
  ) -> NaiveList {
    switch identity {
    case .then: return NaiveList(members: users.sorted().map { member($0, at: position) }, gone: 0)
    case .now:
      // silent: two who became one and were deleted then are one who is gone.
      let survivors = Set(users.map(now.survivor))
      let stay = survivors.filter { now.isLive($0) || now.users[$0]?.isErased == true }
      return NaiveList(
        members: stay.sorted().map { member($0, at: end) }, gone: survivors.count - stay.count)
    }
  }

  package func list(
    _ cohort: CohortID, at position: Position, identity: NaiveIdentity
  ) -> NaiveList {
    list(members(of: cohort, at: position), at: position, identity: identity)
  }

  /// Who is in at `to` and was not at `from`, and the other way round.
  ///
  /// silent: with identities of now each list counts its own who are gone.
  package func difference(
    of cohort: CohortID, from: Position, to: Position, identity: NaiveIdentity
  ) -> (added: NaiveList, removed: NaiveList) {
    func ends(_ position: Position) -> Set<UserID> {
      let users = members(of: cohort, at: position)
      return identity == .then ? users : Set(users.map(now.survivor))
    }
    return (
      added: list(ends(to).subtracting(ends(from)), at: to, identity: identity),
      removed: list(ends(from).subtracting(ends(to)), at: from, identity: identity)
    )
  }
}

/// What a line of a cohort's history is.
package struct NaiveCohortChange: Hashable {
  package enum Kind: Hashable { case `import`, merge, deletion }
  package let position: Position
  package let kind: Kind
  /// Members after it.
  package let size: Int
  package let entered: Set<UserID>
  package let left: Set<UserID>
}

extension NaiveLedger {
  /// Everything that changed a cohort, and every import into it, whether it changed anyone.
  package func changes(of cohort: CohortID, upTo position: Position) -> [NaiveCohortChange] {
    facts.prefix(Int(position.rawValue)).compactMap { fact in
      let kind: NaiveCohortChange.Kind
      switch fact.what {
      case .membersChanged(let change) where change.cohort == cohort: kind = .import
      case .event(.usersMerged(let event)) where event.cohortsLeft.contains(cohort): kind = .merge
      case .event(.userDeleted(let event)) where event.cohortsLeft.contains(cohort):
        kind = .deletion
      default: return nil
      }
      let after = members(of: cohort, at: fact.position)
      let before = members(of: cohort, at: Position(fact.position.rawValue - 1))
      return NaiveCohortChange(
        position: fact.position, kind: kind, size: after.count,
        entered: after.subtracting(before), left: before.subtracting(after))
    }
  }
}
