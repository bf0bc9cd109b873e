package import CohortModel

extension TextRange {
  @inline(__always)
  package init(start: Int, count: Int) {
    self.init(start: UInt32(start), count: UInt32(count))
  }

  package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

extension [UInt8] {
  /// The bytes of one text, sharing this array's memory.
  package subscript(range: TextRange) -> ArraySlice<UInt8> { self[range.range] }

  /// Appends a copy of `bytes`.
  package mutating func append(copying bytes: Span<UInt8>) {
    // The standard library has no safe way from a span into an array yet.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
