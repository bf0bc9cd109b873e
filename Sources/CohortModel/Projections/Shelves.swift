/// A growing list of values whose copies share what neither of them has changed since.
///
/// A change copies one shelf and the list of shelves, never all elements: a published copy of
/// 100,000 cohorts costs the writer microseconds.
///
/// Invariant: every shelf but the last is full.
public struct Shelves<Element: Sendable>: Sendable {
  private var shelves: [[Element]] = []
  public private(set) var count = 0

  private static var shelfSize: Int { 256 }

  public init() {}

  public mutating func append(_ element: Element) {
    if count.isMultiple(of: Self.shelfSize) { shelves.append([]) }
    shelves[shelves.count - 1].append(element)
    count += 1
  }

  public subscript(index: Int) -> Element {
    get { shelves[index / Self.shelfSize][index % Self.shelfSize] }
    _modify { yield &shelves[index / Self.shelfSize][index % Self.shelfSize] }
  }

  public var indices: Range<Int> { 0..<count }
}

extension Shelves: Sequence {
  public func makeIterator() -> FlattenSequence<[[Element]]>.Iterator {
    shelves.joined().makeIterator()
  }

  public var underestimatedCount: Int { count }
}

extension Shelves: Equatable where Element: Equatable {}

/// A dictionary in 256 parts, so that a change behind a published copy copies one part.
public struct SharedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var parts: [[Key: Value]] = Array(repeating: [:], count: 256)

  public init() {}

  public subscript(key: Key) -> Value? {
    get { parts[part(of: key)][key] }
    set { parts[part(of: key)][key] = newValue }
  }

  public var count: Int { parts.reduce(0) { $0 + $1.count } }

  private func part(of key: Key) -> Int {
    Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 7) & 255
  }
}

extension SharedDictionary: Equatable where Value: Equatable {}
