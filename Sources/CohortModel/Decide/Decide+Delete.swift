extension LedgerState {
  /// `/users/delete`, also with `erase`.
  ///
  /// RULES §4 and §5.
  mutating func perform(
    deleting users: [UserName], _ mentions: EraseMentions?, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard users.count <= Self.itemsMax else {
      throw .tooMany(limit: Self.itemsMax, what: .externalIDsAndAliases)
    }
    var mentions = mentions
    var deleted: [DeletedUser] = []
    var errors: [ItemError] = []
    for (index, name) in users.enumerated() {
      do throws(ItemRefusal) {
        let user = try user(name)
        let externalID = primary(of: user).flatMap(directory.text).map(Text.init(bytes:))
        record(.userDeleted(deleting(user)), in: &draft)
        var texts: [TextName] = []
        if let found = mentions {
          let event = erasing(user, found)
          texts = event.texts
          // A body that names many is forgotten once.
          let forgotten = Set(found.digests[user] ?? [])
          mentions?.digests = found.digests.mapValues { $0.filter { !forgotten.contains($0) } }
          record(.userErased(event), in: &draft)
        }
        deleted.append(DeletedUser(user: user, externalID: externalID, texts: texts))
      } catch {
        errors.append(ItemError(index: index, refusal: error))
      }
    }
    return .deletedUsers(deleted, errors: errors)
  }

  /// Everything that deleting a user does.
  ///
  /// Its identifiers are free at once, and those of everyone merged into it: nobody is left who
  /// could free them.
  private func deleting(_ user: UserID) -> UserDeleted {
    let merged = directory.mergedUsers(into: user)
    let freed = ([user] + merged).flatMap { directory.identifiers(of: $0).map(\.identifier) }
    return UserDeleted(
      user: user, cohortsLeft: memberships.cohorts(of: user), freed: freed.sorted())
  }

  /// `POST /ledger/erase`: by who bears the identifier now, else by its last bearer.
  mutating func perform(_ wish: EraseUser, _ draft: inout Draft) throws(Refusal) -> Answer {
    guard let (user, earlier) = try erasable(wish.user) else {
      let mentions = Set(wish.mentions.mentions.values.joined())
      guard !mentions.isEmpty else { throw .unknownUser(wish.user) }
      let texts = mentions.union(wish.mentions.digests[nil] ?? []).sorted()
      record(.userErased(UserErased(user: nil, identifiers: [], texts: texts)), in: &draft)
      return .erasedUser(nil, texts: texts, earlierBearers: [])
    }
    if erasures.erasure(of: user) != nil {
      return .erasedUser(user, texts: [], earlierBearers: earlier)
    }
    if case .active = directory.status(of: user) {
      record(.userDeleted(deleting(user)), in: &draft)
    }
    let event = erasing(user, wish.mentions)
    record(.userErased(event), in: &draft)
    return .erasedUser(user, texts: event.texts, earlierBearers: earlier)
  }

  /// Who would be erased, and who bore the same identifier before.
  ///
  /// - Returns: `nil` if no user ever bore it.
  /// - Throws: ``Refusal/mergedAway(into:)`` for a user that is part of another by now.
  public func erasable(_ name: UserName) throws(Refusal) -> (user: UserID, earlier: [UserID])? {
    var bearers: [UserID] = []
    switch name {
    case .number(let user):
      guard directory.contains(user) else { throw .unknownUser(name) }
      bearers = [user]
    case .externalID(let text):
      bearers = directory.everBorne(.externalID, text.bytes.span).map(\.user)
    case .device(let text):
      bearers = directory.everBorne(.device, text.bytes.span).map(\.user)
    case .alias(let label, let text):
      if let label = directory.label(label.bytes.span) {
        bearers = directory.everBorne(.alias(label), text.bytes.span).map(\.user)
      }
    }
    guard let user = bearers.last else { return nil }
    if case .merged = directory.status(of: user) {
      throw .mergedAway(into: directory.survivor(of: user))
    }
    var earlier: [UserID] = []
    for bearer in bearers where !earlier.contains(bearer) {
      // Those who were merged into the user are erased with it.
      if directory.survivor(of: bearer) != user { earlier.append(bearer) }
    }
    return (user, earlier)
  }

  /// Every identifier that a user, and everyone merged into it, ever had.
  public func everIdentifier(of user: UserID) -> [IdentifierID] {
    let users = [user] + directory.mergedUsers(into: user)
    return Set(users.flatMap { directory.identifiersEver(of: $0) }).sorted()
  }

  /// Where the text of an identifier lies: in the event that introduced it, at its place among
  /// those that this event introduced.
  public func textName(of identifier: IdentifierID) -> TextName {
    let position = directory.introduced(identifier)
    var item: UInt32 = 0
    while identifier.rawValue - item > 1,
      directory.introduced(IdentifierID(identifier.rawValue - item - 1)) == position
    {
      item += 1
    }
    return TextName(position: position, item: item)
  }

  /// The name of an identifier with its text, as an import would mention it.
  public func name(of identifier: IdentifierID) -> IdentifierName? {
    guard let bytes = directory.text(of: identifier) else { return nil }
    switch directory.kind(of: identifier) {
    case .externalID: return .externalID(PersonalText(bytes))
    case .alias(let label):
      return .alias(label: Text(bytes: directory.text(of: label)), name: PersonalText(bytes))
    case .device: return .device(PersonalText(bytes))
    }
  }

  private func erasing(_ user: UserID, _ mentions: EraseMentions) -> UserErased {
    let identifiers = everIdentifier(of: user)
    var texts = Set(identifiers.map(textName)).union(mentions.digests[user] ?? [])
    for identifier in identifiers {
      guard let name = name(of: identifier) else { continue }
      texts.formUnion(mentions.mentions[name] ?? [])
    }
    return UserErased(user: user, identifiers: identifiers, texts: texts.sorted())
  }

  mutating func perform(
    finishing erasure: Position, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard erasures.pending.contains(erasure) else { throw .unknownErasure(erasure) }
    record(.erasureFinished(ErasureFinished(erasure: erasure)), in: &draft)
    return .done
  }

  mutating func perform(
    forgetting before: Instant, through: Position, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard before <= draft.time, through <= position else { throw .laterThanNow }
    if through > .origin {
      record(
        .unmatchedForgotten(UnmatchedForgotten(before: before, through: through)), in: &draft)
    }
    return .done
  }
}
