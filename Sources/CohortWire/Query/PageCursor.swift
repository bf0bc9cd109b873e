package import CohortModel

/// Where a list goes on: the `next` of a page, which nobody need understand.
///
/// Carries all that makes the next page show the same moment as the first:
///
///     0        1                  9         17           25        33      41          49       65
///     ├────────┼──────────────────┼─────────┼────────────┼─────────┼───────┼───────────┼────────┤
///     │ 1      │ position         │ instant │ identities │ earlier │ after │ asked for │ log    │
///     │ format │ what is seen     │ µs      │ of then    │ or 0    │       │           │ 16 B   │
///     └────────┴──────────────────┴─────────┴────────────┴─────────┴───────┴───────────┴────────┘
///
/// Integers big-endian; in text base64url (RFC 4648 §5) without padding, 87 letters. Whoever makes
/// one up is shown a page of what he may see anyway: nothing in it opens anything.
package struct PageCursor: Hashable, Sendable {
  /// What the first page saw.
  package var position: Position
  /// Where its time leaves stood.
  package var instant: Instant
  /// Whose identifiers it showed: those of this position.
  package var identities: Position
  /// Of a difference, the moment before.
  package var earlier: Position
  /// The last item of the page before, as the list counts them.
  package var after: UInt64
  /// ``Query/fingerprint(of:)`` of what was asked for.
  package var asked: UInt64
  /// What the log was then: the ledger, and the epoch in which the newest event was written that
  /// the pages see.
  package var history: History

  package struct History: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }
  }

  package init(
    position: Position, instant: Instant, identities: Position, earlier: Position = .origin,
    after: UInt64, asked: UInt64, history: History
  ) {
    self.position = position
    self.instant = instant
    self.identities = identities
    self.earlier = earlier
    self.after = after
    self.asked = asked
    self.history = history
  }
}

extension PageCursor {
  private static let format: UInt8 = 1
  private static let byteCount = 65

  private var words: [UInt64] {
    [
      position.rawValue, UInt64(bitPattern: instant.microseconds), identities.rawValue,
      earlier.rawValue, after, asked, history.high, history.low,
    ]
  }

  /// The text of `next`.
  package var text: String {
    var bytes = [Self.format]
    for word in words {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return String(decoding: Base64URL.encode(bytes), as: UTF8.self)
  }

  /// Reads what ``text`` wrote.
  ///
  /// - Returns: `nil` for anything else.
  package init?(_ text: [UInt8]) {
    guard let bytes = Base64URL.decode(text), bytes.count == Self.byteCount,
      bytes[0] == Self.format
    else { return nil }
    func word(_ index: Int) -> UInt64 {
      bytes[(1 + 8 * index)..<(9 + 8 * index)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(
      position: Position(word(0)), instant: Instant(microseconds: Int64(bitPattern: word(1))),
      identities: Position(word(2)), earlier: Position(word(3)), after: word(4), asked: word(5),
      history: History(high: word(6), low: word(7)))
  }
}

extension Query {
  /// Where the list goes on, if this is not its first page.
  ///
  /// - Parameter target: As for ``fingerprint(of:)``.
  /// - Returns: `nil` for the first page.
  /// - Throws: ``WireError``, 400, for a `next` that no page gave, or that another list gave.
  package func cursor(of target: [UInt8]) throws(WireError) -> PageCursor? {
    guard let text = self[.next] else { return nil }
    guard let cursor = PageCursor(text.bytes) else { throw .bad(.next) }
    guard cursor.asked == fingerprint(of: target) else {
      throw WireError(
        400,
        "'next' belongs to a list that was asked for with other parameters. "
          + "Send those again, or leave 'next' out.")
    }
    return cursor
  }
}
