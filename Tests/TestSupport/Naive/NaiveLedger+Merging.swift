import CohortModel

/// RULES §4, merging and external ids.
extension NaiveLedger {
  private var limit: Int { 50 }

  mutating func merge(_ items: [MergeUsers]) throws(Refusal) -> Answer {
    guard items.count <= limit else { throw .tooMany(limit: limit, what: .merges) }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.merge(item) }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func merge(_ item: MergeUsers) throws(ItemRefusal) {
    let keep: UserID
    switch now.standing(ofUser: item.keep) {
    case .user(let user), .merged(_, survivor: let user): keep = user
    case .nobody: throw .unknownUser
    }
    switch now.standing(ofUser: item.merge) {
    case .nobody: throw .unknownUser
    case .merged(_, let survivor):
      guard survivor == keep else { throw .mergedAway(survivor: survivor) }
    case .user(keep): return
    case .user(let user):
      guard !now.isIdentified(user) || now.isIdentified(keep) else {
        throw .survivorNotIdentified
      }
      let event = now.merge(user, into: keep)
      record(.usersMerged(event))
    }
  }

  mutating func rename(_ items: [RenameExternalID]) throws(Refusal) -> Answer {
    guard items.count <= limit else { throw .tooMany(limit: limit, what: .ids) }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.rename(item) }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func rename(_ item: RenameExternalID) throws(ItemRefusal) {
    let current = IdentifierName.externalID(item.current)
    let new = IdentifierName.externalID(item.new)
    // silent: what can be no identifier is said first, then what is wrong with the current id.
    guard current.isValid, new.isValid else { throw .invalidIdentifier }
    let user: UserID
    switch now.standing(of: current) {
    case .nobody: throw .unknownExternalID
    case .merged(_, let survivor): throw .mergedAway(survivor: survivor)
    case .user(let bearer): user = bearer
    }
    guard let primary = now.primary(of: user), primary.name == current else { throw .notPrimary }
    switch now.standing(of: new) {
    // silent: one's own deprecated id, and the primary itself, are not unused either.
    case .user: throw .externalIDTaken
    case .merged(_, let survivor): throw .takenByMerged(survivor: survivor)
    case .nobody: break
    }
    now.identifiers[primary.id]?.role = .deprecated
    introduce([new], to: user)
    record(
      .externalIDRenamed(
        ExternalIDRenamed(
          user: user, deprecated: primary.id, primary: PersonalText(item.new.bytes))))
  }

  mutating func remove(_ ids: [Text]) throws(Refusal) -> Answer {
    guard ids.count <= limit else { throw .tooMany(limit: limit, what: .ids) }
    let errors = batch(ids) { ledger, id throws(ItemRefusal) in try ledger.remove(id) }
    return .items(processed: ids.count - errors.count, errors: errors)
  }

  private mutating func remove(_ id: Text) throws(ItemRefusal) {
    guard let identifier = now.taken[.externalID(id)].flatMap({ now.identifiers[$0] }) else {
      throw .unknownExternalID
    }
    guard identifier.role != .primary else { throw .notDeprecated }
    now.free(identifier.id)
    record(
      .identifierRemoved(
        IdentifierRemoved(user: identifier.holder, identifier: identifier.id)))
  }
}
