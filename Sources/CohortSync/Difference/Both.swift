import CohortThreads

/// Does two things, at once if the system has a thread to give.
///
/// - Parameters:
///   - other: Done on a thread of its own, or else behind `own`.
///   - own: Done on the thread of the caller.
/// - Returns: What came of both.
func both<Other: Sendable, Own>(
  _ other: @escaping @Sendable () -> Other, _ own: () -> Own
) -> (Other, Own) {
  let result = Monitor<Other?>(nil)
  let thread = try? Thread("sync") {
    let value = other()
    result.change { $0 = value }
  }
  let mine = own()
  thread?.join()
  return (result.change { $0.take() } ?? other(), mine)
}
