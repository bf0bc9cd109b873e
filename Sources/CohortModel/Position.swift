/// The place of an event in the log: 1 for the first, one more for each that follows.
///
/// A position is a point in time that two readers cannot disagree about. Clocks step
/// backwards; positions do not. In text: `#41`.
public struct Position: Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before anything has happened.
  public static let origin = Position(0)

  /// Stands for "has not happened": later than every event.
  public static let never = Position(.max)

  public func advanced(by count: Int) -> Position { Position(rawValue + UInt64(count)) }

  public static func < (a: Position, b: Position) -> Bool { a.rawValue < b.rawValue }
}

extension Position: CustomStringConvertible {
  public var description: String { "#\(rawValue)" }
}

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
///
/// Frame times strictly increase, so an instant names a position: the last one not later.
public struct Instant: Hashable, Comparable, Sendable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }
}
