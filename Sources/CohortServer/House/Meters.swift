import CohortHTTP
import CohortLedger
package import CohortModel
import CohortWire
import Synchronization

/// Counts what the log does not know: requests, reads, refusals, wrong keys.
///
/// In memory, since the start. Its size is that of the table of routes and the number of keys.
package final class Meters: Sendable {
  /// What a key was used for since the start; writes are in the log.
  package struct KeyReads: Hashable, Sendable {
    package var reads: UInt64 = 0
    package var refusals: UInt64 = 0
    package var lastRead: Instant?
  }

  struct RouteCounts: Sendable {
    /// `nil` stands for what has no route.
    let route: Route?
    /// By the first digit of the status; 0 for those that were never answered.
    var classes: [6 of UInt64] = .init(repeating: 0)
    var latency = Histogram()

    mutating func add(_ status: Int?, _ microseconds: Int64) {
      classes[min(max((status ?? 0) / 100, 0), 5)] += 1
      latency.add(microseconds)
    }
  }

  struct Counts: Sendable {
    /// Each kind has one route.
    var routes: [RouteKind?: RouteCounts] = [:]
    var outcomes = OutcomeCounts()
    var wrongKeys: UInt64 = 0
    var rateLimited: UInt64 = 0
    var unreadable: UInt64 = 0
    var keys: [KeyID: KeyReads] = [:]
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
  }

  private let counts = Mutex(Counts())

  var current: Counts { counts.withLock { $0 } }

  /// What a key was used for since the start.
  package func reads(of key: KeyID) -> KeyReads {
    counts.withLock { $0.keys[key] } ?? KeyReads()
  }

  func count(_ committed: Committed) {
    guard case .changedMembers(let outcomes, _) = committed.answer else { return }
    counts.withLock { counts in
      for outcome in Outcome.allCases { counts.outcomes[outcome] += outcomes[outcome] }
    }
  }

  func countRead(by key: KeyID, at instant: Instant) {
    counts.withLock { counts in
      counts.keys[key, default: KeyReads()].reads += 1
      counts.keys[key]?.lastRead = instant
    }
  }

  func countWrongKey() { counts.withLock { $0.wrongKeys += 1 } }
  func countRateLimited() { counts.withLock { $0.rateLimited += 1 } }

  /// Counts what could not be answered because the log cannot be read there.
  func count(_ error: any Error) {
    guard case LedgerError.unreadable = error else { return }
    counts.withLock { $0.unreadable += 1 }
  }

  func count(_ exchange: Exchange.Summary, _ visit: Visits.Visit) {
    counts.withLock { counts in
      counts.routes[visit.route?.kind, default: RouteCounts(route: visit.route)]
        .add(exchange.status, exchange.microseconds)
      counts.bytesIn += exchange.bytesIn
      counts.bytesOut += exchange.bytesOut
      if let key = visit.key, let status = exchange.status, (400..<500).contains(status) {
        counts.keys[key, default: KeyReads()].refusals += 1
      }
    }
  }
}

/// How many took how long.
struct Histogram: Sendable {
  /// Upper bounds in microseconds, and as Prometheus reads them, in seconds.
  static let bounds: [(microseconds: Int64, seconds: String)] = [
    (250, "0.00025"), (500, "0.0005"), (1_000, "0.001"), (2_500, "0.0025"), (5_000, "0.005"),
    (10_000, "0.01"), (25_000, "0.025"), (50_000, "0.05"), (100_000, "0.1"), (250_000, "0.25"),
    (1_000_000, "1"), (5_000_000, "5"), (30_000_000, "30"),
  ]

  /// Not more than the bound of the same index, and more than the one before; the last: more.
  private(set) var counts: [14 of UInt64] = .init(repeating: 0)
  /// Of all, in microseconds.
  private(set) var sum: Int64 = 0

  mutating func add(_ microseconds: Int64) {
    let index = Self.bounds.firstIndex { microseconds <= $0.microseconds }
    counts[index ?? Self.bounds.count] += 1
    sum += max(0, microseconds)
  }
}
