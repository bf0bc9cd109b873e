import CohortFormat
import CohortModel
import TestSupport
import Testing

@Suite struct `A walk over events` {
  @Test func `finds what the decoder finds, payloads unread`() throws {
    var (some, log) = (SomeEvents(seed: 31), SmallLog())
    for _ in 0..<10 {
      try log.append(
        (0..<20).map { _ in
          (
            [some.anyEvent(), some.event(.membersChanged)],
            some.random.once(in: 2) ? nil : some.receipt()
          )
        })
    }
    let bytes = log.bytes.span
    for frame in SmallLog.read(log.bytes).frames {
      var (walk, decoder) = (EventWalk(frame), EventDecoder(frame, ledger: SmallLog.ledger))
      while let head = try walk.next(in: bytes) {
        let recorded = try #require(try decoder.next(in: bytes)).recorded
        #expect(head.position == recorded.position && head.key == recorded.key)
        #expect(head.kind == EventKind(of: recorded.event).rawValue)
        #expect(head.endsRequest == (recorded.request == recorded.position))
        #expect((head.receipt != nil) == (recorded.receipt != nil))
        guard case .membersChanged(let event) = recorded.event else { continue }
        let extent = try MembersExtent.read(head, of: frame, in: bytes)
        #expect(extent.cohort == event.cohort && extent.direction == event.direction)
        #expect(extent.unchanged == event.unchanged)
        #expect(extent.unmatchedCount == event.unmatched.count)
        let (users, end) = try PackedUsers.read(bytes, at: extent.users.lowerBound)
        #expect(users == event.users && end == extent.users.upperBound)
      }
      #expect(try decoder.next(in: bytes) == nil)
      #expect(walk.position == frame.header.lastPosition.advanced(by: 1))
    }
  }
}

@Suite struct `A name in hexadecimal` {
  @Test func `is read as it was written, and nothing else is`() throws {
    for seed in UInt64(0)..<50 {
      let ledger = SmallLog.ledger(seed)
      #expect(LedgerID(ledger.description) == ledger)
      #expect(LedgerID(ledger.bytes.span, at: 0) == ledger)
      let epoch = Epoch(
        generation: UInt32(truncatingIfNeeded: seed &* 0x9E37_79B9), random: SeededBytes(seed: seed)
      )
      #expect(Epoch(epoch.description) == epoch)
      var bytes: [UInt8] = []
      epoch.append(to: &bytes)
      #expect(Epoch(bytes.span, at: 0) == epoch)
      #expect(epoch.description.utf8.count == 32)
      for text in [epoch.description.uppercased() + "A", "", String(epoch.description.dropLast())] {
        #expect(Epoch(text) == nil && LedgerID(text) == nil)
      }
      #expect(Epoch("g" + epoch.description.dropFirst()) == nil)
    }
    #expect(SmallLog.epoch(1) < SmallLog.epoch(2) && SmallLog.epoch(9) < SmallLog.epoch(10))
  }
}
