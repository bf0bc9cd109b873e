import CohortThreads
import Testing

@Suite struct `A monitor` {
  @Test func `wakes who waits for what another thread brings`() throws {
    let monitor = Monitor(0)
    let thread = try Thread("bringer") { for _ in 0..<1_000 { monitor.change { $0 += 1 } } }
    let seen = monitor.wait { $0 == 1_000 ? $0 : nil }
    thread.join()
    #expect(seen == 1_000)
  }

  @Test func `hands each thing out once, however many wait`() throws {
    let inbox = Monitor((0..<1_000).map { $0 })
    let taken = Monitor([Int]())
    let threads = try (0..<4).map { number in
      try Thread("taker-\(number)") {
        while let one = inbox.change({ $0.popLast() }) { taken.change { $0.append(one) } }
      }
    }
    for thread in threads { thread.join() }
    #expect(taken.look { $0.sorted() } == Array(0..<1_000))
  }

  @Test func `gives up when the time is over`() {
    let monitor = Monitor(false)
    #expect(monitor.wait(milliseconds: 1, for: { $0 ? 1 : nil }) == nil)
  }

  @Test func `tells others what was taken when the time was over`() throws {
    let monitor = Monitor((isWatched: false, isTaken: false))
    let watcher = try Thread("watcher") {
      _ = monitor.wait { state -> Bool? in
        state.isWatched = true
        return state.isTaken ? true : nil
      }
    }
    while !monitor.look({ $0.isWatched }) {}
    var looks = 0
    let taken = monitor.wait(milliseconds: -1) { state -> Bool? in
      looks += 1
      state.isTaken = looks > 1
      return looks > 1 ? true : nil
    }
    #expect(taken == true)
    watcher.join()
  }

  @Test func `does not wait for what is there already`() {
    let monitor = Monitor(true)
    #expect(monitor.wait(milliseconds: 0, for: { $0 ? 1 : nil }) == 1)
  }
}
