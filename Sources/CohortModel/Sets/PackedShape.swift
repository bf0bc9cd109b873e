/// What the header of a packed set says: everything but the body.
///
/// Invariant: if slack is zero the kind is `interval`, and otherwise it is not; last fits in
/// 32 bits.
struct PackedShape {
  enum Kind: UInt8 { case interval, eliasFano, bitmap, runs }

  var kind: Kind
  var count: Int
  var first: UInt32
  var slack: Int
  /// Where the body begins.
  var body: Int

  /// The greatest member; meaningless in the empty set.
  var last: UInt32 { UInt32(truncatingIfNeeded: Int(first) + count - 1 + slack) }
  var inner: Int { count - 2 }
  var universe: Int { count - 2 + slack }

  var bitmapLength: Int { (universe + 7) / 8 }
}

/// The sizes that follow from how many numbers an Elias-Fano body holds, and out of how many.
struct EliasFano {
  let inner: Int
  let width: Int
  let lowLength: Int
  let highBits: Int

  var highLength: Int { (highBits + 7) / 8 }
  var length: Int { lowLength + highLength }

  init(inner: Int, universe: Int) {
    self.inner = inner
    if inner == 0 {
      (width, lowLength, highBits) = (0, 0, 0)
    } else {
      // Both fit in 32 bits, where division is twice as fast, but for the full set.
      width = 63 - (UInt64(universe) / UInt64(inner)).leadingZeroBitCount
      lowLength = (inner * width + 7) / 8
      highBits = inner + (universe - 1) >> width
    }
  }
}

extension PackedShape {
  /// Reads the header at `start`.
  @inline(__always)
  init(reading bytes: Span<UInt8>, at start: Int) throws(PackedUsersFault) {
    var offset = start
    let head = try variableLength(bytes, at: &offset, of: start)
    guard head & 3 != 0 else {
      self.init(kind: .interval, count: Int(head >> 2), first: 0, slack: 0, body: offset)
      if count > 0 { try readBounds(bytes, of: start) }
      return
    }
    guard let kind = Kind(rawValue: UInt8(head & 3)) else { throw .notCanonical(at: start) }
    self.init(kind: kind, count: Int(head >> 2), first: 0, slack: 0, body: offset)
    guard count >= 2 else { throw .notCanonical(at: start) }
    try readBounds(bytes, of: start)
  }

  @inline(__always)
  private mutating func readBounds(_ bytes: Span<UInt8>, of start: Int) throws(PackedUsersFault) {
    let first = try variableLength(bytes, at: &body, of: start)
    guard first <= UInt64(UInt32.max) else { throw .beyondLastNumber(at: start) }
    self.first = UInt32(first)
    if kind != .interval {
      slack = Int(try variableLength(bytes, at: &body, of: start))
      guard slack > 0 else { throw .notCanonical(at: start) }
    }
    guard Int(first) + count - 1 + slack <= Int(UInt32.max) else {
      throw .beyondLastNumber(at: start)
    }
  }

  /// Where the set ends, with no look at its body beyond the length of runs.
  @inline(__always)
  func end(in bytes: Span<UInt8>, of start: Int) throws(PackedUsersFault) -> Int {
    let end: Int
    switch kind {
    case .interval: end = body
    case .eliasFano: end = body + EliasFano(inner: inner, universe: universe).length
    case .bitmap: end = body + bitmapLength
    case .runs:
      var offset = body
      let length = Int(try variableLength(bytes, at: &offset, of: start))
      end = offset + length
    }
    guard end <= bytes.count else { throw .cutShort(at: start) }
    return end
  }
}

/// Reads a varint of at most 35 bits at `offset` in its shortest form, and steps behind it.
@inline(__always)
func variableLength(
  _ bytes: Span<UInt8>, at offset: inout Int, of start: Int
) throws(PackedUsersFault) -> UInt64 {
  var (number, shift): (UInt64, UInt64) = (0, 0)
  while true {
    guard offset < bytes.count else { throw .cutShort(at: start) }
    let byte = bytes[offset]
    offset += 1
    number |= UInt64(byte & 0x7F) << shift
    if byte < 0x80 {
      guard byte != 0 || shift == 0 else { throw .notCanonical(at: start) }
      return number
    }
    shift += 7
    guard shift < 35 else { throw .beyondLastNumber(at: start) }
  }
}
