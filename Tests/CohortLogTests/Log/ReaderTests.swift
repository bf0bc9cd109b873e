import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `A reader` {
  let sample: SampleLog
  let test: TestLog

  init() throws {
    sample = try SampleLog(
      sizes: (0..<40).map { $0 * 53 % 900 }, seals: [0, 1, 7, 20, 39])
    test = try sample.open(sample.bytes)
  }

  @Test func `finds the frame of every position`() throws {
    for frame in sample.frames where frame.header.kind == .events {
      for number in 0..<frame.header.eventCount {
        let position = frame.header.firstPosition.advanced(by: number)
        let found = try test.log.reader.frame(containing: position)
        #expect(found.bytes == frame.bytes && found.header == frame.header)
      }
    }
    let end = test.log.chain.position
    for position in [Position.origin, end.advanced(by: 1), .never] {
      #expect(throws: LogError.beyondEnd(position, end: end)) {
        try test.log.reader.frame(containing: position)
      }
    }
  }

  @Test func `finds the last position at, before and behind every instant`() throws {
    var position = Position.origin
    for frame in sample.frames {
      let time = frame.header.time.microseconds
      #expect(try test.log.reader.position(at: Instant(microseconds: time - 1)) == position)
      position = frame.header.lastPosition
      #expect(try test.log.reader.position(at: Instant(microseconds: time)) == position)
      #expect(try test.log.reader.position(at: Instant(microseconds: time + 1)) == position)
    }
    #expect(try test.log.reader.position(at: Instant(microseconds: .min)) == .origin)
    #expect(try test.log.reader.position(at: Instant(microseconds: .max)) == position)
  }

  @Test func `walks over every range of positions`() throws {
    let events = sample.frames.filter { $0.header.kind == .events }
    let end = Int(test.log.chain.position.rawValue)
    for first in stride(from: 0, through: end + 1, by: 3) {
      for last in stride(from: first, through: end + 2, by: 7) {
        let range = Position(UInt64(first))...Position(UInt64(last))
        var found: [[UInt8]] = []
        try test.log.reader.forEachFrame(range) { frame, bytes in
          found.append(bytes.array(frame.start..<frame.end))
          return true
        }
        let expected = events.filter {
          $0.header.lastPosition >= range.lowerBound && $0.header.firstPosition <= range.upperBound
            && range.upperBound > .origin
        }
        #expect(found == expected.map(\.bytes), "\(range)")
      }
    }
  }

  @Test func `stops when it is told to`() throws {
    var count = 0
    try test.log.reader.forEachFrame(Position(1)...Position.never) { _, _ in
      count += 1
      return count < 3
    }
    #expect(count == 3)
  }

  @Test func `reads bytes as they are, up to what is durable`() throws {
    let end = test.log.chain.end
    let bytes = Array(sample.bytes.prefix(Int(end)))
    #expect(try test.log.reader.bytes(in: 0..<end + 100) == bytes)
    #expect(try test.log.reader.bytes(in: 5_000..<5_100) == Array(sample.bytes[5_000..<5_100]))
    #expect(try test.log.reader.bytes(in: end..<end + 9).isEmpty)
  }

  @Test func `outlives the log, and sees what is appended meanwhile`() throws {
    var writer = try sample.open(sample.bytes)
    let reader = writer.log.reader
    let frame = try writer.append(sampleEvents(3))
    try writer.log.close()
    #expect(try reader.frame(containing: frame.header.lastPosition).bytes == frame.bytes)
    #expect(throws: LogError.stopped) { try writer.append(sampleEvents(4)) }
  }

  @Test func `on other threads sees whole frames, and never less than before`() async throws {
    let folder = try TemporaryFolder()
    var writer = try TestLog(on: PosixDisk(), in: folder.path)
    try writer.append(sampleEvents(0))
    let reader = writer.log.reader
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          var last = Position.origin
          while last < Position(400) {
            let chain = reader.chain
            #expect(chain.position >= last)
            last = chain.position
            let frame = try reader.frame(containing: last)
            #expect(frame.header.lastPosition == last)
            #expect(try reader.position(at: frame.header.time) == last)
            await Task.yield()
          }
        }
      }
      while writer.log.chain.position < Position(400) { try writer.append(sampleEvents(2)) }
      try await group.waitForAll()
    }
    try writer.log.close()
  }

  @Test func `goes on from an index that a snapshot has kept`() throws {
    let bytes = test.log.reader.index.bytes
    guard let index = LogIndex(bytes.span) else {
      Issue.record("the index cannot be read")
      return
    }
    #expect(index == test.log.reader.index)
    for frame in sample.frames {
      var chain = FrameChain()
      for other in sample.frames where other.header.fileOffset <= frame.header.fileOffset {
        try chain.accept(other.header, root: other.root)
      }
      let anchor = try #require(LogAnchor(chain))
      let disk = try sample.disk(with: sample.bytes)
      let opening = try LogOpening(
        TestLog.folder, for: .write, on: disk, clock: SimulatedClock(),
        random: SeededRandomSource(seed: 5), options: .small)
      let stands = opening.stands(anchor)
      #expect(stands)
      var first: Position?
      let start = StartingPoint(anchor: anchor, index: index)
      let (log, report) = try opening.recover(from: start) { frame, _ in
        first = first ?? frame.header.firstPosition
      }
      #expect(report.chain == test.log.chain)
      #expect(first == nil || first == anchor.position.advanced(by: 1))
      for position in [Position(1), anchor.position, log.chain.position] {
        #expect(
          try log.reader.frame(containing: position)
            == test.log.reader.frame(containing: position))
      }
    }
    var foreign = test.log.reader.index.bytes
    foreign.removeLast()
    let isForeign = LogIndex(foreign.span) == nil
    #expect(isForeign)
  }

  @Test func `in another process stops before a frame that nothing proves`() throws {
    for seals in [[], [4]] as [Set<Int>] {
      let small = try SampleLog(seals: seals)
      for size in stride(from: small.range(3).lowerBound, through: small.bytes.count, by: 1) {
        let disk = try small.disk(with: Array(small.bytes.prefix(size)))
        let before = disk.operations
        let other = try TestLog(on: disk, for: .read)
        // The header of a frame proves the frame before it.
        let proven = small.frames.indices.filter { number in
          if number + 1 == small.frames.count { return !seals.isEmpty && size == small.bytes.count }
          return small.range(number + 1).lowerBound + FrameHeader.size <= size
        }
        #expect(other.scanned.leaves == small.leaves(proven.count), "\(size)")
        #expect(other.report.condition == .readOnly)
        #expect(disk.operations > before && disk.contents(of: TestLog.path)?.count == size)
        #expect(throws: LogError.readOnly(path: TestLog.path)) {
          try other.log.ensureSpace(through: UInt64(size) + 1)
        }
      }
    }
  }
}
