extension JSONParser {
  /// Reads the number that begins at `start`: `-? (0 | [1-9][0-9]*) (\.[0-9]+)?
  /// ([eE][+-]?[0-9]+)?`.
  ///
  /// - Returns: The offset behind it.
  mutating func number(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
    var at = start
    if text[at] == UInt8(ascii: "-") { at += 1 }
    if at < text.count, text[at] == UInt8(ascii: "0") {
      at += 1
      if at < text.count, Self.isDigit(text[at]) { throw JSONError(.invalidNumber, at: at) }
    } else {
      at = try Self.digits(text, at)
    }
    if at < text.count, text[at] == UInt8(ascii: ".") { at = try Self.digits(text, at + 1) }
    if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
        at += 1
      }
      at = try Self.digits(text, at)
    }
    entries.append(JSONEntry(.number, start, at - start))
    return at
  }

  /// Reads one digit or more.
  private static func digits(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    guard start < text.count else { throw JSONError(.endsEarly, at: start) }
    guard isDigit(text[start]) else { throw JSONError(.invalidNumber, at: start) }
    var at = start + 1
    while at < text.count, isDigit(text[at]) { at += 1 }
    return at
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Reads `true`, `false` or `null`.
  mutating func word(
    _ spelling: String, _ kind: JSONKind, _ text: Span<UInt8>, _ start: Int
  ) throws(JSONError) -> Int {
    var at = start
    for byte in spelling.utf8 {
      guard at < text.count else { throw JSONError(.endsEarly, at: at) }
      guard text[at] == byte else { throw JSONError(.notAValue, at: start) }
      at += 1
    }
    entries.append(JSONEntry(kind))
    return at
  }
}
