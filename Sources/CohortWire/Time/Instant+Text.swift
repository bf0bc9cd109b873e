package import CohortModel

/// How strictly a time is read.
package enum TimeSyntax: Sendable {
  /// RFC 3339: `2026-11-21T00:41:59.000001+01:00`. The letters may be lower case.
  case rfc3339
  /// As partners send `created_at`: RFC 3339, or a space instead of the T, or no offset (then
  /// UTC), or the date alone (then midnight, UTC).
  case lenient
}

extension Instant {
  /// Reads a time.
  ///
  /// Fractions of any length are cut to microseconds, second 60 is the first of the next minute,
  /// 24:00:00 is the first of the next day. Offsets reach from -23:59 to +23:59.
  ///
  /// - Returns: `nil` for anything else, for a day that the calendar does not have, and for a
  ///   moment outside the years 0000 to 9999 in UTC, which could not be printed.
  package init?(text: Span<UInt8>, syntax: TimeSyntax = .rfc3339) {
    var reader = TimeReader(syntax: syntax)
    guard let microseconds = reader.read(text) else { return nil }
    guard Self.printable.contains(microseconds) else { return nil }
    self.init(microseconds: microseconds)
  }

  package init?(text: String, syntax: TimeSyntax = .rfc3339) {
    self.init(text: text.utf8.span, syntax: syntax)
  }

  /// From 0000-01-01T00:00:00Z to before 10000-01-01T00:00:00Z.
  static let printable: Range<Int64> = -62_167_219_200_000_000..<253_402_300_800_000_000
}

/// Reads one time from left to right; `at` stands before what is still to be read.
private struct TimeReader {
  let syntax: TimeSyntax
  var at = 0

  init(syntax: TimeSyntax) { self.syntax = syntax }

  /// Microseconds since 1970 in UTC.
  mutating func read(_ text: Span<UInt8>) -> Int64? {
    guard
      let year = digits(4, text), take("-", text),
      let month = digits(2, text), take("-", text),
      let day = digits(2, text), let date = CivilDay(year: year, month: month, day: day)
    else { return nil }

    let midnight = Int64(date.dayNumber) * 86_400_000_000
    if at == text.count { return syntax == .lenient ? midnight : nil }
    guard take("T", text) || take("t", text) || syntax == .lenient && take(" ", text) else {
      return nil
    }
    guard let time = timeOfDay(text), let offset = offset(text), at == text.count else {
      return nil
    }
    return midnight + time - offset
  }

  /// Microseconds since midnight.
  private mutating func timeOfDay(_ text: Span<UInt8>) -> Int64? {
    guard
      let hour = digits(2, text), take(":", text),
      let minute = digits(2, text), minute <= 59, take(":", text),
      let second = digits(2, text), second <= 60,
      let fraction = fraction(text)
    else { return nil }
    let time = Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    guard hour <= 23 || hour == 24 && time == 86_400_000_000 && second == 0 else { return nil }
    return time
  }

  /// Microseconds; 0 if there is no point.
  private mutating func fraction(_ text: Span<UInt8>) -> Int64? {
    guard take(".", text) else { return 0 }
    let first = at
    var (value, weight): (Int64, Int64) = (0, 100_000)
    while let digit = digits(1, text) {
      value += Int64(digit) * weight
      weight /= 10
    }
    return at > first ? value : nil
  }

  /// Microseconds that the local time is ahead of UTC.
  private mutating func offset(_ text: Span<UInt8>) -> Int64? {
    if at == text.count { return syntax == .lenient ? 0 : nil }
    if take("Z", text) || take("z", text) { return 0 }
    let isBehind = take("-", text)
    guard
      isBehind || take("+", text),
      let hours = digits(2, text), hours <= 23, take(":", text),
      let minutes = digits(2, text), minutes <= 59
    else { return nil }
    let offset = Int64(hours * 60 + minutes) * 60_000_000
    return isBehind ? -offset : offset
  }

  /// Reads exactly `count` digits, or nothing.
  private mutating func digits(_ count: Int, _ text: Span<UInt8>) -> Int? {
    guard text.count - at >= count else { return nil }
    var value = 0
    for place in at..<at + count {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[place]) else { return nil }
      value = value * 10 + Int(text[place] - UInt8(ascii: "0"))
    }
    at += count
    return value
  }

  private mutating func take(_ letter: Unicode.Scalar, _ text: Span<UInt8>) -> Bool {
    guard at < text.count, text[at] == UInt8(ascii: letter) else { return false }
    at += 1
    return true
  }
}

// MARK: - Printing

extension Instant {
  /// The time in UTC as RFC 3339: `2026-11-21T00:41:59Z`, or with six digits of fraction,
  /// `2026-11-21T00:41:59.000001Z`, if it does not fall on a whole second.
  ///
  /// Always six digits or none, so that columns of times line up; two texts of the same kind sort
  /// like their times. Instants outside the years 0000 to 9999, which no one can enter, are
  /// printed as the nearest inside.
  package var rfc3339: String { String(decoding: rfc3339Bytes, as: UTF8.self) }

  /// ``rfc3339`` as bytes.
  package var rfc3339Bytes: [UInt8] {
    let bounded = min(
      max(microseconds, Self.printable.lowerBound), Self.printable.upperBound - 1)
    let seconds = floorDivide(Int(bounded), 1_000_000)
    let fraction = Int(bounded) - seconds * 1_000_000
    let dayNumber = floorDivide(seconds, 86_400)
    let (date, second) = (CivilDay(dayNumber: dayNumber), seconds - dayNumber * 86_400)

    var text: [UInt8] = []
    text.reserveCapacity(27)
    func put(_ value: Int, _ count: Int, then letter: Unicode.Scalar) {
      var divisor = (1..<count).reduce(1) { product, _ in product * 10 }
      while divisor > 0 {
        text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
      }
      text.append(UInt8(ascii: letter))
    }
    put(date.year, 4, then: "-")
    put(date.month, 2, then: "-")
    put(date.day, 2, then: "T")
    put(second / 3600, 2, then: ":")
    put(second / 60 % 60, 2, then: ":")
    put(second % 60, 2, then: fraction == 0 ? "Z" : ".")
    if fraction != 0 { put(fraction, 6, then: "Z") }
    return text
  }
}
