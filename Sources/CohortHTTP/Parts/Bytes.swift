/// The bytes that HTTP has names for.
enum Byte {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let slash: UInt8 = 0x2F
  static let question: UInt8 = 0x3F
  static let comma: UInt8 = 0x2C
  static let star: UInt8 = 0x2A

  /// Control characters, the horizontal tab excepted.
  @inline(__always)
  static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != tab) || byte == 0x7F
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  /// RFC 9110 §5.6.2: letters, digits, and ! # $ % & ' * + - . ^ _ ` | ~
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool {
    // One bit for each of the 128 bytes of ASCII.
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    return byte < 64
      ? (low >> UInt64(byte)) & 1 == 1
      : byte < 128 && (high >> UInt64(byte - 64)) & 1 == 1
  }

  @inline(__always)
  static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  static func hexValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x41...0x46: UInt64(byte - 0x37)
    case 0x61...0x66: UInt64(byte - 0x57)
    default: nil
    }
  }
}

extension Span<UInt8> {
  /// Whether these are the bytes of `text`, which is in lower case, in any case.
  func matches(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { wanted in
      for index in indices {
        // Both have the same count.
        let byte = unsafe wanted[index]
        if Byte.lowercase(self[index]) != byte { return false }
      }
      return true
    }
  }

  /// Where this is, without the spaces and tabs at both ends of `range`.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, Byte.isSpace(self[start]) { start += 1 }
    while end > start, Byte.isSpace(self[end - 1]) { end -= 1 }
    return start..<end
  }

  func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }

  func array() -> [UInt8] {
    var array: [UInt8] = []
    array.append(copying: self)
    return array
  }
}

extension [UInt8] {
  /// Appends a copy of `bytes`.
  @inline(__always)
  mutating func append(copying bytes: Span<UInt8>) {
    // The buffer is read while the span lends it, and is not kept.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends a number in decimal.
  mutating func append(decimal number: UInt64) {
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends a number in hexadecimal.
  mutating func append(hexadecimal number: UInt64) {
    var shift = Swift.max(0, (64 - number.leadingZeroBitCount + 3) / 4 * 4 - 4)
    while true {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
      append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      if shift == 0 { return }
      shift -= 4
    }
  }
}
