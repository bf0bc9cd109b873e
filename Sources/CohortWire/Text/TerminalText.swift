/// Texts of users on a terminal and in lists with one text a line.
///
/// Control characters (below U+0020, and U+007F to U+009F, which terminals obey too) and the
/// backslash are written as JSON escapes; all else stays. A line break in an identifier therefore
/// never ends a line, and different texts never look the same.
package enum TerminalText {
  package static func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      if byte < 0x20 || byte == 0x5C || byte == 0x7F {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(contentsOf: EscapedByte.letters(for: byte).utf8)
      } else if byte == 0xC2, at + 1 < text.count, text[at + 1] < 0xA0 {
        // U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
        at += 1
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(contentsOf: EscapedByte.letters(for: text[at]).utf8)
      } else {
        bytes.append(byte)
      }
      at += 1
    }
  }

  package static func escaped(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    append(text.span, to: &bytes)
    return bytes
  }

  package static func escaped(_ text: String) -> String {
    String(decoding: escaped(Array(text.utf8)), as: UTF8.self)
  }

  /// Reads a line that ``escaped(_:)-([UInt8])`` wrote, or any text with JSON escapes.
  ///
  /// - Returns: `nil` if a backslash begins no escape, or the text is not UTF-8.
  package static func unescaped(_ line: [UInt8]) -> [UInt8]? {
    // Inside quotes the line is a JSON string, once its own quotes are escaped.
    var json: [UInt8] = [UInt8(ascii: "\"")]
    var isEscaped = false
    for byte in line {
      if byte == UInt8(ascii: "\""), !isEscaped { json.append(UInt8(ascii: "\\")) }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      json.append(byte)
    }
    json.append(UInt8(ascii: "\""))
    guard let document = try? JSONDocument(parsing: json) else { return nil }
    return document.root.string.map(Array.init)
  }
}
