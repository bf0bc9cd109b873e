import CohortLog
import CohortModel
package import CohortThreads
import Synchronization

// Following a ledger that another process writes.

/// How a ledger that was opened to be read keeps up with its log.
struct Following: Sendable {
  /// Whether it does.
  var isOn = false
  /// Why it does no longer.
  var failure: LedgerError?
}

extension Ledger {
  /// Begins to follow the log: from now on ``follow()`` takes over what another process writes.
  ///
  /// Now is then the time of the last frame that is known, while somebody may be writing: nobody
  /// knows yet what happened after it.
  ///
  /// - Throws: ``ThreadFailure``: it does not follow.
  package func beginFollowing() throws(ThreadFailure) {
    guard case .readOnly = report.condition else { return }
    try watchers.start()
    following.withLock { $0.isOn = true }
    time.see(through: disk.durable.core.state.time)
  }

  /// Why what another process writes is not taken over any more; `nil` if it is, or never was.
  package var followFailure: LedgerError? { following.withLock { $0.failure } }

  /// Takes over what another process has written since.
  ///
  /// - Returns: Whether there was anything.
  /// - Throws: ``LedgerError/storage(_:)`` if the log was replaced, or is not what it should be.
  ///   What was taken over before stays; the next call tries again.
  /// - Complexity: O(n) in what is new.
  @discardableResult
  package func follow() throws(LedgerError) -> Bool {
    guard following.withLock({ $0.isOn }) else { return false }
    do throws(LogError) {
      let hasGrown = try takeOver()
      following.withLock { $0.failure = nil }
      return hasGrown
    } catch {
      let failure = LedgerError.storage(LogFailure(error))
      following.withLock { $0.failure = failure }
      throw failure
    }
  }

  private func takeOver() throws(LogError) -> Bool {
    // In this order: whoever begins to write after this look writes frames of a later time.
    let instant = time.clockInstant
    let mayBeWritten = log.mayBeWritten
    let hasGrown = try !log.growth().isEmpty
    if hasGrown {
      var replay = Replay(disk.durable.core, tiles, of: log.ledger)
      let growth = try log.growth { frame, bytes throws(LogError) in
        try replay.take(frame, bytes)
      }
      guard let root = growth.root else { return false }
      let core = try replay.finish(root)
      log.publish(growth)
      disk.publish(core)
    }
    let last = disk.durable.core.state.time
    time.see(through: mayBeWritten ? last : max(last, instant))
    return hasGrown
  }
}
