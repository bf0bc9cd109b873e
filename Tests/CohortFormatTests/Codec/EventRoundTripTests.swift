import CohortFormat
import CohortModel
import TestSupport
import Testing

@Suite struct `An event that was written` {
  @Test(arguments: EventKind.allCases)
  func `is read as it was, whatever it holds`(kind: EventKind) throws {
    var some = SomeEvents(seed: UInt64(kind.rawValue))
    var log = SmallLog()
    for _ in 0..<8 {
      try log.append(
        (0..<10).map { _ in
          ([some.event(kind), some.anyEvent()], some.random.once(in: 3) ? some.receipt() : nil)
        })
    }
    log.seal()
    let bytes = log.bytes.span
    let read = SmallLog.read(log.bytes)
    #expect(read.fault == nil)
    #expect(read.frames.map(\.header) == log.frames.map(\.header))
    var recorded: [Recorded] = []
    for frame in read.frames {
      try frame.forEachEvent(in: bytes, ledger: SmallLog.ledger) { event in
        recorded.append(event.recorded)
        // The receipt's two stand behind the event's own.
        #expect(
          event.texts.count
            == event.recorded.event.textCount + (event.recorded.receipt == nil ? 0 : 2))
        for (item, text) in event.texts.enumerated() {
          #expect(text.name == TextName(position: event.recorded.position, item: UInt32(item)))
          #expect(text.opening(in: bytes)?.commitment == text.commitment)
          #expect(text.fileOffset == UInt64(text.range.lowerBound))
        }
      }
    }
    #expect(recorded == log.recorded)
  }
}
