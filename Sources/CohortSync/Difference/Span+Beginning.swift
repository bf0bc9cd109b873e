extension Span where Element == UInt8 {
  /// How many bytes this and another have in common at their beginning.
  ///
  /// Eight at a time; `RawSpan` checks the bounds of each load.
  @inline(__always)
  func shared(with other: Span<UInt8>) -> Int {
    let end = Swift.min(count, other.count)
    var at = 0
    while end &- at >= 8 {
      let difference = word(at: at) ^ other.word(at: at)
      if difference != 0 { return at &+ difference.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end, self[at] == other[at] { at &+= 1 }
    return at
  }

  /// Whether all of another stands here, from `start` on.
  @inline(__always)
  func holds(_ other: Span<UInt8>, at start: Int) -> Bool {
    count &- start >= other.count
      && extracting(start..<start &+ other.count).shared(with: other) == other.count
  }

  /// Eight bytes, the first the least significant.
  @inline(__always)
  private func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
