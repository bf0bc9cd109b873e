/// `cohort partners enable`.
///
/// RULES §9.
public struct EnablePartner: Hashable, Sendable {
  public enum PartnerKey: Hashable, Sendable {
    /// Taken from the operator, or made: SHA-256 of the secret.
    case digest(Digest)
    /// Fixed by the first request that shows a valid data import key.
    case learned
    /// None now.
    case none
  }
  public var code: Text
  /// `nil`: as it was, or made from the code.
  public var displayName: Text?
  public var key: PartnerKey

  public init(code: Text, displayName: Text?, key: PartnerKey) {
    self.code = code
    self.displayName = displayName
    self.key = key
  }
}

public struct IssueKey: Hashable, Sendable {
  public var kind: KeyKind
  public var partner: Text?
  public var label: Text
  public var permissions: Permissions
  public var networks: [Network]
  public var expiresAt: Instant?
  /// SHA-256 of the secret that the ledger made.
  public var digest: Digest

  public init(
    kind: KeyKind, partner: Text?, label: Text, permissions: Permissions = [],
    networks: [Network] = [], expiresAt: Instant? = nil, digest: Digest
  ) {
    self.kind = kind
    self.partner = partner
    self.label = label
    self.permissions = permissions
    self.networks = networks
    self.expiresAt = expiresAt
    self.digest = digest
  }
}

/// A filter that names cohorts as people do; `decide` looks them up.
///
/// CONTRACT part 2.
public indirect enum NamedFilter: Hashable, Sendable {
  case and([NamedFilter])
  case or([NamedFilter])
  case not(NamedFilter)
  case includes(partner: Text, [Text])
  case excludes(partner: Text, [Text])
  case segment(Text)
  case entered(CohortName, within: Period)
  case left(CohortName, within: Period)
  case memberFor(CohortName, atLeast: Period)
  case memberAsOf(CohortName, Moment)
}

public struct SaveSegment: Hashable, Sendable {
  /// `nil`: a new one.
  public var segment: SegmentID?
  /// What an update leaves out stays.
  public var name: Text?
  public var description: Text?
  public var tags: [Text]?
  public var filter: NamedFilter?
  public var expectedVersion: UInt32?

  public init(
    segment: SegmentID? = nil, name: Text? = nil, description: Text? = nil, tags: [Text]? = nil,
    filter: NamedFilter? = nil, expectedVersion: UInt32? = nil
  ) {
    self.segment = segment
    self.name = name
    self.description = description
    self.tags = tags
    self.filter = filter
    self.expectedVersion = expectedVersion
  }
}

public struct SaveCampaign: Hashable, Sendable {
  public var kind: CampaignKind
  /// `nil`: a new one.
  public var number: UInt32?
  public var name: Text?
  public var description: Text?
  public var tags: [Text]?
  public var audience: NamedAudience?
  public var expectedVersion: UInt32?

  public struct NamedAudience: Hashable, Sendable {
    public var segments: [Text]
    public var filter: NamedFilter?

    public init(segments: [Text], filter: NamedFilter?) {
      self.segments = segments
      self.filter = filter
    }
  }

  public init(
    kind: CampaignKind, number: UInt32? = nil, name: Text? = nil, description: Text? = nil,
    tags: [Text]? = nil, audience: NamedAudience? = nil, expectedVersion: UInt32? = nil
  ) {
    self.kind = kind
    self.number = number
    self.name = name
    self.description = description
    self.tags = tags
    self.audience = audience
    self.expectedVersion = expectedVersion
  }
}

/// A launch whose audience was evaluated on durable state, outside the writer.
///
/// RULES §7.
public struct FreezeAudience: Hashable, Sendable {
  public var campaign: CampaignReference
  public var version: UInt32
  public var position: Position
  public var instant: Instant
  public var segments: [SegmentVersion]
  public var audience: Audience
  public var size: UInt64
  public var digest: Digest
  /// Refused if another version is current when it is sequenced; `nil`: any.
  public var expectedVersion: UInt32?

  public init(
    campaign: CampaignReference, version: UInt32, position: Position, instant: Instant,
    segments: [SegmentVersion], audience: Audience, size: UInt64, digest: Digest,
    expectedVersion: UInt32? = nil
  ) {
    self.campaign = campaign
    self.version = version
    self.position = position
    self.instant = instant
    self.segments = segments
    self.audience = audience
    self.size = size
    self.digest = digest
    self.expectedVersion = expectedVersion
  }
}
