import CohortFormat
package import CohortLog
package import CohortModel

/// Finds where two logs of one ledger part, by the roots of their trees.
package enum TreeComparison {
  /// The first position whose event is another one in the two.
  ///
  /// - Parameters:
  ///   - size: How many events both have.
  ///   - mine: The root of the tree of so many events of the one.
  ///   - theirs: That of the other.
  /// - Returns: `nil` if the first `size` events are the same.
  /// - Throws: What either root was kept back by.
  /// - Complexity: O(log n) roots of each.
  package static func firstDifference<E>(
    upTo size: UInt64, _ mine: (UInt64) throws(E) -> Digest, _ theirs: (UInt64) throws(E) -> Digest
  ) throws(E) -> Position? {
    if size == 0 { return nil }
    if try mine(size) == theirs(size) { return nil }
    // Trees of `low` events are equal, those of `high` are not.
    var (low, high) = (UInt64(0), size)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try mine(middle) == theirs(middle) { low = middle } else { high = middle }
    }
    return Position(high)
  }

  /// Asks a ledger elsewhere whether its log continues what a view sees.
  ///
  /// - Parameters:
  ///   - source: The other.
  ///   - place: What to call it in an error.
  ///   - view: Of the ledger here.
  /// - Returns: Where the other stands.
  /// - Throws: ``ReplicaError/otherLedger(_:is:not:)``,
  ///   ``ReplicaError/otherHistory(_:first:)``, ``ReplicaError/setBack(_:end:known:)``, and what
  ///   keeps it from being asked.
  package static func expect(
    _ source: some LogSource, at place: String, continues view: View
  ) throws(ReplicaError) -> LeaderHead {
    do {
      let head = try source.head(held: nil)
      guard head.ledger == view.log.ledger else {
        throw ReplicaError.otherLedger(place, is: head.ledger, not: view.log.ledger)
      }
      let size = min(view.end.rawValue, head.tree.size)
      let first = try firstDifference(
        upTo: size,
        { size throws(ReplicaError) in
          do throws(LedgerError) {
            return try view.treeHead(size: size)?.root ?? MerkleHash.emptyRoot
          } catch { throw ReplicaError(error) }
        },
        { size throws(ReplicaError) in
          do throws(SourceFailure) { return try source.root(at: size) } catch {
            throw .source(error)
          }
        })
      if let first { throw ReplicaError.otherHistory(place, first: first) }
      guard head.tree.size >= view.end.rawValue else {
        throw ReplicaError.setBack(place, end: head.position, known: view.end)
      }
      if view.end > .origin {
        // The roots it has told are those of the tree whose head it names.
        let mine = TreeHead(size: size, root: try source.root(at: size))
        let proof = try source.proof(from: size, to: head.tree.size)
        guard proof.proves(mine, begins: head.tree) else {
          throw ReplicaError.unfit(.otherTree(head.tree), at: head.logBytes)
        }
      }
      return head
    } catch { throw ReplicaError(error) }
  }
}

extension LogReader {
  /// Leaf hashes of events, read again; numbers from 0.
  ///
  /// - Precondition: The log has them all.
  package func leaves(_ range: Range<UInt64>) throws(LogError) -> [Digest] {
    guard !range.isEmpty else { return [] }
    var found: [Digest] = []
    try forEachFrame(Position(range.lowerBound + 1)...Position(range.upperBound)) {
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
    return found
  }
}
