import CohortFormat
import CohortLog
public import CohortModel

/// The head of the RFC 6962 tree over all events up to a position.
public struct TreeHead: Hashable, Sendable {
  /// The number of events, which is the position of the last.
  public let size: UInt64
  public let root: Digest

  public init(size: UInt64, root: Digest) {
    self.size = size
    self.root = root
  }
}

extension View {
  /// The tree of everything durable.
  public var treeHead: TreeHead { TreeHead(size: tree.size, root: tree.root) }

  /// The tree as it was behind an earlier event.
  ///
  /// - Returns: `nil` for a size that the tree never had.
  public func treeHead(size: UInt64) throws(LedgerError) -> TreeHead? {
    try proving { (leaves) throws(LedgerError) in
      try tree.frontier(at: size, leaves: leaves).map { TreeHead(size: size, root: $0.root) }
    }
  }

  /// The path from the event at a position to the root of the tree of the first `size` events.
  ///
  /// - Returns: `nil` unless `1 <= position <= size`, and size is at most that of the tree.
  /// - Source: RFC 6962, section 2.1.1.
  public func inclusionProof(
    of position: Position, size: UInt64
  ) throws(LedgerError) -> [Digest]? {
    guard position > .origin else { return nil }
    return try proving { (leaves) throws(LedgerError) in
      try tree.inclusionProof(of: position.rawValue - 1, in: size, leaves: leaves)
    }
  }

  /// The proof that the tree of the first `earlier` events is a prefix of that of `later`.
  ///
  /// - Source: RFC 6962, section 2.1.2.
  public func consistencyProof(
    from earlier: UInt64, to later: UInt64
  ) throws(LedgerError) -> [Digest]? {
    try proving { (leaves) throws(LedgerError) in
      try tree.consistencyProof(from: earlier, to: later, leaves: leaves)
    }
  }

  /// The hash of the leaf of an event.
  public func leafHash(of position: Position) throws(LedgerError) -> Digest {
    try leaves(position.rawValue - 1..<position.rawValue)[0]
  }

  private func proving<Value>(
    _ body: ((Range<UInt64>) throws(LedgerError) -> [Digest]) throws(LedgerError) -> Value
  ) throws(LedgerError) -> Value {
    try body { (range) throws(LedgerError) in try leaves(range) }
  }

  /// Leaf hashes, read again from the log; numbers from 0.
  package func leaves(_ range: Range<UInt64>) throws(LedgerError) -> [Digest] {
    guard !range.isEmpty else { return [] }
    var found: [Digest] = []
    do {
      try log.forEachFrame(Position(range.lowerBound + 1)...Position(range.upperBound)) {
        frame, bytes throws(LogError) in
        do throws(EventFault) {
          let first = frame.header.firstPosition.rawValue - 1
          for (index, leaf) in try frame.leaves(in: bytes).enumerated()
          where range.contains(first + UInt64(index)) {
            found.append(leaf)
          }
        } catch { throw .event(error) }
        return true
      }
    } catch { throw LedgerError(reading: error) }
    guard found.count == range.count else {
      throw .beyondEnd(Position(range.upperBound), end: position)
    }
    return found
  }
}
