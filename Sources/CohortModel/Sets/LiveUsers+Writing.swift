extension LiveUsers {
  /// Adds `users`, which must be strictly increasing; those already in stay.
  ///
  /// - Returns: How many were not in before.
  @discardableResult
  public mutating func insert(sorted users: Span<UInt32>) -> Int {
    let before = count
    users.forEachChunk { range, key in
      let found = find(key)
      if found.exists {
        count += chunks[found.index].insert(users, range)
      } else {
        chunks.insert(UserChunk(key: key, users, range), at: found.index)
        count += range.count
      }
    }
    return count - before
  }

  /// Takes out `users`, which must be strictly increasing; those not in do not matter.
  ///
  /// - Returns: How many were in before.
  @discardableResult
  public mutating func remove(sorted users: Span<UInt32>) -> Int {
    let before = count
    users.forEachChunk { range, key in
      let found = find(key)
      if !found.exists { return }
      let (removed, isEmpty) = chunks[found.index].remove(users, range)
      if isEmpty { chunks.remove(at: found.index) }
      count -= removed
    }
    return before - count
  }

  /// Applies one change: `removed` leave, then `added` enter.
  public mutating func apply(added: PackedUsers, removed: PackedUsers) {
    removed.forEachBlock { remove(sorted: $0) }
    added.forEachBlock { insert(sorted: $0) }
  }
}

extension PackedUsers {
  /// Calls `body` with the users unpacked into spans of at most 4,096, ascending.
  func forEachBlock(_ body: (Span<UInt32>) -> Void) {
    let length = 4_096
    var block: [UInt32] = []
    block.reserveCapacity(min(count, length))
    forEach { user in
      if block.count == length {
        body(block.span)
        block.removeAll(keepingCapacity: true)
      }
      block.append(user)
    }
    if !block.isEmpty { body(block.span) }
  }
}

extension UserChunk {
  /// Holds the users in `range`, at least one, in a block of its own.
  init(key: UInt16, _ users: Span<UInt32>, _ range: Range<Int>) {
    let isBitmap = range.count > UserChunk.writtenArrayLimit
    let length = isBitmap ? UserChunk.bitmapWords : (range.count + 3) / 4
    var words = [UInt64](repeating: 0, count: length)
    var span = words.mutableSpan
    for index in range {
      let user = users[index]
      if isBitmap {
        span[Int(user >> 6 & 1_023)] |= 1 << UInt64(user & 63)
      } else {
        let lane = index - range.lowerBound
        span[lane >> 2] |= UInt64(user & 0xFFFF) << UInt64((lane & 3) << 4)
      }
    }
    self.init(key: key, count: range.count, isBitmap: isBitmap, words: words)
  }

  /// Adds the users in `range` and says how many were new.
  mutating func insert(_ users: Span<UInt32>, _ range: Range<Int>) -> Int {
    if !isBitmap && count + range.count <= UserChunk.writtenArrayLimit {
      return insertIntoArray(users, range)
    }
    makeOwnBitmap()
    var span = words.mutableSpan
    var added = 0
    for index in range {
      let user = users[index]
      let place = Int(user >> 6 & 1_023)
      let word = span[place]
      let shift = UInt64(user & 63)
      added += Int(truncatingIfNeeded: ~word >> shift & 1)
      span[place] = word | 1 << shift
    }
    count += added
    return added
  }

  /// Takes out the users in `range`.
  ///
  /// An emptied chunk must be thrown away: its count cannot say so.
  mutating func remove(
    _ users: Span<UInt32>, _ range: Range<Int>
  ) -> (removed: Int, isEmpty: Bool) {
    if !isBitmap && count <= UserChunk.writtenArrayLimit { return removeFromArray(users, range) }
    makeOwnBitmap()
    var span = words.mutableSpan
    var removed = 0
    for index in range {
      let user = users[index]
      let place = Int(user >> 6 & 1_023)
      let word = span[place]
      let shift = UInt64(user & 63)
      removed += Int(truncatingIfNeeded: word >> shift & 1)
      span[place] = word & ~(1 << shift)
    }
    let left = count - removed
    if left > 0 {
      count = left
      // Not at the limit, or a chunk whose count goes to and fro would be rewritten each time.
      if left <= UserChunk.writtenArrayLimit / 4 { self = atRest() }
    }
    return (removed, left == 0)
  }

  /// Makes the chunk a bitmap in a block that belongs to no other chunk.
  private mutating func makeOwnBitmap() {
    if isBitmap {
      if hasOwnBlock { return }
      words = Array(words[start..<start + UserChunk.bitmapWords])
    } else {
      var bitmap = [UInt64](repeating: 0, count: UserChunk.bitmapWords)
      var span = bitmap.mutableSpan
      words.span.setBits(ofLanes: count, at: start, in: &span)
      words = bitmap
    }
    self = UserChunk(key: key, count: count, isBitmap: true, words: words)
  }

  /// Makes the block of an array the chunk's own, with room for `capacity` members.
  private mutating func makeOwnArray(capacity: Int) {
    if hasOwnBlock && words.count * 4 >= capacity { return }
    // An eighth more than asked for, so that a growing array is not moved each time.
    let length = (capacity + capacity / 8 + 3) / 4
    let (old, start, used) = (words, start, (count + 3) / 4)
    words = [UInt64](capacity: length) { output in
      for index in start..<start + used { output.append(old[index]) }
      while output.freeCapacity > 0 { output.append(0) }
    }
    self = UserChunk(key: key, count: count, isBitmap: false, words: words)
  }

  private mutating func insertIntoArray(_ users: Span<UInt32>, _ range: Range<Int>) -> Int {
    // From the greatest to the least: what stands above a newcomer moves up once, straight to
    // its last place, by as many places as there are newcomers below it.
    var newcomers = 0
    for index in range where !contains(UInt16(truncatingIfNeeded: users[index])) { newcomers += 1 }
    if newcomers == 0 { return 0 }
    makeOwnArray(capacity: count + newcomers)
    var (end, shift) = (count, newcomers)
    for index in range.reversed() {
      if shift == 0 { break }
      let low = UInt16(truncatingIfNeeded: users[index])
      let place = words.span.lowerBound(of: low, from: 0, to: end, at: 0)
      if place < end && words.span.lane(place, at: 0) == low { continue }
      words.moveLanes(place..<end, by: shift)
      shift -= 1
      words.setLane(place + shift, to: low)
      end = place
    }
    count += newcomers
    return newcomers
  }

  private mutating func removeFromArray(
    _ users: Span<UInt32>, _ range: Range<Int>
  ) -> (removed: Int, isEmpty: Bool) {
    makeOwnArray(capacity: count)
    // What stands between two that leave moves down by as many places as have left before it.
    var (from, removed) = (0, 0)
    for index in range {
      let low = UInt16(truncatingIfNeeded: users[index])
      let place = words.span.lowerBound(of: low, from: from, to: count, at: 0)
      if place == count || words.span.lane(place, at: 0) != low { continue }
      words.moveLanes(from..<place, by: -removed)
      removed += 1
      from = place + 1
    }
    words.moveLanes(from..<count, by: -removed)
    if removed == count { return (removed, true) }
    count -= removed
    return (removed, false)
  }
}
