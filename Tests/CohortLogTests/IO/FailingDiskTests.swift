import CohortFormat
import CohortLog
import CohortModel
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct `On a failing disk` {
  /// The log of a first life was opened under its first name.
  private let failedWrite = DiskError(.write, errno: EIO, path: "/ledger/events.log.new")

  @Test func `a start that cannot read refuses, and the next one succeeds`() throws {
    let sample = try SampleLog(seals: [4])
    let calls = try sample.disk(with: sample.bytes)
    let start = calls.operations
    _ = try TestLog(on: calls, for: .write)
    for call in 1...calls.operations - start {
      let disk = try sample.disk(with: sample.bytes)
      disk.inject(.error(EIO), on: .read, at: call)
      do { _ = try TestLog(on: disk, for: .write) } catch {
        #expect(error == .disk(DiskError(.read, errno: EIO, path: TestLog.path)))
      }
      disk.repair()
      disk.kill()
      #expect(try TestLog(on: disk, for: .write).scanned.leaves == sample.leaves(6))
    }
  }

  @Test func `one range that cannot be read leaves the others readable`() throws {
    let sample = try SampleLog(seals: [4])
    let disk = try sample.disk(with: sample.bytes)
    let test = try TestLog(on: disk, for: .write)
    disk.inject(.error(EIO), on: .read)
    #expect(throws: LogError.disk(DiskError(.read, errno: EIO, path: TestLog.path))) {
      try test.log.reader.frame(containing: Position(1))
    }
    #expect(try test.log.reader.frame(containing: Position(1)).bytes == sample.frames[0].bytes)
    // As long as it lasts, and no longer.
    disk.inject(.error(EIO), on: .read, times: 5)
    for _ in 0..<5 {
      #expect(throws: LogError.self) { try test.log.reader.frame(containing: Position(1)) }
    }
    for frame in sample.frames where frame.header.kind == .events {
      let position = frame.header.firstPosition
      #expect(try test.log.reader.frame(containing: position).bytes == frame.bytes)
    }
  }

  /// Writes frames, going on whenever the log says that nothing has happened.
  private func run(on disk: SimulatedDisk, _ oracle: inout LogOracle) throws {
    var test = try TestLog(on: disk)
    for number in 0..<10 {
      let before = test.builder
      let frame = test.frame(sampleEvents(number, size: number * 500))
      oracle.submit(frame.leaves)
      do {
        try test.log.ensureSpace(through: frame.fileEnd)
        try test.log.append(frame)
        oracle.acknowledge()
      } catch {
        test.builder = before
        if error.isOutcomeUnknown { break }
        oracle.takeBack(frame.leaves)
      }
    }
  }

  @Test(arguments: [EIO, ENOSPC, EDQUOT, EFBIG, EROFS])
  func `a write that fails is taken back, and the log goes on`(errno: Int32) throws {
    // The first write is that of the start.
    for call in 2...46 {
      for times in [1, 2, 3, 40] {
        for crash in [false, true] {
          let disk = SimulatedDisk(seed: UInt64(call))
          try TestLog(on: disk).log.close()
          disk.inject(.error(errno), on: .write, of: "events.log", at: call, times: times)
          var oracle = LogOracle()
          try run(on: disk, &oracle)
          disk.repair()
          if crash { disk.crash(seed: UInt64(call)) } else { disk.kill() }
          let again = try TestLog(on: disk)
          #expect(oracle.recover(again.scanned.leaves) == nil, "\(call) \(times)")
          #expect(again.report.condition == .writable)
          // If taking it back failed too, nobody knows, and nothing more was written.
          #expect(times > 1 || again.scanned.leaves.count > 8, "\(call)")
        }
      }
    }
  }

  /// FAULTS 51: every single write fails once, one after the other, and is then repeated.
  @Test(arguments: [ENOSPC, EIO])
  func `three hundred writes that fail in a row of frames are all made up for`(errno: Int32) throws
  {
    let disk = SimulatedDisk()
    try TestLog(on: disk).log.close()
    var test = try TestLog(on: disk)
    var (leaves, number, failed) = ([Digest](), 0, 0)
    while failed < 300 {
      // The first write of the frame, its second, and so on, until there is no other to fail.
      var (nth, isWritten) = (1, false)
      while !isWritten {
        disk.inject(.error(errno), on: .write, of: "events.log", at: nth)
        do {
          leaves += try test.append(sampleEvents(number, size: number % 7 * 900)).leaves
          isWritten = true
        } catch {
          try #require(!error.isOutcomeUnknown, "frame \(number), write \(nth)")
          failed += 1
          nth += 1
        }
        disk.repair()
      }
      number += 1
    }
    for isCrash in [true, false] {
      if isCrash { disk.crash(seed: 4) } else { disk.kill() }
      let again = try TestLog(on: disk)
      #expect(again.report.condition == .writable && again.report.recovered.isEmpty)
      #expect(again.scanned.leaves == leaves)
    }
  }

  /// FAULTS 39: the first piece is as short as it can be, and longer by a byte each time.
  @Test func `a frame that is written in two pieces is whole, wherever it is cut`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    var leaves = try test.append(sampleEvents(0)).leaves
    var size = 1
    while size < 700 {
      disk.inject(.short(size), on: .write, of: "events.log")
      let frame = try test.append(sampleEvents(1, size: 300))
      leaves += frame.leaves
      if size > frame.bytes.count { break }
      size += 1
    }
    #expect(size > 400 && size < 700)
    disk.crash(seed: 2)
    let again = try TestLog(on: disk)
    #expect(again.scanned.leaves == leaves && again.report.recovered.isEmpty)
  }

  @Test func `a frame that was half written does not come back`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    let kept = try test.append(sampleEvents(0))
    disk.inject(.short(700), on: .write)
    disk.inject(.error(EIO), on: .write, at: 2)
    #expect(throws: LogError.notWritten(failedWrite)) {
      try test.log.append(test.frame(sampleEvents(1, size: 5_000)))
    }
    let end = Int(kept.fileEnd)
    #expect(disk.durableContents(of: TestLog.path)?[end...].contains { $0 != 0 } == false)
  }

  @Test func `short and interrupted calls are not noticed`() throws {
    let calls = SimulatedDisk()
    var oracle = LogOracle()
    try LogScript().run(on: calls, &oracle)
    for (effect, times) in [(DiskFault.Effect.error(EINTR), 5), (.short(1), 3), (.zero, 4)] {
      for call in 1...calls.operations {
        let disk = SimulatedDisk()
        disk.inject(effect, at: call, times: times)
        var other = LogOracle()
        try LogScript().run(on: disk, &other)
        #expect(other.submitted == oracle.submitted, "\(effect) at \(call)")
      }
    }
  }

  @Test func `writes of nothing, for ever, fail like any other`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    try test.append(sampleEvents(0))
    disk.inject(.zero, on: .write, times: 9)
    #expect(throws: LogError.notWritten(failedWrite)) {
      try test.log.append(test.frame(sampleEvents(1)))
    }
  }

  @Test func `a sync that fails ends all writing, and reading goes on`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    let kept = try test.append(sampleEvents(0))
    let failure = DiskError(.sync, errno: EIO, path: "/ledger/events.log.new")
    disk.inject(.error(EIO), on: .sync)
    #expect(throws: LogError.outcomeUnknown(failure)) { try test.append(sampleEvents(1)) }
    for _ in 0..<3 {
      #expect(throws: LogError.stopped) { try test.append(sampleEvents(1)) }
      #expect(throws: LogError.stopped) { try test.log.ensureSpace(through: 1 << 30) }
      #expect(throws: LogError.stopped) {
        try test.log.erase([TextName(position: Position(1), item: 0)], namedAt: Position(1))
      }
    }
    #expect(test.log.isStopped)
    #expect(test.log.chain.position == kept.header.lastPosition)
    #expect(try test.log.reader.frame(containing: Position(1)).bytes == kept.bytes)
  }

  @Test func `after a failed sync a restart keeps the frame for good, or not at all`() throws {
    for seed in 0..<UInt64(200) {
      let disk = SimulatedDisk(seed: seed)
      var oracle = LogOracle()
      var test = try TestLog(on: disk)
      oracle.submit(try test.append(sampleEvents(0)).leaves)
      oracle.acknowledge()
      disk.inject(.syncFailsAndDrops, on: .sync)
      let frame = test.frame(sampleEvents(1, size: 2_000))
      oracle.submit(frame.leaves)
      #expect(throws: LogError.self) { try test.log.append(frame) }
      disk.kill()
      if seed.isMultiple(of: 2) { disk.evict() }
      // Whatever the new life serves, it has written anew: clean pages are not trusted.
      let served = try TestLog(on: disk, for: .write)
      #expect(oracle.recover(served.scanned.leaves) == nil, "seed \(seed)")
      disk.evict()
      disk.crash(seed: seed)
      let again = try TestLog(on: disk, for: .write)
      #expect(oracle.recover(again.scanned.leaves) == nil, "seed \(seed)")
    }
  }

  @Test(arguments: [0, 1])
  func `what a start does not find, the disk does not bring back`(framesBefore: Int) throws {
    var hidden = 0
    for seed in 0..<UInt64(200) {
      let disk = SimulatedDisk(seed: seed)
      var test = try TestLog(on: disk)
      for number in 0..<framesBefore { try test.append(sampleEvents(number)) }
      // The frame is on its way; the zeros behind it fail, and so it is taken back; that fails too.
      let frame = test.frame(sampleEvents(1))
      try test.log.ensureSpace(through: frame.fileEnd)
      disk.inject(.error(EIO), on: .write, at: 2)
      disk.inject(.syncFailsAndDrops, on: .sync)
      #expect(throws: LogError.self) { try test.log.append(frame) }
      disk.kill()
      let start = Int(frame.header.fileOffset)
      let seen = try #require(disk.contents(of: TestLog.path)).dropFirst(start).prefix(512)
      let kept = try #require(disk.durableContents(of: TestLog.path)).dropFirst(start).prefix(512)
      if seen.allSatisfy({ $0 == 0 }), kept.starts(with: frame.bytes.prefix(512)) { hidden += 1 }
      let served = try TestLog(on: disk, for: .write)
      disk.evict()
      disk.crash(seed: seed)
      let again = try TestLog(on: disk, for: .write)
      #expect(again.scanned.leaves == served.scanned.leaves, "seed \(seed)")
    }
    #expect(hidden > 0)
  }

  @Test func `an error that is reported one sync late ends all writing then`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    disk.inject(.syncFailsLate, on: .sync)
    try test.append(sampleEvents(0))
    #expect(throws: LogError.self) { try test.append(sampleEvents(1)) }
    #expect(test.log.isStopped)
  }

  @Test func `a folder that cannot be synced is not served`() throws {
    for errno in [EIO, EINVAL] {
      let sample = try SampleLog()
      let disk = try sample.disk(with: sample.bytes)
      disk.inject(.error(errno), on: .syncDirectory)
      #expect(
        throws: LogError.disk(DiskError(.syncDirectory, errno: errno, path: TestLog.folder))
      ) { try TestLog(on: disk, for: .write) }
      #expect(disk.openFiles == 0)
    }
  }

  @Test func `reading does not wait for a sync`() throws {
    let box = ReaderBox()
    let disk = SimulatedDisk { call, _ in if call == .sync { box.read() } }
    var test = try TestLog(on: disk)
    let frame = try test.append(sampleEvents(0))
    box.reader.withLock { $0 = test.log.reader }
    try test.append(sampleEvents(1))
    #expect(box.found.withLock { $0 } == frame.bytes)
  }

  @Test func `an error of close comes out`() throws {
    let disk = SimulatedDisk()
    let test = try TestLog(on: disk)
    disk.inject(.error(EIO), on: .close)
    #expect(throws: LogError.self) { try test.log.close() }
    try test.log.close()
  }
}
