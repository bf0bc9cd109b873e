/// A cohort was created or renamed.
public struct CohortNamed: Hashable, Sendable {
  public let cohort: CohortID
  public let partner: PartnerID
  /// The partner's own id of it, 1 to 1,024 bytes.
  public let cohortID: Text
  public let name: Text
  /// As the partner said it.
  ///
  /// `nil` for a cohort that an import created: its name is its id until it is named.
  public let createdAt: Instant?

  public init(
    cohort: CohortID, partner: PartnerID, cohortID: Text, name: Text, createdAt: Instant?
  ) {
    self.cohort = cohort
    self.partner = partner
    self.cohortID = cohortID
    self.name = name
    self.createdAt = createdAt
  }
}

/// Whether users came into a cohort or went.
public enum Direction: UInt8, Hashable, Sendable { case entering = 0, leaving = 1 }

/// What one change object of an import did to a cohort.
public struct MembersChanged: Hashable, Sendable {
  public let cohort: CohortID
  public let direction: Direction
  /// Who really entered or left.
  public let users: PackedUsers
  /// How many identifiers were so already: `already_member` or `not_member`.
  public let unchanged: UInt32
  public let unmatched: [Unmatched]

  public init(
    cohort: CohortID, direction: Direction, users: PackedUsers, unchanged: UInt32,
    unmatched: [Unmatched]
  ) {
    self.cohort = cohort
    self.direction = direction
    self.users = users
    self.unchanged = unchanged
    self.unmatched = unmatched
  }
}

/// An identifier of an import that changed nothing, and why.
///
/// RULES §2.
public struct Unmatched: Hashable, Sendable {
  public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
    case unknown = 0
    case identified = 1
    case merged = 2
  }

  /// Its text is cut at 1,024 bytes.
  public let identifier: IdentifierName
  public let reason: Reason

  public init(identifier: IdentifierName, reason: Reason) {
    self.identifier = identifier
    self.reason = reason
  }
}
