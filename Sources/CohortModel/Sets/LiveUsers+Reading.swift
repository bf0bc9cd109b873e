extension LiveUsers {
  /// Calls `body` with each member, ascending.
  public func forEach(_ body: (UInt32) -> Void) {
    for index in chunks.indices { chunks[index].forEach(body) }
  }

  /// The members, ascending.
  ///
  /// - Complexity: O(count), about a nanosecond each.
  public var users: [UInt32] {
    [UInt32](capacity: count) { output in
      for index in chunks.indices { chunks[index].forEach { output.append($0) } }
    }
  }

  /// The least member, or nil if there is none.
  public var first: UInt32? { next(from: 0) }

  /// The least member greater than `user`, or nil if there is none.
  public func next(after user: UInt32) -> UInt32? {
    user == .max ? nil : next(from: user + 1)
  }

  /// The least member not below `user`, or nil if there is none.
  public func next(from user: UInt32) -> UInt32? {
    let found = find(UInt16(truncatingIfNeeded: user >> 16))
    if found.exists,
      let low = chunks[found.index].next(from: UInt16(truncatingIfNeeded: user))
    {
      return chunks[found.index].base | UInt32(low)
    }
    let later = found.exists ? found.index + 1 : found.index
    guard later < chunks.count, let low = chunks[later].next(from: 0) else { return nil }
    return chunks[later].base | UInt32(low)
  }

  /// Appends those of `users`, which ascend strictly, that are not members.
  public func selectAbsent(from users: Span<UInt32>, into result: inout [UInt32]) {
    select(from: users, ifMember: false, into: &result)
  }

  /// Appends those of `users`, which ascend strictly, that are members.
  public func selectPresent(from users: Span<UInt32>, into result: inout [UInt32]) {
    select(from: users, ifMember: true, into: &result)
  }

  @inline(__always)
  private func select(
    from users: Span<UInt32>, ifMember: Bool, into result: inout [UInt32]
  ) {
    // Every user is written, and the place moves on only for those wanted: no branch to mispredict.
    var end = result.count
    let wanted: UInt64 = ifMember ? 1 : 0
    result.append(contentsOf: repeatElement(0, count: users.count))
    users.forEachChunk { range, key in
      let found = find(key)
      if !found.exists {
        if !ifMember {
          for index in range {
            result[end] = users[index]
            end += 1
          }
        }
        return
      }
      let chunk = chunks[found.index]
      let start = chunk.start
      let words = chunk.words.span
      var output = result.mutableSpan
      if chunk.isBitmap {
        for index in range {
          let user = users[index]
          output[end] = user
          let bit = words[start + Int(user >> 6 & 1_023)] >> UInt64(user & 63) & 1
          end += bit == wanted ? 1 : 0
        }
      } else {
        let count = chunk.count
        var from = 0
        for index in range {
          let user = users[index]
          let low = UInt16(truncatingIfNeeded: user)
          from = words.lowerBound(of: low, from: from, to: count, at: start)
          let isMember = from < count && words.lane(from, at: start) == low
          output[end] = user
          end += isMember == ifMember ? 1 : 0
        }
      }
    }
    result.removeLast(result.count - end)
  }
}

extension UserChunk {
  @inline(__always)
  func forEach(_ body: (UInt32) -> Void) {
    let (base, start) = (base, start)
    let words = words.span
    if isBitmap {
      for index in 0..<UserChunk.bitmapWords {
        var rest = words[start + index]
        let base = base + UInt32(index << 6)
        while rest != 0 {
          body(base + UInt32(truncatingIfNeeded: rest.trailingZeroBitCount))
          rest &= rest &- 1
        }
      }
    } else {
      for index in 0..<count { body(base + UInt32(words.lane(index, at: start))) }
    }
  }

  /// The least member not below `low`, without the upper bits.
  func next(from low: UInt16) -> UInt16? {
    let words = words.span
    guard isBitmap else {
      let index = words.lowerBound(of: low, from: 0, to: count, at: start)
      return index < count ? words.lane(index, at: start) : nil
    }
    var index = Int(low >> 6)
    var rest = words[start + index] & ~UInt64(0) << UInt64(low & 63)
    while rest == 0 {
      index += 1
      if index == UserChunk.bitmapWords { return nil }
      rest = words[start + index]
    }
    return UInt16(index << 6 + rest.trailingZeroBitCount)
  }
}

extension LiveUsers: Equatable {
  public static func == (a: LiveUsers, b: LiveUsers) -> Bool {
    if a.count != b.count || a.chunks.count != b.chunks.count { return false }
    for index in a.chunks.indices where !UserChunk.areEqual(a.chunks[index], b.chunks[index]) {
      return false
    }
    return true
  }
}

extension UserChunk {
  fileprivate static func areEqual(_ a: UserChunk, _ b: UserChunk) -> Bool {
    if a.key != b.key || a.count != b.count { return false }
    if a.isBitmap && b.isBitmap {
      let (aWords, bWords) = (a.words.span, b.words.span)
      for index in 0..<bitmapWords where aWords[a.start + index] != bWords[b.start + index] {
        return false
      }
      return true
    }
    // Of two sets of equal size, one that holds all of the other is the other.
    var areEqual = true
    let (array, other) = a.isBitmap ? (b, a) : (a, b)
    array.forEach { user in
      areEqual = areEqual && other.contains(UInt16(truncatingIfNeeded: user))
    }
    return areEqual
  }
}

extension Span<UInt32> {
  /// Calls `body` with each range of numbers of one chunk, ascending.
  @inline(__always)
  func forEachChunk(_ body: (_ range: Range<Int>, _ key: UInt16) -> Void) {
    var start = 0
    while start < count {
      let key = self[start] >> 16
      var end = start + 1
      while end < count && self[end] >> 16 == key { end += 1 }
      body(start..<end, UInt16(truncatingIfNeeded: key))
      start = end
    }
  }
}
