package import CohortModel
package import CohortWire

/// Where a sync stands.
package struct SyncStatus: Sendable {
  package enum State: String, Hashable, Sendable { case none, whole, damaged, unreadable }

  package let sync: String
  package let isRunning: Bool
  package let runs: Int
  package let last: RunHistory.Record?
  package let state: State
  /// Identifiers that the destination took.
  package let members: Int
  /// Identifiers that are told again on the next run.
  package let waiting: Int
  /// When the next run is due; `nil` without a schedule.
  package let next: Instant?

  /// Whether the last run ended well, or there was none.
  package var isWell: Bool { last?.isDone ?? true }

  /// Looks, and changes nothing.
  ///
  /// - Throws: ``SyncFailure`` if the history cannot be read.
  package init(_ file: SyncFile, _ folder: StateFolder, now: Instant) throws(SyncFailure) {
    sync = file.name
    isRunning = folder.isLocked
    let history = try RunHistory.read(folder)
    (runs, last) = (history.records.count, history.last)
    var standings: [Standing] = []
    do throws(StateError) {
      standings = try StateFile.read(folder.state).known.standings
      state = .whole
    } catch {
      switch error {
      case .none: state = .none
      case .damaged: state = .damaged
      case .version, .system: state = .unreadable
      }
    }
    members = standings.reduce(0) { $0 + ($1 == .member ? 1 : 0) }
    waiting = standings.count - members
    next = file.schedule?.due(after: history.last?.started, now: now)
  }

  /// Each fact with its name.
  package var lines: [(name: String, value: String)] {
    [
      ("sync", sync), ("running", isRunning ? "yes" : "no"), ("runs", "\(runs)"),
      ("last run", last.map { "\($0.run) at \($0.started.rfc3339)" } ?? "-"),
      ("last end", last.map { $0.isDone ? "done" : "not done" } ?? "-"),
      ("state", state.rawValue), ("members", "\(members)"), ("waiting", "\(waiting)"),
      ("next", next?.rfc3339 ?? "-"),
    ]
  }
}

extension Schedule {
  /// When the next run is due: a missed one is due already.
  package func due(after lastStart: Instant?, now: Instant) -> Instant? {
    let second = { (instant: Instant) in Int(instant.microseconds).flooredQuotient(1_000_000) }
    return Timetable(self, lastStart: lastStart.map(second), now: second(now)).due
      .map { Instant(microseconds: Int64($0) * 1_000_000) }
  }
}

extension JSONWriter {
  package mutating func members(of status: SyncStatus) {
    member("sync", status.sync)
    member("running", status.isRunning)
    member("runs", status.runs)
    member("state", status.state.rawValue)
    member("members", status.members)
    member("waiting", status.waiting)
    member("next", status.next.map { .string($0.rfc3339) } ?? .null)
    key("last")
    if let last = status.last { json(last.json) } else { null() }
  }
}
