// Users of whom only the number is shown, a thousand or a million at a time: no value is made for
// any of them, and nothing is written twice.

extension JSONWriter {
  /// Writes users by their numbers, as elements of an array or each in a line of its own.
  ///
  ///     {"user":17},{"user":18}
  ///
  /// - Complexity: About 10 ns each.
  package mutating func numbers(_ users: Span<UInt32>, asLines: Bool = false) {
    guard users.count > 0 else { return }
    let comma = needsComma && !asLines
    // The longest: {"user":4294967295} and a comma or a line break.
    bytes.append(addingCapacity: users.count * 20 + 1) { output in
      if comma { output.append(UInt8(ascii: ",")) }
      for index in users.indices {
        if index > 0 && !asLines { output.append(UInt8(ascii: ",")) }
        Self.beginUser.appendBytes(to: &output)
        users[index].appendDigits(to: &output)
        output.append(UInt8(ascii: "}"))
        if asLines { output.append(UInt8(ascii: "\n")) }
      }
    }
    needsComma = !asLines
  }

  /// `{"user":`, the first letter in the lowest byte.
  static let beginUser: UInt64 = "{\"user\":".utf8.reversed().reduce(0) {
    $0 << 8 | UInt64($1)
  }
}

extension UInt64 {
  /// Appends eight bytes, the lowest first.
  @inline(__always)
  func appendBytes(to output: inout OutputSpan<UInt8>) {
    var rest = self
    for _ in 0..<8 {
      output.append(UInt8(truncatingIfNeeded: rest))
      rest &>>= 8
    }
  }
}

extension UInt32 {
  /// Appends the number in decimal.
  ///
  /// The digits come out last first, so they are pushed into a word from below; more than eight do
  /// not fit into one, and those before the last eight are written first.
  @inline(__always)
  func appendDigits(to output: inout OutputSpan<UInt8>) {
    var rest = self
    if rest >= 100_000_000 {
      let high = rest / 100_000_000
      if high >= 10 { output.append(UInt8(truncatingIfNeeded: 0x30 + high / 10)) }
      output.append(UInt8(truncatingIfNeeded: 0x30 + high % 10))
      rest %= 100_000_000
      var digits: UInt64 = 0
      for _ in 0..<8 {
        digits = digits &<< 8 | UInt64(0x30 + rest % 10)
        rest /= 10
      }
      return digits.appendBytes(to: &output)
    }
    var (digits, count): (UInt64, Int) = (0, 0)
    repeat {
      digits = digits &<< 8 | UInt64(0x30 + rest % 10)
      rest /= 10
      count += 1
    } while rest != 0
    for _ in 0..<count {
      output.append(UInt8(truncatingIfNeeded: digits))
      digits &>>= 8
    }
  }
}
