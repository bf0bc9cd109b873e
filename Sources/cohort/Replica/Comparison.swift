import CohortLedger
import CohortModel
import CohortSync

/// What a ledger elsewhere is to the log here.
struct Comparison {
  let place: String
  /// How many events it has; `nil` if another history was found first.
  let size: UInt64?
  /// The first position that differs; `nil` if it continues the log here.
  let first: Position?
  let words: String

  /// For people.
  var line: String {
    first == nil
      ? "against\t\(place) continues this log, with \(size ?? 0) events" : "found\t\(words)"
  }
}

extension Invocation {
  /// Asks whether a ledger elsewhere continues this log, or another folder's.
  ///
  /// A replica may be a few seconds behind: one that has fewer events is asked again for so long.
  func compare(_ other: String?, with source: LeaderSource) throws -> Comparison {
    let ledger =
      try other.map { try Ledger.open($0, for: .read) } ?? StorageFinder.openToRead(storage())
    defer { try? ledger.close() }
    let place = source.client.endpoint.text
    let clock = MonotonicClock()
    let end = clock.now() + .seconds(10)
    var attempts = 5
    while true {
      do throws(ReplicaError) {
        let head = try TreeComparison.expect(source, at: place, continues: ledger.now)
        return Comparison(place: place, size: head.tree.size, first: nil, words: "")
      } catch {
        switch error {
        case .otherHistory(_, let first):
          return Comparison(place: place, size: nil, first: first, words: error.description)
        case .setBack where clock.now() < end && !console.isAbandoned:
          clock.sleep(for: .seconds(1))
        case .setBack(_, let end, _):
          return Comparison(
            place: place, size: end.rawValue, first: end.advanced(by: 1), words: error.description)
        default:
          attempts -= 1
          guard error.isPassing, attempts > 0 else { throw error }
        }
      }
    }
  }
}
