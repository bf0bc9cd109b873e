// Users of whom only the number is shown, a thousand or a million at a time: no value is made for
// any of them, and nothing is written twice.

extension JSONWriter {
  /// Writes users by their numbers, as elements of an array or each in a line of its own.
  ///
  ///     {"user":17},{"user":18}
  ///
  /// - Complexity: About 3 ns each.
  package mutating func numbers(_ users: Span<UInt32>, asLines: Bool = false) {
    guard users.count > 0 else { return }
    if needsComma && !asLines { bytes.append(UInt8(ascii: ",")) }
    var place = bytes.count
    // The longest: {"user":4294967295} and a comma or a line break. Words of eight letters are
    // written where fewer are meant, and what was too much is written over, or cut off.
    bytes.append(contentsOf: repeatElement(0, count: users.count * 20 + 8))
    var output = bytes.mutableSpan
    var letters = unsafe output.mutableBytes
    let behind: UInt16 = asLines ? 0x0A7D : 0x2C7D
    for index in users.indices {
      letters.write(Self.beginUser, of: 8, at: &place)
      letters.writeDigits(of: users[index], at: &place)
      letters.write(UInt64(behind), of: 2, at: &place)
    }
    if !asLines { place -= 1 }
    bytes.removeLast(bytes.count - place)
    needsComma = !asLines
  }

  /// `{"user":`, the first letter in the lowest byte.
  static let beginUser: UInt64 = "{\"user\":".utf8.reversed().reduce(0) {
    $0 << 8 | UInt64($1)
  }
}

extension UInt64 {
  /// Appends up to eight bytes, the lowest first.
  @inline(__always)
  func appendBytes(_ count: Int = 8, to output: inout OutputSpan<UInt8>) {
    var rest = self
    for _ in 0..<count {
      output.append(UInt8(truncatingIfNeeded: rest))
      rest &>>= 8
    }
  }
}

extension UInt32 {
  /// Appends the number in decimal.
  @inline(__always)
  func appendDigits(to output: inout OutputSpan<UInt8>) {
    guard self >= 100_000_000 else { return letters.word.appendBytes(letters.count, to: &output) }
    let (high, low) = quotientAndRemainder(dividingBy: 100_000_000)
    high.letters.word.appendBytes(high.letters.count, to: &output)
    low.eightLetters.appendBytes(to: &output)
  }
}

extension MutableRawSpan {
  /// Writes eight letters, the first in the lowest byte, of which `count` are meant.
  @inline(__always)
  fileprivate mutating func write(_ letters: UInt64, of count: Int, at place: inout Int) {
    storeBytes(of: letters.littleEndian, toByteOffset: place, as: UInt64.self)
    place += count
  }

  /// Writes a number in decimal.
  @inline(__always)
  fileprivate mutating func writeDigits(of number: UInt32, at place: inout Int) {
    guard number >= 100_000_000 else {
      let letters = number.letters
      return write(letters.word, of: letters.count, at: &place)
    }
    let (high, low) = number.quotientAndRemainder(dividingBy: 100_000_000)
    writeDigits(of: high, at: &place)
    write(low.eightLetters, of: 8, at: &place)
  }
}

extension UInt32 {
  /// A number below 100,000,000 in decimal: the first letter in the lowest byte, and how many.
  @inline(__always)
  fileprivate var letters: (word: UInt64, count: Int) {
    // The zeros in front are whole bytes of zero bits; of 0 the last digit stands.
    let front = Swift.min(eightDigits.trailingZeroBitCount >> 3, 7)
    return (eightLetters >> UInt64(front << 3), 8 - front)
  }

  /// The same with zeros in front, so that there are eight.
  @inline(__always)
  fileprivate var eightLetters: UInt64 { eightDigits | 0x3030_3030_3030_3030 }

  /// The eight digits of a number below 100,000,000, zeros in front, the first in the lowest byte.
  ///
  ///     12345678
  ///     1234 │ 5678                        lanes of 32 bits
  ///     12 │ 34 │ 56 │ 78                  of 16
  ///     1 │ 2 │ 3 │ 4 │ 5 │ 6 │ 7 │ 8      of 8
  ///
  /// All lanes are divided at once, by a product that is exact for numbers so small.
  @inline(__always)
  fileprivate var eightDigits: UInt64 {
    let fours = UInt64(self / 10_000) | UInt64(self % 10_000) << 32
    let hundreds = (fours &* 10_486) >> 20 & 0x7F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
    return tens | (twos &- tens &* 10) << 8
  }
}
