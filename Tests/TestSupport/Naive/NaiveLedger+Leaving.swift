package import CohortModel

/// RULES §4, deleting, and §5.
extension NaiveLedger {
  mutating func delete(
    _ names: [UserName], erase mentions: EraseMentions?
  ) throws(Refusal) -> Answer {
    guard names.count <= 50 else { throw .tooMany(limit: 50, what: .externalIDsAndAliases) }
    var deleted: [DeletedUser] = []
    // CONTRACT part 0: in batches the bad items stand in `errors`.
    let errors = batch(names) { ledger, name throws(ItemRefusal) in
      deleted.append(try ledger.delete(name, erase: mentions))
    }
    return .deletedUsers(deleted, errors: errors)
  }

  private mutating func delete(
    _ name: UserName, erase mentions: EraseMentions?
  ) throws(ItemRefusal) -> DeletedUser {
    switch now.standing(ofUser: name) {
    case .nobody: throw .unknownUser
    case .merged(_, let survivor): throw .mergedAway(survivor: survivor)
    case .user(let user):
      // silent: the id in the answer is the primary one, whichever named the user.
      let externalID = now.primary(of: user).map { Text(bytes: $0.name.text.bytes ?? []) }
      delete(user)
      let texts = mentions.map { erase(person: user, mentions: $0).texts }
      return DeletedUser(user: user, externalID: externalID, texts: texts ?? [])
    }
  }

  private mutating func delete(_ user: UserID) {
    let event = now.delete(user)
    record(.userDeleted(event))
  }

  /// Every identifier that the user and everyone merged into them ever had.
  private func everything(of user: UserID) -> [NaiveIdentifier] {
    let person = now.person(user)
    return now.identifiers.values.filter { person.contains($0.holder) }.sorted { $0.id < $1.id }
  }

  private mutating func erase(person user: UserID, mentions: EraseMentions) -> UserErased {
    let identifiers = everything(of: user)
    let mentioned = Set(identifiers.map(\.name)).flatMap { mentions.mentions[$0] ?? [] }
    // Of those whom one request erases together, the first takes what they share of digests.
    let digests = mentions.digests[user, default: []].filter { !erasedTexts.contains($0) }
    let event = UserErased(
      user: user, identifiers: identifiers.map(\.id),
      texts: Set(identifiers.map(\.text) + mentioned + digests).sorted())
    for user in now.person(user) { now.users[user]?.isErased = true }
    erasedTexts.formUnion(event.texts)
    record(.userErased(event))
    return event
  }

  mutating func erase(_ wish: EraseUser) throws(Refusal) -> Answer {
    guard let user = lastBearer(of: wish.user) else {
      let texts = wish.user.identifier.flatMap { wish.mentions.mentions[$0.cut] } ?? []
      // silent: a string that nobody bore and no import mentions has nothing to erase.
      guard !texts.isEmpty else { throw .unknownUser(wish.user) }
      let digests = wish.mentions.digests[nil] ?? []
      let event = UserErased(user: nil, identifiers: [], texts: Set(texts + digests).sorted())
      erasedTexts.formUnion(event.texts)
      record(.userErased(event))
      return .erasedUser(nil, texts: event.texts, earlierBearers: [])
    }
    if case .merged = now.users[user]?.fate { throw .mergedAway(into: now.survivor(of: user)) }
    if now.users[user]?.isErased == true {
      // The texts of the first time stand in the event of the first time.
      return .erasedUser(user, texts: [], earlierBearers: [])
    }
    let earlier = wish.user.identifier.map { earlierBearers(of: $0, but: now.person(user)) }
    if now.isLive(user) { delete(user) }
    let event = erase(person: user, mentions: wish.mentions)
    return .erasedUser(user, texts: event.texts, earlierBearers: earlier ?? [])
  }

  /// Everyone who ever bore what the request named, the earliest first, also those who were merged
  /// away since; but not the erased, for nobody knows any more what they bore.
  private func earlierBearers(of name: IdentifierName, but person: Set<UserID>) -> [UserID] {
    var found: [UserID] = []
    for state in states {
      guard let id = state.taken[name], let user = state.identifiers[id]?.holder else { continue }
      guard !found.contains(user), !person.contains(user) else { continue }
      if now.users[user]?.isErased == false { found.append(user) }
    }
    return found
  }

  /// Who bears it now, or keeps it taken, or bore it last and was not erased since.
  func lastBearer(of name: UserName) -> UserID? {
    if case .number(let user) = name { return now.users[user] == nil ? nil : user }
    guard let name = name.identifier else { return nil }
    return now.identifiers.values
      .filter { $0.name == name && now.users[$0.holder]?.isErased == false }
      .max { $0.id < $1.id }?.holder
  }

