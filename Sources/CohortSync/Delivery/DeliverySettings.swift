/// How hard a delivery tries.
package struct DeliverySettings: Hashable, Sendable {
  /// Identifiers in one request; the contract takes no more than 1,000.
  package var batchCount = 1_000
  /// Bytes of identifiers in one request, before they are escaped.
  package var batchBytes = 512 << 10
  /// Requests on their way at once.
  package var inFlight = 8
  /// How often a request is sent that gets no answer or an error of the server.
  ///
  /// With the waits below it takes about two minutes to use them up.
  package var attempts = 10
  /// The wait behind the first of them, doubled with each that follows.
  package var firstWait = Duration.milliseconds(500)
  package var longestWait = Duration.seconds(30)
  /// The longest wait that a destination may ask for: its hour, and a minute more.
  package var patience = Duration.seconds(3_660)
  /// After so many rows that were refused alone, and none taken, the fault is not with the rows.
  package var lonelyRefusals = 100
  /// What somebody is asked to do about a delivery that was given up.
  package var again = "Run the sync again"

  package init() {}
}

/// How long to wait before a request is sent again.
package struct Backoff: Sendable {
  private let settings: DeliverySettings
  private var state: UInt64

  /// - Parameters:
  ///   - settings: The shortest and the longest wait.
  ///   - seed: Of the jitter.
  package init(_ settings: DeliverySettings, seed: UInt64) {
    (self.settings, state) = (settings, seed)
  }

  /// The wait behind the attempt with this number, from 1: half of it is chance, so that requests
  /// that failed together do not come back together.
  package mutating func wait(behind attempt: Int) -> Duration {
    var full = settings.firstWait
    for _ in 1..<max(2, min(attempt, 64)) where full < settings.longestWait && attempt > 1 {
      full += full
    }
    full = min(full, settings.longestWait)
    return full / 2 + full / 2 * share()
  }

  /// A wait that the destination asked for, and a little more, so that not all come at once.
  package mutating func wait(asked: Duration) -> Duration {
    asked + settings.firstWait * share()
  }

  /// At least 0 and less than 1: splitmix64.
  private mutating func share() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
  }
}
