/// How much a reader of JSON is willing to take.
package struct JSONLimits: Hashable, Sendable {
  /// The longest text in bytes, at most 2^29 - 1.
  package var byteCount: Int
  /// How many arrays and objects may be open at once.
  package var depth: Int

  package init(byteCount: Int = 64 << 20, depth: Int = 64) {
    precondition((0..<1 << 29).contains(byteCount), "a tape entry has 30 bits for an offset")
    self.byteCount = byteCount
    self.depth = depth
  }
}

/// A JSON text that was read once, from front to back, and can be walked at will.
///
/// Strict RFC 8259. What the RFC leaves open is an error here: duplicate keys (compared as bytes
/// after unescaping, so NFC and NFD spellings are different keys), lone surrogates, invalid
/// UTF-8, a byte order mark, more than 64 levels. U+0000 is allowed in strings; what it means is
/// for the caller to decide. Numbers stay text until someone asks for an integer.
///
/// Nothing recurses and no loop runs twice over the text, so time and memory are linear: at most
/// 4 bytes of tape for each byte of text.
package struct JSONDocument: Sendable {
  /// The text, and behind it the strings that had to be unescaped.
  ///
  ///     | text as it was given | offset | unescaped string | offset | unescaped string | …
  ///
  /// Every string of the document is one range of this buffer. The offset before an unescaped
  /// string, four bytes little-endian, says where in the text its opening quote stands.
  package private(set) var bytes: [UInt8]
  private var parser = JSONParser()

  /// Makes the document `null`, ready to ``parse(_:limits:)``.
  package init() { bytes = [] }

  /// Reads `text`, whose memory becomes the buffer of the document.
  ///
  /// - Throws: ``JSONError`` with the first offence and its offset.
  package init(parsing text: consuming [UInt8], limits: JSONLimits = JSONLimits())
    throws(JSONError)
  {
    bytes = text
    try parse(limits: limits)
  }

  /// Reads another text in place of the one before, whose memory becomes the buffer.
  ///
  /// - Throws: ``JSONError``; the document is then `null`.
  package mutating func parse(_ text: consuming [UInt8], limits: JSONLimits = JSONLimits())
    throws(JSONError)
  {
    bytes = text
    try parse(limits: limits)
  }

  /// Reads a copy of `text` in place of the one before.
  ///
  /// All memory is used again: once the buffers have grown to the size of the usual text,
  /// nothing is allocated, provided no ``JSONValue`` of the text before is still held.
  ///
  /// - Throws: ``JSONError``; the document is then `null`.
  package mutating func parse(copying text: Span<UInt8>, limits: JSONLimits = JSONLimits())
    throws(JSONError)
  {
    bytes.removeAll(keepingCapacity: true)
    guard text.count <= limits.byteCount else {
      parser.reset()
      throw JSONError(.tooLong, at: limits.byteCount)
    }
    bytes.append(copying: text)
    try parse(limits: limits)
  }

  private mutating func parse(limits: JSONLimits) throws(JSONError) {
    do throws(JSONError) {
      // A second reference, given up before `bytes` grows, lets the parser change meanwhile.
      try { (text: [UInt8]) throws(JSONError) in try parser.parse(text.span, limits: limits) }(
        bytes)
      if !parser.unescaped.isEmpty { bytes.append(contentsOf: parser.unescaped) }
    } catch {
      parser.reset()
      throw error
    }
  }

  /// The value that the text is.
  package var root: JSONValue { JSONValue(bytes: bytes, entries: parser.entries, index: 0) }
}
