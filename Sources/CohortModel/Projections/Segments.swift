/// A saved filter, with all its versions.
public struct SegmentRecord: Hashable, Sendable {
  public internal(set) var versions: Versions<SegmentSaved>
  public internal(set) var isArchived: Versions<Bool>

  public var current: SegmentSaved { versions.all[versions.all.count - 1].value }
}

/// Invariant: record n has the number n + 1, and at least one version.
public struct Segments: Hashable, Sendable {
  public private(set) var records: [SegmentRecord] = []

  public init() {}

  public subscript(id: SegmentID) -> SegmentRecord { records[Int(id.rawValue) - 1] }

  public func contains(_ id: SegmentID) -> Bool {
    id.rawValue > 0 && Int(id.rawValue) <= records.count
  }

  public func isArchived(_ id: SegmentID, at position: Position = .never) -> Bool {
    self[id].isArchived.value(at: position) ?? false
  }

  /// - Returns: `nil` before its first version.
  public func definition(of id: SegmentID, at position: Position = .never) -> SegmentSaved? {
    contains(id) ? self[id].versions.value(at: position) : nil
  }

  var next: SegmentID { SegmentID(UInt32(records.count + 1)) }

  mutating func save(_ event: SegmentSaved, at position: Position, _ time: Instant) {
    let index = Int(event.segment.rawValue) - 1
    if index == records.count {
      records.append(SegmentRecord(versions: Versions(), isArchived: Versions()))
    }
    records[index].versions.append(event, at: position, time)
  }

  mutating func setArchived(
    _ isArchived: Bool, _ segment: SegmentID, at position: Position, _ time: Instant
  ) {
    records[Int(segment.rawValue) - 1].isArchived.append(isArchived, at: position, time)
  }
}
