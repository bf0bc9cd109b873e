import CohortModel
import CohortSync
import Foundation
import Synchronization
import Testing

@Suite struct `The service of syncs` {
  @Test func `runs what is due, and ends when it is asked to`() throws {
    let bench = try Workbench()
    bench.extra = ",\"schedule\":{\"every\":\"1h\"}"
    bench.users(["a"])
    try bench.model(["a"])
    let stop = StopSign()
    let ended = Mutex<[Bool]>([])
    let service = Mutex<SyncService?>(nil)
    let started = try SyncService(
      [bench.syncRun(stop: stop)], bench.services, SyncObserver(), stop: stop
    ) { _, result in
      ended.withLock { $0.append((try? result.get().isDone) ?? false) }
      service.withLock { $0?.end() }
    }
    service.withLock { $0 = started }
    started.serve()
    #expect(ended.withLock { $0 } == [true])
    #expect(stop.isRaised)
    #expect(bench.ledger.memberNames == ["a"])
  }

  @Test func `refuses syncs without schedule, and two of one name`() throws {
    let bench = try Workbench()
    let stop = StopSign()
    #expect(throws: SyncFailure.self) {
      try SyncService([bench.syncRun(stop: stop)], bench.services, SyncObserver(), stop: stop) {
        _, _ in
      }
    }
    bench.extra = ",\"schedule\":{\"every\":\"1h\"}"
    let run = try bench.syncRun(stop: stop)
    let error = #expect(throws: SyncFailure.self) {
      try SyncService([run, run], bench.services, SyncObserver(), stop: stop) { _, _ in }
    }
    #expect("\(error as Any)".contains("Two files"))
  }
}

@Suite struct `A notice` {
  @Test func `is given to a command as its input`() throws {
    let bench = try Workbench()
    bench.extra = ",\"notify\":{\"command\":[\"sh\",\"-c\",\"cat >> told\"]}"
    #expect(throws: SyncFailure.self) { try bench.run() }
    bench.users(["a"])
    try bench.model(["a"])
    #expect(try bench.run().isDone)
    let told = String(decoding: try bench.folder.bytes("told"), as: UTF8.self).split(
      separator: "\n")
    #expect(told.count == 2)
    #expect(told.first?.contains("\"event\":\"failure\"") == true)
    #expect(told.last?.contains("\"event\":\"recovery\"") == true)
  }

  @Test func `that does not arrive is said, and the run stays what it is`() throws {
    let bench = try Workbench()
    bench.extra = ",\"notify\":{\"command\":[\"sh\",\"-c\",\"exit 3\"]}"
    #expect(throws: SyncFailure.self) { try bench.run() }
    #expect(bench.said.withLock { $0.joined() }.contains("ended with code 3"))
    bench.extra = ",\"notify\":{\"command\":[\"there-is-no-such-program\"]}"
    #expect(throws: SyncFailure.self) { try bench.run() }
    #expect(bench.said.withLock { $0.joined() }.contains("cannot be started"))
  }
}
