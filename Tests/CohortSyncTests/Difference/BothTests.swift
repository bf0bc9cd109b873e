import CohortThreads
import Testing

@testable import CohortSync

@Suite struct `Two things done at once` {
  @Test(arguments: [0, 1]) func `are done once each, with a thread or without one`(
    _ threads: Int
  ) {
    let others = Monitor(0)
    var owns = 0
    let (other, own) = ThreadShortage.$current.withValue(ThreadShortage(after: threads)) {
      both(
        { () -> String? in
          others.change { $0 += 1 }
          // An answer too, not one that is missing.
          return nil
        },
        {
          owns += 1
          return "own"
        })
    }
    #expect((other, own) == (nil, "own"))
    #expect((others.look { $0 }, owns) == (1, 1))
  }

  @Test func `are done one behind the other if the system has no thread to give`() {
    let order = Monitor<[String]>([])
    ThreadShortage.$current.withValue(ThreadShortage(after: 0)) {
      _ = both(
        { order.change { $0.append("other") } }, { order.change { $0.append("own") } })
    }
    #expect(order.look { $0 } == ["own", "other"])
  }
}
