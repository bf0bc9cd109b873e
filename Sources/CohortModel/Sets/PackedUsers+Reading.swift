extension PackedUsers {
  /// Reads the set that begins at `start`, accepting exactly what the encoder writes.
  ///
  /// Safe on hostile bytes: work and memory stay proportional to the bytes of the set.
  ///
  /// - Returns: The set, and where its bytes end.
  package static func read(
    _ bytes: Span<UInt8>, at start: Int
  ) throws(PackedUsersFault) -> (users: PackedUsers, end: Int) {
    let end = try check(bytes, at: start)
    let copy = [UInt8](capacity: end - start) { output in
      for index in start..<end { output.append(bytes[index]) }
    }
    return (PackedUsers(accepted: copy), end)
  }

  /// Checks the set that begins at `start` as `read` does, but copies nothing.
  ///
  /// - Returns: Where its bytes end.
  package static func check(
    _ bytes: Span<UInt8>, at start: Int
  ) throws(PackedUsersFault) -> Int {
    let shape = try PackedShape(reading: bytes, at: start)
    let end = try shape.end(in: bytes, of: start)
    let runs: RunMeter
    switch shape.kind {
    case .interval: return end
    case .eliasFano: runs = try shape.checkEliasFano(bytes, to: end, of: start)
    case .bitmap: runs = try shape.checkBitmap(bytes, to: end, of: start)
    case .runs: runs = try shape.checkRuns(bytes, to: end, of: start)
    }
    guard shape.smallestKind(asRuns: runs) == shape.kind else { throw .notCanonical(at: start) }
    return end
  }

  /// Reads the header of the set that must fill `range`, and does not look at its body.
  ///
  /// - Returns: The least and the greatest user, if the body is as it must be; nil without users.
  /// - Complexity: O(1).
  package static func bounds(
    _ bytes: Span<UInt8>, filling range: Range<Int>
  ) throws(PackedUsersFault) -> ClosedRange<UInt32>? {
    let start = range.lowerBound
    let shape = try PackedShape(reading: bytes, at: start)
    guard try shape.end(in: bytes, of: start) == range.upperBound else {
      throw .contradictsHeader(at: start)
    }
    return shape.count == 0 ? nil : shape.first...shape.last
  }
}

/// Watches ascending users go by and measures them as runs.
private struct RunWatch {
  var runs = RunMeter()
  var previous: UInt32
  var run = 1

  /// Whether `user` is greater than the one before it.
  @inline(__always)
  mutating func takes(_ user: UInt32) -> Bool {
    if user <= previous { return false }
    if user - previous == 1 {
      run += 1
    } else {
      runs.add(run: run, gap: Int(user - previous) - 1)
      run = 1
    }
    previous = user
    return true
  }
}

extension PackedShape {
  /// Checks all of an Elias-Fano body but the order of its users.
  ///
  /// With as many ones as inner numbers, the decoder reads low bits in their part only.
  func checkEliasFanoParts(
    _ bytes: Span<UInt8>, to end: Int, of start: Int
  ) throws(PackedUsersFault) {
    let layout = EliasFano(inner: inner, universe: universe)
    let raw = unsafe bytes.bytes
    let high = body + layout.lowLength
    var ones = 0
    for offset in stride(from: high, to: end, by: 8) {
      ones += raw.word(at: offset, before: end).nonzeroBitCount
    }
    guard ones == inner else { throw .contradictsHeader(at: start) }
    guard
      bytes.isZero(fromBit: inner * layout.width, ofPart: body, to: high),
      bytes.isZero(fromBit: layout.highBits, ofPart: high, to: end)
    else { throw .notCanonical(at: start) }
  }

  fileprivate func checkEliasFano(
    _ bytes: Span<UInt8>, to end: Int, of start: Int
  ) throws(PackedUsersFault) -> RunMeter {
    try checkEliasFanoParts(bytes, to: end, of: start)
    var (watch, ascends) = (RunWatch(previous: first), true)
    _ = forEachInner(in: bytes) { user in
      // A number too great for 32 bits would have wrapped round and be too small here.
      ascends = watch.takes(user) && ascends
    }
    guard watch.takes(last), ascends else { throw .contradictsHeader(at: start) }
    return watch.runs
  }

  fileprivate func checkBitmap(
    _ bytes: Span<UInt8>, to end: Int, of start: Int
  ) throws(PackedUsersFault) -> RunMeter {
    guard bytes.isZero(fromBit: universe, ofPart: body, to: end) else {
      throw .notCanonical(at: start)
    }
    var (watch, ones) = (RunWatch(previous: first), 0)
    forEachWord(in: bytes) { word, base in
      var rest = word
      ones += word.nonzeroBitCount
      while rest != 0 {
        _ = watch.takes(base &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    guard ones == inner, watch.takes(last) else { throw .contradictsHeader(at: start) }
    return watch.runs
  }

  fileprivate func checkRuns(
    _ bytes: Span<UInt8>, to end: Int, of start: Int
  ) throws(PackedUsersFault) -> RunMeter {
    var offset = body
    _ = try variableLength(bytes, at: &offset, of: start)
    var (runs, membersLeft, gapsLeft) = (RunMeter(), count, slack)
    while offset < end {
      let (run, gap) = try readRun(bytes, at: &offset, of: start)
      membersLeft -= run
      gapsLeft -= gap
      guard offset <= end, membersLeft > 0, gapsLeft >= 0 else {
        throw .contradictsHeader(at: start)
      }
      runs.add(run: run, gap: gap)
    }
    guard gapsLeft == 0 else { throw .contradictsHeader(at: start) }
    return runs
  }
}

extension Span<UInt8> {
  /// Whether the bits from `bit` on of the bytes `part..<end` are zero; a byte of them at most.
  fileprivate func isZero(fromBit bit: Int, ofPart part: Int, to end: Int) -> Bool {
    part + bit >> 3 >= end || self[part + bit >> 3] >> UInt8(bit & 7) == 0
  }
}
