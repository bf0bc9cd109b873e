extension PackedUsers {
  /// Whether `user` is in the set at `start`, found without decoding the others.
  package static func contains(_ user: UInt32, in bytes: Span<UInt8>, at start: Int) -> Bool {
    let shape = PackedShape(accepted: bytes, at: start)
    if shape.count == 0 || user < shape.first || user > shape.last { return false }
    if user == shape.first || user == shape.last { return true }
    let number = Int(user - shape.first) - 1
    switch shape.kind {
    case .interval:
      return true
    case .eliasFano:
      return shape.containsInner(number, in: bytes)
    case .bitmap:
      return bytes[shape.body + number >> 3] >> UInt8(number & 7) & 1 == 1
    case .runs:
      var found = false
      _ = shape.forEachRun(in: bytes, at: start) { found = found || $0.contains(user) }
      return found
    }
  }
}

extension PackedShape {
  /// Whether an Elias-Fano body holds `number`.
  ///
  /// Numbers with the high part h stand behind the h-th zero of the high bits, so zeros are
  /// counted up to that one, and then the ones that follow are compared.
  fileprivate func containsInner(_ number: Int, in bytes: Span<UInt8>) -> Bool {
    let layout = EliasFano(inner: inner, universe: universe)
    if layout.inner == 0 { return false }
    let raw = unsafe bytes.bytes
    let high = body + layout.lowLength
    let end = high + layout.highLength

    let wanted = number >> layout.width
    var bit = raw.bit(behindZero: wanted, from: high, to: end)

    let mask = UInt64(1) << UInt64(layout.width) - 1
    let lowPart = UInt64(number) & mask
    var lowBit = body * 8 + (bit - wanted) * layout.width
    while bit < layout.highBits, bytes[high + bit >> 3] >> UInt8(bit & 7) & 1 == 1 {
      let found = raw.word(at: lowBit >> 3, before: high) >> UInt64(lowBit & 7) & mask
      if found >= lowPart { return found == lowPart }
      lowBit += layout.width
      bit += 1
    }
    return false
  }
}

extension RawSpan {
  /// The place of the bit behind the `ordinal`-th zero bit, counted from 1, of the high bits that
  /// stand at `start..<end`; 0 if `ordinal` is 0.
  @inline(__always)
  func bit(behindZero ordinal: Int, from start: Int, to end: Int) -> Int {
    var zerosLeft = ordinal
    var offset = start
    while zerosLeft > 0 && end - offset >= 32 {
      // Four words at once: their bits are counted by the same instructions.
      let zeros = 256 - oneBits(inFourWordsAt: offset)
      if zeros >= zerosLeft { break }
      zerosLeft -= zeros
      offset += 32
    }
    var word = ~self.word(at: offset, before: end)
    while word.nonzeroBitCount < zerosLeft {
      zerosLeft -= word.nonzeroBitCount
      offset += 8
      word = ~self.word(at: offset, before: end)
    }
    let bit = (offset - start) * 8
    return zerosLeft > 0 ? bit + word.position(ofOneBit: zerosLeft) + 1 : bit
  }

  @inline(__always)
  fileprivate func oneBits(inFourWordsAt offset: Int) -> Int {
    let words = SIMD4(
      word(at: offset), word(at: offset + 8), word(at: offset + 16), word(at: offset + 24))
    return Int(words.nonzeroBitCount.wrappedSum())
  }
}

extension UInt64 {
  /// The position of the `ordinal`-th one bit, counted from 1; there must be as many.
  @inline(__always)
  fileprivate func position(ofOneBit ordinal: Int) -> Int {
    var (rest, left, position) = (self, ordinal, 0)
    for half in [UInt64(32), 16, 8] {
      let ones = (rest & (1 << half - 1)).nonzeroBitCount
      if ones < left {
        left -= ones
        rest >>= half
        position += Int(half)
      }
    }
    for _ in 1..<left { rest &= rest &- 1 }
    return position + rest.trailingZeroBitCount
  }
}
