package import CohortLedger
package import CohortThreads

/// Lets a server that only answers questions keep up with a process that writes the same log.
package final class Follower: Sendable {
  private let isEnding = Monitor(false)
  private let thread: Thread

  /// Begins to follow.
  ///
  /// - Parameters:
  ///   - ledger: Opened to be read; closed after ``end()``.
  ///   - interval: Milliseconds between two looks.
  ///   - tell: Is told why it cannot go on, once; it is tried again.
  /// - Throws: ``ThreadFailure``: nothing follows, and the ledger is to be closed.
  package init(
    _ ledger: Ledger, every interval: Int = 500,
    tell: @escaping @Sendable (LedgerError) -> Void
  ) throws(ThreadFailure) {
    try ledger.beginFollowing()
    let isEnding = isEnding
    thread = try Thread("cohort-follow") {
      repeat {
        let hasFailed = ledger.followFailure != nil
        do throws(LedgerError) { try ledger.follow() } catch {
          if !hasFailed { tell(error) }
        }
      } while isEnding.wait(milliseconds: interval, for: { $0 ? true : nil }) == nil
    }
  }

  package func end() {
    isEnding.change { $0 = true }
    thread.join()
  }
}
