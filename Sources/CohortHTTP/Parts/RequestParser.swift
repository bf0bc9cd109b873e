/// Finds the head of a request in bytes that come in any cuts.
///
/// ```
/// GET /users?limit=1 HTTP/1.1 CR LF     request line   ≤ 8 KiB of target      414
/// Host: ledger.example CR LF            field          ≤ 8 KiB each           431
/// Accept: */* CR LF                     fields         ≤ 100, ≤ 32 KiB in all 431
/// CR LF
/// ```
/// Invariant: `pending` is the beginning of a line whose end has not come; nothing else is copied,
/// and nothing is looked at twice. What it answers depends on the bytes, never on their cuts.
struct RequestParser {
  private var pending: [UInt8] = []
  private var draft = HeadDraft()
  /// Whether the first byte of a head has come, and not its last; an empty line before it is none.
  private(set) var isInside = false

  init() {}

  /// Whether it is a HEAD that has begun, or was refused: no body may be sent to whoever asked so.
  var isHead: Bool {
    draft.hasRequestLine ? draft.isHead : draft.isHead || HeadDraft.isHead(pending.span)
  }

  /// Goes on at `offset`, as far as the end of a head.
  ///
  /// - Returns: `nil` if all bytes are used up and the head is not complete.
  /// - Throws: ``HTTPFault`` at the first byte that cannot stand there.
  mutating func next(
    _ bytes: Span<UInt8>, from offset: inout Int
  ) throws(HTTPFault) -> ParsedHead? {
    while offset < bytes.count {
      isInside = true
      if pending.last == Byte.carriageReturn {
        guard bytes[offset] == Byte.lineFeed else { throw .lineBreak }
        offset += 1
        pending.removeLast()
        if try takePending() { return finish() }
        isInside = !draft.isBlank
        continue
      }
      let limit = draft.lineLimit
      let longest = limit.bytes - pending.count
      let stop = min(bytes.count, offset + longest)
      var end = offset
      while end < stop, !Byte.isControl(bytes[end]) { end += 1 }
      let line = bytes.extracting(offset..<end)
      guard end + 1 < bytes.count, bytes[end] == Byte.carriageReturn,
        bytes[end + 1] == Byte.lineFeed
      else {
        // Of what is refused too, somebody asks how it began.
        pending.append(copying: line)
        guard end < bytes.count else {
          offset = end
          return nil
        }
        guard bytes[end] == Byte.carriageReturn else {
          if end == offset + longest { throw limit.fault }
          throw bytes[end] == Byte.lineFeed ? .lineBreak : .controlCharacter
        }
        guard end + 1 == bytes.count else { throw .lineBreak }
        pending.append(Byte.carriageReturn)
        offset = end + 1
        return nil
      }
      let isLast: Bool
      if pending.isEmpty {
        isLast = try draft.take(line)
      } else {
        pending.append(copying: line)
        isLast = try takePending()
      }
      offset = end + 2
      if isLast { return finish() }
      isInside = !draft.isBlank
    }
    return nil
  }

  private mutating func takePending() throws(HTTPFault) -> Bool {
    let line = pending
    pending = []
    return try draft.take(line.span)
  }

  private mutating func finish() -> ParsedHead {
    let head = draft.head
    self = RequestParser()
    return head
  }
}
