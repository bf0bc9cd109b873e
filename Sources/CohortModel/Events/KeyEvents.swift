/// A partner may push cohorts from now on.
///
/// Also the new display name of one that could already.
public struct PartnerEnabled: Hashable, Sendable {
  public let partner: PartnerID
  /// `[a-z0-9_-]{1,64}`.
  public let code: Text
  public let displayName: Text
  /// The first request with a valid data import key fixes the partner's key.
  ///
  /// RULES §9.
  public let learns: Bool

  public init(partner: PartnerID, code: Text, displayName: Text, learns: Bool) {
    self.partner = partner
    self.code = code
    self.displayName = displayName
    self.learns = learns
  }
}

public enum KeyKind: UInt8, Hashable, Sendable, CaseIterable {
  case partner = 0
  case dataImport = 1
  case rest = 2

  /// As in requests and answers.
  public var name: String {
    switch self {
    case .partner: "partner"
    case .dataImport: "data-import"
    case .rest: "rest"
    }
  }

  /// The public word that a secret of this kind begins with.
  public var prefix: String {
    switch self {
    case .partner: "pk-"
    case .dataImport: "dik-"
    case .rest: "rk-"
    }
  }
}

/// A key exists.
///
/// The secret itself is shown once and stored nowhere.
public struct KeyIssued: Hashable, Sendable {
  public let key: KeyID
  public let kind: KeyKind
  /// Of partner and data import keys.
  public let partner: PartnerID?
  public let label: Text
  /// Of REST keys.
  public let permissions: Permissions
  /// Empty: from everywhere.
  public let networks: [Network]
  /// Valid before this instant.
  public let expiresAt: Instant?
  /// SHA-256 of the secret.
  public let digest: Digest

  public init(
    key: KeyID, kind: KeyKind, partner: PartnerID?, label: Text, permissions: Permissions,
    networks: [Network], expiresAt: Instant?, digest: Digest
  ) {
    self.key = key
    self.kind = kind
    self.partner = partner
    self.label = label
    self.permissions = permissions
    self.networks = networks
    self.expiresAt = expiresAt
    self.digest = digest
  }
}
