/// Who is meant, as a tree.
///
/// RULES §6; CONTRACT part 2.
public indirect enum Filter: Hashable, Sendable {
  /// Never empty.
  case and([Filter])
  /// Never empty.
  case or([Filter])
  case not(Filter)
  /// In any of them. Never empty.
  case includes([CohortID])
  /// In none of them. Never empty.
  case excludes([CohortID])
  case segment(SegmentID)
  /// Came in within the last period.
  case entered(CohortID, within: Period)
  case left(CohortID, within: Period)
  case memberFor(CohortID, atLeast: Period)
  case memberAsOf(CohortID, Moment)

  /// Over all included segments.
  public static let depthMax = 64

  /// How many objects and arrays a filter may open inside one another where it is written in JSON.
  ///
  /// A reader of JSON takes 64. Four are left for what stands around a filter: a body, an event.
  public static let bracketsMax = 60

  /// How many objects and arrays stand inside one another in CONTRACT's words for the filter.
  package var brackets: Int {
    switch self {
    case .and(let parts), .or(let parts): 2 + (parts.lazy.map(\.brackets).max() ?? 0)
    case .not(let part): 1 + part.brackets
    case .includes, .excludes: 3
    case .segment: 1
    case .entered, .left, .memberFor, .memberAsOf: 2
    }
  }
}

/// A whole number of seconds, 1 s to 3,650 d of 86,400 s.
public struct Period: Hashable, Comparable, Sendable {
  public let seconds: UInt32

  /// - Returns: `nil` outside 1 s to 3,650 d.
  public init?(seconds: UInt64) {
    guard (1...Self.secondsMax).contains(seconds) else { return nil }
    self.seconds = UInt32(seconds)
  }

  public static let secondsMax: UInt64 = 3_650 * 86_400

  public var microseconds: Int64 { Int64(seconds) * 1_000_000 }

  public static func < (a: Period, b: Period) -> Bool { a.seconds < b.seconds }
}

extension Period: CustomStringConvertible {
  /// In the largest unit that divides it: `7d`, `90m`, `2w`.
  public var description: String {
    for (unit, size) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)]
      as [(String, UInt32)]
    where seconds.isMultiple(of: size) { return "\(seconds / size)\(unit)" }
    return "\(seconds)s"
  }
}

/// A point of the past, as somebody named it.
public enum Moment: Hashable, Sendable {
  case position(Position)
  case instant(Instant)
}
