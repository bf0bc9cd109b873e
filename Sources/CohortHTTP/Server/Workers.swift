import CohortThreads
import Synchronization

/// Threads for what may take long.
///
/// Handlers wait in a queue that has an end. What belongs to an exchange under way (the next part
/// of a body, its end) is always taken: there is at most one such for each connection.
///
/// Each thread sleeps on its own, and a job wakes one.
final class Workers: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    var queue: [(job: Job, isHandler: Bool)?] = []
    var first = 0
    var handlers = 0
    var idle: [Int] = []
    var isStopping = false

    mutating func pop() -> Job? {
      guard first < queue.count, let next = queue[first] else { return nil }
      queue[first] = nil
      first += 1
      if first == queue.count || first >= 1_024 {
        queue.removeFirst(first)
        first = 0
      }
      if next.isHandler { handlers -= 1 }
      return next.job
    }
  }

  /// What a thread that sleeps is woken with.
  private enum Call { case job(Job), goHome }

  private let state = Mutex(State())
  private let beds: [Monitor<Call?>]
  private let running: Monitor<Int>
  private let queueMax: Int

  /// - Throws: ``ThreadFailure``; those that had been started have ended then.
  init(_ count: Int, queueMax: Int) throws(ThreadFailure) {
    self.queueMax = queueMax
    beds = (0..<max(1, count)).map { _ in Monitor(nil) }
    running = Monitor(beds.count)
    for index in beds.indices {
      do throws(ThreadFailure) {
        // Not joined: `stop` waits for `running`, and leaves behind what does not end.
        _ = try Thread("http-worker-\(index)") { [self] in
          work(index)
          running.change { $0 -= 1 }
        }
      } catch {
        running.change { $0 -= beds.count - index }
        _ = stop(withinMilliseconds: 1_000)
        throw error
      }
    }
  }

  /// Jobs that wait for a thread.
  var waiting: Int { state.withLock { $0.queue.count - $0.first } }

  /// Has a handler run.
  ///
  /// - Returns: `false` if too many wait already, or all is over.
  func run(_ handler: @escaping Job) -> Bool { put(handler, isHandler: true) }

  /// Has something run that belongs to an exchange under way; after the end at once, here.
  func attend(_ job: @escaping Job) {
    if !put(job, isHandler: false) { job() }
  }

  private func put(_ job: @escaping Job, isHandler: Bool) -> Bool {
    let (isTaken, bed) = state.withLock { state -> (Bool, Int?) in
      if state.isStopping { return (false, nil) }
      if let bed = state.idle.popLast() { return (true, bed) }
      if isHandler {
        guard state.handlers < queueMax else { return (false, nil) }
        state.handlers += 1
      }
      state.queue.append((job, isHandler))
      return (true, nil)
    }
    if let bed { beds[bed].change { $0 = .job(job) } }
    return isTaken
  }

  private func work(_ bed: Int) {
    while true {
      let (job, isOver) = state.withLock { state -> (Job?, Bool) in
        if let job = state.pop() { return (job, false) }
        if state.isStopping { return (nil, true) }
        state.idle.append(bed)
        return (nil, false)
      }
      if let job {
        job()
      } else if isOver {
        return
      } else {
        let call = beds[bed].wait { call -> Call? in
          defer { call = nil }
          return call
        }
        if case .job(let job)? = call { job() }
      }
    }
  }

  /// Does what waits, takes nothing more, and ends.
  ///
  /// - Returns: Whether all threads have ended in time; those that have not are left behind.
  func stop(withinMilliseconds limit: Int) -> Bool {
    let idle = state.withLock { state in
      state.isStopping = true
      defer { state.idle = [] }
      return state.idle
    }
    for bed in idle { beds[bed].change { $0 = .goHome } }
    return running.wait(milliseconds: limit) { $0 == 0 ? true : nil } ?? false
  }
}
