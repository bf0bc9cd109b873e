extension LedgerState {
  mutating func perform(_ wish: SaveSegment, _ draft: inout Draft) throws(Refusal) -> Answer {
    let segment = wish.segment ?? segments.next
    var current: SegmentSaved?
    if wish.segment != nil {
      guard segments.contains(segment) else { throw unknown(segment) }
      current = segments[segment].current
    }
    try Self.require(expected: wish.expectedVersion, current: current?.version ?? 0)
    guard let name = wish.name ?? current?.name, Self.isName(name) else {
      throw .invalidName("name")
    }
    try Self.require(description: wish.description, tags: wish.tags)
    let filter: Filter
    if let named = wish.filter {
      filter = try resolve(named, at: draft.time)
      try requireNoCycle(from: segment, filter)
    } else if let current {
      filter = current.filter
    } else {
      throw .needsFilter
    }
    let saved = SegmentSaved(
      segment: segment, version: (current?.version ?? 0) + 1, name: name,
      description: wish.description ?? current?.description ?? "",
      tags: wish.tags ?? current?.tags ?? [], filter: filter)
    if let current, current.isSame(as: saved) {
      return .savedSegment(segment, version: current.version)
    }
    record(.segmentSaved(saved), in: &draft)
    return .savedSegment(segment, version: saved.version)
  }

  mutating func perform(
    archiving segment: SegmentID, _ archive: Bool, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard segments.contains(segment) else { throw unknown(segment) }
    if segments.isArchived(segment) != archive {
      record(archive ? .segmentArchived(segment) : .segmentRestored(segment), in: &draft)
    }
    return .archived(dependants(of: segment))
  }

  func unknown(_ segment: SegmentID) -> Refusal {
    .unknownSegment(Text(segment.description), nearest: nil)
  }

  static func require(expected: UInt32?, current: UInt32) throws(Refusal) {
    if let expected, expected != current {
      throw .versionConflict(expected: expected, current: current)
    }
  }

  static func require(description: Text?, tags: [Text]?) throws(Refusal) {
    if let description, description.bytes.count > 4_096 || description.bytes.contains(0) {
      throw .invalidName("description")
    }
    guard let tags else { return }
    guard tags.count <= 100, tags.allSatisfy(isName) else { throw .invalidName("tags") }
  }
}

extension SegmentSaved {
  fileprivate func isSame(as other: SegmentSaved) -> Bool {
    name == other.name && description == other.description && tags == other.tags
      && filter == other.filter
  }
}
