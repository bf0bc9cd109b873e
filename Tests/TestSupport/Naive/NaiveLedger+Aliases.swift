import CohortModel

/// RULES §4, aliases, devices, identifying.
extension NaiveLedger {
  private var limit: Int { 50 }

  mutating func addAliases(_ items: [AddAlias]) throws(Refusal) -> Answer {
    guard items.count <= limit else {
      throw .tooMany(limit: limit, what: .externalIDsAndAliases)
    }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.addAlias(item) }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func addAlias(_ item: AddAlias) throws(ItemRefusal) {
    let name = IdentifierName.alias(item.alias)
    let owned = item.externalID.map { IdentifierName.externalID($0) }
    guard name.isValid, owned?.isValid ?? true else { throw .invalidIdentifier }
    var owner: UserID?
    if let owned {
      // silent: "unknown external id: no alias" stands beside "a taken pair: processed", so it
      // is an item error, and looked at first.
      switch now.standing(of: owned) {
      case .user(let user): owner = user
      case .merged(_, let survivor): throw .mergedAway(survivor: survivor)
      case .nobody: throw .unknownExternalID
      }
    }
    if case .user = now.standing(of: name) { return }
    guard let owner else { return create([name]) }
    guard now.alias(of: owner, label: item.alias.label) == nil else {
      throw .labelTaken(item.alias.label)
    }
    add(name, to: owner)
  }

  mutating func updateAliases(_ items: [UpdateAlias]) throws(Refusal) -> Answer {
    guard items.count <= limit else {
      throw .tooMany(limit: limit, what: .externalIDsAndAliases)
    }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.updateAlias(item) }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func updateAlias(_ item: UpdateAlias) throws(ItemRefusal) {
    let old = IdentifierName.alias(Alias(label: item.label, name: item.oldName))
    let new = IdentifierName.alias(Alias(label: item.label, name: item.newName))
    // silent: what can be no identifier is said before what is unknown.
    guard old.isValid, new.isValid else { throw .invalidIdentifier }
    guard case .user(let user) = now.standing(of: old), let id = now.taken[old] else {
      throw .unknownAlias
    }
    if case .user = now.standing(of: new) { throw .aliasTaken }
    now.free(id)
    record(.identifierRemoved(IdentifierRemoved(user: user, identifier: id)))
    add(new, to: user)
  }

  mutating func identify(_ items: [IdentifyUser]) throws(Refusal) -> Answer {
    guard items.count <= limit else {
      throw .tooMany(limit: limit, what: .externalIDsAndAliases)
    }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.identify(item) }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func identify(_ item: IdentifyUser) throws(ItemRefusal) {
    let externalID = IdentifierName.externalID(item.externalID)
    guard externalID.isValid else { throw .invalidIdentifier }
    let user: UserID
    switch item.user {
    case .alias(let alias) where !IdentifierName.alias(alias).isValid: throw .invalidIdentifier
    case .device(let device) where !IdentifierName.device(device).isValid:
      throw .invalidIdentifier
    case .alias(let alias):
      guard case .user(let found) = now.standing(of: .alias(alias)) else { throw .unknownAlias }
      user = found
    case .device(let device):
      // silent: which word an unknown device gets.
      guard case .user(let found) = now.standing(of: .device(device)) else { throw .unknownUser }
      user = found
    }
    switch now.standing(of: externalID) {
    case .merged(_, let survivor): throw .takenByMerged(survivor: survivor)
    case .user(user): return
    case _ where now.isIdentified(user): throw .alreadyIdentified
    case .user(let survivor):
      let taken = now.aliases(of: user).compactMap(\.name.label).filter {
        now.alias(of: survivor, label: $0) != nil
      }
      // silent: of several labels taken, the one whose alias is the oldest is named.
      if let label = taken.first { throw .labelTaken(label) }
      let event = now.merge(user, into: survivor)
      record(.usersMerged(event))
    case .nobody:
      introduce([externalID], to: user)
      record(
        .userIdentified(
          UserIdentified(user: user, externalID: PersonalText(item.externalID.bytes))))
    }
  }
}
