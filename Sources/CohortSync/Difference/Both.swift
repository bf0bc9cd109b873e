import CohortThreads
import Synchronization

/// Does two things, at once if the system has a thread to give.
///
/// - Parameters:
///   - other: Done on a thread of its own, or else behind `own`.
///   - own: Done on the thread of the caller.
/// - Returns: What came of both.
func both<Other: Sendable, Own>(
  _ other: @escaping @Sendable () -> Other, _ own: () -> Own
) -> (Other, Own) {
  let result = Handover<Other>()
  let thread = try? Thread("helper") { result.value.withLock { $0 = other() } }
  let mine = own()
  thread?.join()
  return (result.value.withLock { $0.take() } ?? other(), mine)
}

private final class Handover<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
