import CohortFormat
import CohortModel
import TestSupport
import Testing

@Suite struct `A frame builder` {
  private func builder() -> FrameBuilder {
    FrameBuilder(
      ledger: SmallLog.ledger, epoch: SmallLog.epoch(1), chain: FrameChain(),
      tree: MerkleFrontier(), lastRequest: 0, random: SeededBytes(seed: 5))
  }

  private let noon = Instant(microseconds: 12)

  @Test func `knows the size of the frame before it ends, and its root`() throws {
    var (some, builder) = (SomeEvents(seed: 8), builder())
    var tree = MerkleFrontier()
    for round in 1..<40 {
      builder.begin(time: Instant(microseconds: Int64(round)), rawClock: noon)
      for _ in 0..<round { try builder.append(some.anyEvent(), key: KeyID(1), endsRequest: true) }
      let size = builder.estimatedSize
      let frame = builder.finish()
      #expect(frame.bytes.count == size && frame.header.size == size)
      #expect(frame.fileOffset + UInt64(size) == frame.fileEnd)
      tree.append(contentsOf: frame.leaves)
      #expect(frame.root == tree.root && builder.tree == tree && builder.chain.root == tree.root)
      #expect(builder.nextPosition == frame.header.lastPosition.advanced(by: 1))
    }
  }

  @Test func `forgets what was rolled back, abandoned or assigned away`() throws {
    var some = SomeEvents(seed: 9)
    let events = (0..<20).map { _ in some.event(.cohortNamed) }
    func frame(_ disturb: (inout FrameBuilder) throws -> Void) throws -> EncodedFrame {
      var builder = builder()
      let before = builder
      builder.begin(time: noon, rawClock: noon)
      try builder.append(events[0], key: KeyID(1), endsRequest: false)
      builder.abandon()
      builder.begin(time: noon, rawClock: noon)
      try builder.append(events[1], key: KeyID(1), endsRequest: true)
      builder = before
      builder.begin(time: noon, rawClock: noon)
      for event in events {
        try builder.append(event, key: KeyID(1), endsRequest: true)
        try disturb(&builder)
      }
      return builder.finish()
    }
    let disturbed = try frame { builder in
      let mark = builder.mark
      for event in events { try builder.append(event, key: KeyID(2), endsRequest: true) }
      try builder.append(events[0], key: KeyID(2), endsRequest: false)
      builder.rollBack(to: mark)
    }
    #expect(try frame { _ in } == disturbed)
  }

  @Test func `refuses what would not fit, and is as before`() throws {
    var builder = builder()
    builder.begin(time: noon, rawClock: noon)
    let big = Event.cohortNamed(
      CohortNamed(
        cohort: CohortID(1), partner: PartnerID(1), cohortID: "big",
        name: Text(bytes: [UInt8](repeating: 65, count: 5 << 20)), createdAt: nil))
    for _ in 0..<3 { try builder.append(big, key: KeyID(1), endsRequest: true) }
    let (size, position) = (builder.estimatedSize, builder.nextPosition)
    #expect(throws: FrameFull.self) { try builder.append(big, key: KeyID(1), endsRequest: true) }
    #expect(builder.estimatedSize == size && builder.nextPosition == position)
    try builder.append(.keyInvalidated(KeyID(4)), key: KeyID(1), endsRequest: true)
    #expect(builder.finish().header.eventCount == 4)
  }

  @Test func `numbers requests and goes on with them in the next frame`() throws {
    var log = SmallLog()
    let event = Event.cohortArchived(CohortID(1))
    try log.append([([event, event], nil), ([event], nil)])
    log.seal()
    try log.append([([event, event, event], nil)])
    var requests: [UInt64] = []
    for frame in SmallLog.read(log.bytes).frames {
      var walk = EventWalk(frame)
      while let head = try walk.next(in: log.bytes.span) {
        requests.append(head.request)
        #expect(head.key == log.recorded[requests.count - 1].key)
        #expect(head.position == Position(UInt64(requests.count)))
      }
    }
    #expect(requests == [1, 1, 2, 3, 3, 3])
  }
}

@Suite struct `A prefix of a frame` {
  @Test func `is the frame that would have been written`() throws {
    var some = SomeEvents(seed: 21)
    let events = (0..<30).map { _ in some.anyEvent() }
    func log(_ count: Int) throws -> SmallLog {
      var log = SmallLog()
      try log.append([.cohortArchived(CohortID(1))])
      try log.append(events[..<count].map { ([$0], nil) })
      return log
    }
    let whole = try log(30)
    let frame = SmallLog.read(whole.bytes).frames[1]
    for count in 1...30 {
      let prefix = try frame.prefix(
        through: Position(UInt64(count + 1)), in: whole.bytes.span, tree: whole.trees[1],
        ledger: SmallLog.ledger)
      #expect(try prefix == log(count).frames[1])
      #expect(prefix.leaves == Array(whole.frames[1].leaves[..<count]))
    }
  }

  @Test func `may end in half a request, which then ends with the frame`() throws {
    var log = SmallLog()
    try log.append((1..<9).map { .cohortArchived(CohortID($0)) })
    let frame = SmallLog.read(log.bytes).frames[0]
    for cut in UInt64(1)...8 {
      let prefix = try frame.prefix(
        through: Position(cut), in: log.bytes.span, tree: MerkleFrontier(),
        ledger: SmallLog.ledger)
      let bytes = Array(log.bytes[..<FileHeader.size]) + prefix.bytes
      let (frames, _, fault) = SmallLog.read(bytes)
      #expect(fault == nil && frames.count == 1)
      try frames[0].forEachEvent(in: bytes.span, ledger: SmallLog.ledger) {
        #expect($0.recorded.request == Position(cut))
      }
      #expect(try frames[0].leaves(in: bytes.span) == prefix.leaves)
    }
  }
}
