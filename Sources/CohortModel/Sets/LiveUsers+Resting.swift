extension LiveUsers {
  /// The same set in the smallest layout, all chunks in one block.
  ///
  /// Takes at most 2 bytes a member, 16 bytes a chunk and 64 for the set. Worth its copy
  /// when a set is not going to be written to soon.
  public func compacted() -> LiveUsers {
    var builder = RestingChunks(capacity: chunks.count)
    for index in chunks.indices { builder.plan(chunks[index].key, count: chunks[index].count) }
    builder.allocate()
    for index in chunks.indices { builder.copy(chunks[index], to: index) }
    return builder.finish()
  }

  public mutating func compact() { self = compacted() }

  /// How many bytes the set takes in memory, where no other set shares its chunks.
  public var memory: Int {
    if chunks.isEmpty { return MemoryLayout<LiveUsers>.size }
    var bytes = MemoryLayout<LiveUsers>.size + arrayHeader
    bytes += chunks.capacity * MemoryLayout<UserChunk>.stride
    var isBlockCounted = false
    for index in chunks.indices {
      if !chunks[index].hasOwnBlock && isBlockCounted { continue }
      isBlockCounted = isBlockCounted || !chunks[index].hasOwnBlock
      bytes += arrayHeader + chunks[index].words.capacity * 8
    }
    return bytes
  }
}

/// What the standard library keeps in front of the elements of an array.
private let arrayHeader = 32

extension UserChunk {
  static func isBitmapAtRest(count: Int) -> Bool { count > arrayLimit }

  /// How many words a chunk of `count` members takes at rest.
  static func lengthAtRest(count: Int) -> Int {
    isBitmapAtRest(count: count) ? bitmapWords : (count + 3) / 4
  }

  /// The same members in the smallest layout, in a block of its own.
  func atRest() -> UserChunk {
    var words = [UInt64](repeating: 0, count: UserChunk.lengthAtRest(count: count))
    var span = words.mutableSpan
    writeAtRest(to: &span, at: 0)
    return UserChunk(
      key: key, count: count, isBitmap: UserChunk.isBitmapAtRest(count: count), words: words)
  }

  /// Writes the members in the smallest layout over the zeros at `outputStart`.
  func writeAtRest(to output: inout MutableSpan<UInt64>, at outputStart: Int) {
    let words = words.span
    let start = start
    switch (isBitmap, UserChunk.isBitmapAtRest(count: count)) {
    case (true, true):
      for index in 0..<length { output[outputStart + index] = words[start + index] }
    case (false, false):
      for index in 0..<length { output[outputStart + index] = words[start + index] }
      // Members that have left may still stand in the lanes behind the last.
      let used = UInt64(count & 3) << 4
      if used > 0 { output[outputStart + length - 1] &= 1 << used - 1 }
    case (true, false):
      words.writeLanes(ofBitmapAt: start, count: count, to: &output, at: outputStart)
    case (false, true):
      for index in 0..<count {
        let low = words.lane(index, at: start)
        output[outputStart + Int(low >> 6)] |= 1 << UInt64(low & 63)
      }
    }
  }
}

/// A set at rest in the making: first the keys and counts of its chunks, then their members.
struct RestingChunks {
  private var plans: [(key: UInt16, count: Int, start: Int)] = []
  private var length = 0
  var words: [UInt64] = []

  init(capacity: Int) { plans.reserveCapacity(capacity) }

  /// Plans a chunk; keys must ascend.
  mutating func plan(_ key: UInt16, count: Int) {
    plans.append((key, count, length))
    length += UserChunk.lengthAtRest(count: count)
  }

  /// Makes the one block for all chunks planned.
  mutating func allocate() { words = [UInt64](repeating: 0, count: length) }

  mutating func copy(_ chunk: UserChunk, to index: Int) {
    let start = plans[index].start
    var span = words.mutableSpan
    chunk.writeAtRest(to: &span, at: start)
  }

  /// Writes the bitmap at `start` of `source` to the chunk planned as number `index`.
  mutating func copyBitmap(at start: Int, of source: Span<UInt64>, to index: Int) {
    let plan = plans[index]
    var span = words.mutableSpan
    if UserChunk.isBitmapAtRest(count: plan.count) {
      for index in 0..<UserChunk.bitmapWords { span[plan.start + index] = source[start + index] }
    } else {
      source.writeLanes(ofBitmapAt: start, count: plan.count, to: &span, at: plan.start)
    }
  }

  /// The set whose chunks all have their members.
  consuming func finish() -> LiveUsers {
    var users = LiveUsers()
    users.chunks.reserveCapacity(plans.count)
    for plan in plans {
      users.count += plan.count
      users.chunks.append(
        UserChunk(
          key: plan.key, count: plan.count, isBitmap: UserChunk.isBitmapAtRest(count: plan.count),
          words: words, sharedFrom: plan.start))
    }
    return users
  }
}
