/// Finds the next byte that matters, eight bytes at a time.
///
/// A word of eight bytes is tested with four or five instructions. For bytes below 0x80
///
///     (byte ^ c) - 1         borrows into bit 7 exactly if byte == c
///     (byte ^ 2) - 0x21      borrows exactly if byte is 0x22 (the quote) or below 0x20
///
/// A borrow may also spoil bytes *above* the one that caused it, never below, so the lowest
/// marked byte is always a true one. Bytes from 0x80 are marked themselves.
///
/// The only unsafe step is the load of a word, and `RawSpan` checks its bounds; the tests compare
/// every function with the plain loop.
package enum ByteScanner {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let highs: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  static func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
    UInt64(
      littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// A word with the same byte in all eight places.
  @inline(__always)
  static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

  /// The first offset from `start` that holds a quote, a backslash, a control character below
  /// 0x20 or a byte from 0x80, else the end of `bytes`.
  @inline(__always)
  package static func endOfPlainString(in bytes: Span<UInt8>, from start: Int) -> Int {
    let end = bytes.count
    var at = start
    while end &- at >= 8 {
      let word = word(bytes, at: at)
      let marks =
        (((word ^ all(0x02)) &- all(0x21)) | ((word ^ all(0x5c)) &- ones) | word) & highs
      if marks != 0 { return at &+ marks.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end, isPlain(bytes[at]) { at &+= 1 }
    return at
  }

  /// The first offset from `start` that holds a quote, a backslash or a control character below
  /// 0x20, else the end of `bytes`.
  @inline(__always)
  package static func endOfUnescaped(in bytes: Span<UInt8>, from start: Int) -> Int {
    let end = bytes.count
    var at = start
    while end &- at >= 8 {
      let word = word(bytes, at: at)
      let marks =
        (((word ^ all(0x02)) &- all(0x21)) | ((word ^ all(0x5c)) &- ones)) & ~word & highs
      if marks != 0 { return at &+ marks.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end, bytes[at] >= 0x80 || isPlain(bytes[at]) { at &+= 1 }
    return at
  }

  @inline(__always)
  static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
  }

  /// The first offset from `start` that holds one of four ASCII bytes or a byte from 0x80,
  /// else the end of `bytes`.
  @inline(__always)
  package static func first(
    of a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, in bytes: Span<UInt8>, from start: Int
  ) -> Int {
    let end = bytes.count
    var at = start
    while end &- at >= 8 {
      let word = word(bytes, at: at)
      let left = ((word ^ all(a)) &- ones) | ((word ^ all(b)) &- ones)
      let right = ((word ^ all(c)) &- ones) | ((word ^ all(d)) &- ones)
      let marks = (left | right | word) & highs
      if marks != 0 { return at &+ marks.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end {
      let byte = bytes[at]
      if byte == a || byte == b || byte == c || byte == d || byte >= 0x80 { break }
      at &+= 1
    }
    return at
  }

  /// The first offset from `start` that holds `byte`, which is ASCII, else the end of `bytes`.
  @inline(__always)
  package static func first(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
    let end = bytes.count
    var at = start
    while end &- at >= 8 {
      let difference = word(bytes, at: at) ^ all(byte)
      let marks = (difference &- ones) & ~difference & highs
      if marks != 0 { return at &+ marks.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end, bytes[at] != byte { at &+= 1 }
    return at
  }
}
