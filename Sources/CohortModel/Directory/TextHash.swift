/// A keyed hash of an identifier's bytes, read eight at a time.
///
/// The text is read as little-endian words, the last one padded with zeros, which is also how the
/// directory keeps it, so that both sides hash alike:
///
///     state = key₀ ⊕ domain·φ
///     state = fold(word₀ ⊕ key₁, word₁ ⊕ state), and so on, two words at a time
///     hash  = fold(state ⊕ length, key₂)          fold(a, b) = high(a·b) ⊕ low(a·b)
///
/// The keys are drawn once a process: nobody outside can choose ids that collide. The hash
/// is never stored, and no two processes need agree on it.
package struct TextHash: Sendable {
  private let first, second, third: UInt64
  /// The bits of a hash that count. All of them, except in tests that want collisions.
  private let kept: UInt64

  package init(seed: UInt64, keeping kept: UInt64 = .max) {
    var state = seed
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
    (first, second, third) = (next(), next(), next() | 1)
    self.kept = kept
  }

  @inline(__always)
  func callAsFunction(domain: UInt64, byteCount: Int, word: (Int) -> UInt64) -> UInt64 {
    let words = (byteCount &+ 7) &>> 3
    var state = first ^ domain &* 0x9E37_79B9_7F4A_7C15
    var index = 0
    while index &+ 1 < words {
      state = Self.fold(word(index) ^ second, word(index &+ 1) ^ state)
      index &+= 2
    }
    if index < words { state = Self.fold(word(index) ^ second, state) }
    return Self.fold(state ^ UInt64(truncatingIfNeeded: byteCount), third) & kept
  }

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

extension Span<UInt8> {
  /// Word `index` of the text of `count` bytes that begins at `start`, zeros behind its end.
  ///
  /// Never looks beyond the buffer; near its end the last word is put together byte by byte.
  @inline(__always) func textWord(_ index: Int, start: Int, count: Int) -> UInt64 {
    let place = start &+ index &* 8
    let rest = count &- index &* 8
    if place &+ 8 <= self.count {
      let word = UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
      return rest >= 8 ? word : word & ~(UInt64.max &<< UInt64(truncatingIfNeeded: rest &* 8))
    }
    var word: UInt64 = 0
    for byte in 0..<min(rest, 8) {
      word |= UInt64(self[place &+ byte]) &<< UInt64(byte &* 8)
    }
    return word
  }
}
