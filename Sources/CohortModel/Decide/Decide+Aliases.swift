extension LedgerState {
  /// `/users/alias/new`.
  ///
  /// A taken pair is processed and changes nothing.
  func decide(_ item: AddAlias) throws(ItemRefusal) -> [Event] {
    try Self.require(item.externalID, item.alias.label, item.alias.name)
    guard let externalID = item.externalID else {
      return bearer(of: item.alias) == nil ? [created([item.alias.identifier])] : []
    }
    guard let bearer = bearer(ofExternalID: externalID) else { throw .unknownExternalID }
    guard bearer.role != .merged else {
      throw .mergedAway(survivor: directory.survivor(of: bearer.user))
    }
    guard self.bearer(of: item.alias) == nil else { return [] }
    guard alias(of: bearer.user, under: item.alias.label) == nil else {
      throw .labelTaken(item.alias.label)
    }
    return [
      .identifierAdded(IdentifierAdded(user: bearer.user, identifier: item.alias.identifier))
    ]
  }

  /// `/users/alias/update`: a known old name and a free new one.
  func decide(_ item: UpdateAlias) throws(ItemRefusal) -> [Event] {
    try Self.require(item.label, item.oldName, item.newName)
    let new = Alias(label: item.label, name: item.newName)
    guard let old = bearing(Alias(label: item.label, name: item.oldName)) else {
      throw .unknownAlias
    }
    guard bearer(of: new) == nil else { throw .aliasTaken }
    let user = old.bearer.user
    return [
      .identifierRemoved(IdentifierRemoved(user: user, identifier: old.identifier)),
      .identifierAdded(IdentifierAdded(user: user, identifier: new.identifier)),
    ]
  }
}
