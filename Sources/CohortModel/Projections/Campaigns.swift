/// A campaign or Canvas, with all its versions.
public struct CampaignRecord: Hashable, Sendable {
  public internal(set) var versions: Versions<CampaignSaved>
  public internal(set) var isArchived: Versions<Bool>
  /// Its launches, in order.
  public internal(set) var sends: [SendID]

  public var current: CampaignSaved { versions.all[versions.all.count - 1].value }
}

/// A launch.
public struct SendRecord: Hashable, Sendable {
  public let frozen: AudienceFrozen
  public let position: Position
  public let time: Instant
}

/// Invariant: of each kind, record n has the number n + 1 and at least one version; send n has
/// the number n + 1.
public struct Campaigns: Hashable, Sendable {
  private var campaigns: [CampaignRecord] = []
  private var canvases: [CampaignRecord] = []
  public private(set) var sends: [SendRecord] = []

  public init() {}

  public func records(of kind: CampaignKind) -> [CampaignRecord] {
    kind == .campaign ? campaigns : canvases
  }

  public func contains(_ reference: CampaignReference) -> Bool {
    reference.number > 0 && Int(reference.number) <= records(of: reference.kind).count
  }

  public subscript(reference: CampaignReference) -> CampaignRecord {
    records(of: reference.kind)[Int(reference.number) - 1]
  }

  public subscript(send: SendID) -> SendRecord? {
    send.rawValue > 0 && Int(send.rawValue) <= sends.count ? sends[Int(send.rawValue) - 1] : nil
  }

  /// The launch that an event froze.
  package func send(at position: Position) -> SendRecord? {
    sends.last { $0.position == position }
  }

  public func isArchived(_ reference: CampaignReference, at position: Position = .never) -> Bool {
    self[reference].isArchived.value(at: position) ?? false
  }

  func next(_ kind: CampaignKind) -> CampaignReference {
    CampaignReference(kind: kind, number: UInt32(records(of: kind).count + 1))
  }

  var nextSend: SendID { SendID(UInt32(sends.count + 1)) }

  mutating func save(_ event: CampaignSaved, at position: Position, _ time: Instant) {
    if Int(event.campaign.number) > records(of: event.campaign.kind).count {
      let new = CampaignRecord(versions: Versions(), isArchived: Versions(), sends: [])
      switch event.campaign.kind {
      case .campaign: campaigns.append(new)
      case .canvas: canvases.append(new)
      }
    }
    update(event.campaign) { $0.versions.append(event, at: position, time) }
  }

  mutating func setArchived(
    _ isArchived: Bool, _ reference: CampaignReference, at position: Position, _ time: Instant
  ) {
    update(reference) { $0.isArchived.append(isArchived, at: position, time) }
  }

  mutating func freeze(_ event: AudienceFrozen, at position: Position, _ time: Instant) {
    sends.append(SendRecord(frozen: event, position: position, time: time))
    update(event.campaign) { $0.sends.append(event.send) }
  }

  private mutating func update(
    _ reference: CampaignReference, _ change: (inout CampaignRecord) -> Void
  ) {
    let index = Int(reference.number) - 1
    switch reference.kind {
    case .campaign: change(&campaigns[index])
    case .canvas: change(&canvases[index])
    }
  }
}
