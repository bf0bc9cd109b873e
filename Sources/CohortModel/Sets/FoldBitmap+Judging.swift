// Folding sets of users that nobody has looked at, in one walk with the look that `check` takes.

extension FoldBitmap {
  /// Why a change cannot have happened.
  package enum Flaw {
    /// Its users are not a packed set in the one accepted form.
    case noSet
    /// It puts somebody in who is in, or takes somebody out who is not.
    case noChange
  }

  /// Puts the users of the packed set in that must fill `range`.
  ///
  /// - Returns: Why that cannot be; then some of them are in, and the bitmap is to be thrown away.
  package mutating func insert(judging bytes: Span<UInt8>, filling range: Range<Int>) -> Flaw? {
    var wasIn = false
    let shape = judge(bytes, filling: range) { word, bits in
      if word & bits != 0 { wasIn = true }
      word |= bits
    }
    guard let shape else { return .noSet }
    count += shape.count
    return wasIn ? .noChange : nil
  }

  /// Takes the users of the packed set out that must fill `range`.
  ///
  /// - Returns: Why that cannot be; then some of them are out, and the bitmap is to be thrown away.
  package mutating func remove(judging bytes: Span<UInt8>, filling range: Range<Int>) -> Flaw? {
    var wasOut = false
    let shape = judge(bytes, filling: range) { word, bits in
      if ~word & bits != 0 { wasOut = true }
      word &= ~bits
    }
    guard let shape else { return .noSet }
    count -= shape.count
    return wasOut ? .noChange : nil
  }

  @inline(__always)
  private mutating func judge(
    _ bytes: Span<UInt8>, filling range: Range<Int>, _ apply: (inout UInt64, UInt64) -> Void
  ) -> PackedShape? {
    let start = range.lowerBound
    guard let shape = try? PackedShape(reading: bytes, at: start),
      (try? shape.end(in: bytes, of: start)) == range.upperBound
    else { return nil }
    if shape.kind == .eliasFano && !shape.isSpreadWide {
      guard (try? shape.checkEliasFanoParts(bytes, to: range.upperBound, of: start)) != nil,
        walk(shape, in: bytes, at: start, apply)
      else { return nil }
    } else {
      guard (try? PackedUsers.check(bytes, at: start)) != nil else { return nil }
      _ = change(shape, in: bytes, at: start, apply)
    }
    return shape
  }

  /// Moves the users of an Elias-Fano body whose parts are right, as long as they ascend.
  ///
  /// - Returns: Whether they do, to the last, and no other encoding would be smaller.
  @inline(__always)
  private mutating func walk(
    _ shape: PackedShape, in bytes: Span<UInt8>, at start: Int,
    _ apply: (inout UInt64, UInt64) -> Void
  ) -> Bool {
    makeRoom(for: shape.last)
    touchAllPages(of: shape)
    var watch = GapWatch(shape)
    unsafe words.withUnsafeMutableBufferPointer { buffer in
      let words = unsafe LentWords(words: buffer)
      words.change(shape.first, apply)
      words.change(shape.last, apply)
      _ = shape.forEachInner(in: bytes) { user in
        if watch.takes(user) { words.change(user, apply) }
      }
    }
    guard watch.ascends else { return false }
    if shape.smallestKind(asRuns: watch.runsMin) == .eliasFano { return true }
    return (try? PackedUsers.check(bytes, at: start)) != nil
  }
}

/// Watches inner users go by in an order that must ascend between the first and the last, and adds
/// up what they would take as runs at least.
///
/// A gap takes a byte as a run, with more than 64 missing two, with more than 8,192 three. What the
/// lengths of runs would take is left out, and so is the last gap: who has few gaps is measured by
/// `check`.
private struct GapWatch {
  private var previous: UInt32
  private let last: UInt32
  private var gapLength: UInt64 = 0
  private(set) var ascends = true

  init(_ shape: PackedShape) { (previous, last) = (shape.first, shape.last) }

  var runsMin: RunMeter { RunMeter(length: Int(gapLength)) }

  /// Whether `user` is greater than the one before it, and less than the last.
  @inline(__always)
  mutating func takes(_ user: UInt32) -> Bool {
    // Who is not greater has a gap that wraps round, and is greater than any there is room for.
    let missing = user &- previous &- 1
    guard missing < last &- previous &- 1 else {
      ascends = false
      return false
    }
    gapLength &+= missing > 0 ? 1 : 0
    gapLength &+= missing > 64 ? 1 : 0
    gapLength &+= missing > 8_192 ? 1 : 0
    previous = user
    return true
  }
}
