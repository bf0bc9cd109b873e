/// Writes a table as CSV, field by field, so that ``CSVReader`` reads back the same fields.
///
/// A field is quoted only if it must be: if it holds a comma, a quote or a line break, if it
/// begins with a byte order mark (the reader would skip it), or if it is empty and alone (the row
/// would be a blank line). Lines end with LF.
package struct CSVWriter: Sendable {
  /// What was written; to be taken away between two rows.
  package var bytes: [UInt8]
  private var fields = 0
  private var rowStart = 0

  /// Goes on behind `bytes`.
  package init(behind bytes: consuming [UInt8] = []) { self.bytes = bytes }

  package mutating func row(_ fields: [String]) {
    for text in fields { field(text) }
    endRow()
  }

  package mutating func field(_ text: String) { field(text.utf8.span) }
  package mutating func field(_ text: [UInt8]) { field(text.span) }
  package mutating func field(_ text: ArraySlice<UInt8>) { field(text.span) }

  /// Writes the next field of the row.
  package mutating func field(_ text: Span<UInt8>) {
    if fields == 0 { rowStart = bytes.count } else { bytes.append(UInt8(ascii: ",")) }
    fields += 1
    guard Self.mustBeQuoted(text) else { return bytes.append(copying: text) }
    bytes.append(UInt8(ascii: "\""))
    for at in text.indices {
      if text[at] == UInt8(ascii: "\"") { bytes.append(text[at]) }
      bytes.append(text[at])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func endRow() {
    if fields == 1, bytes.count == rowStart { bytes.append(contentsOf: [0x22, 0x22]) }
    bytes.append(UInt8(ascii: "\n"))
    fields = 0
  }

  private static func mustBeQuoted(_ text: Span<UInt8>) -> Bool {
    if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { return true }
    var at = 0
    while true {
      at = ByteScanner.first(
        of: UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D, in: text, from: at)
      guard at < text.count else { return false }
      if text[at] < 0x80 { return true }
      at += 1
    }
  }
}
