extension LiveUsers {
  /// Appends the set as snapshots keep it.
  ///
  /// Equal sets give equal bytes.
  ///
  ///     ┌────────────┬──────────────────────────────────┬──────────────────────────────┐
  ///     │ UInt32     │ for each chunk, ascending        │ for each chunk               │
  ///     │ chunks     │ UInt16 key │ UInt16 count − 1    │ array or bitmap              │
  ///     └────────────┴──────────────────────────────────┴──────────────────────────────┘
  ///
  /// All integers are little-endian. A chunk of up to 4,096 members is an array of UInt16,
  /// strictly increasing, filled up with zeros to whole words; a greater one is a bitmap of
  /// 8,192 bytes whose bit 0 is the lowest of its first byte.
  package func append(to bytes: inout [UInt8]) {
    let start = bytes.count
    var length = 4 + 4 * chunks.count
    for index in chunks.indices { length += 8 * UserChunk.lengthAtRest(count: chunks[index].count) }
    bytes.append(contentsOf: repeatElement(0, count: length))
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    raw.storeBytes(
      of: UInt32(chunks.count).littleEndian, toByteOffset: start, as: UInt32.self)

    var (head, body) = (start + 4, start + 4 + 4 * chunks.count)
    var buffer = [UInt64](repeating: 0, count: UserChunk.bitmapWords)
    for index in chunks.indices {
      let chunk = chunks[index]
      let fields = UInt32(chunk.key) | UInt32(chunk.count - 1) << 16
      raw.storeBytes(of: fields.littleEndian, toByteOffset: head, as: UInt32.self)
      head += 4

      let length = UserChunk.lengthAtRest(count: chunk.count)
      var words = buffer.mutableSpan
      for place in 0..<length { words[place] = 0 }
      chunk.writeAtRest(to: &words, at: 0)
      for place in 0..<length {
        raw.storeBytes(of: words[place].littleEndian, toByteOffset: body, as: UInt64.self)
        body += 8
      }
    }
  }

  /// Reads the set that begins at `start`, accepting exactly what `append(to:)` writes.
  ///
  /// Safe on hostile bytes: work and memory stay proportional to the bytes of the set.
  ///
  /// - Returns: The set at rest, and where its bytes end.
  package static func read(
    _ bytes: Span<UInt8>, at start: Int
  ) throws(LiveUsersFault) -> (users: LiveUsers, end: Int) {
    let raw = unsafe bytes.bytes
    let chunks = Int(raw.word(at: start, before: min(start + 4, bytes.count)))
    let bodies = start + 4 + 4 * chunks
    guard start + 4 <= bytes.count, bodies <= bytes.count else { throw .cutShort(at: start) }

    var (resting, end, previous) = (RestingChunks(capacity: chunks), bodies, -1)
    var counts: [Int] = []
    for index in 0..<chunks {
      let head = start + 4 + 4 * index
      let fields = raw.word(at: head, before: head + 4)
      let (key, count) = (UInt16(truncatingIfNeeded: fields), Int(fields >> 16) + 1)
      guard Int(key) > previous else { throw .contradictsHeader(at: start) }
      previous = Int(key)
      end += 8 * UserChunk.lengthAtRest(count: count)
      resting.plan(key, count: count)
      counts.append(count)
    }
    guard end <= bytes.count else { throw .cutShort(at: start) }

    resting.words.reserveCapacity((end - bodies) / 8)
    for offset in stride(from: bodies, to: end, by: 8) {
      resting.words.append(raw.word(at: offset))
    }
    var place = 0
    for count in counts {
      guard resting.words.span.isChunk(of: count, at: place) else {
        throw .contradictsHeader(at: start)
      }
      place += UserChunk.lengthAtRest(count: count)
    }
    return (resting.finish(), end)
  }
}

extension Span<UInt64> {
  /// Whether a chunk at rest with `count` members stands at `start`.
  fileprivate func isChunk(of count: Int, at start: Int) -> Bool {
    if UserChunk.isBitmapAtRest(count: count) {
      return oneBits(ofBitmapAt: start, in: self) == count
    }
    for index in 1..<count where lane(index - 1, at: start) >= lane(index, at: start) {
      return false
    }
    return count & 3 == 0 || self[start + count / 4] >> UInt64(16 * (count & 3)) == 0
  }
}

/// Why bytes of a snapshot are not a set of users.
public enum LiveUsersFault: Error, Hashable {
  /// The set, which begins at byte `at`, goes on behind the last byte given.
  case cutShort(at: Int)
  /// The members do not ascend or are not as many as the header says.
  case contradictsHeader(at: Int)
}

extension LiveUsersFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cutShort(let at):
      "The set of users at byte \(at) of the snapshot ends before it is complete. "
        + "Delete the snapshot; the log makes it again."
    case .contradictsHeader(let at):
      "The set of users at byte \(at) of the snapshot does not hold what its header says. "
        + "Delete the snapshot; the log makes it again."
    }
  }
}
