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
  /// The bits of a hash that count: all of them, except in tests that want collisions.
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

  /// The hash of a text whose words are given by `word`, the last one padded with zeros.
  @inline(__always)
  func callAsFunction(domain: UInt64, byteCount: Int, word: (Int) -> UInt64) -> UInt64 {
    let words = (byteCount &+ 7) &>> 3
    var state = start(in: domain)
    var index = 0
    while index &+ 1 < words {
      state = mix(state, word(index), word(index &+ 1))
      index &+= 2
    }
    if index < words { state = mix(state, word(index), 0) }
    return finish(state, byteCount)
  }

  /// The hash of the `count` bytes at `start` of `bytes`, which lie within it.
  @inline(__always)
  func callAsFunction(domain: UInt64, _ bytes: Span<UInt8>, start: Int, count: Int) -> UInt64 {
    let end = start &+ (count &+ 7) & ~7
    guard end <= bytes.count else {
      return self(domain: domain, byteCount: count) {
        bytes.textWord($0, start: start, count: count)
      }
    }
    // Whole words can be loaded, the last one too: one check for all of them.
    var state = self.start(in: domain)
    var place = start
    while place &+ 16 < end {
      state = mix(state, bytes.wholeWord(at: place), bytes.wholeWord(at: place &+ 8))
      place &+= 16
    }
    let kept = UInt64.max &>> UInt64(truncatingIfNeeded: (0 &- count) & 7 &* 8)
    if end &- place == 16 {
      state = mix(state, bytes.wholeWord(at: place), bytes.wholeWord(at: place &+ 8) & kept)
    } else if end &- place == 8 {
      state = mix(state, bytes.wholeWord(at: place) & kept, 0)
    }
    return finish(state, count)
  }

  @inline(__always) private func start(in domain: UInt64) -> UInt64 {
    first ^ domain &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always) private func mix(_ state: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
    Self.fold(a ^ second, b ^ state)
  }

  @inline(__always) private func finish(_ state: UInt64, _ byteCount: Int) -> UInt64 {
    Self.fold(state ^ UInt64(truncatingIfNeeded: byteCount), third) & kept
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
      precondition(place >= 0, "A text begins within its buffer.")
      let word = wholeWord(at: place)
      return rest >= 8 ? word : word & ~(UInt64.max &<< UInt64(truncatingIfNeeded: rest &* 8))
    }
    var word: UInt64 = 0
    for byte in 0..<Swift.min(rest, 8) {
      word |= UInt64(self[place &+ byte]) &<< UInt64(byte &* 8)
    }
    return word
  }

  /// The eight bytes at `place`, of which the caller knows that they lie within the buffer.
  @inline(__always) fileprivate func wholeWord(at place: Int) -> UInt64 {
    UInt64(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: place, as: UInt64.self))
  }
}
