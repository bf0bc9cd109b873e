import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire
import Synchronization

extension Service {
  /// `GET /ledger/log`: the bytes of the log up to its durable end, or one range of them (RFC 9110,
  /// section 14).
  ///
  /// Whoever reads checks: the bytes are as they lie on the disk.
  func rawLog(_ question: Question) throws -> Answered {
    _ = try Query(question.head.query, for: .log)
    let size = ledger.log.chain.end
    let tag = entityTag(question.now)
    var headers = [("Accept-Ranges", "bytes"), ("ETag", tag)]
    let wanted: ByteRange =
      question.head.hasCurrentTag(tag) ? ByteRange(question.head, size: size) : .whole
    let range: Range<UInt64>
    switch wanted {
    case .whole: range = 0..<size
    case .part(let part):
      range = part
      headers.append(
        ("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"))
    case .none:
      throw Denial(
        WireError(
          416, "The log has \(size) durable bytes, and the range begins behind them. Wait for more."
        ),
        headers + [("Content-Range", "bytes */\(size)")])
    }
    noteReader(question, of: range)
    let source = RawLogSource(ledger, question.caller, range)
    var answered = Answered.stream(
      source, type: "application/octet-stream", length: UInt64(range.count),
      at: question.now.end)
    answered.status = wanted == .whole ? 200 : 206
    answered.headers += headers
    return answered
  }

  /// Names the bytes that are there.
  ///
  /// A log only grows: more of it has the same tag, or nobody could go on where he stopped. Another
  /// tag says that bytes in its midst are others than they were: an erasure has zeroed some, or the
  /// log was restored.
  private func entityTag(_ view: View) -> String {
    let restored = ledger.lastRestored ?? .origin
    let rewritten = ledger.lastErased ?? .origin
    return "\"\(ledger.log.header.ledger)-\(restored.rawValue)-\(rewritten.rawValue)\""
  }
}

/// What `Range` asks for of so many bytes.
enum ByteRange: Hashable {
  /// Also if it asks for more than one range, or for something else than bytes.
  case whole
  /// Not empty.
  case part(Range<UInt64>)
  /// Nothing of it is there.
  case none

  init(_ head: RequestHead, size: UInt64) {
    guard let field = head.headers.only("range") else {
      self = .whole
      return
    }
    self.init(field, size: size)
  }

  init(_ field: [UInt8], size: UInt64) {
    self = .whole
    let text = String(decoding: field, as: UTF8.self).lowercased()
    guard text.hasPrefix("bytes=") else { return }
    let ends = text.dropFirst("bytes=".count)
      .split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { return }
    switch (Self.number(ends[0]), Self.number(ends[1])) {
    case (let first?, let last?):
      guard first <= last else { return }
      self = first < size ? .part(first..<min(last, size - 1) + 1) : .none
    case (let first?, nil):
      guard ends[1].isEmpty else { return }
      self = first < size ? .part(first..<size) : .none
    case (nil, let count?):
      guard ends[0].isEmpty else { return }
      self = count > 0 && size > 0 ? .part(size - min(count, size)..<size) : .none
    case (nil, nil): return
    }
  }

  private static func number(_ digits: Substring) -> UInt64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    // As far as no log will ever reach.
    return UInt64(digits) ?? .max
  }
}

extension RequestHead {
  /// Whether `If-Range` is absent, or names the bytes that are there.
  fileprivate func hasCurrentTag(_ tag: String) -> Bool {
    let fields = headers["if-range"]
    return fields.isEmpty || fields.count == 1 && fields[0].elementsEqual(tag.utf8)
  }
}

/// The bytes of a range, some at a time.
private final class RawLogSource: BodySource {
  private let ledger: Ledger
  private let caller: Caller
  private let rest: Mutex<Range<UInt64>>

  private static let partSize: UInt64 = 128 << 10

  init(_ ledger: Ledger, _ caller: Caller, _ range: Range<UInt64>) {
    self.ledger = ledger
    self.caller = caller
    rest = Mutex(range)
  }

  func next(_ wake: Wake) -> BodyPart {
    let part = rest.withLock { rest in
      let end = rest.lowerBound + min(UInt64(rest.count), Self.partSize)
      defer { rest = end..<rest.upperBound }
      return rest.lowerBound..<end
    }
    guard !part.isEmpty else { return .end }
    // The length was promised: whoever loses his key loses the connection.
    guard (try? caller.check(in: ledger.now)) != nil,
      let bytes = try? ledger.log.reader.bytes(in: part), bytes.count == part.count
    else { return .fail }
    return .bytes(bytes)
  }

  func end() {}
}
