package import CohortModel

extension Period {
  /// Reads a whole number without sign and leading zeros, and one letter of `s m h d w`: `7d`.
  ///
  /// - Returns: `nil` for anything else, and outside 1 s to 3,650 d.
  package init?(text: Span<UInt8>) {
    guard (2...10).contains(text.count), text[0] != UInt8(ascii: "0") else { return nil }
    let unit: UInt64
    switch text[text.count - 1] {
    case UInt8(ascii: "s"): unit = 1
    case UInt8(ascii: "m"): unit = 60
    case UInt8(ascii: "h"): unit = 3600
    case UInt8(ascii: "d"): unit = 86_400
    case UInt8(ascii: "w"): unit = 604_800
    default: return nil
    }
    var number: UInt64 = 0
    for at in 0..<text.count - 1 {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) else { return nil }
      number = number * 10 + UInt64(text[at] - UInt8(ascii: "0"))
    }
    self.init(seconds: number * unit)
  }

  package init?(text: String) { self.init(text: text.utf8.span) }
}
