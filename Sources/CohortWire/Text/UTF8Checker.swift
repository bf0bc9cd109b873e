/// Checks UTF-8 byte by byte, so that a text may be cut anywhere (RFC 3629, section 4).
///
///     first    second   then           refused by it
///     00..7F
///     C2..DF   80..BF                  C0, C1: overlong
///     E0       A0..BF   80..BF         overlong
///     E1..EC   80..BF   80..BF
///     ED       80..9F   80..BF         surrogates
///     EE..EF   80..BF   80..BF
///     F0       90..BF   80..BF 80..BF  overlong
///     F1..F3   80..BF   80..BF 80..BF
///     F4       80..8F   80..BF 80..BF  above U+10FFFF, like F5..FF
package struct UTF8Checker: Sendable {
  /// How many bytes of the character begun are still to come, and the bounds of the next.
  private var missing: UInt8 = 0
  private var low: UInt8 = 0x80
  private var high: UInt8 = 0xBF

  package init() {}

  /// Whether no character is half read.
  package var isComplete: Bool { missing == 0 }

  /// Takes the next byte.
  ///
  /// - Returns: `false` if no valid text goes on with this byte; the checker is then of no use.
  package mutating func accepts(_ byte: UInt8) -> Bool {
    if missing > 0 {
      guard low <= byte, byte <= high else { return false }
      (missing, low, high) = (missing - 1, 0x80, 0xBF)
      return true
    }
    switch byte {
    case 0x00...0x7F: return true
    case 0xC2...0xDF: (missing, low, high) = (1, 0x80, 0xBF)
    case 0xE0: (missing, low, high) = (2, 0xA0, 0xBF)
    case 0xED: (missing, low, high) = (2, 0x80, 0x9F)
    case 0xE1...0xEF: (missing, low, high) = (2, 0x80, 0xBF)
    case 0xF0: (missing, low, high) = (3, 0x90, 0xBF)
    case 0xF1...0xF3: (missing, low, high) = (3, 0x80, 0xBF)
    case 0xF4: (missing, low, high) = (3, 0x80, 0x8F)
    default: return false
    }
    return true
  }

  /// Whether `text` is UTF-8 from its first to its last byte.
  package static func accepts(_ text: Span<UInt8>) -> Bool {
    var checker = UTF8Checker()
    for at in text.indices where !checker.accepts(text[at]) { return false }
    return checker.isComplete
  }
}
