extension LedgerState {
  /// `/users/external_ids/rename`.
  ///
  /// RULES §4.
  func decide(_ item: RenameExternalID) throws(ItemRefusal) -> [Event] {
    try Self.require(item.current, item.new)
    guard let current = bearing(.externalID, item.current) else { throw .unknownExternalID }
    switch current.bearer.role {
    case .merged: throw .mergedAway(survivor: directory.survivor(of: current.bearer.user))
    case .primary: break
    case .deprecated, .alias, .device, .free: throw .notPrimary
    }
    try requireFree(externalID: item.new)
    return [
      .externalIDRenamed(
        ExternalIDRenamed(
          user: current.bearer.user, deprecated: current.identifier, primary: item.new.personal))
    ]
  }

  /// `/users/external_ids/remove`: a deprecated one, or one of a user that was merged away.
  func decideRemoving(_ text: Text) throws(ItemRefusal) -> [Event] {
    guard let found = bearing(.externalID, text) else { throw .unknownExternalID }
    guard found.bearer.role != .primary else { throw .notDeprecated }
    return [
      .identifierRemoved(
        IdentifierRemoved(user: found.bearer.user, identifier: found.identifier))
    ]
  }
}
