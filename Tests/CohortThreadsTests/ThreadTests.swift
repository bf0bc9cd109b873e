import CohortThreads
import Glibc
import Testing

@Suite struct `A thread` {
  @Test func `that the system has not to give is an error, and the next one is not`() throws {
    let ran = Monitor(0)
    let body: @Sendable () -> Void = { ran.change { $0 += 1 } }
    try ThreadShortage.$current.withValue(ThreadShortage(after: 1)) {
      let first = try Thread("first", body)
      #expect(throws: ThreadFailure(EAGAIN)) { _ = try Thread("second", body) }
      first.join()
    }
    try Thread("third", body).join()
    #expect(ran.look { $0 } == 2)
  }
}
