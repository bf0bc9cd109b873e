// Arrays of 16-bit numbers in 64-bit words, and bitmaps of 65,536 bits in 1,024 words.
//
//     word 0                                word 1
//     ┌────────┬────────┬────────┬────────┐ ┌────────┬────────┬────────┬────────┐
//     │ lane 0 │ lane 1 │ lane 2 │ lane 3 │ │ lane 4 │ lane 5 │        │        │
//     └────────┴────────┴────────┴────────┘ └────────┴────────┴────────┴────────┘
//     lowest bits
//
// Both lie in the same kind of block, so that all chunks of a set at rest fit in one.

extension Span<UInt64> {
  @inline(__always)
  func lane(_ index: Int, at start: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: self[start + index >> 2] >> UInt64((index & 3) << 4))
  }

  /// The first of the lanes `from..<to` that is not below `low`, or `to`.
  @inline(__always)
  func lowerBound(of low: UInt16, from: Int, to: Int, at start: Int) -> Int {
    var (first, rest) = (from, to - from)
    while rest > 0 {
      let half = rest >> 1
      let isBelow = lane(first + half, at: start) < low
      first = isBelow ? first + half + 1 : first
      rest = isBelow ? rest - half - 1 : half
    }
    return first
  }

  /// Sets the bits that the first `count` lanes name.
  @inline(__always)
  func setBits(ofLanes count: Int, at start: Int, in bitmap: inout MutableSpan<UInt64>) {
    for index in 0..<count {
      let low = lane(index, at: start)
      bitmap[Int(low >> 6)] |= 1 << UInt64(low & 63)
    }
  }

  /// Writes the positions of the one bits of the bitmap at `start`, of which there are `count`, as
  /// lanes to `output`.
  ///
  /// How many bits a word has cannot be foreseen, and a wrong guess takes longer than writing four
  /// lanes. So as many are written for every word, and those that were none are written over.
  func writeLanes(
    ofBitmapAt start: Int, count: Int, to output: inout MutableSpan<UInt64>, at outputStart: Int
  ) {
    var lanes = unsafe output.mutableBytes
    var place = outputStart * 4
    let end = place + count
    for index in 0..<UserChunk.bitmapWords {
      var rest = self[start + index]
      let base = index << 6
      if end - place >= 4 {
        for _ in 0..<4 {
          lanes.store(base + rest.trailingZeroBitCount, inLane: place)
          place += rest == 0 ? 0 : 1
          rest &= rest &- 1
        }
      }
      while rest != 0 {
        lanes.store(base + rest.trailingZeroBitCount, inLane: place)
        place += 1
        rest &= rest &- 1
      }
    }
  }
}

extension Array<UInt64> {
  mutating func setLane(_ index: Int, to low: UInt16) {
    let shift = UInt64((index & 3) << 4)
    self[index >> 2] = self[index >> 2] & ~(0xFFFF << shift) | UInt64(low) << shift
  }

  /// Moves the lanes in `range` up by `shift` places, or down if it is negative.
  ///
  /// Four lanes at a time, from the end that is moved over the others' places last.
  mutating func moveLanes(_ range: Range<Int>, by shift: Int) {
    if range.isEmpty || shift == 0 { return }
    // The bytes of a word stand in memory in the order of its lanes on the little-endian machines
    // that this house runs on.
    var words = self.mutableSpan
    var lanes = unsafe words.mutableBytes
    var (low, high) = (range.lowerBound, range.upperBound)
    if shift > 0 {
      while high - low >= 4 {
        high -= 4
        lanes.move(UInt64.self, from: high, by: shift)
      }
      while high > low {
        high -= 1
        lanes.move(UInt16.self, from: high, by: shift)
      }
    } else {
      while high - low >= 4 {
        lanes.move(UInt64.self, from: low, by: shift)
        low += 4
      }
      while low < high {
        lanes.move(UInt16.self, from: low, by: shift)
        low += 1
      }
    }
  }
}

extension MutableRawSpan {
  @inline(__always)
  fileprivate mutating func store(_ low: Int, inLane lane: Int) {
    storeBytes(
      of: UInt16(truncatingIfNeeded: low), toByteOffset: lane * 2, as: UInt16.self)
  }

  @inline(__always)
  fileprivate mutating func move<Lanes: BitwiseCopyable>(
    _: Lanes.Type, from lane: Int, by shift: Int
  ) {
    let lanes = unsafe unsafeLoadUnaligned(fromByteOffset: lane * 2, as: Lanes.self)
    storeBytes(of: lanes, toByteOffset: (lane + shift) * 2, as: Lanes.self)
  }
}
