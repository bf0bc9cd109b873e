import CohortLog
import Synchronization

/// A clock that a program on the library sets: the demo's weeks pass in milliseconds.
///
/// No command, field or variable can do this; see RULES §1.
final class DemoClock: Clock {
  /// Microseconds since 1970-01-01T00:00:00Z.
  private let time: Mutex<Int64>

  init(_ microseconds: Int64) { time = Mutex(microseconds) }

  var wall: Int64 { time.withLock { $0 } }

  var monotonic: Int64 { time.withLock { $0 } }

  func advance(days: Int = 0, hours: Int = 0) {
    time.withLock { $0 += Int64(days * 24 + hours) * 3_600_000_000 }
  }
}
