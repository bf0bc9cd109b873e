import Glibc

/// A value that threads take turns with, and can wait for each other on.
///
/// `Synchronization.Mutex` cannot be waited on; this is a POSIX mutex with its condition.
///
/// Nobody is woken while the mutex is held, only to wait for it again, and no system call is made
/// when nobody waits.
///
/// `@unchecked Sendable`, because: `state` and `waiting` are touched only between lock and unlock
/// of `mutex`; the two pointers never change, and are freed when nobody refers to the monitor any
/// more, so when nobody can wait on it.
@safe package final class Monitor<State>: @unchecked Sendable {
  private var state: State
  private var waiting = 0
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init(_ state: sending State) {
    self.state = state
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Changes the state, and lets everyone who waits look at it again.
  @discardableResult
  package func change<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    let result = body(&state)
    let isAwaited = waiting > 0
    unsafe pthread_mutex_unlock(mutex)
    if isAwaited { unsafe pthread_cond_broadcast(condition) }
    return result
  }

  /// Changes what nobody waits for: who waits sleeps on.
  @discardableResult
  package func adjust<Result>(_ body: (inout State) -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Looks at the state.
  package func look<Result>(_ body: (borrowing State) -> Result) -> Result {
    // Lent for a change that is none: to read a property of a class would copy it.
    adjust { body($0) }
  }

  /// Waits until `body` finds what it looks for.
  ///
  /// It may take it out: others are then told.
  ///
  /// - `milliseconds`: How long to wait; `nil` for as long as it takes.
  /// - Returns: `nil` if the time is over.
  package func wait<Result>(
    milliseconds: Int? = nil, for body: (inout State) -> Result?
  ) -> Result? {
    var deadline = timespec()
    if let milliseconds = milliseconds.map({ max(0, $0) }) {
      unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
      let nanoseconds = deadline.tv_nsec + milliseconds % 1_000 * 1_000_000
      deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
      deadline.tv_nsec = nanoseconds % 1_000_000_000
    }
    unsafe pthread_mutex_lock(mutex)
    var isOver = false
    while true {
      if let result = body(&state) {
        let isAwaited = waiting > 0
        unsafe pthread_mutex_unlock(mutex)
        if isAwaited { unsafe pthread_cond_broadcast(condition) }
        return result
      }
      if isOver {
        unsafe pthread_mutex_unlock(mutex)
        return nil
      }
      waiting += 1
      if milliseconds == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else {
        isOver = unsafe pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT
      }
      waiting -= 1
    }
  }
}
