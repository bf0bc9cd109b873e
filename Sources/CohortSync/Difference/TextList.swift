import CohortWire

/// Many short texts one behind the other, in the order in which they came.
///
///     bytes  | customer-1 | customer-22 | … |
///     ends                ^10           ^21      of each text, 4 bytes
///
/// Ten million texts of 13 bytes take 170 MB. A text may be empty. No more than 4 GiB.
package struct TextList: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var ends: [UInt32] = []

  package init() {}

  package init(_ texts: some Sequence<some Sequence<UInt8>>) {
    for text in texts { append(text) }
  }

  package var count: Int { ends.count }
  package var isEmpty: Bool { ends.isEmpty }

  /// Whether a text of so many bytes still fits.
  package func hasRoom(for byteCount: Int) -> Bool {
    bytes.count + byteCount <= Int(UInt32.max) && ends.count < Int(UInt32.max)
  }

  /// Appends a text; there must be room for it.
  package mutating func append(_ text: some Sequence<UInt8>) {
    bytes.append(contentsOf: text)
    close()
  }

  /// Appends a text that shares its beginning with the last one.
  mutating func append(shared: Int, of start: Int, then rest: Span<UInt8>) {
    for at in start..<start + shared { bytes.append(bytes[at]) }
    bytes.append(copying: rest)
    close()
  }

  private mutating func close() {
    precondition(bytes.count <= Int(UInt32.max), "a list of texts is asked for room before")
    ends.append(UInt32(bytes.count))
  }

  package mutating func reserve(texts: Int, bytes count: Int) {
    ends.reserveCapacity(texts)
    bytes.reserveCapacity(count)
  }

  /// Where in ``bytes`` a text lies.
  package func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// A text, sharing the memory of the list.
  package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}
