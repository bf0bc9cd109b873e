/// What something was, from which position on.
///
/// Invariant: positions strictly increase. A reader at an earlier position ignores what came
/// later, so "as of" copies nothing.
public struct Versions<Value: Hashable & Sendable>: Hashable, Sendable {
  public struct Version: Hashable, Sendable {
    public let position: Position
    public let time: Instant
    public let value: Value
  }

  public private(set) var all: [Version] = []

  public init() {}

  mutating func append(_ value: Value, at position: Position, _ time: Instant) {
    all.append(Version(position: position, time: time, value: value))
  }

  public var latest: Value? { all.last?.value }

  /// - Returns: `nil` before the first version.
  /// - Complexity: O(log n).
  public func version(at position: Position) -> Version? {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : all[low - 1]
  }

  public func value(at position: Position) -> Value? { version(at: position)?.value }
}
