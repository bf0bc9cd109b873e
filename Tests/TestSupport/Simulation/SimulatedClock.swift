import CohortLog
import Synchronization

/// A clock that stands still until it is told otherwise.
package final class SimulatedClock: Clock {
  private struct Time {
    var wall: Int64
    var monotonic: Int64 = 0
    var step: Int64
  }

  private let time: Mutex<Time>

  /// Starts at `wall` microseconds UTC; every look at the wall clock moves both on by `step`.
  package init(wall: Int64 = 1_800_000_000_000_000, step: Int64 = 0) {
    time = Mutex(Time(wall: wall, step: step))
  }

  package var wall: Int64 {
    time.withLock {
      let wall = $0.wall
      $0.wall += $0.step
      $0.monotonic += $0.step
      return wall
    }
  }

  package var monotonic: Int64 { time.withLock { $0.monotonic } }

  /// Lets time pass, on both clocks.
  package func advance(by microseconds: Int64) {
    precondition(microseconds >= 0, "Time passes forwards; only the wall clock jumps back.")
    time.withLock {
      $0.wall += microseconds
      $0.monotonic += microseconds
    }
  }

  /// Sets the wall clock, as an operator or a time server would; no time passes.
  package func jump(to wall: Int64) { time.withLock { $0.wall = wall } }
}
