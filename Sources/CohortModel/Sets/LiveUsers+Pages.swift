extension LiveUsers {
  /// Appends the members behind `user`, ascending, at most `limit` of them.
  ///
  /// - Complexity: O(log chunks) to the first, then about a nanosecond each.
  package func append(after user: UInt32, atMost limit: Int, to users: inout [UInt32]) {
    guard limit > 0, user < .max else { return }
    let found = find(UInt16(truncatingIfNeeded: (user + 1) >> 16))
    var (index, rest) = (found.index, limit)
    var low = found.exists ? UInt16(truncatingIfNeeded: user + 1) : 0
    while index < chunks.count, rest > 0 {
      let before = users.count
      chunks[index].append(from: low, atMost: rest, to: &users)
      rest -= users.count - before
      (index, low) = (index + 1, 0)
    }
  }

  /// The `ordinal`-th member not below `user`, counted from 1; `nil` if there are fewer.
  ///
  /// - Complexity: O(log chunks + chunks between them), 16 bytes each, and two chunks.
  package func user(_ ordinal: Int, from user: UInt32) -> UInt32? {
    let found = find(UInt16(truncatingIfNeeded: user >> 16))
    var (index, rest) = (found.index, ordinal)
    if found.exists { rest += chunks[index].count(below: UInt16(truncatingIfNeeded: user)) }
    while index < chunks.count, rest > chunks[index].count {
      rest -= chunks[index].count
      index += 1
    }
    return index < chunks.count ? chunks[index].member(rest) : nil
  }
}

extension UserChunk {
  /// How many members are below `low`.
  fileprivate func count(below low: UInt16) -> Int {
    let words = words.span
    guard isBitmap else { return words.lowerBound(of: low, from: 0, to: count, at: start) }
    var ones = (words[start + Int(low >> 6)] & (1 << UInt64(low & 63) - 1)).nonzeroBitCount
    for index in 0..<Int(low >> 6) { ones += words[start + index].nonzeroBitCount }
    return ones
  }

  /// The `ordinal`-th member, counted from 1; there must be as many.
  fileprivate func member(_ ordinal: Int) -> UInt32 {
    let words = words.span
    guard isBitmap else { return base | UInt32(words.lane(ordinal - 1, at: start)) }
    var (index, rest) = (0, ordinal)
    while rest > words[start + index].nonzeroBitCount {
      rest -= words[start + index].nonzeroBitCount
      index += 1
    }
    var word = words[start + index]
    for _ in 1..<rest { word &= word &- 1 }
    return base | UInt32(index << 6 + word.trailingZeroBitCount)
  }
}

extension UserChunk {
  /// Appends the members not below `low`, at most `limit` of them.
  fileprivate func append(from low: UInt16, atMost limit: Int, to users: inout [UInt32]) {
    let (base, start) = (base, start)
    let words = words.span
    guard isBitmap else {
      let first = words.lowerBound(of: low, from: 0, to: count, at: start)
      for index in first..<min(count, first + limit) {
        users.append(base + UInt32(words.lane(index, at: start)))
      }
      return
    }
    var rest = limit
    var index = Int(low >> 6)
    var word = words[start + index] & ~UInt64(0) << UInt64(low & 63)
    while true {
      while word != 0 {
        if rest == 0 { return }
        users.append(base + UInt32(index << 6 + word.trailingZeroBitCount))
        word &= word &- 1
        rest -= 1
      }
      index += 1
      if index == UserChunk.bitmapWords { return }
      word = words[start + index]
    }
  }
}
