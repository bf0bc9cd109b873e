package import CohortModel

extension Moment {
  /// Reads a position, without sign and leading zeros, or an RFC 3339 time.
  ///
  /// - Returns: `nil` for anything else, and for numbers that no event can have.
  package init?(text: Span<UInt8>) {
    if let instant = Instant(text: text) {
      self = .instant(instant)
      return
    }
    var number: UInt64 = 0
    let start = text.count > 0 && text[0] == UInt8(ascii: "#") ? 1 : 0
    guard text.count > start else { return nil }
    guard text[start] != UInt8(ascii: "0") || text.count == start + 1 else { return nil }
    for at in start..<text.count {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) else { return nil }
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = product.addingReportingOverflow(UInt64(text[at] - UInt8(ascii: "0")))
      if isTooLarge || isOver { return nil }
      number = sum
    }
    guard Position(number) != .never else { return nil }
    self = .position(Position(number))
  }

  package init?(text: String) { self.init(text: text.utf8.span) }

  /// The moment as it can be asked for again: `#41`, or a time.
  package var text: String {
    switch self {
    case .position(let position): position.description
    case .instant(let instant): instant.rfc3339
    }
  }
}
