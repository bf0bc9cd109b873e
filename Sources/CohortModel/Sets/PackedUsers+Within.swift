extension PackedUsers {
  /// Calls `body` with the users within `range` of the set at `start`, ascending.
  ///
  /// - Complexity: O(users in the range), and what ``contains(_:in:at:)`` takes to get there: those
  ///   before it are skipped, not decoded, but in runs.
  @inline(__always)
  package static func forEach(
    in bytes: Span<UInt8>, at start: Int, within range: ClosedRange<UInt32>,
    _ body: (UInt32) -> Void
  ) {
    let shape = PackedShape(accepted: bytes, at: start)
    if shape.count == 0 || shape.last < range.lowerBound || shape.first > range.upperBound {
      return
    }
    let range = range.clamped(to: shape.first...shape.last)
    switch shape.kind {
    case .interval:
      for user in range { body(user) }
      return
    case .runs:
      _ = shape.forEachRun(in: bytes, at: start) { run in
        if run.overlaps(range) { for user in run.clamped(to: range) { body(user) } }
      }
      return
    case .eliasFano, .bitmap: break
    }
    // The body speaks of those strictly between the first and the last.
    if range.lowerBound == shape.first { body(shape.first) }
    let low = max(Int(range.lowerBound) - Int(shape.first) - 1, 0)
    let high = min(Int(range.upperBound) - Int(shape.first) - 1, shape.universe - 1)
    if low <= high {
      switch shape.kind {
      case .eliasFano: shape.forEachInner(in: bytes, within: low...high, body)
      default: shape.forEachBit(in: bytes, within: low...high, body)
      }
    }
    if range.upperBound == shape.last { body(shape.last) }
  }
}

extension PackedShape {
  /// Calls `body` with the users of an Elias-Fano body whose numbers are within `range`.
  @inline(__always)
  fileprivate func forEachInner(
    in bytes: Span<UInt8>, within range: ClosedRange<Int>, _ body: (UInt32) -> Void
  ) {
    let layout = EliasFano(inner: inner, universe: universe)
    if layout.inner == 0 { return }
    let raw = unsafe bytes.bytes
    let high = self.body + layout.lowLength
    let end = high + layout.highLength
    let wanted = range.lowerBound >> layout.width
    let start = raw.bit(behindZero: wanted, from: high, to: end)
    let mask = UInt64(1) << UInt64(layout.width) - 1
    // Just behind the zero with the number `wanted` all bits before are as many zeros, and ones.
    var index = start - wanted
    var base = start & ~63
    var word = raw.word(at: high + base >> 3, before: end) & ~0 << UInt64(start & 63)
    while true {
      while word != 0 {
        let bit = base + word.trailingZeroBitCount
        let lowBit = self.body * 8 + index * layout.width
        let low = raw.word(at: lowBit >> 3, before: high) >> UInt64(lowBit & 7) & mask
        let number = (bit - index) << layout.width | Int(truncatingIfNeeded: low)
        if number > range.upperBound { return }
        if number >= range.lowerBound { body(first &+ 1 &+ UInt32(truncatingIfNeeded: number)) }
        word &= word &- 1
        index += 1
      }
      base += 64
      if base >= layout.highBits { return }
      word = raw.word(at: high + base >> 3, before: end)
    }
  }

  /// Calls `body` with the users of a bitmap body whose numbers are within `range`.
  @inline(__always)
  fileprivate func forEachBit(
    in bytes: Span<UInt8>, within range: ClosedRange<Int>, _ body: (UInt32) -> Void
  ) {
    let raw = unsafe bytes.bytes
    let end = self.body + bitmapLength
    for index in range.lowerBound >> 6...range.upperBound >> 6 {
      var word = raw.word(at: self.body + index << 3, before: end)
      if index == range.lowerBound >> 6 { word &= ~0 << UInt64(range.lowerBound & 63) }
      if index == range.upperBound >> 6 { word &= ~0 >> UInt64(63 - range.upperBound & 63) }
      let base = first &+ 1 &+ UInt32(truncatingIfNeeded: index << 6)
      while word != 0 {
        body(base &+ UInt32(truncatingIfNeeded: word.trailingZeroBitCount))
        word &= word &- 1
      }
    }
  }
}
