import CohortModel
import CohortWire
import Synchronization

/// The last run of each sync that has reported in, for `GET /ledger/status`.
///
/// In memory, since the start. A sync is known by its name and the key that it reads with; of more
/// than 64 the one that was heard of last is kept.
final class SyncRuns: Sendable {
  private struct Heard: Sendable {
    let report: SyncRunReport
    let key: KeyID
    let at: Instant
  }

  /// Those heard of last stand first.
  private let heard = Mutex<[Heard]>([])

  static let countMax = 64

  func note(_ report: SyncRunReport, by key: KeyID, at now: Instant) {
    heard.withLock { heard in
      heard.removeAll { $0.key == key && $0.report.sync == report.sync }
      heard.insert(Heard(report: report, key: key, at: now), at: 0)
      if heard.count > Self.countMax { heard.removeLast() }
    }
  }

  /// As the status tells them.
  var told: [JSONText] {
    heard.withLock { $0 }.map { heard in
      .object(
        heard.report.members + [
          JSONText.Member("key", .string(heard.key.description)),
          JSONText.Member("reported", .string(heard.at.rfc3339)),
        ])
    }
  }
}
