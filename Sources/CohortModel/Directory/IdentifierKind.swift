/// The name space of an identifier: equal bytes in two of them are two identifiers.
public enum IdentifierKind: Hashable, Sendable {
  /// The customer's own id.
  case externalID
  /// A name that is unique under its label.
  case alias(LabelID)
  /// An installation of an app.
  case device
}

/// What an identifier is to the user who bears it.
public enum IdentifierRole: UInt8, Hashable, Sendable, CaseIterable {
  /// Borne by nobody. A later identifier with the same bytes is another identifier.
  case free
  /// The external id by which lists show the user.
  case primary
  /// An external id that was renamed and still matches.
  case deprecated
  /// An external id of a user that was merged away: matches nobody, stays taken.
  case merged
  case alias
  case device

  /// Whether an identifier of `kind` can have this role.
  package func suits(_ kind: IdentifierKind) -> Bool {
    switch (self, kind) {
    case (.free, _), (.alias, .alias), (.device, .device): true
    case (.primary, .externalID), (.deprecated, .externalID), (.merged, .externalID): true
    default: false
    }
  }
}

/// Who bears an identifier, and as what.
public struct Bearer: Hashable, Sendable {
  public let user: UserID
  public let role: IdentifierRole

  package init(_ user: UserID, _ role: IdentifierRole) {
    self.user = user
    self.role = role
  }
}

/// A stretch of the log during which one user bore one identifier in one role.
public struct Bearing: Hashable, Sendable {
  public let identifier: IdentifierID
  public let user: UserID
  public let role: IdentifierRole
  /// The event that began it.
  public let from: Position
  /// The event that ended it, or `.never`.
  public let until: Position

  package init(
    identifier: IdentifierID, user: UserID, role: IdentifierRole, from: Position, until: Position
  ) {
    self.identifier = identifier
    self.user = user
    self.role = role
    self.from = from
    self.until = until
  }
}

/// What became of a user by some position.
public enum UserStatus: Hashable, Sendable {
  /// Not created yet.
  case absent
  case active
  case deleted(at: Position)
  case merged(into: UserID, at: Position)
}

/// How a user comes to an end.
public enum UserEnd: Hashable, Sendable {
  case deleted
  case merged(into: UserID)
}
