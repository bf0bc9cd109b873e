/// A range of users, moved over changes without a look at the others.
///
///     users     …│ 128 ─────────────────── 300 │…        bits of whole words
///     words      │ 2 │ 3 │ 4 │
///
/// Costs what stands in the range, and a few bits of each change to get there: a page of a large
/// cohort of the past needs nobody else.
///
/// Invariant: only bits of users in `range` are set.
package struct FoldWindow {
  package let range: ClosedRange<UInt32>
  var words: [UInt64]

  /// The members of `users` that are in `range`.
  package init(_ range: ClosedRange<UInt32>, of users: LiveUsers) {
    self.range = range
    let first = Int(range.lowerBound >> 6)
    words = [UInt64](repeating: 0, count: Int(range.upperBound >> 6) - first + 1)
    for key in range.lowerBound >> 16...range.upperBound >> 16 {
      let found = users.find(UInt16(truncatingIfNeeded: key))
      if found.exists { insert(users.chunks[found.index]) }
    }
    words[0] &= ~0 << UInt64(range.lowerBound & 63)
    words[words.count - 1] &= ~0 >> UInt64(63 - range.upperBound & 63)
  }

  private mutating func insert(_ chunk: UserChunk) {
    let source = chunk.words.span
    let first = Int(range.lowerBound >> 6)
    let chunkFirst = Int(chunk.base >> 6)
    guard chunk.isBitmap else {
      let low = UInt16(truncatingIfNeeded: max(range.lowerBound, chunk.base))
      let from = source.lowerBound(of: low, from: 0, to: chunk.count, at: chunk.start)
      for index in from..<chunk.count {
        let user = chunk.base | UInt32(source.lane(index, at: chunk.start))
        if user > range.upperBound { return }
        words[Int(user >> 6) - first] |= 1 << UInt64(user & 63)
      }
      return
    }
    let low = max(first, chunkFirst)
    let high = min(first + words.count, chunkFirst + UserChunk.bitmapWords)
    for word in low..<high { words[word - first] = source[chunk.start + word - chunkFirst] }
  }

  /// Moves the window over the packed set at `start`, whose users come or go.
  package mutating func change(
    _ direction: Direction, in bytes: Span<UInt8>, at start: Int
  ) {
    let (range, first) = (range, Int(range.lowerBound >> 6))
    switch direction {
    case .entering:
      PackedUsers.forEach(in: bytes, at: start, within: range) { user in
        words[Int(user >> 6) - first] |= 1 << UInt64(user & 63)
      }
    case .leaving:
      PackedUsers.forEach(in: bytes, at: start, within: range) { user in
        words[Int(user >> 6) - first] &= ~(1 << UInt64(user & 63))
      }
    }
  }

  /// Appends the users who are in, ascending, at most `limit` of them.
  package func append(atMost limit: Int, to users: inout [UInt32]) {
    var rest = limit
    let first = range.lowerBound & ~63
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        if rest == 0 { return }
        users.append(first + UInt32(index << 6 + word.trailingZeroBitCount))
        word &= word &- 1
        rest -= 1
      }
    }
  }
}

extension LiveUsers {
  /// The greatest member, or nil if there is none.
  package var last: UInt32? {
    guard let chunk = chunks.last else { return nil }
    let words = chunk.words.span
    guard chunk.isBitmap else {
      return chunk.base | UInt32(words.lane(chunk.count - 1, at: chunk.start))
    }
    for index in (0..<UserChunk.bitmapWords).reversed() {
      let word = words[chunk.start + index]
      if word != 0 { return chunk.base | UInt32(index << 6 + 63 - word.leadingZeroBitCount) }
    }
    return nil
  }
}
