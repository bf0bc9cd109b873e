extension RawSpan {
  /// The little-endian word whose first byte stands at `offset`; there must be eight bytes.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    // Any eight bytes are a word, and the load checks that they lie in the span.
    unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The little-endian word at `offset` with every byte from `end` on read as zero.
  @inline(__always)
  func word(at offset: Int, before end: Int) -> UInt64 {
    if end - offset >= 8 { return word(at: offset) }
    return cutWord(at: offset, before: end)
  }

  @inline(never)
  private func cutWord(at offset: Int, before end: Int) -> UInt64 {
    if end <= offset { return 0 }
    if byteCount - offset >= 8 {
      return word(at: offset) & (UInt64(1) << UInt64(8 * (end - offset)) - 1)
    }
    var word: UInt64 = 0
    for index in (offset..<end).reversed() {
      word = unsafe word << 8 | UInt64(unsafeLoad(fromByteOffset: index, as: UInt8.self))
    }
    return word
  }

  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }
}

extension Array<UInt8> {
  /// Appends seven bits a byte, the lowest first; the top bit says that more follow.
  mutating func append(variableLength number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// How many bytes `append(variableLength:)` writes.
@inline(__always)
func variableLength(_ number: UInt64) -> Int {
  (64 - (number | 1).leadingZeroBitCount + 6) / 7
}
