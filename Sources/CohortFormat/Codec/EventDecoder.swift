package import CohortModel

/// An event with its personal texts, and where those lie.
package struct DecodedEvent: Hashable, Sendable {
  /// Erased and damaged texts are `PersonalText.erased`; `texts` tells one from the other.
  package let recorded: Recorded
  /// In item order, those of the receipt last: `texts[i].name.item == i`.
  package let texts: [TextEntry]
}

/// Reads the events of a frame in their order.
package struct EventDecoder {
  private let frame: FrameExtent
  private var walk: EventWalk
  private var texts: TextReader
  /// The position of the last event of the request of the event read last.
  private var requestEnd = Position.origin

  package init(_ frame: FrameExtent, ledger: LedgerID) {
    self.frame = frame
    walk = EventWalk(frame)
    texts = TextReader(frame, ledger: ledger.checksum)
  }

  /// Where the texts of the next event begin, in the bytes that the frame was read from.
  var privateOffset: Int { texts.nextOffset }

  /// Where the next event begins.
  var eventOffset: Int { walk.offset }

  /// Reads the next event from the bytes that the frame was read from.
  ///
  /// Work and memory stay proportional to the bytes of the event, whatever they are.
  ///
  /// - Returns: `nil` behind the last event.
  /// - Throws: What cannot be read. Nothing can be read behind it: where its texts end, and with
  ///   them those of later events begin, is not known.
  package mutating func next(in bytes: Span<UInt8>) throws(EventFault) -> DecodedEvent? {
    guard let head = try walk.next(in: bytes) else {
      guard texts.isAtEnd else {
        throw .malformed(
          .privateArea, at: walk.position, offset: frame.fileOffset(of: texts.nextOffset))
      }
      return nil
    }
    if head.position > requestEnd { requestEnd = try endOfRequest(head, in: bytes) }
    return try decode(head, in: bytes)
  }

  /// What a replay makes of the next event.
  package enum Step {
    /// A `membersChanged` without texts, to be folded where it lies. Its users were not looked at.
    case members(EventHead, MembersExtent, requestEnd: Position)
    /// A new user with one external id.
    case user(EventHead, UserExtent, requestEnd: Position)
    case event(DecodedEvent)
    case end
  }

  /// Reads the next event, leaving sets of users where they lie if nothing else is in the way: most
  /// of a log is those.
  package mutating func step(in bytes: Span<UInt8>) throws(EventFault) -> Step {
    guard let head = try walk.next(in: bytes) else {
      guard texts.isAtEnd else {
        throw .malformed(
          .privateArea, at: walk.position, offset: frame.fileOffset(of: texts.nextOffset))
      }
      return .end
    }
    if head.position > requestEnd { requestEnd = try endOfRequest(head, in: bytes) }
    if head.kind == EventKind.membersChanged.rawValue, head.receipt == nil {
      let members = try MembersExtent.read(head, of: frame, in: bytes)
      if members.unmatchedCount == 0 {
        return .members(head, members, requestEnd: requestEnd)
      }
    } else if head.kind == EventKind.userCreated.rawValue {
      do throws(EventFlaw) {
        if let user = try UserExtent.read(head, &texts, in: bytes) {
          return .user(head, user, requestEnd: requestEnd)
        }
      } catch {
        throw .malformed(
          error, at: head.position, offset: frame.fileOffset(of: head.payload.lowerBound))
      }
    }
    return .event(try decode(head, in: bytes))
  }

  /// A request ends with its flag or with the frame: a restored log may end in half a request.
  private func endOfRequest(
    _ head: EventHead, in bytes: Span<UInt8>
  ) throws(EventFault) -> Position {
    var (walk, head) = (walk, head)
    while !head.endsRequest {
      guard let next = try walk.next(in: bytes) else { break }
      head = next
    }
    return head.position
  }

  private mutating func decode(
    _ head: EventHead, in bytes: Span<UInt8>
  ) throws(EventFault) -> DecodedEvent {
    guard let kind = EventKind(rawValue: head.kind) else {
      throw .unknownKind(head.kind, at: head.position)
    }
    guard head.version == EventKind.version else {
      throw .unknownVersion(head.version, of: kind, at: head.position)
    }
    texts.position = head.position
    texts.entries = []
    let event = try read(head.payload, head, bytes) { reader, bytes throws(EventFlaw) in
      try reader.event(kind, bytes)
    }
    var receipt: Receipt?
    if let range = head.receipt {
      receipt = try read(range, head, bytes) { reader, bytes throws(EventFlaw) in
        try Receipt(from: &reader, bytes)
      }
    }
    return DecodedEvent(
      recorded: Recorded(
        position: head.position, time: frame.header.time, key: head.key, request: requestEnd,
        event: event, receipt: receipt),
      texts: texts.entries)
  }

  /// Reads all of `range` with `body`, drawing on the texts.
  private mutating func read<Value>(
    _ range: Range<Int>, _ head: EventHead, _ bytes: Span<UInt8>,
    _ body: (inout PayloadReader, Span<UInt8>) throws(EventFlaw) -> Value
  ) throws(EventFault) -> Value {
    var reader = PayloadReader(offset: range.lowerBound, end: range.upperBound)
    reader.texts = texts
    texts.entries = []
    defer { if let texts = reader.texts { self.texts = texts } }
    do throws(EventFlaw) {
      let value = try body(&reader, bytes)
      guard reader.isAtEnd else { throw .leftOver }
      return value
    } catch {
      throw .malformed(error, at: head.position, offset: frame.fileOffset(of: reader.offset))
    }
  }
}

extension FrameExtent {
  /// Calls `body` with every event.
  package func forEachEvent(
    in bytes: Span<UInt8>, ledger: LedgerID, _ body: (DecodedEvent) -> Void
  ) throws(EventFault) {
    var decoder = EventDecoder(self, ledger: ledger)
    while let event = try decoder.next(in: bytes) { body(event) }
  }

  /// Every personal text of the frame, in the order of the private area.
  ///
  /// - Parameters:
  ///   - bytes: Those that the frame was read from.
  ///   - ledger: That of the log.
  ///   - checkingCommitments: Also hashes every text that is intact, and takes those that do not
  ///     fit their commitment for damaged.
  /// - Returns: Where each lies, and whether it is intact, erased or damaged.
  /// - Throws: What cannot be read of the events.
  package func texts(
    in bytes: Span<UInt8>, ledger: LedgerID, checkingCommitments: Bool = false
  ) throws(EventFault) -> [TextEntry] {
    var texts: [TextEntry] = []
    try forEachEvent(in: bytes, ledger: ledger) { texts.append(contentsOf: $0.texts) }
    if checkingCommitments {
      for index in texts.indices { texts[index].checkCommitment(in: bytes) }
    }
    return texts
  }
}
