package import CohortFormat
package import CohortModel

/// Where a ledger stands that others follow, in its own words.
package struct LeaderHead: Hashable, Sendable {
  package var ledger: LedgerID
  /// Of the tree of everything durable; its size is the last position.
  package var tree: TreeHead
  /// Its log is durable up to here, in bytes.
  package var logBytes: UInt64
  /// Its own now.
  package var time: Instant

  package init(ledger: LedgerID, tree: TreeHead, logBytes: UInt64, time: Instant) {
    (self.ledger, self.tree, self.logBytes, self.time) = (ledger, tree, logBytes, time)
  }

  package var position: Position { Position(tree.size) }
}

/// What a leader says of two of its trees: that the earlier begins the later.
package struct LeaderProof: Hashable, Sendable {
  package var from: TreeHead
  package var to: TreeHead
  package var path: [Digest]

  package init(from: TreeHead, to: TreeHead, path: [Digest]) {
    (self.from, self.to, self.path) = (from, to, path)
  }

  /// Whether it proves just that.
  func proves(_ earlier: TreeHead, begins later: TreeHead) -> Bool {
    from == earlier && to == later
      && MerkleProof.verifyConsistency(
        from: earlier.size, root: earlier.root, to: later.size, root: later.root, proof: path)
  }
}

/// Why a leader was not heard.
package enum SourceFailure: Error, Hashable, Sendable {
  /// Nothing came, or nothing that can be used; asking again may help, after so many seconds if it
  /// said so.
  case unheard(String, retryAfter: Int?)
  /// It answers, and will not give what is asked for: words for people, without keys.
  case refused(String)
}

extension SourceFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unheard(let reason, _):
      "The leader was not heard: \(reason). It is asked again; check it, and the way to it."
    case .refused(let reason): reason
    }
  }
}

/// A ledger elsewhere whose log can be pulled.
///
/// Nothing that it says is believed before it fits: it may be cut off, out of date, mistaken, or
/// lie. Every call waits, on the thread of whoever calls.
package protocol LogSource {
  /// Where the leader stands.
  ///
  /// - Parameter held: The last event that the caller holds; `nil` if he does not follow.
  /// - Returns: In its own words.
  /// - Throws: ``SourceFailure``.
  func head(held: Position?) throws(SourceFailure) -> LeaderHead

  /// The root of the tree of the first `size` events.
  func root(at size: UInt64) throws(SourceFailure) -> Digest

  func proof(from earlier: UInt64, to later: UInt64) throws(SourceFailure) -> LeaderProof

  /// Bytes of its log from the first of `range` on; fewer than asked for if it has no more, or was
  /// cut off.
  ///
  /// Whoever answers may be told that the caller holds everything up to `held`.
  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8]
}
