import CohortWire

/// Many short texts one behind the other, in the order in which they came.
///
///     bytes  | customer-1 | customer-22 | … |
///     ends                ^10           ^21      of each text, 4 bytes
///
/// Ten million texts of 13 bytes take 170 MB. A text may be empty. No more than 4 GiB.
package struct TextList: Sendable {
  package private(set) var bytes: [UInt8] = []
  private(set) var ends: [UInt32] = []

  package init() {}

  package init(_ texts: some Sequence<some Sequence<UInt8>>) {
    for text in texts { append(Array(text)) }
  }

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }

  /// Whether a text of so many bytes still fits.
  package func hasRoom(for byteCount: Int) -> Bool {
    bytes.count + byteCount <= Int(UInt32.max) && ends.count < Int(UInt32.max)
  }

  /// Appends a text; there must be room for it.
  package mutating func append(_ text: Span<UInt8>) {
    bytes.append(copying: text)
    close()
  }

  package mutating func append(_ text: [UInt8]) { append(text.span) }
  package mutating func append(_ text: ArraySlice<UInt8>) { append(text.span) }

  private mutating func close() {
    precondition(bytes.count <= Int(UInt32.max), "a list of texts is asked for room before")
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  package mutating func reserve(texts: Int, bytes count: Int) {
    ends.reserveCapacity(texts)
    bytes.reserveCapacity(count)
  }

  /// Makes room for so many times what is here, and a little more.
  ///
  /// A list that grows moves now and then, through twice the memory; room that is never used costs
  /// none. It is an estimate, so for 1 GiB at most: a system may refuse room that is not there.
  mutating func reserve(times factor: Double) {
    func enough(_ count: Int) -> Int { Int(min(Double(count) * factor * 1.1, 0x1p30)) }
    reserve(texts: min(enough(count), 1 << 28), bytes: enough(bytes.count))
  }

  /// Where in ``bytes`` a text lies.
  @inline(__always)
  package func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// A text, sharing the memory of the list.
  package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}
