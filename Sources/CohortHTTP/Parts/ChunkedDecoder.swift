/// Finds the bytes of a body that comes in chunks (RFC 9112 §7.1).
///
/// ```
/// 1A ; name=value CR LF │ 26 bytes │ CR LF │ … │ 0 CR LF │ Trailer: dropped CR LF │ CR LF
/// ╰size╯╰─ ≤ 1 KiB ─╯
/// ```
/// It keeps nothing of what it has seen: a body can be cut anywhere. Extensions and trailers are
/// checked and dropped; all of them together may hold 8 KiB, so that a sender cannot go on for ever
/// without sending a byte of the body.
package struct ChunkedDecoder: Sendable {
  package enum Piece: Equatable, Sendable {
    /// All bytes are used up, and the body is not at its end.
    case more
    /// These bytes are of the body.
    case data(Range<Int>)
    case end
  }

  private enum State {
    case size(digits: Int, UInt64)
    /// Bad whitespace behind the size, which RFC 9112 has a recipient skip; then `;`.
    case space(UInt64)
    case extensions(UInt64)
    case sizeLineFeed(UInt64)
    case data(UInt64)
    case dataReturn
    case dataLineFeed
    case trailerStart
    case trailerName
    case trailerValue
    case trailerLineFeed
    case endLineFeed
    case ended
  }

  static let overheadMax = 8_192
  static let extensionMax = 1_024

  private var state = State.size(digits: 0, 0)
  /// Bytes of extensions and trailers so far.
  private var overhead = 0
  /// Bytes of the extensions of this chunk.
  private var extensionSize = 0

  package init() {}

  /// How many bytes of the chunk are still to come; 0 outside of chunks.
  var remaining: UInt64 {
    if case .data(let rest) = state { rest } else { 0 }
  }

  /// Goes on at `offset`, as far as one piece of the body.
  ///
  /// - Throws: ``HTTPFault`` at the first byte that cannot stand there.
  package mutating func next(
    _ bytes: Span<UInt8>, from offset: inout Int
  ) throws(HTTPFault) -> Piece {
    while true {
      if case .ended = state { return .end }
      guard offset < bytes.count else { return .more }
      if case .data(let rest) = state {
        let end = offset + Int(min(rest, UInt64(bytes.count - offset)))
        let range = offset..<end
        state = rest == UInt64(range.count) ? .dataReturn : .data(rest - UInt64(range.count))
        offset = end
        return .data(range)
      }
      try take(bytes[offset])
      offset += 1
    }
  }

  private mutating func take(_ byte: UInt8) throws(HTTPFault) {
    switch state {
    case .size(let digits, let size):
      if let value = Byte.hexValue(byte) {
        guard digits < 16, size < 1 << 59 else { throw .chunkSize }
        state = .size(digits: digits + 1, size << 4 | value)
      } else {
        guard digits > 0 else { throw .chunkSize }
        try endSize(size, byte)
      }
    case .space(let size):
      try count(.chunkExtension)
      if Byte.isSpace(byte) { return }
      guard byte == Byte.semicolon else { throw .chunkSize }
      state = .extensions(size)
    case .extensions(let size):
      if byte == Byte.carriageReturn {
        state = .sizeLineFeed(size)
      } else {
        guard !Byte.isControl(byte) else { throw byte == Byte.lineFeed ? .lineBreak : .chunkSize }
        extensionSize += 1
        guard extensionSize <= Self.extensionMax else { throw .chunkExtension }
        try count(.chunkExtension)
      }
    case .sizeLineFeed(let size):
      guard byte == Byte.lineFeed else { throw .lineBreak }
      extensionSize = 0
      state = size == 0 ? .trailerStart : .data(size)
    case .dataReturn:
      guard byte == Byte.carriageReturn else { throw .chunkEnd }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == Byte.lineFeed else { throw .chunkEnd }
      state = .size(digits: 0, 0)
    case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .endLineFeed:
      try takeTrailer(byte)
    case .data, .ended:
      // `next` takes both cases before it comes here.
      throw .chunkEnd
    }
  }

  /// Takes the first byte behind the digits.
  private mutating func endSize(_ size: UInt64, _ byte: UInt8) throws(HTTPFault) {
    if byte == Byte.carriageReturn {
      state = .sizeLineFeed(size)
    } else if byte == Byte.semicolon {
      state = .extensions(size)
    } else if Byte.isSpace(byte) {
      state = .space(size)
    } else {
      throw byte == Byte.lineFeed ? .lineBreak : .chunkSize
    }
  }

  private mutating func takeTrailer(_ byte: UInt8) throws(HTTPFault) {
    try count(.trailer)
    switch state {
    case .trailerStart:
      if byte == Byte.carriageReturn {
        state = .endLineFeed
      } else {
        guard Byte.isToken(byte) else { throw .trailer }
        state = .trailerName
      }
    case .trailerName:
      if byte == Byte.colon {
        state = .trailerValue
      } else {
        guard Byte.isToken(byte) else { throw .trailer }
      }
    case .trailerValue:
      if byte == Byte.carriageReturn {
        state = .trailerLineFeed
      } else {
        guard !Byte.isControl(byte) else { throw .trailer }
      }
    case .trailerLineFeed:
      guard byte == Byte.lineFeed else { throw .lineBreak }
      state = .trailerStart
    default:
      guard byte == Byte.lineFeed else { throw .lineBreak }
      state = .ended
    }
  }

  private mutating func count(_ fault: HTTPFault) throws(HTTPFault) {
    overhead += 1
    guard overhead <= Self.overheadMax else { throw fault }
  }
}
