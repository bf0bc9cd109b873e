/// Who may push cohorts.
public struct PartnerRecord: Hashable, Sendable {
  public let code: Text
  public internal(set) var displayName: Versions<Text>
  public internal(set) var isEnabled: Versions<Bool>
  /// The first request with a valid data import key will fix the partner's key.
  public internal(set) var learns: Bool
}

/// Invariant: `byCode` names each record once; record n has the number n + 1.
public struct Partners: Hashable, Sendable {
  public private(set) var records: [PartnerRecord] = []
  private var byCode: [Text: PartnerID] = [:]

  public init() {}

  public subscript(id: PartnerID) -> PartnerRecord { records[Int(id.rawValue) - 1] }

  public subscript(code: Text) -> PartnerID? { byCode[code] }

  var next: PartnerID { PartnerID(UInt32(records.count + 1)) }

  mutating func enable(_ event: PartnerEnabled, at position: Position, _ time: Instant) {
    let index = Int(event.partner.rawValue) - 1
    if index == records.count {
      records.append(
        PartnerRecord(
          code: event.code, displayName: Versions(), isEnabled: Versions(), learns: false))
      byCode[event.code] = event.partner
    }
    if records[index].displayName.latest != event.displayName {
      records[index].displayName.append(event.displayName, at: position, time)
    }
    if records[index].isEnabled.latest != true {
      records[index].isEnabled.append(true, at: position, time)
    }
    records[index].learns = event.learns
  }

  mutating func disable(_ partner: PartnerID, at position: Position, _ time: Instant) {
    records[Int(partner.rawValue) - 1].isEnabled.append(false, at: position, time)
  }

  mutating func stopLearning(_ partner: PartnerID) {
    let index = Int(partner.rawValue) - 1
    if records[index].learns { records[index].learns = false }
  }
}
