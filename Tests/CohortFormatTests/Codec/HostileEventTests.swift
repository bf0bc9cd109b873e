import CohortModel
import TestSupport
import Testing

@testable import CohortFormat

/// A frame around any event bytes and any private area, with every checksum right.
private func frame(
  _ events: [UInt8], count: Int, privateArea: [UInt8] = []
) -> (bytes: [UInt8], extent: FrameExtent)? {
  let header = FrameHeader(
    kind: .events, publicLength: events.count, privateLength: privateArea.count,
    fileOffset: 4_096, firstPosition: Position(1), eventCount: count,
    time: Instant(microseconds: 1), rawClock: Instant(microseconds: 1), epoch: SmallLog.epoch(1),
    rootBefore: MerkleHash.emptyRoot)
  var bytes = [UInt8](repeating: 0, count: 112) + events
  bytes.close(header, root: .zero, ledger: SmallLog.ledger.checksum)
  bytes += privateArea
  let read = FrameScan.read(bytes.span, at: 0, base: 4_096, ledger: SmallLog.ledger)
  guard case .frame(let extent) = read else { return nil }
  return (bytes, extent)
}

/// Reads all events; `nil` if there is a fault.
private func decode(_ bytes: [UInt8], _ extent: FrameExtent) -> [DecodedEvent]? {
  var events: [DecodedEvent] = []
  do throws(EventFault) {
    try extent.forEachEvent(in: bytes.span, ledger: SmallLog.ledger) { events.append($0) }
    return events
  } catch {
    return nil
  }
}

@Suite struct `An event of hostile bytes` {
  @Test func `never traps`() {
    var dice = SeededRandom(seed: 6)
    for round in 0..<20_000 {
      var events = dice.bytes(6 + dice.below(80))
      // A head that passes now and then, so that payloads are reached.
      events[0] = EventKind.allCases[round % EventKind.allCases.count].rawValue
      (events[1], events[2]) = (1, UInt8(dice.below(4)))
      (events[3], events[4]) = (1, 1)
      events[5] = UInt8(min(127, events.count - 6))
      for index in 6..<events.count where dice.below(3) == 0 {
        events[index] = UInt8(dice.below(12))
      }
      let area = dice.bytes(16 * dice.below(12))
      guard let (bytes, extent) = frame(events, count: 1, privateArea: area) else {
        Issue.record("the frame is good")
        return
      }
      _ = decode(bytes, extent)
      _ = try? extent.leaves(in: bytes.span)
      var walk = EventWalk(extent)
      while let head = try? walk.next(in: bytes.span) {
        if head.kind == EventKind.membersChanged.rawValue {
          _ = try? MembersExtent.read(head, of: extent, in: bytes.span)
        }
      }
    }
  }

  @Test(arguments: EventKind.allCases)
  func `that is accepted is exactly what would have been written`(kind: EventKind) throws {
    var (some, dice) = (SomeEvents(seed: 100), SeededRandom(seed: UInt64(kind.rawValue)))
    for _ in 0..<60 {
      var log = SmallLog()
      try log.append([some.event(kind)])
      let whole = SmallLog.read(log.bytes).frames[0]
      let events = Array(log.bytes[whole.events])
      let area = Array(log.bytes[whole.privateArea])
      for _ in 0..<40 {
        var damaged = events
        switch dice.below(3) {
        case 0: damaged[dice.below(events.count)] ^= 1 << UInt8(dice.below(8))
        case 1: damaged.remove(at: dice.below(events.count))
        default: damaged.insert(UInt8(dice.below(256)), at: dice.below(events.count + 1))
        }
        guard damaged.count >= 6,
          let (bytes, extent) = frame(damaged, count: 1, privateArea: area),
          let event = decode(bytes, extent)?.first
        else { continue }
        #expect(try again(event, bytes, extent) == damaged, "\(event.recorded.event)")
      }
    }
  }

