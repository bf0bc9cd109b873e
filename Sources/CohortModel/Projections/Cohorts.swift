/// A cohort, without its members.
public struct CohortRecord: Hashable, Sendable {
  public let partner: PartnerID
  public let name: CohortName
  public let createdAt: Position
  /// As the partner said at the first naming; `nil` until then.
  public internal(set) var saidCreatedAt: Instant?
  /// Where the partner named it first.
  public internal(set) var firstNaming: Position?
  public internal(set) var displayName: Versions<Text>
  public internal(set) var isArchived: Versions<Bool>

  /// What the partner had said by a position; `nil` before the first naming.
  public func saidCreatedAt(at position: Position) -> Instant? {
    firstNaming.map { $0 <= position } ?? false ? saidCreatedAt : nil
  }
}

/// Invariant: record n has the number n + 1 and is found under its name; `lastChange` has an
/// entry for each.
public struct Cohorts: Equatable, Sendable {
  public private(set) var records = Shelves<CohortRecord>()
  private var lastChanges = Shelves<Change>()
  private var byName = SharedDictionary<CohortName, CohortID>()

  /// When a cohort's members last changed, or an import last tried to.
  public struct Change: Hashable, Sendable {
    public let position: Position
    public let time: Instant
  }

  public init() {}

  public subscript(id: CohortID) -> CohortRecord { records[Int(id.rawValue) - 1] }

  public subscript(name: CohortName) -> CohortID? { byName[name] }

  public var count: Int { records.count }

  public func contains(_ id: CohortID) -> Bool {
    id.rawValue > 0 && Int(id.rawValue) <= records.count
  }

  public func lastChange(of id: CohortID) -> Change { lastChanges[Int(id.rawValue) - 1] }

  public func isArchived(_ id: CohortID, at position: Position = .never) -> Bool {
    self[id].isArchived.value(at: position) ?? false
  }

  var next: CohortID { CohortID(UInt32(records.count + 1)) }

  mutating func name(_ event: CohortNamed, partner: Text, at position: Position, _ time: Instant) {
    let index = Int(event.cohort.rawValue) - 1
    if index == records.count {
      let name = CohortName(partner: partner, cohortID: event.cohortID)
      records.append(
        CohortRecord(
          partner: event.partner, name: name, createdAt: position, saidCreatedAt: nil,
          firstNaming: nil, displayName: Versions(), isArchived: Versions()))
      lastChanges.append(Change(position: position, time: time))
      byName[name] = event.cohort
    }
    if records[index].displayName.latest != event.name {
      records[index].displayName.append(event.name, at: position, time)
    }
    if records[index].saidCreatedAt == nil, let said = event.createdAt {
      records[index].saidCreatedAt = said
      records[index].firstNaming = position
    }
  }

  mutating func setArchived(
    _ isArchived: Bool, _ cohort: CohortID, at position: Position, _ time: Instant
  ) {
    records[Int(cohort.rawValue) - 1].isArchived.append(isArchived, at: position, time)
  }

  mutating func touch(_ cohort: CohortID, at position: Position, _ time: Instant) {
    lastChanges[Int(cohort.rawValue) - 1] = Change(position: position, time: time)
  }
}
