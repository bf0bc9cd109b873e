// Who bears an identifier now. What decisions ask of the directory.

extension LedgerState {
  func bearing(_ kind: IdentifierKind, _ text: Text) -> (identifier: IdentifierID, bearer: Bearer)?
  {
    guard let identifier = directory.identifier(kind, text.bytes.span),
      let bearer = directory.bearer(of: identifier)
    else { return nil }
    return (identifier, bearer)
  }

  func bearing(_ alias: Alias) -> (identifier: IdentifierID, bearer: Bearer)? {
    guard let label = directory.label(alias.label.bytes.span) else { return nil }
    return bearing(.alias(label), alias.name)
  }

  func bearer(ofExternalID text: Text) -> Bearer? { bearing(.externalID, text)?.bearer }

  func bearer(ofDevice text: Text) -> Bearer? { bearing(.device, text)?.bearer }

  func bearer(of alias: Alias) -> Bearer? { bearing(alias)?.bearer }

  /// The survivor of the user that lost this alias in its merge, if nobody bears it now.
  func survivor(ofDropped kind: IdentifierKind, _ text: Span<UInt8>) -> UserID? {
    guard let last = directory.everBorne(kind, text).last, last.until != .never,
      case .merged(_, last.until) = directory.status(of: last.user)
    else { return nil }
    let survivor = directory.survivor(of: last.user)
    guard case .active = directory.status(of: survivor) else { return nil }
    return survivor
  }

  /// The user that an external id or alias of a command names.
  ///
  /// - Throws: ``ItemRefusal`` if it is nobody's, or of a user that was merged away.
  func user(_ name: UserName) throws(ItemRefusal) -> UserID {
    switch name {
    case .externalID(let text):
      guard let bearer = bearer(ofExternalID: text) else { throw .unknownUser }
      guard bearer.role != .merged else {
        throw .mergedAway(survivor: directory.survivor(of: bearer.user))
      }
      return bearer.user
    case .alias(let label, let name):
      if let bearer = bearer(of: Alias(label: label, name: name)) { return bearer.user }
      if let label = directory.label(label.bytes.span),
        let survivor = survivor(ofDropped: .alias(label), name.bytes.span)
      {
        throw .mergedAway(survivor: survivor)
      }
      throw .unknownUser
    case .device(let text):
      guard let bearer = bearer(ofDevice: text) else { throw .unknownUser }
      return bearer.user
    case .number(let user):
      switch directory.status(of: user) {
      case .active: return user
      case .merged: throw .mergedAway(survivor: directory.survivor(of: user))
      case .absent, .deleted: throw .unknownUser
      }
    }
  }

  /// The external id that lists show the user by.
  func primary(of user: UserID) -> IdentifierID? {
    guard directory.isIdentified(user) else { return nil }
    return directory.identifiers(of: user).first { $0.role == .primary }?.identifier
  }

  /// The alias that the user has under a label.
  func alias(of user: UserID, under label: Text) -> IdentifierID? {
    guard let label = directory.label(label.bytes.span) else { return nil }
    return directory.identifiers(of: user).first {
      $0.role == .alias && directory.kind(of: $0.identifier) == .alias(label)
    }?.identifier
  }

  /// Whether somebody could bear it: 1 to 1,024 bytes without U+0000.
  ///
  /// RULES §2.
  static func isIdentifier(_ text: Text) -> Bool { isName(text) }

  static func require(_ texts: Text?...) throws(ItemRefusal) {
    for text in texts {
      if let text, !isIdentifier(text) { throw .invalidIdentifier }
    }
  }

  /// Refuses an external id that a new user, a rename or an identification cannot have.
  func requireFree(externalID text: Text) throws(ItemRefusal) {
    guard let bearer = bearer(ofExternalID: text) else { return }
    guard bearer.role == .merged else { throw .externalIDTaken }
    throw .takenByMerged(survivor: directory.survivor(of: bearer.user))
  }
}

extension Text {
  var personal: PersonalText { PersonalText(bytes) }
}

extension Alias {
  var identifier: IdentifierName { .alias(label: label, name: name.personal) }
}