  /// Writes what was read, and returns its bytes.
  ///
  /// Request numbers and commitments are taken from what was read: any would be right.
  private func again(
    _ event: DecodedEvent, _ bytes: [UInt8], _ extent: FrameExtent
  ) throws -> [UInt8] {
    var walk = EventWalk(extent)
    let head = try #require(try walk.next(in: bytes.span))
    var builder = FrameBuilder(
      ledger: SmallLog.ledger, epoch: SmallLog.epoch(1), chain: FrameChain(),
      tree: MerkleFrontier(), lastRequest: head.request &- 1, random: SeededBytes(seed: 1))
    builder.begin(time: event.recorded.time, rawClock: event.recorded.time)
    guard event.texts.allSatisfy({ $0.state == .intact }) else {
      return Array(bytes[extent.events])
    }
    try builder.append(
      event.recorded.event, key: event.recorded.key, receipt: event.recorded.receipt,
      endsRequest: true)
    let frame = builder.finish()
    let rewritten = FrameExtent(header: frame.header, start: 0)
    var written = Array(frame.bytes[rewritten.events])
    let fresh = try rewritten.texts(in: frame.bytes.span, ledger: SmallLog.ledger)
    for (old, new) in zip(event.texts, fresh) {
      let (oldBytes, newBytes) = (Array(old.commitment), Array(new.commitment))
      for start in 0...written.count - 32 where Array(written[start..<start + 32]) == newBytes {
        written.replace(at: start, with: oldBytes)
      }
    }
    if !head.endsRequest { written[2] &= ~EventHead.endsRequestFlag }
    return written
  }

  @Test func `that claims more than there is throws before it takes memory`() throws {
    // A user with 2^63 identifiers, and one whose text is as long as memory.
    let count: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
    let hostile: [(EventKind, [UInt8])] = [
      (.userCreated, [1] + count), (.cohortNamed, [1, 1] + count), (.usersMerged, [1, 2] + count),
      (.membersChanged, [1, 0, 0] + count), (.segmentSaved, [1, 1, 0, 0, 0, 1] + count),
    ]
    for (kind, payload) in hostile {
      let event = [kind.rawValue, 1, 1, 1, 1, UInt8(payload.count)] + payload
      let (bytes, extent) = try #require(frame(event, count: 1))
      #expect(
        throws: EventFault.malformed(
          .cutShort, at: Position(1),
          offset: 4_096 + 112 + 6
            + UInt64(payload.count))
      ) { try extent.texts(in: bytes.span, ledger: SmallLog.ledger) }
    }
  }

  @Test func `nested without end is refused at the limit`() throws {
    for depth in [1, 127, 128, 129, 10_000, 1_000_000] {
      let filter = [UInt8](repeating: 3, count: depth - 1) + [6, 1]
      var event: [UInt8] = [EventKind.segmentSaved.rawValue, 1, 1, 1, 1]
      event.append(varint: UInt64(5 + filter.count))
      event += [1, 1, 0, 0, 0] + filter
      let (bytes, extent) = try #require(frame(event, count: 1))
      #expect((decode(bytes, extent) != nil) == (depth <= 128), "\(depth) deep")
    }
  }
}

@Suite struct `An event of a later release` {
  @Test func `is named with its position, and can be stepped over`() throws {
    let known: [UInt8] = [EventKind.cohortArchived.rawValue, 1, 1, 1, 0, 1, 7]
    let kinds = Set(EventKind.allCases.map(\.rawValue))
    for kind in UInt8.min...UInt8.max where !kinds.contains(kind) {
      let unknown: [UInt8] = [kind, 1, 1, 2, 0, 3, 1, 2, 3]
      let (bytes, extent) = try #require(frame(known + unknown + known, count: 3))
      #expect(throws: EventFault.unknownKind(kind, at: Position(2))) {
        try extent.texts(in: bytes.span, ledger: SmallLog.ledger)
      }
      #expect(try extent.leaves(in: bytes.span).count == 3)
    }
    for version: UInt8 in [0, 2, 255] {
      let newer: [UInt8] = [EventKind.cohortArchived.rawValue, version, 1, 2, 0, 3, 1, 2, 3]
      let (bytes, extent) = try #require(frame(known + newer + known, count: 3))
      #expect(
        throws: EventFault.unknownVersion(version, of: .cohortArchived, at: Position(2))
      ) { try extent.texts(in: bytes.span, ledger: SmallLog.ledger) }
    }
  }

  @Test func `with texts that do not fill the private area is malformed`() throws {
    let event: [UInt8] = [EventKind.cohortArchived.rawValue, 1, 1, 1, 0, 1, 7]
    let area = [UInt8](repeating: 0, count: 32)
    let (bytes, extent) = try #require(frame(event, count: 1, privateArea: area))
    #expect(throws: EventFault.self) {
      try extent.texts(in: bytes.span, ledger: SmallLog.ledger)
    }
  }
}

extension Array<UInt8> {
  fileprivate init(_ digest: Digest) {
    self = []
    append(digest)
  }
}
