import CohortLog
import CohortModel
import Synchronization

/// Gives frames their times and readers their now.
///
/// Invariants:
/// - Frame times strictly increase, over restarts too.
/// - No frame has a time at or before an instant that a reader was answered for: asking again as
///   of that instant gives the same answer for ever.
///
/// So while a frame is open or on its way to the disk, now stands just before its time.
///
/// Within a process time advances with the monotonic clock: a wall clock that is set back or
/// forth does not move it.
final class TimeKeeper: Sendable {
  private let clock: any Clock
  private let state: Mutex<State>

  private struct State {
    /// What is added to the monotonic clock, in microseconds.
    var offset: Int64
    /// Of the last durable frame.
    var durable: Instant
    /// Of the last frame that was begun.
    var last: Instant
    /// Of frames begun and not yet durable, ascending: at most two.
    var open: [Instant] = []
    /// The latest now that a reader was given.
    var answered: Instant
    /// Of one who follows what another process writes: up to here nothing more will come.
    var seen: Instant?
  }

  /// How far the wall clock may run ahead before writing waits for a confirmation.
  static let leadMax: Int64 = 3_600_000_000

  /// - `last`: Of the last frame in the log.
  init(_ clock: any Clock, after last: Instant) {
    self.clock = clock
    let start = max(clock.wall, last.microseconds + 1)
    state = Mutex(
      State(offset: start - clock.monotonic, durable: last, last: last, answered: last))
  }

  /// The time of a frame that begins, and what the wall clock says.
  func begin() -> (time: Instant, rawClock: Instant) {
    let (wall, monotonic) = (clock.wall, clock.monotonic)
    return state.withLock { state in
      let clock = monotonic + state.offset
      let earliest = max(state.last.microseconds, state.answered.microseconds) + 1
      state.last = Instant(microseconds: max(clock, earliest))
      state.open.append(state.last)
      return (state.last, Instant(microseconds: wall))
    }
  }

  /// The frame of that time is durable, or will never be.
  func end(_ time: Instant, isDurable: Bool) {
    state.withLock { state in
      state.open.removeAll { $0 == time }
      if isDurable { state.durable = max(state.durable, time) }
    }
  }

  /// Now, as a reader may be told.
  func now() -> Instant {
    let monotonic = clock.monotonic
    return state.withLock { state in
      var now = state.seen?.microseconds ?? monotonic + state.offset
      if let open = state.open.first { now = min(now, open.microseconds - 1) }
      state.answered = Instant(
        microseconds: max(now, state.durable.microseconds, state.answered.microseconds))
      return state.answered
    }
  }

  /// The time on the clock, whatever readers may be told.
  var clockInstant: Instant {
    let monotonic = clock.monotonic
    return state.withLock { Instant(microseconds: monotonic + $0.offset) }
  }

  /// Lets now be this instant until the next call: another process gives frames their times.
  func see(through instant: Instant) { state.withLock { $0.seen = instant } }

  /// By how many microseconds the wall clock is ahead of the ledger's time.
  var lead: Int64 {
    let (wall, monotonic) = (clock.wall, clock.monotonic)
    return state.withLock { wall - monotonic - $0.offset }
  }

  /// Takes the wall clock's word for the time, after an operator has looked at it.
  func confirm() {
    let (wall, monotonic) = (clock.wall, clock.monotonic)
    state.withLock { $0.offset = max($0.offset, wall - monotonic) }
  }
}
