/// When the runs of one sync are due, and what to do about it.
///
/// Pure: it is told the time. Invariant: `due` lies behind every moment it was told, unless it has
/// not been told of that moment yet; so a moment that was due is acted upon once.
package struct Timetable: Sendable {
  package enum Action: Hashable, Sendable {
    case run(due: Int)
    /// The run before is still going on.
    case skip(due: Int)
  }

  private let schedule: Schedule
  /// In seconds since 1970; `nil` if there is never to be another.
  package private(set) var due: Int?
  package private(set) var isRunning = false

  /// - Parameters:
  ///   - schedule: When runs are due.
  ///   - lastStart: When the last run began: what was missed since is made up once.
  ///   - now: In seconds since 1970.
  package init(_ schedule: Schedule, lastStart: Int?, now: Int) {
    self.schedule = schedule
    if let lastStart {
      // A clock that was ahead must not keep a sync from running.
      let last = min(lastStart, now)
      due = schedule.next(after: last, base: last)
    } else if case .every = schedule {
      due = now
    } else {
      due = schedule.next(after: now, base: now)
    }
  }

  /// What is to be done now; to be asked again and again.
  package mutating func tick(_ now: Int) -> Action? {
    guard let due, due <= now else { return nil }
    self.due = schedule.next(after: now, base: due)
    if isRunning { return .skip(due: due) }
    isRunning = true
    return .run(due: due)
  }

  /// Says that the run has ended.
  package mutating func finished() { isRunning = false }
}
