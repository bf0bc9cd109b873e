/// Which ledger a log belongs to: 128 random bits, drawn when the log was made.
///
/// Every checksum of the log starts from these bytes, so that a frame of another ledger, or one
/// forged inside somebody's text, does not pass. In text: 32 hexadecimal digits.
public struct LedgerID: Hashable, Sendable {
  /// The first eight bytes, and the last eight, each big-endian.
  let high, low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(random: some RandomBytes) { self.init(random.bytes(16).span, at: 0) }

  /// Reads the 16 bytes that begin at `offset`.
  package init(_ bytes: Span<UInt8>, at offset: Int) {
    self.init(
      high: bytes.littleEndian(UInt64.self, at: offset).byteSwapped,
      low: bytes.littleEndian(UInt64.self, at: offset + 8).byteSwapped)
  }

  /// The checksum that everything in this ledger's log starts from.
  ///
  /// Computed for every frame that is read, so without an allocation.
  package var checksum: CRC32C {
    let (high, low) = (high, low)
    let bytes = InlineArray<16, UInt8> { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
    }
    return CRC32C(after: bytes.span)
  }

  /// The 16 bytes, as they stand in the log.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: high.byteSwapped)
    bytes.append(littleEndian: low.byteSwapped)
    return bytes
  }
}

extension LedgerID: LosslessStringConvertible {
  /// Reads 32 hexadecimal digits; `nil` for anything else.
  public init?(_ text: String) {
    guard let words = hexadecimal(text, digits: [16, 16]) else { return nil }
    self.init(high: words[0], low: words[1])
  }

  public var description: String { hexadecimal(high, 16) + hexadecimal(low, 16) }
}

/// Reads text that consists of numbers of so many lower-case hexadecimal digits each.
func hexadecimal(_ text: String, digits: [Int]) -> [UInt64]? {
  guard text.utf8.count == digits.reduce(0, +) else { return nil }
  var rest = text.utf8[...]
  var words: [UInt64] = []
  for count in digits {
    var word: UInt64 = 0
    for byte in rest.prefix(count) {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): word = word << 4 | UInt64(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): word = word << 4 | UInt64(byte - 0x57)
      default: return nil
      }
    }
    rest = rest.dropFirst(count)
    words.append(word)
  }
  return words
}

func hexadecimal(_ word: UInt64, _ digits: Int) -> String {
  let text = String(word, radix: 16)
  return String(repeating: "0", count: digits - text.utf8.count) + text
}
