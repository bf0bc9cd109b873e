package import CohortModel

extension Span<UInt8> {
  /// The little-endian integer that begins at `offset`; outside the span it traps.
  @inline(__always)
  package func littleEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self, at offset: Int
  ) -> Integer {
    // Any bytes are an integer, and the load checks that they lie in the span.
    unsafe Integer(
      littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
  }

  /// The first byte of `range` that is not zero.
  ///
  /// - Complexity: O(n), eight bytes at a time.
  package func firstNonzero(in range: Range<Int>) -> Int? {
    var offset = range.lowerBound
    while offset + 8 <= range.upperBound, littleEndian(UInt64.self, at: offset) == 0 { offset += 8 }
    while offset < range.upperBound {
      if self[offset] != 0 { return offset }
      offset += 1
    }
    return nil
  }

  package func array(_ range: Range<Int>) -> [UInt8] {
    var array: [UInt8] = []
    array.append(extracting(range))
    return array
  }
}

extension [UInt8] {
  @inline(__always)
  package mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(
    littleEndian integer: Integer
  ) {
    unsafe Swift.withUnsafeBytes(of: integer.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// Appends seven bits a byte, the lowest first; the top bit says that more follow.
  @inline(__always)
  package mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  package mutating func append(_ digest: Digest) {
    append(littleEndian: digest.word0.byteSwapped)
    append(littleEndian: digest.word1.byteSwapped)
    append(littleEndian: digest.word2.byteSwapped)
    append(littleEndian: digest.word3.byteSwapped)
  }

  @inline(__always)
  package mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends zeros until the count is a multiple of `alignment`, a power of two.
  package mutating func pad(to alignment: Int) {
    append(contentsOf: repeatElement(0, count: -count & (alignment - 1)))
  }

  /// Overwrites the bytes from `offset` on.
  package mutating func replace(at offset: Int, with bytes: [UInt8]) {
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }
}

/// How many bytes `append(varint:)` writes.
@inline(__always)
package func varintSize(_ number: UInt64) -> Int {
  (64 - (number | 1).leadingZeroBitCount + 6) / 7
}

extension Digest {
  /// Reads the 32 bytes that begin at `offset`, eight at a time.
  @inline(__always)
  package static func read(_ bytes: Span<UInt8>, at offset: Int) -> Digest {
    func word(_ index: Int) -> UInt64 {
      bytes.littleEndian(UInt64.self, at: offset + 8 * index).byteSwapped
    }
    return Digest(word(0), word(1), word(2), word(3))
  }
}

/// Where nonces, ledger ids and epochs come from: unpredictable, but in tests.
package protocol RandomBytes: Sendable {
  /// Fills what is free in `bytes`.
  func fill(_ bytes: inout OutputSpan<UInt8>)
}

extension RandomBytes {
  func bytes(_ count: Int) -> [UInt8] { [UInt8](capacity: count) { fill(&$0) } }
}
