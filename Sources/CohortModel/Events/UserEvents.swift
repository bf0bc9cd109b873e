/// An external id, alias or device id, with its text.
public enum IdentifierName: Hashable, Sendable {
  case externalID(PersonalText)
  case alias(label: Text, name: PersonalText)
  case device(PersonalText)

  public var text: PersonalText {
    switch self {
    case .externalID(let text), .device(let text): text
    case .alias(_, let name): name
    }
  }
}

/// A new user.
///
/// `identifiers` is never empty, and holds at most one external id.
///
/// Introduces `identifiers.count` identifiers, in this order.
public struct UserCreated: Hashable, Sendable {
  public let user: UserID
  public let identifiers: [IdentifierName]

  public init(user: UserID, identifiers: [IdentifierName]) {
    self.user = user
    self.identifiers = identifiers
  }
}

/// An alias or device id given to an existing user.
public struct IdentifierAdded: Hashable, Sendable {
  public let user: UserID
  public let identifier: IdentifierName

  public init(user: UserID, identifier: IdentifierName) {
    self.user = user
    self.identifier = identifier
  }
}

/// An identifier that is free again: an alias that was updated, a deprecated external id that
/// was removed, or a merged one (`user` is then the user that was merged away).
public struct IdentifierRemoved: Hashable, Sendable {
  public let user: UserID
  public let identifier: IdentifierID

  public init(user: UserID, identifier: IdentifierID) {
    self.user = user
    self.identifier = identifier
  }
}

/// A new primary external id; the old one still matches, as a deprecated one.
public struct ExternalIDRenamed: Hashable, Sendable {
  public let user: UserID
  public let deprecated: IdentifierID
  public let primary: PersonalText

  public init(user: UserID, deprecated: IdentifierID, primary: PersonalText) {
    self.user = user
    self.deprecated = deprecated
    self.primary = primary
  }
}

/// An alias-only or anonymous user got an external id that nobody had.
public struct UserIdentified: Hashable, Sendable {
  public let user: UserID
  public let externalID: PersonalText

  public init(user: UserID, externalID: PersonalText) {
    self.user = user
    self.externalID = externalID
  }
}

/// One user became another.
///
/// RULES §4.
public struct UsersMerged: Hashable, Sendable {
  public let user: UserID
  public let into: UserID
  /// The cohorts that `user` was in, ascending.
  public let cohortsLeft: [CohortID]
  /// Those of them that `into` was not in, ascending.
  public let cohortsEntered: [CohortID]
  /// Aliases and devices that `into` bears from now on.
  public let moved: [IdentifierID]
  /// Aliases whose label `into` had already: free again.
  public let dropped: [IdentifierID]
  /// External ids that from now on answer `merged` and stay taken.
  public let retired: [IdentifierID]

  public init(
    user: UserID, into: UserID, cohortsLeft: [CohortID], cohortsEntered: [CohortID],
    moved: [IdentifierID], dropped: [IdentifierID], retired: [IdentifierID]
  ) {
    self.user = user
    self.into = into
    self.cohortsLeft = cohortsLeft
    self.cohortsEntered = cohortsEntered
    self.moved = moved
    self.dropped = dropped
    self.retired = retired
  }
}

/// A user that is gone, with the cohorts it left and every identifier that is free again,
/// those of users merged into it included.
public struct UserDeleted: Hashable, Sendable {
  public let user: UserID
  /// Ascending.
  public let cohortsLeft: [CohortID]
  public let freed: [IdentifierID]

  public init(user: UserID, cohortsLeft: [CohortID], freed: [IdentifierID]) {
    self.user = user
    self.cohortsLeft = cohortsLeft
    self.freed = freed
  }
}

/// Personal texts that are destroyed.
///
/// The bytes are zeroed after this event is durable.
public struct UserErased: Hashable, Sendable {
  /// `nil` if no user ever bore the string: then only mentions are erased.
  public let user: UserID?
  /// Every identifier the user, and everyone merged into it, ever had.
  ///
  /// Ascending.
  public let identifiers: [IdentifierID]
  /// Every text to zero: those of `identifiers`, the unmatched mentions, and the digests of bodies
  /// that may have named the user.
  ///
  /// Ascending.
  public let texts: [TextName]

  public init(user: UserID?, identifiers: [IdentifierID], texts: [TextName]) {
    self.user = user
    self.identifiers = identifiers
    self.texts = texts
  }
}

/// The bytes that an erasure named are zero and synced in every file of the ledger.
public struct ErasureFinished: Hashable, Sendable {
  /// The position of the `userErased` or `unmatchedForgotten` event.
  public let erasure: Position

  public init(erasure: Position) { self.erasure = erasure }
}

/// The texts of unmatched identifiers up to a position are destroyed; counts and reasons stay.
public struct UnmatchedForgotten: Hashable, Sendable {
  /// The instant that was asked for.
  public let before: Instant
  /// The last position whose unmatched texts are zeroed.
  public let through: Position

  public init(before: Instant, through: Position) {
    self.before = before
    self.through = through
  }
}
