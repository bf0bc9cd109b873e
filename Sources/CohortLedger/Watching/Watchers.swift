import CohortModel
import CohortThreads
import Synchronization

/// Those who wait for something to become durable, and the thread that wakes them.
///
///     commit ── publish: a number under a lock ──▶ thread ──▶ wake, wake, wake
///
/// A commit costs the disk thread the same however many wait, and nothing more than the lock if
/// nobody does. Commits that come while the thread is waking others are one for those who wait.
final class Watchers: Sendable {
  private struct Waiter {
    /// What he waits for lies behind it.
    let position: Position
    let wake: @Sendable () -> Void
  }

  private struct State {
    /// The last durable event.
    var position: Position
    /// Woken once and forgotten.
    var waiting: [UInt64: Waiter] = [:]
    var lastNumber: UInt64 = 0
    var isOver = false
  }

  private let state: Mutex<State>
  /// Whether there is somebody to wake; `nil` when the thread is to end.
  private let signal = Monitor<Bool?>(false)
  private let thread = Mutex<Thread?>(nil)

  init(after position: Position) { state = Mutex(State(position: position)) }

  /// Says what is durable now.
  func publish(_ position: Position) {
    let isWaitedFor = state.withLock { state in
      defer { state.position = position }
      return position > state.position && !state.waiting.isEmpty
    }
    if isWaitedFor { signal.change { if $0 != nil { $0 = true } } }
  }

  /// Takes somebody in.
  ///
  /// - Returns: What takes him out again, 0 if he was woken at once; `nil` if nothing will come.
  func add(behind position: Position, _ wake: @escaping @Sendable () -> Void) -> UInt64? {
    let number: UInt64? = state.withLock { state in
      if state.isOver { return nil }
      if state.position > position { return 0 }
      state.lastNumber += 1
      state.waiting[state.lastNumber] = Waiter(position: position, wake: wake)
      return state.lastNumber
    }
    if number == 0 { wake() }
    return number
  }

  func remove(_ number: UInt64) {
    _ = state.withLock { $0.waiting.removeValue(forKey: number) }
  }

  /// How many wait.
  var count: Int { state.withLock { $0.waiting.count } }

  func start() throws(ThreadFailure) {
    let started = try Thread("cohort-watch") { self.run() }
    thread.withLock { $0 = started }
  }

  /// Wakes everyone for the last time, and waits for the thread to end.
  func finish() {
    state.withLock { $0.isOver = true }
    wakeDue()
    signal.change { $0 = nil }
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }

  private func run() {
    while true {
      let goesOn = signal.wait { signal -> Bool? in
        switch signal {
        case .none: return false
        case .some(false): return nil
        case .some(true):
          signal = false
          return true
        }
      }
      guard goesOn == true else { return }
      wakeDue()
    }
  }

  private func wakeDue() {
    let woken = state.withLock { state in
      let woken = state.waiting.filter { state.isOver || $1.position < state.position }
      if woken.count == state.waiting.count {
        state.waiting = [:]
      } else {
        for number in woken.keys { state.waiting[number] = nil }
      }
      return woken
    }
    for waiter in woken.values { waiter.wake() }
  }
}
