package import CohortLedger
package import CohortThreads

/// Looks for rot in the log while the server runs, a piece at a time, round and round.
///
/// What it finds is told at once, counted in `/metrics`, and, when a round is over, told by
/// `/ledger/status`.
package final class Scrubbing: Sendable {
  /// How fast: about 4 MiB a second, so a round over 10 GiB takes three quarters of an hour and a
  /// few hundredths of a core.
  package struct Pace: Sendable {
    /// Of the log, in one go.
    package var bytes: UInt64 = 1 << 20
    /// Milliseconds between two pieces.
    package var pause = 250
    /// Milliseconds between two rounds.
    package var rest = 3_600_000

    package init() {}
  }

  private let isEnding = Monitor(false)
  private let thread: Thread

  /// Begins the first round.
  ///
  /// - Parameters:
  ///   - ledger: Closed after ``end()``.
  ///   - pace: How fast.
  ///   - tell: Is told of each finding, again in each round.
  /// - Throws: ``ThreadFailure``: nothing looks for rot.
  package init(
    _ ledger: Ledger, _ pace: Pace = Pace(), tell: @escaping @Sendable (Finding) -> Void
  ) throws(ThreadFailure) {
    let isEnding = isEnding
    thread = try Thread("cohort-scrub") {
      let scrubber = Scrubber(ledger)
      var wait = pace.pause
      while isEnding.wait(milliseconds: wait, for: { $0 ? true : nil }) == nil {
        let before = ledger.lastCheckups.scrub
        // A file that cannot be read at all is told by whoever reads; the next round tries again.
        let found = try? scrubber.step(bytes: pace.bytes)
        for finding in found ?? [] { tell(finding) }
        wait = found == nil || ledger.lastCheckups.scrub != before ? pace.rest : pace.pause
      }
    }
  }

  /// Ends, after the piece that has begun.
  package func end() {
    isEnding.change { $0 = true }
    thread.join()
  }
}
