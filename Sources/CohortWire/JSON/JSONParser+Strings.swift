extension JSONParser {
  /// Reads a string whose first byte behind the quote is at `start`, and puts it on the tape.
  ///
  /// - Returns: The offset behind the closing quote.
  @inline(__always)
  mutating func string(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
    let end = ByteScanner.endOfPlainString(in: text, from: start)
    if end < text.count, text[end] == UInt8(ascii: "\"") {
      entries.append(JSONEntry(.string, start, end &- start))
      return end &+ 1
    }
    return try longWay(text, from: start, plainTo: end)
  }

  /// Reads a string that is more than plain ASCII.
  @inline(never)
  private mutating func longWay(
    _ text: Span<UInt8>, from start: Int, plainTo plainEnd: Int
  ) throws(JSONError) -> Int {
    var at = plainEnd
    while at < text.count {
      switch text[at] {
      case UInt8(ascii: "\""):
        entries.append(JSONEntry(.string, start, at - start))
        return at + 1
      case UInt8(ascii: "\\"): return try unescape(text, from: start, escapedAt: at)
      case 0x80...: at = try Self.endOfCharacter(text, at)
      default: throw JSONError(.controlCharacter, at: at)
      }
      at = ByteScanner.endOfPlainString(in: text, from: at)
    }
    throw JSONError(.endsEarly, at: at)
  }

  /// Reads a string with escapes, and writes what it means behind the text.
  private mutating func unescape(
    _ text: Span<UInt8>, from start: Int, escapedAt escape: Int
  ) throws(JSONError) -> Int {
    let quote = UInt32(start - 1)
    for shift in [0, 8, 16, 24] { unescaped.append(UInt8(truncatingIfNeeded: quote >> shift)) }
    let first = unescaped.count
    copy(text, start..<escape)
    var at = escape
    while at < text.count {
      switch text[at] {
      case UInt8(ascii: "\""):
        entries.append(JSONEntry(.string, text.count + first, unescaped.count - first))
        return at + 1
      case UInt8(ascii: "\\"): at = try self.escape(text, at)
      case 0x80...:
        let end = try Self.endOfCharacter(text, at)
        copy(text, at..<end)
        at = end
      case ..<0x20: throw JSONError(.controlCharacter, at: at)
      default:
        let end = ByteScanner.endOfPlainString(in: text, from: at)
        copy(text, at..<end)
        at = end
      }
    }
    throw JSONError(.endsEarly, at: at)
  }

  private mutating func copy(_ text: Span<UInt8>, _ range: Range<Int>) {
    for at in range { unescaped.append(text[at]) }
  }

  /// Reads the escape that begins at `start`.
  private mutating func escape(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    guard start + 1 < text.count else { throw JSONError(.endsEarly, at: text.count) }
    switch text[start + 1] {
    case UInt8(ascii: "\""): unescaped.append(0x22)
    case UInt8(ascii: "\\"): unescaped.append(0x5C)
    case UInt8(ascii: "/"): unescaped.append(0x2F)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"): return try character(text, start)
    default: throw JSONError(.invalidEscape, at: start + 1)
    }
    return start + 2
  }

  /// Reads `\uXXXX`, or the pair of them that stands for a character above U+FFFF.
  private mutating func character(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    let unit = try Self.hexDigits(text, start + 2)
    guard (0xD800...0xDFFF).contains(unit) else {
      append(scalar: unit)
      return start + 6
    }
    guard unit < 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
    for (at, wanted) in [(start + 6, UInt8(ascii: "\\")), (start + 7, UInt8(ascii: "u"))] {
      guard at < text.count else { throw JSONError(.endsEarly, at: text.count) }
      guard text[at] == wanted else { throw JSONError(.loneSurrogate, at: start) }
    }
    let low = try Self.hexDigits(text, start + 8)
    guard (0xDC00...0xDFFF).contains(low) else { throw JSONError(.loneSurrogate, at: start) }
    append(scalar: 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    return start + 12
  }

  private static func hexDigits(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for at in start..<start + 4 {
      guard at < text.count else { throw JSONError(.endsEarly, at: text.count) }
      guard let digit = text[at].hexDigit else { throw JSONError(.invalidEscape, at: at) }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  /// Appends a character, which is no surrogate, as UTF-8.
  private mutating func append(scalar: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift) & 0x3F) }
    switch scalar {
    case ..<0x80: unescaped.append(UInt8(scalar))
    case ..<0x800: unescaped += [UInt8(0xC0 | scalar >> 6), tail(0)]
    case ..<0x10000: unescaped += [UInt8(0xE0 | scalar >> 12), tail(6), tail(0)]
    default: unescaped += [UInt8(0xF0 | scalar >> 18), tail(12), tail(6), tail(0)]
    }
  }

  /// The offset behind the character that begins with a byte from 0x80 at `start`.
  private static func endOfCharacter(
    _ text: Span<UInt8>, _ start: Int
  ) throws(JSONError) -> Int {
    var checker = UTF8Checker()
    var at = start
    repeat {
      guard at < text.count else { throw JSONError(.endsEarly, at: at) }
      guard checker.accepts(text[at]) else { throw JSONError(.invalidUTF8, at: at) }
      at += 1
    } while !checker.isComplete
    return at
  }
}
