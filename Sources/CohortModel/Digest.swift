/// The 32 bytes of a SHA-256: a leaf, a root, a commitment, or the name of a body.
///
///      word0           word1           word2           word3
///      ├───────────────┼───────────────┼───────────────┼───────────────┤
///      bytes 0 ... 7    8 ... 15        16 ... 23       24 ... 31        each big-endian
///
/// Big-endian words make the order of the numbers the order of the bytes, and the digits of a word
/// the hexadecimal text. In text: 64 hexadecimal digits, lower case when written.
public struct Digest: Sendable {
  public let word0, word1, word2, word3: UInt64

  @inlinable public init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
    (self.word0, self.word1, self.word2, self.word3) = (word0, word1, word2, word3)
  }

  /// In bytes.
  public static let size = 32

  /// All zeros: where a digest has a place but no value yet.
  public static let zero = Digest(0, 0, 0, 0)
}

extension Digest: Hashable, Comparable {
  /// Takes the same time wherever the first difference is, so digests of secrets can be compared.
  @inlinable public static func == (a: Self, b: Self) -> Bool {
    (a.word0 ^ b.word0) | (a.word1 ^ b.word1) | (a.word2 ^ b.word2) | (a.word3 ^ b.word3) == 0
  }

  /// Compares byte by byte, the first byte weighing most.
  @inlinable public static func < (a: Self, b: Self) -> Bool {
    (a.word0, a.word1, a.word2, a.word3) < (b.word0, b.word1, b.word2, b.word3)
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    hasher.combine(word0)
    hasher.combine(word1)
    hasher.combine(word2)
    hasher.combine(word3)
  }
}

extension Digest {
  /// Reads the 32 bytes that begin at `offset`.
  ///
  /// - Precondition: They are there. Check the length of what came from outside first.
  @inlinable public init(_ bytes: Span<UInt8>, at offset: Int = 0) {
    func word(_ start: Int) -> UInt64 {
      var word: UInt64 = 0
      for index in start..<start + 8 { word = word << 8 | UInt64(bytes[index]) }
      return word
    }
    self.init(word(offset), word(offset + 8), word(offset + 16), word(offset + 24))
  }

  /// The byte at `index`, 0 to 31.
  @inlinable public subscript(index: Int) -> UInt8 {
    precondition((0..<32).contains(index), "a digest has 32 bytes")
    let word = index < 16 ? (index < 8 ? word0 : word1) : (index < 24 ? word2 : word3)
    return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
  }

  /// The bytes, without a heap allocation.
  @inlinable public var bytes: InlineArray<32, UInt8> { InlineArray { self[$0] } }

  /// Adds the 32 bytes to the end of `output`.
  @inlinable public func append(to output: inout [UInt8]) {
    let bytes = bytes
    for index in bytes.indices { output.append(bytes[index]) }
  }
}

extension Digest: LosslessStringConvertible {
  public var description: String {
    var text = ""
    text.reserveCapacity(64)
    for index in 0..<32 {
      text.unicodeScalars.append(Digest.digit(self[index] >> 4))
      text.unicodeScalars.append(Digest.digit(self[index] & 15))
    }
    return text
  }

  private static func digit(_ value: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value)
  }

  /// Reads the text form, in either case.
  ///
  /// - Returns: `nil` unless there are exactly 64 hexadecimal digits.
  public init?(_ text: String) {
    var words = InlineArray<4, UInt64>(repeating: 0)
    var count = 0
    for character in text.utf8 {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      guard count < 64 else { return nil }
      words[count / 16] = words[count / 16] << 4 | UInt64(digit)
      count += 1
    }
    guard count == 64 else { return nil }
    self.init(words[0], words[1], words[2], words[3])
  }
}
