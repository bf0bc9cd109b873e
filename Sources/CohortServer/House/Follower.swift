package import CohortLedger
import CohortThreads

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
  package init(
    _ ledger: Ledger, every interval: Int = 500,
    tell: @escaping @Sendable (LedgerError) -> Void
  ) {
    ledger.beginFollowing()
    let isEnding = isEnding
    thread = Thread("cohort-follow") {
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
