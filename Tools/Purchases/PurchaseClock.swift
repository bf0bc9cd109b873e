import CohortLog
import CohortModel
import Synchronization

/// A clock that stands on a day of the table until the next one begins.
///
/// Only a program on the library can do this: no command, field or variable sets a time.
final class PurchaseClock: Clock {
  private struct Time {
    var wall: Int64
    var monotonic: Int64 = 0
  }

  private let time: Mutex<Time>

  init(day: Int) { time = Mutex(Time(wall: Self.microseconds(day, hour: 0))) }

  var wall: Int64 { time.withLock { $0.wall } }
  var monotonic: Int64 { time.withLock { $0.monotonic } }

  /// Believes a ledger that has come further, as after a restart.
  func follow(_ instant: Instant) {
    time.withLock { $0.wall = max($0.wall, instant.microseconds) }
  }

  /// Lets time pass until that hour, unless it is over.
  func advance(toDay day: Int, hour: Int) {
    time.withLock {
      let target = max($0.wall, Self.microseconds(day, hour: hour))
      $0.monotonic += target - $0.wall
      $0.wall = target
    }
  }

  static func microseconds(_ day: Int, hour: Int) -> Int64 {
    (Int64(day) * 24 + Int64(hour)) * 3_600_000_000
  }

  /// The last microsecond of a day.
  static func end(ofDay day: Int) -> Instant {
    Instant(microseconds: microseconds(day + 1, hour: 0) - 1)
  }
}