  mutating func finishErasure(_ position: Position) throws(Refusal) -> Answer {
    let isFinished = facts.contains { fact in
      guard case .event(.erasureFinished(let event)) = fact.what else { return false }
      return event.erasure == position
    }
    guard erasures.contains(position), !isFinished else { throw .unknownErasure(position) }
    record(.erasureFinished(ErasureFinished(erasure: position)))
    return .done
  }

  /// The positions of everything that destroys texts.
  package var erasures: [Position] {
    facts.compactMap { fact in
      switch fact.what {
      case .event(.userErased), .event(.unmatchedForgotten): fact.position
      default: nil
      }
    }
  }

  mutating func forget(before: Instant, through: Position) throws(Refusal) -> Answer {
    guard before <= time, through <= end else { throw .laterThanNow }
    // Forgetting again is an event again; before the first event there is nothing to forget.
    guard through > .origin else { return .done }
    for mention in mentions() where mention.name.position <= through {
      erasedTexts.insert(mention.name)
    }
    record(.unmatchedForgotten(UnmatchedForgotten(before: before, through: through)))
    return .done
  }
}

/// An identifier of an import that matched nobody, as it is stored now.
package struct NaiveMention: Hashable {
  package let name: TextName
  package let cohort: CohortID
  package let identifier: IdentifierName
  package let reason: Unmatched.Reason
}

extension NaiveLedger {
  /// All whose text is not zeroed, in the order of the log.
  package func mentions() -> [NaiveMention] {
    facts.flatMap { fact -> [NaiveMention] in
      guard case .membersChanged(let change) = fact.what else { return [] }
      return change.unmatched.enumerated().map { item, unmatched in
        NaiveMention(
          name: TextName(position: fact.position, item: UInt32(item)), cohort: change.cohort,
          identifier: unmatched.identifier, reason: unmatched.reason)
      }
    }.filter { !erasedTexts.contains($0.name) }
  }

  /// What the ledger finds in its log before somebody is erased.
  package func mentions(forErasing names: [UserName]) -> EraseMentions {
    var strings: Set<IdentifierName> = []
    var found = EraseMentions()
    for name in names {
      let user = lastBearer(of: name)
      var called = Set(user.map { everything(of: $0).map(\.name) } ?? [])
      if let identifier = name.identifier { called.insert(identifier.cut) }
      strings.formUnion(called)
      found.digests[user] = digests(mayName: user.map { now.person($0) } ?? [], called)
    }
    // The same strings: whatever kind of identifier an import took them for.
    for mention in mentions() {
      for string in strings where string.text == mention.identifier.text {
        found.mentions[string, default: []].append(mention.name)
      }
    }
    return found
  }

  /// Where the digests lie of bodies that may have named somebody: nobody is sure of those who were
  /// named without effect.
  private func digests(mayName person: Set<UserID>, _ called: Set<IdentifierName>) -> [TextName] {
    let strings = Set(called.map(\.text))
    return facts.compactMap { last -> TextName? in
      guard let receipt = last.receipt, receipt.fingerprint.bytes != [] else { return nil }
      guard !erasedTexts.contains(last.fingerprintName) else { return nil }
      let mayName = facts.contains { fact in
        guard fact.request == last.request else { return false }
        let state = states[Int(fact.position.rawValue)]
        switch fact.what {
        case .membersChanged(let change):
          let members = state.members[change.cohort, default: []]
          let sameAsBefore = person.filter {
            state.isLive($0) && members.contains($0) == (change.direction == .entering)
          }
          return !change.users.isDisjoint(with: person)
            || change.unchanged > 0 && !sameAsBefore.isEmpty
            || change.unmatched.enumerated().contains { item, unmatched in
              let name = TextName(position: fact.position, item: UInt32(item))
              // Of what is forgotten, nobody knows whom it named.
              return erasedTexts.contains(name) || strings.contains(unmatched.identifier.text)
            }
        // An item that came to nothing leaves no event.
        case .event(let event): return event.isOfUsers
        }
      }
      return mayName ? last.fingerprintName : nil
    }
  }
}

extension NaiveFact {
  /// Behind the texts of the event stand those of the receipt: the key, then the fingerprint.
  var fingerprintName: TextName {
    let count =
      switch what {
      case .membersChanged(let change): change.unmatched.count
      case .event(.userCreated(let event)): event.identifiers.count
      case .event(.identifierAdded), .event(.externalIDRenamed), .event(.userIdentified): 1
      case .event: 0
      }
    return TextName(position: position, item: UInt32(count + 1))
  }
}

extension Event {
  /// Whether it comes of a request that names users one by one.
  fileprivate var isOfUsers: Bool {
    switch self {
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted:
      true
    default: false
    }
  }
}
