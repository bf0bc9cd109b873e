import Glibc

/// Where the time comes from.
///
/// Only the library asks; no command and no field sets the time.
package protocol Clock: Sendable {
  /// Microseconds UTC since 1970-01-01T00:00:00Z. May jump, forwards and backwards.
  var wall: Int64 { get }

  /// Microseconds since some fixed moment. Never goes backwards within one process.
  var monotonic: Int64 { get }
}

/// The clocks of this machine.
package struct SystemClock: Clock {
  package init() {}

  package var wall: Int64 { microseconds(of: CLOCK_REALTIME) }

  /// Counts the time during which the machine was suspended too (`CLOCK_BOOTTIME`): a laptop that
  /// wakes up after two hours must not look like a wall clock that jumped ahead.
  package var monotonic: Int64 { microseconds(of: CLOCK_BOOTTIME) }

  private func microseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    let outcome = unsafe clock_gettime(clock, &time)
    precondition(outcome == 0, "Linux has had this clock since 2.6.39.")
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
