import CohortModel
import CohortWire

/// How long a destination asks to wait.
///
/// Source: RFC 9110, section 10.2.3 (`Retry-After`), and CONTRACT part 0 (`x-ratelimit-reset`).
enum RetryAfter {
  /// - Parameters:
  ///   - answer: With any status; `x-ratelimit-reset` counts for 429 only, because other answers
  ///     carry it as well.
  ///   - now: For times, unless the answer has a `Date`: the clocks may differ.
  /// - Returns: `nil` if it says nothing that makes sense; a moment that is over is no wait.
  static func read(_ answer: WebAnswer, now: Instant) -> Duration? {
    let now = answer.header("date").flatMap(date) ?? now
    if let text = answer.header("retry-after") {
      if let seconds = seconds(text) { return .seconds(seconds) }
      if let date = date(text) { return wait(until: date, now) }
    }
    guard answer.status == 429, let text = answer.header("x-ratelimit-reset"),
      let reset = seconds(text)
    else { return nil }
    // Some count the seconds that are left instead of those since 1970.
    if reset < 1_000_000_000 { return .seconds(reset) }
    return wait(until: Instant(microseconds: reset * 1_000_000), now)
  }

  private static func wait(until date: Instant, _ now: Instant) -> Duration {
    .microseconds(max(0, date.microseconds - now.microseconds))
  }

  /// At most a few thousand years, so that nothing overflows.
  private static func seconds(_ text: String) -> Int64? {
    let digits = text.utf8.drop { $0 == 0x20 }.prefix { (0x30...0x39).contains($0) }
    let rest = text.utf8.drop { $0 == 0x20 }.dropFirst(digits.count)
    guard !digits.isEmpty, digits.count <= 11, rest.isEmpty || rest.first == UInt8(ascii: ".")
    else { return nil }
    return Int64(String(digits) ?? "")
  }

  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func date(_ text: String) -> Instant? {
    let words = text.split(separator: " ")
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard words.count == 6, words[5] == "GMT",
      let month = months.firstIndex(where: { words[2] == $0 })
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    return Instant(text: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
  }
}
