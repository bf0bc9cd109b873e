import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

/// Cuts the power at every call, and at every call of what follows.
@Suite struct `After a crash` {
  @Test(arguments: 0..<4) func `at any call of a life, all that was acknowledged is there`(
    manner: UInt64
  ) throws {
    let script = LogScript(seed: manner)
    let calls = SimulatedDisk(seed: manner)
    var ignored = LogOracle()
    try script.run(on: calls, &ignored)
    #expect(calls.operations >= 200)
    for call in 1...calls.operations {
      let disk = SimulatedDisk(seed: manner)
      disk.inject(.powerLoss, at: call)
      var oracle = LogOracle()
      do { try script.run(on: disk, &oracle) } catch {
        try #require(error.problem == nil, "call \(call): \(error)")
      }
      disk.crash(seed: manner &* 7_919 &+ UInt64(call))
      try expectRecovery(of: disk, &oracle, "call \(call)")
    }
  }

  @Test func `at random calls of many lives, all that was acknowledged is there`() throws {
    for seed in 0..<UInt64(seedCount(10_000)) {
      let disk = SimulatedDisk(seed: seed)
      disk.losePower(onceIn: 200)
      let script = LogScript(lives: 1, framesPerLife: 4, erases: seed.isMultiple(of: 4), seed: seed)
      var oracle = LogOracle()
      for round in 0..<(seed.isMultiple(of: 8) ? 3 : 1) {
        do { try script.run(on: disk, &oracle) } catch {
          try #require(error.problem == nil, "seed \(seed), round \(round): \(error)")
          try #require(disk.isDown, "seed \(seed), round \(round): \(error)")
        }
        disk.restart()
      }
      disk.repair()
      try expectRecovery(of: disk, &oracle, "seed \(seed)")
    }
  }

  @Test func `a ledger is there whose beginning was interrupted, also by nothing but an error`()
    throws
  {
    var call = 1
    var isDone = false
    while !isDone {
      let disk = SimulatedDisk()
      disk.inject(.error(5), at: call)
      isDone = (try? TestLog(on: disk)) != nil
      disk.repair()
      disk.kill()
      var test = try TestLog(on: disk)
      let frame = try test.append(sampleEvents(1))
      disk.crash(seed: UInt64(call))
      let again = try? TestLog(on: disk, for: .write)
      #expect(again?.scanned.leaves == frame.leaves, "call \(call)")
      call += 1
    }
    #expect(call > 10)
  }

  @Test func `a killed process loses nothing, and what was served stays`() throws {
    for call in 1...120 {
      let disk = SimulatedDisk()
      disk.inject(.error(5), at: call, times: 1_000)
      var oracle = LogOracle()
      try? LogScript(lives: 1).run(on: disk, &oracle)
      disk.kill()
      disk.repair()
      // A reader of the next life sees bytes that were written and never synced …
      let served = try TestLog(on: disk)
      #expect(oracle.recover(served.scanned.leaves) == nil, "call \(call)")
      // … and then the power goes.
      disk.crash(seed: UInt64(call))
      try expectRecovery(of: disk, &oracle, "call \(call)")
    }
  }

  @Test func `during recovery, five times over, the outcome is the same`() throws {
    for seed in 0..<UInt64(seedCount(300)) {
      let disk = try tornDisk(seed: seed)
      let straight = disk.copy()
      let expected = try outcome(of: straight)
      var random = SeededRandom(seed: seed)
      for _ in 0..<5 {
        let calls = disk.copy()
        let before = calls.operations
        _ = try outcome(of: calls)
        disk.inject(.powerLoss, at: 1 + random.below(calls.operations - before))
        _ = try? outcome(of: disk)
        disk.repair()
        disk.crash(seed: random.next())
      }
      let found = try outcome(of: disk)
      #expect(found == expected, "seed \(seed)")
    }
  }

  @Test func `at every call of a recovery, and at every call of the next, the outcome is the same`()
    throws
  {
    let torn = try tornDisk(seed: 3)
    let expected = try outcome(of: torn.copy())
    let calls = torn.copy()
    let start = calls.operations
    _ = try outcome(of: calls)
    for first in 1...calls.operations - start {
      let once = torn.copy()
      once.inject(.powerLoss, at: first)
      _ = try? outcome(of: once)
      once.repair()
      once.crash(seed: UInt64(first))
      for second in 1...calls.operations - start {
        let twice = once.copy()
        twice.inject(.powerLoss, at: second)
        _ = try? outcome(of: twice)
        twice.repair()
        twice.crash(seed: UInt64(second))
        let found = try outcome(of: twice)
        #expect(found == expected, "calls \(first) and \(second)")
      }
    }
  }

