import CohortFormat
import CohortLog
public import CohortModel

/// The digest of the state behind one position.
public struct PositionDigest: Hashable, Sendable {
  public let position: Position
  public let digest: Digest
}

extension Ledger {
  /// Replays the log from its first event and hands over the digest of the state behind every
  /// `every`-th position, and behind the last.
  ///
  /// Nothing of the running ledger enters it: no snapshot, so that each event is judged too, which
  /// a start behind a snapshot has not done.
  ///
  /// - Parameters:
  ///   - last: Where to end; the end of the log at the latest.
  ///   - every: From one digest to the next, in positions.
  ///   - isWanted: Asked now and then between digests, and ends the replay if nobody waits for it.
  ///   - body: Returns whether to go on.
  /// - Throws: ``LedgerError/unreadable(_:)`` where the log cannot be read, or an event cannot have
  ///   happened; the digests before that were handed over.
  /// - Complexity: O(n) in the events, and a mix for each user that enters or leaves; the
  ///   memory of a state, and 32 bytes for each identifier.
  public func digests(
    through last: Position = .never, every: UInt64 = 1, while isWanted: () -> Bool = { true },
    _ body: (PositionDigest) -> Bool
  ) throws(LedgerError) {
    let view = now
    let last = min(last, view.position)
    var (state, digest) = (LedgerState(hashSeed: 0), StateDigest())
    var impossible: LogError?
    try view.forEachEvent(after: .origin, through: last) { decoded, _ in
      let position = decoded.recorded.position
      if let objection = state.objection(to: decoded.recorded) {
        impossible = .impossible(objection, at: position)
        return false
      }
      state.apply(decoded.recorded)
      digest.apply(decoded.recorded, commitments: decoded.texts.map(\.commitment))
      guard position.rawValue.isMultiple(of: max(every, 1)) || position == last else {
        return !position.rawValue.isMultiple(of: Self.askedEvery) || isWanted()
      }
      return body(PositionDigest(position: position, digest: digest.value))
    }
    if let impossible { throw .unreadable(LogFailure(impossible)) }
  }

  /// Whether somebody still waits is a call of the system, an event much less.
  private static var askedEvery: UInt64 { 4_096 }
}
