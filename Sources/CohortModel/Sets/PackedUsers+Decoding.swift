// Working on packed sets where they lie, in the bytes of a frame.
//
// These take bytes that `read` or `check` has accepted. Other bytes stop the program or give
// other users; they never reach outside the span.

extension PackedShape {
  /// Reads a header that has been accepted before.
  @inline(__always)
  init(accepted bytes: Span<UInt8>, at start: Int) {
    do { try self.init(reading: bytes, at: start) } catch {
      preconditionFailure("a set of users is used before it was checked")
    }
  }
}

extension PackedUsers {
  /// How many users the set at `start` has.
  package static func count(in bytes: Span<UInt8>, at start: Int) -> Int {
    PackedShape(accepted: bytes, at: start).count
  }

  /// Where the set at `start` ends, found without decoding it.
  package static func skip(in bytes: Span<UInt8>, at start: Int) -> Int {
    do { return try PackedShape(accepted: bytes, at: start).end(in: bytes, of: start) } catch {
      preconditionFailure("a set of users is used before it was checked")
    }
  }

  /// The least and the greatest user of the set at `start`, or nil if it is empty.
  package static func bounds(in bytes: Span<UInt8>, at start: Int) -> ClosedRange<UInt32>? {
    let shape = PackedShape(accepted: bytes, at: start)
    return shape.count == 0 ? nil : shape.first...shape.last
  }

  /// Calls `body` with each user of the set at `start`, ascending.
  ///
  /// - Returns: Where the set ends.
  @discardableResult
  package static func forEach(
    in bytes: Span<UInt8>, at start: Int, _ body: (UInt32) -> Void
  ) -> Int {
    let shape = PackedShape(accepted: bytes, at: start)
    if shape.count == 0 { return shape.body }
    switch shape.kind {
    case .interval:
      for user in shape.first...shape.last { body(user) }
      return shape.body
    case .eliasFano:
      body(shape.first)
      let end = shape.forEachInner(in: bytes, body)
      body(shape.last)
      return end
    case .bitmap:
      body(shape.first)
      shape.forEachWord(in: bytes) { word, base in
        var rest = word
        while rest != 0 {
          body(base &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount))
          rest &= rest &- 1
        }
      }
      body(shape.last)
      return shape.body + shape.bitmapLength
    case .runs:
      return shape.forEachRun(in: bytes, at: start) { run in
        for user in run { body(user) }
      }
    }
  }
}

extension PackedShape {
  /// Calls `body` with each number of an Elias-Fano body, ascending.
  ///
  /// Rebuilding from the log spends its time here. One number costs the position of the lowest
  /// one bit in a register and one load of its low bits; nothing waits for the number before.
  ///
  /// - Returns: Where the body ends.
  @inline(__always)
  func forEachInner(in bytes: Span<UInt8>, _ body: (UInt32) -> Void) -> Int {
    let layout = EliasFano(inner: inner, universe: universe)
    let low = self.body
    let high = low + layout.lowLength
    let end = high + layout.highLength
    if layout.inner == 0 { return end }

    let raw = unsafe bytes.bytes
    let width = UInt64(layout.width)
    let mask = UInt64(1) << width - 1
    // The i-th number is ((its bit − i) << width | low bits); `base` has first + 1 and the i.
    var base = UInt64(first) + 1
    let step = UInt64(1) << width
    var lowBit = low * 8
    // Low bits are loaded eight bytes at a time, which the high bits or what follows allow
    // for all but very small sets at the very end of the span. Where numbers have no low bits the
    // load is at `high` itself.
    let isRoomy = high + 8 <= raw.byteCount

    for offset in stride(from: high, to: end, by: 8) {
      var word = raw.word(at: offset, before: end)
      if isRoomy {
        while word != 0 {
          let position = UInt64(truncatingIfNeeded: word.trailingZeroBitCount)
          word &= word &- 1
          let bits = raw.word(at: lowBit >> 3) >> UInt64(truncatingIfNeeded: lowBit & 7)
          body(UInt32(truncatingIfNeeded: base &+ position &<< width &+ (bits & mask)))
          base &-= step
          lowBit &+= layout.width
        }
      } else {
        while word != 0 {
          let position = UInt64(truncatingIfNeeded: word.trailingZeroBitCount)
          word &= word &- 1
          let bits = raw.word(at: lowBit >> 3, before: high) >> UInt64(lowBit & 7)
          body(UInt32(truncatingIfNeeded: base &+ position &<< width &+ (bits & mask)))
          base &-= step
          lowBit &+= layout.width
        }
      }
      base &+= step << 6
    }
    return end
  }

  /// Calls `body` with each word of a bitmap body and the user that its lowest bit stands for.
  @inline(__always)
  func forEachWord(in bytes: Span<UInt8>, _ body: (_ word: UInt64, _ base: UInt32) -> Void) {
    let raw = unsafe bytes.bytes
    let end = self.body + bitmapLength
    var base = first &+ 1
    for offset in stride(from: self.body, to: end, by: 8) {
      body(raw.word(at: offset, before: end), base)
      base &+= 64
    }
  }

  /// Calls `body` with each run of consecutive users, ascending.
  ///
  /// - Returns: Where the set ends.
  @inline(__always)
  func forEachRun(
    in bytes: Span<UInt8>, at start: Int, _ body: (ClosedRange<UInt32>) -> Void
  ) -> Int {
    do {
      var offset = self.body
      let length = Int(try variableLength(bytes, at: &offset, of: start))
      let end = offset + length
      var runStart = first
      while offset < end {
        let (run, gap) = try readRun(bytes, at: &offset, of: start)
        body(runStart...runStart + UInt32(run - 1))
        runStart += UInt32(run + gap)
      }
      body(runStart...last)
      return end
    } catch {
      preconditionFailure("a set of users is used before it was checked")
    }
  }

  /// Reads one run and the gap after it.
  @inline(__always)
  func readRun(
    _ bytes: Span<UInt8>, at offset: inout Int, of start: Int
  ) throws(PackedUsersFault) -> (run: Int, gap: Int) {
    let token = try variableLength(bytes, at: &offset, of: start)
    var run = 1
    if token & 1 == 1 { run = Int(try variableLength(bytes, at: &offset, of: start)) + 2 }
    return (run, Int(token >> 1) + 1)
  }
}
