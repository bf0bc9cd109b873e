import CohortModel
import CohortWire
import Synchronization

/// What is known of the requests under way, for their line in the access log.
///
/// Bounded by the exchanges under way: each is noted once when it is over, and then forgotten.
final class Visits: Sendable {
  struct Visit: Sendable {
    /// `nil` for a path that is none, or has no such method.
    var route: Route?
    /// Of whoever has proven to be somebody.
    var key: KeyID?
  }

  private let visits = Mutex<[UInt64: Visit]>([:])

  func begin(_ number: UInt64, _ route: Route) {
    visits.withLock { $0[number] = Visit(route: route) }
  }

  func note(_ key: KeyID, in number: UInt64) {
    visits.withLock { $0[number]?.key = key }
  }

  func end(_ number: UInt64) -> Visit {
    visits.withLock { $0.removeValue(forKey: number) } ?? Visit()
  }
}