  @Test func `an error at any call of a recovery refuses, and the next start succeeds`() throws {
    let torn = try tornDisk(seed: 5)
    let expected = try outcome(of: torn.copy())
    let calls = torn.copy()
    let start = calls.operations
    _ = try outcome(of: calls)
    for errno: Int32 in [5, 28] {
      for call in 1...calls.operations - start {
        let disk = torn.copy()
        disk.inject(.error(errno), at: call)
        _ = try? outcome(of: disk)
        disk.kill()
        let found = try outcome(of: disk)
        #expect(found == expected, "call \(call), errno \(errno)")
      }
    }
  }

  @Test func `of a first start, there is no ledger or a whole one`() throws {
    let calls = SimulatedDisk()
    try TestLog(on: calls).log.close()
    for call in 1...calls.operations {
      for seed in 0..<8 {
        let disk = SimulatedDisk()
        disk.inject(.powerLoss, at: call)
        try? TestLog(on: disk).log.close()
        disk.repair()
        disk.crash(seed: UInt64(seed))
        do {
          let test = try TestLog(on: disk, for: .write)
          #expect(test.log.chain.position == .origin)
          try test.log.close()
        } catch {
          #expect(error == .noLedger(folder: TestLog.folder), "call \(call), seed \(seed)")
        }
        var test = try TestLog(on: disk)
        try test.append(sampleEvents(1))
        try test.log.close()
        #expect(try disk.list(TestLog.folder) == ["events.log"])
      }
    }
  }

  /// Without powersafe overwrite the promise is that a loss is told, and nothing false is said.
  @Test func `on a disk that breaks its neighbours, damage is found and nothing is invented`()
    throws
  {
    for seed in 0..<UInt64(seedCount(400)) {
      let disk = SimulatedDisk(seed: seed, isPowersafe: false)
      disk.losePower(onceIn: 200)
      var oracle = LogOracle()
      var script = LogScript(lives: 1, seed: seed)
      // Behind so many events two frames share a page.
      script.sizeStep = seed.isMultiple(of: 2) ? 700 : 17_001
      for _ in 0..<3 {
        do { try script.run(on: disk, &oracle) } catch {
          if let problem = error.problem { Issue.record("seed \(seed): \(problem)") }
        }
        disk.repair()
        disk.restart()
        let test: TestLog
        do { test = try TestLog(on: disk, for: .write) } catch {
          #expect(error == .noLedger(folder: TestLog.folder) && oracle.acknowledged == 0)
          break
        }
        if let problem = oracle.recover(test.scanned.leaves) {
          let isReported =
            test.report.condition != .writable
            || test.report.recovered.contains { $0.mayHaveBeenAcknowledged }
          #expect(isReported && problem.contains("acknowledged"), "seed \(seed): \(problem)")
          break
        }
        if test.report.condition != .writable { break }
        try? test.log.close()
        disk.losePower(onceIn: 200)
      }
    }
  }

  /// What a restart makes of a disk: everything but what is new in each life.
  private struct Outcome: Hashable {
    let log: [UInt8]
    let files: [String]
    let recovered: [TornTail]
  }

  private func outcome(of disk: SimulatedDisk) throws(LogError) -> Outcome {
    let test = try TestLog(on: disk, for: .write)
    let end = Int(test.log.chain.end)
    try test.log.close()
    let files: [String]
    do { files = try disk.list(TestLog.folder) } catch { throw .disk(error) }
    return Outcome(
      log: Array((disk.contents(of: TestLog.path) ?? []).prefix(end)),
      files: files.filter { $0 != "lock" }, recovered: test.report.recovered)
  }

  /// A disk on which the last frame is torn.
  private func tornDisk(seed: UInt64) throws -> SimulatedDisk {
    var attempt = seed &* 1_000
    while true {
      let disk = SimulatedDisk(seed: attempt)
      var test = try TestLog(on: disk)
      for number in 0..<3 { try test.append(sampleEvents(number)) }
      if seed.isMultiple(of: 2) { try test.seal() }
      disk.inject(.powerLoss, on: .sync)
      _ = try? test.append(sampleEvents(4, size: 3_000))
      disk.crash(seed: attempt)
      let found = try TestLog(on: disk.copy(), for: .write)
      if !found.report.recovered.isEmpty { return disk }
      attempt += 1
    }
  }

  private func expectRecovery(
    of disk: SimulatedDisk, _ oracle: inout LogOracle, _ context: String
  ) throws {
    do {
      var test = try TestLog(on: disk)
      #expect(test.report.condition == .writable, "\(context)\n\(disk.trace.suffix(4_000))")
      let problem = oracle.recover(test.scanned.leaves)
      #expect(problem == nil, "\(context)\n\(disk.trace.suffix(4_000))")
      _ = try test.recordRecovery()
      try test.append(sampleEvents(9))
      let leaves = test.scanned.tree.size
      try test.log.close()
      let again = try TestLog(on: disk)
      #expect(again.scanned.leaves.count > leaves, "\(context)")
      try again.log.close()
    } catch {
      Issue.record("\(context): \(error)\n\(disk.trace.suffix(4_000))")
    }
  }
}
