/// A version of a segment.
///
/// The first has version 1.
public struct SegmentSaved: Hashable, Sendable {
  public let segment: SegmentID
  public let version: UInt32
  public let name: Text
  public let description: Text
  public let tags: [Text]
  public let filter: Filter

  public init(
    segment: SegmentID, version: UInt32, name: Text, description: Text, tags: [Text],
    filter: Filter
  ) {
    self.segment = segment
    self.version = version
    self.name = name
    self.description = description
    self.tags = tags
    self.filter = filter
  }
}

public enum CampaignKind: UInt8, Hashable, Sendable, CaseIterable {
  case campaign = 0
  case canvas = 1

  public var name: String { self == .campaign ? "campaign" : "canvas" }
}

/// A campaign or a Canvas; each kind is numbered by itself.
///
/// In text: `campaign:3`, `canvas:1`.
public struct CampaignReference: Hashable, Sendable, CustomStringConvertible {
  public let kind: CampaignKind
  public let number: UInt32

  public init(kind: CampaignKind, number: UInt32) {
    self.kind = kind
    self.number = number
  }

  /// Reads the text form; `nil` for anything else.
  public init?(_ text: String) {
    if let id = CampaignID(text) {
      self.init(kind: .campaign, number: id.rawValue)
    } else if let id = CanvasID(text) {
      self.init(kind: .canvas, number: id.rawValue)
    } else {
      return nil
    }
  }

  public var description: String { "\(kind.name):\(number)" }
}

/// Who a campaign or Canvas is for: in all of `segments`, and in `filter` if there is one.
public struct Audience: Hashable, Sendable {
  /// Never empty.
  public let segments: [SegmentID]
  public let filter: Filter?

  public init(segments: [SegmentID], filter: Filter?) {
    self.segments = segments
    self.filter = filter
  }
}

/// A version of a campaign or Canvas.
///
/// The first has version 1.
public struct CampaignSaved: Hashable, Sendable {
  public let campaign: CampaignReference
  public let version: UInt32
  public let name: Text
  public let description: Text
  public let tags: [Text]
  public let audience: Audience

  public init(
    campaign: CampaignReference, version: UInt32, name: Text, description: Text, tags: [Text],
    audience: Audience
  ) {
    self.campaign = campaign
    self.version = version
    self.name = name
    self.description = description
    self.tags = tags
    self.audience = audience
  }
}

/// A launch: the audience as it stood at `position`.
///
/// RULES §7.
public struct AudienceFrozen: Hashable, Sendable {
  public let send: SendID
  public let campaign: CampaignReference
  public let version: UInt32
  /// What was seen when the audience was evaluated; earlier than this event.
  public let position: Position
  /// Where the time leaves stood.
  public let instant: Instant
  /// The versions in force at `position` of the audience's segments and all they include,
  /// ascending by segment.
  public let segments: [SegmentVersion]
  public let audience: Audience
  public let size: UInt64
  /// SHA-256 of the user numbers, ascending, eight bytes little-endian each.
  public let digest: Digest

  public init(
    send: SendID, campaign: CampaignReference, version: UInt32, position: Position,
    instant: Instant, segments: [SegmentVersion], audience: Audience, size: UInt64, digest: Digest
  ) {
    self.send = send
    self.campaign = campaign
    self.version = version
    self.position = position
    self.instant = instant
    self.segments = segments
    self.audience = audience
    self.size = size
    self.digest = digest
  }
}

public struct SegmentVersion: Hashable, Sendable {
  public let segment: SegmentID
  public let version: UInt32

  public init(segment: SegmentID, version: UInt32) {
    self.segment = segment
    self.version = version
  }
}
