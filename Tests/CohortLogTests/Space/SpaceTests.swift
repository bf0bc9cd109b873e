import CohortFormat
import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

@Suite struct `On a full disk` {
  /// Appends until the disk is full.
  private func fill(_ test: inout TestLog) throws -> Int {
    for number in 0..<1_000 {
      do { try test.append(sampleEvents(number, size: 1_000)) } catch {
        #expect(error == .diskFull(path: TestLog.path))
        return number
      }
    }
    Issue.record("the disk is never full")
    return 0
  }

  @Test func `writing stops before anything is decided, and resumes by itself`() throws {
    let disk = SimulatedDisk(capacity: 200_000)
    var test = try TestLog(on: disk)
    let count = try fill(&test)
    #expect(count > 30)
    let position = test.log.chain.position
    for _ in 0..<5 {
      #expect(throws: LogError.diskFull(path: TestLog.path)) {
        try test.append(sampleEvents(1, size: 5_000))
      }
    }
    #expect(!test.log.isStopped)
    #expect(try test.log.reader.frame(containing: position).header.lastPosition == position)

    disk.capacity = 400_000
    try test.append(sampleEvents(2))
    #expect(try fill(&test) > 30)
    try test.log.close()
    #expect(try TestLog(on: disk).scanned.leaves.count == Int(test.log.chain.position.rawValue))
  }

  @Test func `an erasure, its marks, a seal and the end succeed`() throws {
    let disk = SimulatedDisk(capacity: 200_000)
    var test = try TestLog(on: disk)
    _ = try fill(&test)
    disk.capacity = 0
    let text = TextName(position: Position(1), item: 0)
    let erasure = test.builder.nextPosition
    for event in [
      Event.userErased(UserErased(user: nil, identifiers: [], texts: [text])),
      .erasureFinished(ErasureFinished(erasure: erasure)),
    ] {
      let frame = test.frame([event])
      try test.log.ensureSpace(through: frame.fileEnd, for: .housekeeping)
      try test.log.append(frame)
      if frame.header.firstPosition == erasure {
        try test.log.erase([text], namedAt: erasure)
      }
    }
    try test.seal()
    try test.log.close()
    let again = try TestLog(on: disk)
    #expect(again.scanned.texts.first?.state == .erased)
    #expect(again.report.condition == .writable)
  }

  @Test func `zeros are written ahead in small steps, and never by holes`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    let space = LogOptions.small.space
    for number in 0..<40 {
      try test.append(sampleEvents(number, size: number % 5 * 1_000))
      let file = try disk.open(TestLog.path, .read)
      let size = try disk.size(of: file)
      let tail = Int(test.log.chain.next)
      #expect(size - tail <= space.maximum + 4_096)
      #expect(size - tail >= space.ballast)
      #expect(try disk.writtenRange(of: file, from: tail) == tail..<size)
      try disk.close(file)
    }
  }

  @Test func `zeros never reach further than one maximal frame behind what is durable`() {
    let space = SpacePolicy()
    for frameSize in [1_000, 1 << 20, 9 << 20, FrameHeader.frameSizeMax] {
      for ahead in [0, 1 << 20, 8 << 20, 16 << 20] {
        let tail = frameSize
        let known = max(ahead, tail)
        let end = space.growth(tail: tail, zerosEnd: known, frameSize: frameSize, durableEnd: 0)
        #expect(end >= known)
        #expect(end <= max(known, FrameHeader.frameSizeMax))
        #expect(end <= max(known, tail + space.maximum))
      }
    }
  }

  @Test func `a snapshot that cannot be written hurts nobody and leaves nothing behind`() throws {
    let disk = SimulatedDisk(capacity: 120_000)
    var test = try TestLog(on: disk)
    let count = try disk.list(TestLog.folder).count
    for number in 0..<20 {
      try test.append(sampleEvents(number))
      let anchor = try #require(LogAnchor(test.log.chain))
      let writer = test.log.snapshots.begin(content: 1, behind: anchor)
      writer.begin("state")
      writer.append([UInt8](repeating: 7, count: 500_000).span)
      #expect(throws: DiskError.self) { try writer.finish() }
      #expect(try disk.list(TestLog.folder).count == count)
    }
  }

  @Test(arguments: [31, 32, 36, 40] as [UInt64])
  func `offsets beyond two to the power of so many are like any other`(power: UInt64) throws {
    let folder = try TemporaryFolder()
    let disk = PosixDisk()
    let path = "\(folder.path)/events.log"
    let random = SeededRandomSource(seed: power)
    let header = FileHeader(ledger: LedgerID(random: random), created: Instant(microseconds: 1))

    // A frame just in front of the mark, as if a log of that size stood before it.
    var before = try SampleLog(sizes: [0]).frames[0].header
    let target = (UInt64(1) << power) - 400
    before.fileOffset = target / 8 * 8 - UInt64(before.size)
    var tree = MerkleFrontier()
    for _ in 0..<before.treeSize { tree.append(MerkleFrontier().root) }
    var builder = FrameBuilder(
      ledger: header.ledger, epoch: before.epoch,
      chain: FrameChain(after: before, root: tree.root), tree: tree, lastRequest: 1,
      random: random)
    let time = Instant(microseconds: before.time.microseconds + 1)
    builder.begin(time: time, rawClock: time)
    _ = try builder.append(.cohortArchived(CohortID(1)), key: KeyID(0), endsRequest: true)
    let frame = builder.finish()
    let file = try disk.open(path, .createNew)
    try disk.write(header.bytes, to: file, at: 0)
    try disk.write(frame.bytes, to: file, at: Int(frame.fileOffset))
    try disk.close(file)

    let anchor = try #require(LogAnchor(builder.chain))
    for life in 0..<3 {
      let opening = try LogOpening(
        folder.path, for: .write, on: disk, clock: SimulatedClock(),
        random: SeededRandomSource(seed: UInt64(life)), options: .small)
      let stands = opening.stands(anchor)
      #expect(stands)
      var index = LogIndex()
      index.add(frame.header)
      let start = StartingPoint(anchor: anchor, index: index)
      var tree = builder.tree
      var lastRequest = builder.request - 1
      let (log, report) = try opening.recover(from: start) { frame, bytes throws(LogError) in
        do throws(EventFault) {
          tree.append(contentsOf: try frame.leaves(in: bytes))
        } catch { throw .event(error) }
        lastRequest += UInt64(frame.header.eventCount)
      }
      #expect(report.condition == .writable)
      var next = FrameBuilder(
        ledger: header.ledger, epoch: log.epoch, chain: log.chain, tree: tree,
        lastRequest: lastRequest, random: random)
      for _ in 0..<5 {
        let time = Instant(microseconds: (next.chain.last?.time.microseconds ?? 0) + 1)
        next.begin(time: time, rawClock: time)
        _ = try next.append(.cohortArchived(CohortID(2)), key: KeyID(0), endsRequest: true)
        try log.ensureSpace(through: next.chain.end + 8_192)
        try log.append(next.finish())
      }
      #expect(log.chain.end > UInt64(1) << power)
      let position = log.chain.position
      #expect(try log.reader.frame(containing: position).header.lastPosition == position)
      try log.close()
    }
  }
}
