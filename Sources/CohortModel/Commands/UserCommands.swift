/// A user as the outside names it.
public enum UserName: Hashable, Sendable {
  case externalID(Text)
  case alias(label: Text, name: Text)
  case device(Text)
  /// `user:17`. Not in the public contract.
  case number(UserID)
}

/// An alias with its label.
public struct Alias: Hashable, Sendable {
  public var label: Text
  public var name: Text

  public init(label: Text, name: Text) {
    self.label = label
    self.name = name
  }
}

/// One object of `attributes` of `/users/track`.
public struct TrackItem: Hashable, Sendable {
  public var externalID: Text?
  public var alias: Alias?
  public var device: Text?
  /// `nil`: not said.
  ///
  /// An unknown external id then creates, an unknown alias does not.
  public var updateExistingOnly: Bool?
  /// Only `braze_id`, `email` or `phone` was given.
  public var hasUnsupportedIdentifier: Bool

  public init(
    externalID: Text? = nil, alias: Alias? = nil, device: Text? = nil,
    updateExistingOnly: Bool? = nil, hasUnsupportedIdentifier: Bool = false
  ) {
    self.externalID = externalID
    self.alias = alias
    self.device = device
    self.updateExistingOnly = updateExistingOnly
    self.hasUnsupportedIdentifier = hasUnsupportedIdentifier
  }
}

/// One line of a users import.
///
/// RULES §4.
public struct ImportLine: Hashable, Sendable {
  /// In the file, from 1.
  public var line: Int
  public var externalID: Text?
  public var aliases: [Alias]
  public var devices: [Text]

  public init(line: Int, externalID: Text?, aliases: [Alias] = [], devices: [Text] = []) {
    self.line = line
    self.externalID = externalID
    self.aliases = aliases
    self.devices = devices
  }
}

public struct AddAlias: Hashable, Sendable {
  public var externalID: Text?
  public var alias: Alias

  public init(externalID: Text?, alias: Alias) {
    self.externalID = externalID
    self.alias = alias
  }
}

public struct UpdateAlias: Hashable, Sendable {
  public var label: Text
  public var oldName: Text
  public var newName: Text

  public init(label: Text, oldName: Text, newName: Text) {
    self.label = label
    self.oldName = oldName
    self.newName = newName
  }
}

/// An alias-only or anonymous user gets an external id.
public struct IdentifyUser: Hashable, Sendable {
  public enum Anonymous: Hashable, Sendable {
    case alias(Alias)
    case device(Text)
  }
  public var externalID: Text
  public var user: Anonymous

  public init(externalID: Text, user: Anonymous) {
    self.externalID = externalID
    self.user = user
  }
}

public struct MergeUsers: Hashable, Sendable {
  /// By external id or alias.
  public var merge: UserName
  public var keep: UserName

  public init(merge: UserName, keep: UserName) {
    self.merge = merge
    self.keep = keep
  }
}

public struct RenameExternalID: Hashable, Sendable {
  public var current: Text
  public var new: Text

  public init(current: Text, new: Text) {
    self.current = current
    self.new = new
  }
}

/// What the log holds of the users to erase beside their identifiers, found by the ledger in its
/// log: `decide` cannot look there.
public struct EraseMentions: Hashable, Sendable {
  /// Where unmatched identifiers of imports lie that spell the texts of the users, by the bytes
  /// that were mentioned.
  public var mentions: [IdentifierName: [TextName]]
  /// Where the digests of bodies lie that may have named the user; of `nil`, the string that no
  /// user ever bore.
  public var digests: [UserID?: [TextName]]

  public init(
    mentions: [IdentifierName: [TextName]] = [:], digests: [UserID?: [TextName]] = [:]
  ) {
    self.mentions = mentions
    self.digests = digests
  }
}

/// `POST /ledger/erase`.
///
/// RULES §5.
public struct EraseUser: Hashable, Sendable {
  public var user: UserName
  public var mentions: EraseMentions

  public init(user: UserName, mentions: EraseMentions) {
    self.user = user
    self.mentions = mentions
  }
}
