/// Writes JSON, one thing after the other, with the commas where they belong.
///
///     JSONWriter.append(to: &body) { json in
///       json.object {
///         $0.member("message", "success")
///         $0.member("position", 41)
///         $0.key("outcomes")
///         $0.object { $0.member("added", 2) }
///       }
///     }
///
/// The output is a function of the calls: members stand in the order in which they were written,
/// no space between them. Strings must be UTF-8; only `"`, `\` and control characters below
/// U+0020 are escaped, in the shortest way.
package struct JSONWriter: Sendable {
  package internal(set) var bytes: [UInt8]
  /// Whether a value stands before the next one at the same level.
  var needsComma = false

  /// Goes on behind `bytes`.
  package init(behind bytes: consuming [UInt8] = []) { self.bytes = bytes }

  /// Appends what `body` writes to `bytes`, without copying them.
  package static func append(
    to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void
  ) {
    var writer = JSONWriter(behind: bytes)
    bytes = []
    body(&writer)
    bytes = writer.bytes
  }

  /// Ends a line of NDJSON: the next value is again the first.
  package mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  // MARK: Containers

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    container(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  package mutating func array(_ body: (inout JSONWriter) -> Void) {
    container(UInt8(ascii: "["), UInt8(ascii: "]"), body)
  }

  private mutating func container(
    _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    bytes.append(opening)
    needsComma = false
    body(&self)
    bytes.append(closing)
    needsComma = true
  }

  /// Begins a member of an object; its value must follow.
  package mutating func key(_ key: String) {
    string(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  // MARK: Values

  package mutating func null() { word("null") }
  package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

  package mutating func integer(_ value: some BinaryInteger) {
    // Nearly all are such; a `String` for each costs more than all else about an answer.
    guard let small = UInt32(exactly: value) else { return word(String(value)) }
    separate()
    bytes.append(addingCapacity: 10) { small.appendDigits(to: &$0) }
  }

  /// Writes a text of the program as a string.
  package mutating func string(_ text: String) { string(utf8: text.utf8.span) }
  package mutating func string(utf8 text: [UInt8]) { string(utf8: text.span) }
  package mutating func string(utf8 text: ArraySlice<UInt8>) { string(utf8: text.span) }

  /// Writes UTF-8 as a string.
  package mutating func string(utf8 text: Span<UInt8>) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    characters(text)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a value that is known but for the text of one string: what stands before that text,
  /// its opening quote too, the text, and what stands behind it.
  mutating func value(_ before: [UInt8], utf8 text: Span<UInt8>, _ behind: [UInt8]) {
    separate()
    bytes.append(contentsOf: before)
    characters(text)
    bytes.append(contentsOf: behind)
  }

  private mutating func characters(_ text: Span<UInt8>) {
    var start = 0
    while start < text.count {
      // A run of what needs no escape is copied in one piece.
      let end = ByteScanner.endOfUnescaped(in: text, from: start)
      bytes.append(copying: text.extracting(start..<end))
      if end < text.count { escape(text[end]) }
      start = end + 1
    }
  }

  /// Writes something that is JSON already.
  package mutating func json(_ text: [UInt8]) {
    separate()
    bytes.append(contentsOf: text)
  }

  private mutating func word(_ word: String) {
    separate()
    bytes.append(contentsOf: word.utf8)
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    bytes.append(contentsOf: EscapedByte.letters(for: byte).utf8)
  }
}

// MARK: - Members

extension JSONWriter {
  package mutating func member(_ key: String, _ value: String) {
    self.key(key)
    string(value)
  }

  package mutating func member(_ key: String, _ value: some BinaryInteger) {
    self.key(key)
    integer(value)
  }

  package mutating func member(_ key: String, _ value: Bool) {
    self.key(key)
    bool(value)
  }

  package mutating func member(_ key: String, utf8 value: [UInt8]) {
    self.key(key)
    string(utf8: value)
  }

  package mutating func member(_ key: String, utf8 value: ArraySlice<UInt8>) {
    self.key(key)
    string(utf8: value)
  }

  package mutating func member(_ key: String, _ value: JSONText) {
    self.key(key)
    text(value)
  }
}
