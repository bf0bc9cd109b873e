import CohortModel

/// A filter is a tree, written from the root down: a tag, then what belongs to it.
extension Filter: PayloadCoding {
  private enum Tag: UInt8 {
    case and = 1
    case or = 2
    case not = 3
    case includes = 4
    case excludes = 5
    case segment = 6
    case entered = 7
    case left = 8
    case memberFor = 9
    case memberAsOf = 10
  }

  /// Twice what a segment can have, so that nothing that could be saved cannot be read.
  static let codingDepthMax = 2 * depthMax

  func encode(to writer: inout PayloadWriter) { encode(to: &writer, depth: 1) }

  private func encode(to writer: inout PayloadWriter, depth: Int) {
    precondition(depth <= Filter.codingDepthMax, "a filter this deep is refused")
    switch self {
    case .and(let filters):
      writer.tag(Tag.and)
      writer.list(filters) { $1.encode(to: &$0, depth: depth + 1) }
    case .or(let filters):
      writer.tag(Tag.or)
      writer.list(filters) { $1.encode(to: &$0, depth: depth + 1) }
    case .not(let filter):
      writer.tag(Tag.not)
      filter.encode(to: &writer, depth: depth + 1)
    case .includes(let cohorts):
      writer.tag(Tag.includes)
      writer.ids(cohorts)
    case .excludes(let cohorts):
      writer.tag(Tag.excludes)
      writer.ids(cohorts)
    case .segment(let segment):
      writer.tag(Tag.segment)
      writer.id(segment)
    case .entered(let cohort, let within):
      writer.tag(Tag.entered)
      writer.id(cohort)
      within.encode(to: &writer)
    case .left(let cohort, let within):
      writer.tag(Tag.left)
      writer.id(cohort)
      within.encode(to: &writer)
    case .memberFor(let cohort, let atLeast):
      writer.tag(Tag.memberFor)
      writer.id(cohort)
      atLeast.encode(to: &writer)
    case .memberAsOf(let cohort, let moment):
      writer.tag(Tag.memberAsOf)
      writer.id(cohort)
      moment.encode(to: &writer)
    }
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    self = try Filter.read(&reader, bytes, depth: 1)
  }

  private static func read(
    _ reader: inout PayloadReader, _ bytes: Span<UInt8>, depth: Int
  ) throws(EventFlaw) -> Filter {
    guard depth <= codingDepthMax else { throw .tooDeep }
    func filters(_ reader: inout PayloadReader) throws(EventFlaw) -> [Filter] {
      try reader.list(bytes) { reader, bytes throws(EventFlaw) in
        try read(&reader, bytes, depth: depth + 1)
      }
    }
    switch try reader.tag(bytes, Tag.self) {
    case .and: return .and(try filters(&reader))
    case .or: return .or(try filters(&reader))
    case .not: return .not(try read(&reader, bytes, depth: depth + 1))
    case .includes: return .includes(try reader.ids(bytes))
    case .excludes: return .excludes(try reader.ids(bytes))
    case .segment: return .segment(try reader.id(bytes))
    case .entered: return .entered(try reader.id(bytes), within: try reader.value(bytes))
    case .left: return .left(try reader.id(bytes), within: try reader.value(bytes))
    case .memberFor: return .memberFor(try reader.id(bytes), atLeast: try reader.value(bytes))
    case .memberAsOf: return .memberAsOf(try reader.id(bytes), try reader.value(bytes))
    }
  }
}

extension Period: PayloadCoding {
  func encode(to writer: inout PayloadWriter) { writer.number(seconds) }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    guard let period = Period(seconds: try reader.varint(bytes)) else { throw .outOfRange }
    self = period
  }
}

extension Moment: PayloadCoding {
  private enum Tag: UInt8 { case position = 0, instant = 1 }

  func encode(to writer: inout PayloadWriter) {
    switch self {
    case .position(let position):
      writer.tag(Tag.position)
      writer.position(position)
    case .instant(let instant):
      writer.tag(Tag.instant)
      writer.instant(instant)
    }
  }

  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw) {
    switch try reader.tag(bytes, Tag.self) {
    case .position: self = .position(try reader.position(bytes))
    case .instant: self = .instant(try reader.instant(bytes))
    }
  }
}
