import CohortModel
import CohortThreads
import CohortWire

/// Runs syncs when they are due, each on a thread of its own.
///
/// One thread looks at the clock and starts the others. What is due while the run before is still
/// going on is skipped, and said.
package final class SyncService: Sendable {
  private struct Desk: Sendable {
    var timetables: [Timetable]
    /// The last one of each sync, to be joined before the next is started.
    var threads: [Int: Thread] = [:]
    var isStopping = false
  }

  private let runs: [SyncRun]
  private let services: SyncServices
  private let observer: SyncObserver
  private let ended: @Sendable (SyncRun, Result<RunReport, SyncFailure>) -> Void
  private let stop: StopSign
  private let desk: Monitor<Desk>

  /// - Parameters:
  ///   - runs: Syncs with a schedule and names of their own, all with the stop sign `stop`.
  ///   - services: Whose clock is looked at.
  ///   - observer: Told of what is skipped, and of what is made up.
  ///   - stop: Raised by ``end()``.
  ///   - ended: Told of the end of each run.
  /// - Throws: ``SyncFailure`` for a sync without schedule, two of one name, and an unreadable
  ///   history.
  package init(
    _ runs: [SyncRun], _ services: SyncServices, _ observer: SyncObserver, stop: StopSign,
    ended: @escaping @Sendable (SyncRun, Result<RunReport, SyncFailure>) -> Void
  ) throws(SyncFailure) {
    (self.runs, self.services, self.observer) = (runs, services, observer)
    (self.stop, self.ended) = (stop, ended)
    var names: Set<String> = []
    var timetables: [Timetable] = []
    for run in runs {
      guard let schedule = run.file.schedule else { throw .noSchedule(run.file.name) }
      guard names.insert(run.file.name).inserted else { throw .sameName(run.file.name) }
      let history = try RunHistory.read(run.state)
      timetables.append(
        Timetable(
          schedule, lastStart: history.last.map { Self.second($0.started) },
          now: Self.second(services.now())))
    }
    desk = Monitor(Desk(timetables: timetables))
  }

  private static func second(_ instant: Instant) -> Int {
    Int(instant.microseconds).flooredQuotient(1_000_000)
  }

  /// Runs what is due until ``end()``, and then waits for the runs that are going on.
  package func serve() {
    while true {
      let now = Self.second(services.now())
      let actions = desk.change { desk in
        desk.timetables.indices.compactMap { index in
          desk.isStopping ? nil : desk.timetables[index].tick(now).map { (index, $0) }
        }
      }
      for (index, action) in actions { act(on: action, index, now) }
      let milliseconds = wait(now)
      let isOver = desk.wait(milliseconds: milliseconds) { desk in
        desk.isStopping && desk.timetables.allSatisfy { !$0.isRunning } ? true : nil
      }
      if isOver == true { return desk.look { $0.threads.values.forEach { $0.join() } } }
    }
  }

  /// How long nothing is due; at most ten seconds, so that a clock that is set is noticed.
  private func wait(_ now: Int) -> Int {
    let due = desk.look { desk in desk.timetables.compactMap(\.due).min() }
    return min(max((due ?? .max) - now, 0), 10) * 1_000 + 50
  }

  private func act(on action: Timetable.Action, _ index: Int, _ now: Int) {
    let run = runs[index]
    switch action {
    case .skip(let due):
      observer.say(
        "\(run.file.name): the run due at \(Self.words(due)) is skipped, "
          + "because the one before is still going on.")
    case .run(let due):
      if now - due > 60 {
        observer.say("\(run.file.name): the run due at \(Self.words(due)) is made up now.")
      }
      desk.change { $0.threads.removeValue(forKey: index) }?.join()
      do throws(ThreadFailure) {
        let thread = try Thread("sync-\(index)") { [self] in
          let result: Result<RunReport, SyncFailure>
          do throws(SyncFailure) { result = .success(try run.carryOut()) } catch {
            result = .failure(error)
          }
          ended(run, result)
          desk.change { $0.timetables[index].finished() }
        }
        desk.change { $0.threads[index] = thread }
      } catch {
        // The next one is tried when it is due.
        observer.say("\(run.file.name): the run due at \(Self.words(due)) is skipped. \(error)")
        desk.change { $0.timetables[index].finished() }
      }
    }
  }

  private static func words(_ second: Int) -> String {
    Instant(microseconds: Int64(second) * 1_000_000).rfc3339
  }

  /// Begins nothing more, and asks the runs that are going on to come to an end.
  package func end() {
    stop.raise()
    desk.change { $0.isStopping = true }
  }
}
