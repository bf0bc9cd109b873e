import CohortHTTP
import CohortWire

/// Finds one answer in bytes that come in any cuts (RFC 9112, sections 4 to 6).
///
/// ```
/// HTTP/1.1 201 Created CR LF            status line
/// Content-Length: 21 CR LF              fields          all ≤ 32 KiB, ≤ 100
/// CR LF
/// {"message":"success"}                 a length, chunks, or all until the end of the connection
/// ```
/// Answers with 1xx before it are passed over. Nobody here asks with `HEAD`, whose answers name a
/// length and have no body. Whatever makes it doubtful where the body ends is
/// refused: the next answer on the connection would be taken for another.
///
/// Invariant: `pending` is a beginning of a head whose end has not come; bytes of a body are copied
/// once. What it answers depends on the bytes, never on their cuts.
package struct AnswerParser: Sendable {
  /// Why it is no answer.
  package enum Fault: Error, Hashable, Sendable {
    case noHTTP
    case tooLong
    /// The connection ended before the answer did.
    case cut
  }

  private enum Body: Sendable {
    case head
    case length(Int)
    case chunks(ChunkedDecoder)
    /// Until the connection ends.
    case rest
    case ended
  }

  private let limit: Int
  private var pending: [UInt8] = []
  /// How much of `pending` was looked at for the end of the head.
  private var searched = 0
  private var body = Body.head
  private var answer = WebAnswer(status: 0)
  /// Whether the connection may carry another request behind a complete answer.
  package private(set) var keepsAlive = false

  static let headMax = 32 << 10
  static let fieldsMax = 100
  /// As many 100 Continue and 103 Early Hints as anybody needs.
  private var informationalLeft = 16

  /// - Parameter limit: The longest body, in bytes.
  package init(limit: Int) { self.limit = limit }

  /// Takes the next bytes of the connection.
  ///
  /// - Returns: The answer once it is complete; what is behind it makes the connection useless.
  package mutating func take(_ bytes: Span<UInt8>) throws(Fault) -> WebAnswer? {
    var offset = 0
    while true {
      switch body {
      case .head:
        guard try takeHead(bytes, &offset) else { return nil }
      case .length(let left):
        let part = min(left, bytes.count - offset)
        answer.body.append(copying: bytes.extracting(offset..<offset + part))
        offset += part
        body = .length(left - part)
        guard left == part else { return nil }
        body = .ended
      case .chunks(var decoder):
        body = .ended
        guard try takeChunks(bytes, &offset, &decoder) else {
          body = .chunks(decoder)
          return nil
        }
      case .rest:
        guard bytes.count - offset <= limit - answer.body.count else { throw .tooLong }
        answer.body.append(copying: bytes.extracting(offset...))
        return nil
      case .ended:
        if offset < bytes.count { keepsAlive = false }
        return answer
      }
    }
  }

  /// Takes the end of the connection.
  ///
  /// - Returns: An answer that goes on until then.
  package mutating func end() throws(Fault) -> WebAnswer {
    switch body {
    case .rest, .ended: return answer
    case .head, .length, .chunks: throw .cut
    }
  }

  // MARK: Bodies

  /// - Returns: Whether the body has ended.
  private mutating func takeChunks(
    _ bytes: Span<UInt8>, _ offset: inout Int, _ decoder: inout ChunkedDecoder
  ) throws(Fault) -> Bool {
    while true {
      let piece: ChunkedDecoder.Piece
      do throws(HTTPFault) { piece = try decoder.next(bytes, from: &offset) } catch {
        throw .noHTTP
      }
      switch piece {
      case .more: return false
      case .end: return true
      case .data(let range):
        guard range.count <= limit - answer.body.count else { throw .tooLong }
        answer.body.append(copying: bytes.extracting(range))
      }
    }
  }

  // MARK: Heads

  /// - Returns: Whether the head has ended; the body is known then.
  private mutating func takeHead(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(Fault) -> Bool {
    let before = pending.count
    let room = min(bytes.count - offset, Self.headMax + 4 - before)
    pending.append(copying: bytes.extracting(offset..<offset + room))
    guard let end = endOfHead() else {
      guard pending.count < Self.headMax + 4 else { throw .noHTTP }
      offset += room
      return false
    }
    offset += end - before
    pending.removeSubrange(end...)
    try readHead()
    pending = []
    searched = 0
    return true
  }

  /// The place behind the empty line.
  private mutating func endOfHead() -> Int? {
    var at = max(searched, 3)
    while at < pending.count {
      if pending[at] == 0x0A, pending[at - 1] == 0x0D, pending[at - 2] == 0x0A,
        pending[at - 3] == 0x0D
      {
        return at + 1
      }
      at += 1
    }
    searched = at
    return nil
  }

  private mutating func readHead() throws(Fault) {
    var lines = Lines(bytes: pending)
    guard let first = lines.next(), let (status, isOneZero) = Self.status(first) else {
      throw .noHTTP
    }
    var head = AnswerHead(isOneZero: isOneZero)
    while let line = lines.next(), !line.isEmpty { try head.take(line) }
    guard lines.isAtEnd, head.fields.count <= Self.fieldsMax else { throw .noHTTP }
    if (100...199).contains(status) {
      // 101 answers a question that was not asked.
      guard status != 101, informationalLeft > 0 else { throw .noHTTP }
      informationalLeft -= 1
      return
    }
    answer = WebAnswer(status: status, headers: head.fields)
    keepsAlive = head.keepsAlive
    if status == 204 || status == 304 {
      // There is no body, but if one was announced it may come all the same.
      if head.isChunked || head.length ?? 0 > 0 { keepsAlive = false }
      body = .ended
    } else if head.isChunked {
      body = .chunks(ChunkedDecoder())
    } else if let length = head.length {
      guard length <= limit else { throw .tooLong }
      answer.body.reserveCapacity(length)
      body = length == 0 ? .ended : .length(length)
    } else {
      keepsAlive = false
      body = .rest
    }
  }

  /// `HTTP/1.1 201 Created`, where the words may be missing.
  private static func status(_ line: ArraySlice<UInt8>) -> (Int, isOneZero: Bool)? {
    let line = Array(line)
    guard line.count >= 12, line.starts(with: "HTTP/1.".utf8),
      line[7] == UInt8(ascii: "0") || line[7] == UInt8(ascii: "1"), line[8] == 0x20,
      line.count == 12 || line[12] == 0x20,
      let status = Int(String(decoding: line[9..<12], as: UTF8.self)), (100...599).contains(status)
    else { return nil }
    return (status, line[7] == UInt8(ascii: "0"))
  }
}

/// The lines of a head, each ended by CR LF.
private struct Lines {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func next() -> ArraySlice<UInt8>? {
    guard let end = bytes[at...].firstIndex(of: 0x0A), end > at, bytes[end - 1] == 0x0D else {
      return nil
    }
    defer { at = end + 1 }
    return bytes[at..<end - 1]
  }
}

/// What the fields of a head say of the body behind it.
private struct AnswerHead {
  let isOneZero: Bool
  var fields: [(name: String, value: String)] = []
  var length: Int?
  var isChunked = false
  private var closes = false
  private var staysOpen = false

  init(isOneZero: Bool) { self.isOneZero = isOneZero }

  var keepsAlive: Bool { !closes && (!isOneZero || staysOpen) }

  mutating func take(_ line: ArraySlice<UInt8>) throws(AnswerParser.Fault) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
    else { throw .noHTTP }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let value = line[(colon + 1)...].drop(while: isSpace).reversed().drop(while: isSpace)
    let text = String(decoding: Array(value.reversed()), as: UTF8.self)
    fields.append((name, text))
    switch name {
    case "content-length":
      guard !isChunked, let number = Self.decimal(text), length ?? number == number else {
        throw .noHTTP
      }
      length = number
    case "transfer-encoding":
      guard text.lowercased() == "chunked", length == nil, !isChunked, !isOneZero else {
        throw .noHTTP
      }
      isChunked = true
    // We ask for none, and read none.
    case "content-encoding": guard text.lowercased() == "identity" else { throw .noHTTP }
    case "connection":
      for option in text.lowercased().split(separator: ",") {
        let option = option.drop { $0 == " " }.prefix { $0 != " " }
        if option == "close" { closes = true }
        if option == "keep-alive" { staysOpen = true }
      }
    default: break
    }
  }

  private static func decimal(_ text: String) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }
}
