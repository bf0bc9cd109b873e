import CohortFormat
import CohortModel
import CohortSync
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct `A sync whose state is lost` {
  private func bench(_ names: [String]) throws -> Workbench {
    let bench = try Workbench()
    bench.users(names)
    try bench.model(names)
    #expect(try bench.run().isDone)
    return bench
  }

  private func loseState(_ bench: Workbench) throws {
    try FileManager.default.removeItem(atPath: bench.folder.path + "/state/s.state")
  }

  @Test func `says so and compares with what the ledger says`() throws {
    let bench = try bench(["a", "b", "c"])
    try loseState(bench)
    bench.users(["d", "e"])
    bench.ledger.change { state in
      state.members.remove(state.users["b"] ?? 0)
      state.members.insert(state.users["e"] ?? 0)
      return
    }
    try bench.model(["a", "b", "d"])
    let report = try bench.run()
    #expect(report.resync == .lost)
    #expect((report.entered, report.unchanged, report.unnamed) == (2, 1, 2))
    #expect(bench.ledger.memberNames == ["a", "b", "c", "d", "e"])
    #expect(bench.said.withLock { $0.joined() }.contains("lost"))
    #expect(try bench.text("s.unnamed.csv").contains("external_id:c"))
    let allowed = try bench.run(SyncOptions(isFull: true, allowsRemovals: true))
    #expect((allowed.resync, allowed.left, allowed.unnamed) == (.asked, 2, 0))
    #expect(bench.ledger.memberNames == ["a", "b", "d"])
    #expect(try bench.run().sent == 0)
  }

  @Test func `takes a damaged state for a lost one`() throws {
    let bench = try bench(["a", "b"])
    try bench.folder.write("COHORTSY rubbish", to: "state/s.state")
    try bench.model(["b"])
    let report = try bench.run()
    #expect((report.resync, report.unnamed, report.sent) == (.damaged, 1, 0))
  }

  @Test func `removes without asking whom a whole state says it brought`() throws {
    let bench = try bench(["a", "b"])
    bench.users(["z"])
    bench.ledger.change { state in _ = state.members.insert(state.users["z"] ?? 0) }
    try bench.model(["b"])
    let report = try bench.run(SyncOptions(isFull: true))
    #expect((report.left, report.unnamed) == (1, 1))
    #expect(bench.ledger.memberNames == ["b", "z"])
  }

  @Test func `takes a row that names a member by another identifier for that member`() throws {
    let bench = try bench(["a", "b", "c"])
    try loseState(bench)
    bench.ledger.change { state in
      // `aa` is a deprecated id of a, and `bb` was merged into b.
      state.users["z-a"] = state.users["a"]
      state.merged["bb"] = state.users["b"]
    }
    try bench.model(["z-a", "bb", "c"])
    let report = try bench.run(SyncOptions(allowsRemovals: true))
    #expect((report.left, report.unnamed) == (0, 0))
    #expect(bench.ledger.memberNames.isSuperset(of: ["a", "b", "c"]))
  }

  @Test func `is told all again if the destination cannot be read`() throws {
    let bench = try bench(["a", "b"])
    bench.readKey = false
    try loseState(bench)
    try bench.model(["b"])
    let report = try bench.run()
    #expect((report.resync, report.entered, report.left) == (.lost, 1, 0))
    #expect(bench.ledger.memberNames == ["a", "b"])
  }

  @Test func `does not take the state of another destination`() throws {
    let bench = try bench(["a"])
    bench.cohort = "{\"create\":{\"cohort_id\":\"other\",\"name\":\"C\"}}"
    let error = #expect(throws: SyncFailure.self) { try bench.run() }
    #expect("\(error as Any)".contains("another destination"))
    #expect(try bench.run(SyncOptions(isFull: true)).resync == .asked)
  }

  @Test func `asks no source whose rows it could not tell`() throws {
    let bench = try bench(["a"])
    // It fails too, and of two failures that of the state is told.
    bench.source = #"{"command":["sh","-c","touch asked; exit 1"]}"#
    let state = try bench.folder.bytes("state/s.state")
    bench.cohort = "{\"create\":{\"cohort_id\":\"other\",\"name\":\"C\"}}"
    try expectRefusal(bench) { if case .otherDestination = $0 { true } else { false } }
    bench.cohort = Workbench.cohort
    var later = Array(state.dropLast(32))
    later[8] = 2
    var hash = SHA256()
    hash.update(later.span)
    let digest = hash.digest().bytes
    try bench.folder.write(later + digest.indices.map { digest[$0] }, to: "state/s.state")
    try expectRefusal(bench) { if case .laterState(_, 2) = $0 { true } else { false } }
    try bench.folder.remove("state/s.state")
    let folder = bench.folder.path + "/state/s.state"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try expectRefusal(bench) { if case .storage = $0 { true } else { false } }
    try bench.folder.remove("state/s.state")
    for kept in [state, nil, Array("COHORTSY rubbish".utf8)] {
      if let kept {
        try bench.folder.write(kept, to: "state/s.state")
      } else {
        try bench.folder.remove("state/s.state")
      }
      let error = #expect(throws: SyncFailure.self) { try bench.run() }
      guard case .source(.failed(program: "sh", code: 1)) = error else {
        Issue.record("\(error as Any)")
        return
      }
      try bench.folder.remove("asked")
    }
  }

  private func expectRefusal(
    _ bench: Workbench, as isExpected: (SyncFailure) -> Bool
  ) throws {
    let error = try #require(throws: SyncFailure.self) { try bench.run() }
    #expect(isExpected(error), "\(error)")
    #expect(!FileSystem.exists(bench.folder.path + "/asked"))
  }

  /// Models come and go, requests are lost before and after they are applied, runs are killed.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `or that is killed at any time ends equal to its model`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let bench = try Workbench()
    bench.readKey = seed.isMultiple(of: 2)
    let names = (0..<12).map { "u\($0)" }
    bench.users(names.prefix(10))
    let state = bench.folder.path + "/state/s.state"
    let copy = bench.folder.path + "/copy"
    for _ in 0..<12 {
      try bench.model(
        names.filter { $0 == "u0" || Int.random(in: 0..<3, using: &random) > 0 })
      let limit = Int.random(in: 0..<30, using: &random)
      let applies = Bool.random(using: &random)
      let isKilled = Int.random(in: 0..<3, using: &random) == 0
      let whenTold: @Sendable () -> Void = {
        try? FileManager.default.removeItem(atPath: copy)
        try? FileManager.default.copyItem(atPath: state, toPath: copy)
      }
      bench.ledger.change { ledger in
        ledger.limit = limit
        ledger.appliesBehindLimit = applies
        ledger.whenTold = isKilled ? whenTold : nil
      }
      try? FileManager.default.removeItem(atPath: copy)
      _ = try bench.run()
      // Killed after the last request and before any answer: the state is as it was then.
      if isKilled {
        try? FileManager.default.removeItem(atPath: state)
        try? FileManager.default.moveItem(atPath: copy, toPath: state)
      }
      if Int.random(in: 0..<4, using: &random) == 0 { bench.users(names) }
    }
    let last = names.filter { $0 == "u0" || Bool.random(using: &random) }
    try bench.model(last)
    bench.users(names)
    bench.ledger.change { ledger in
      (ledger.limit, ledger.whenTold) = (.max, nil)
    }
    #expect(try bench.run().isDone)
    #expect(bench.ledger.memberNames == Set(last))
    #expect(try bench.run().sent == 0)
  }
}
