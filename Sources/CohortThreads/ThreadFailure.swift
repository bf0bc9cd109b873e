/// The system has no thread to give.
///
/// Two sentences: what is so, and what to do about it.
package struct ThreadFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package let errno: Int32

  package init(_ errno: Int32) { self.errno = errno }

  package var description: String {
    """
    The system has no thread to give (errno \(errno)), so nothing was begun. \
    End other programs, or raise the limits on threads and memory, then try again.
    """
  }
}

/// The double of a system with few threads to give.
///
/// It stands for the system wherever threads are started from the one that has it:
///
///     ThreadShortage.$current.withValue(ThreadShortage(after: 2)) { … the third one fails … }
package final class ThreadShortage: Sendable {
  @TaskLocal package static var current: ThreadShortage?

  private let left: Monitor<Int>

  /// - Parameter count: How many threads there still are.
  package init(after count: Int) { left = Monitor(count) }

  /// Whether there is another one.
  func grants() -> Bool {
    left.change { left in
      left -= 1
      return left >= 0
    }
  }
}
