/// A bitmap of 65,536 users in which chunks are combined.
///
/// The loops over whole bitmaps run over spans whose length the compiler knows, so that they
/// are done several words at once and without looking at bounds.
struct BitmapRow {
  private(set) var words: [UInt64]

  init() { words = [UInt64](repeating: 0, count: UserChunk.bitmapWords) }

  /// Takes 1,024 words, or none to stand for a row that is lent out.
  init(words: [UInt64]) { self.words = words }

  var count: Int { oneBits(ofBitmapAt: 0, in: words.span) }

  /// Becomes the combination of two chunks.
  mutating func set(to a: UserChunk, _ b: UserChunk, _ operation: SetEvaluation.Operation) {
    if a.isBitmap && b.isBitmap {
      combineBitmaps(a.words, at: a.start, b.words, at: b.start, operation)
    } else {
      set(to: a)
      combine(b, operation)
    }
  }

  /// Combines the row with a chunk that stands to its right.
  mutating func combine(_ b: UserChunk, _ operation: SetEvaluation.Operation) {
    if b.isBitmap { return combineInPlace(b.words, at: b.start, operation) }
    var row = words.mutableSpan
    let lanes = b.words.span
    switch operation {
    case .leaf: break
    case .union:
      lanes.setBits(ofLanes: b.count, at: b.start, in: &row)
    case .difference:
      for index in 0..<b.count {
        let low = lanes.lane(index, at: b.start)
        row[Int(low >> 6)] &= ~(1 << UInt64(low & 63))
      }
    case .intersection:
      var spread = BitmapRow()
      spread.set(to: b)
      combineInPlace(spread.words, at: 0, operation)
    }
  }

  /// Combines the row with a chunk that stands to its left.
  mutating func combine(below a: UserChunk, _ operation: SetEvaluation.Operation) {
    if operation != .difference { return combine(a, operation) }
    var whole = BitmapRow()
    whole.set(to: a)
    whole.combine(self, .difference)
    self = whole
  }

  /// Combines the row with one that stands to its right.
  mutating func combine(_ b: BitmapRow, _ operation: SetEvaluation.Operation) {
    combineInPlace(b.words, at: 0, operation)
  }

  private mutating func set(to chunk: UserChunk) {
    let source = chunk.words.span
    var row = words.mutableSpan
    if chunk.isBitmap {
      let bitmap = source.extracting(chunk.start..<chunk.start + UserChunk.bitmapWords)
      for index in 0..<UserChunk.bitmapWords { row[index] = bitmap[index] }
    } else {
      for index in 0..<UserChunk.bitmapWords { row[index] = 0 }
      source.setBits(ofLanes: chunk.count, at: chunk.start, in: &row)
    }
  }

  private mutating func combineBitmaps(
    _ a: [UInt64], at aStart: Int, _ b: [UInt64], at bStart: Int,
    _ operation: SetEvaluation.Operation
  ) {
    let a = a.span.extracting(aStart..<aStart + UserChunk.bitmapWords)
    let b = b.span.extracting(bStart..<bStart + UserChunk.bitmapWords)
    var row = words.mutableSpan
    precondition(row.count == UserChunk.bitmapWords, "a row has a bit for each user of a chunk")
    switch operation {
    case .leaf: break
    case .union:
      for index in 0..<UserChunk.bitmapWords { row[index] = a[index] | b[index] }
    case .intersection:
      for index in 0..<UserChunk.bitmapWords { row[index] = a[index] & b[index] }
    case .difference:
      for index in 0..<UserChunk.bitmapWords { row[index] = a[index] & ~b[index] }
    }
  }

  private mutating func combineInPlace(
    _ b: [UInt64], at start: Int, _ operation: SetEvaluation.Operation
  ) {
    let b = b.span.extracting(start..<start + UserChunk.bitmapWords)
    var row = words.mutableSpan
    precondition(row.count == UserChunk.bitmapWords, "a row has a bit for each user of a chunk")
    switch operation {
    case .leaf: break
    case .union:
      for index in 0..<UserChunk.bitmapWords { row[index] |= b[index] }
    case .intersection:
      for index in 0..<UserChunk.bitmapWords { row[index] &= b[index] }
    case .difference:
      for index in 0..<UserChunk.bitmapWords { row[index] &= ~b[index] }
    }
  }
}

/// The chunks of a set at rest, in the making from evaluated ones.
struct EvaluatedChunks {
  private enum Source {
    case block(start: Int, count: Int)
    case leaf(UserChunk)
  }

  private var sources: [(key: UInt16, source: Source)] = []
  private var words: [UInt64] = []

  /// Reserves room for the greatest result that these leaves can give.
  init(of leaves: [LiveUsers]) {
    var (most, length) = (0, 0)
    for leaf in leaves {
      for index in leaf.chunks.indices { length += leaf.chunks[index].length }
      most = max(most, leaf.chunks.count)
    }
    sources.reserveCapacity(most)
    words.reserveCapacity(min(length, most * UserChunk.bitmapWords))
  }

  /// Shares a chunk with the leaf that it comes from.
  mutating func append(_ chunk: UserChunk) { sources.append((chunk.key, .leaf(chunk))) }

  /// Copies a bitmap in the smallest layout, if anybody is in it.
  mutating func append(_ key: UInt16, bitmap: [UInt64]) {
    let count = oneBits(ofBitmapAt: 0, in: bitmap.span)
    if count == 0 { return }
    let start = words.count
    sources.append((key, .block(start: start, count: count)))
    if UserChunk.isBitmapAtRest(count: count) {
      words.append(contentsOf: bitmap)
    } else {
      words.append(contentsOf: repeatElement(0, count: UserChunk.lengthAtRest(count: count)))
      var output = words.mutableSpan
      bitmap.span.writeLanes(ofBitmapAt: 0, count: count, to: &output, at: start)
    }
  }

  consuming func finish() -> LiveUsers {
    var users = LiveUsers()
    users.chunks.reserveCapacity(sources.count)
    // A result much smaller than the leaves allowed would hold on to room it has no use for.
    if words.capacity - words.count > words.count / 4 { words = Array(words[...]) }
    for (key, source) in sources {
      switch source {
      case .leaf(let chunk):
        users.count += chunk.count
        users.chunks.append(chunk)
      case .block(let start, let count):
        users.count += count
        users.chunks.append(
          UserChunk(
            key: key, count: count, isBitmap: UserChunk.isBitmapAtRest(count: count),
            words: words, sharedFrom: start))
      }
    }
    return users
  }
}
