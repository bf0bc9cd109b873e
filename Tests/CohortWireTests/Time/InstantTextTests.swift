import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `A time` {
  /// What both syntaxes accept, with the time in UTC that it means.
  static let both = [
    ("2026-11-21T00:41:59.000001Z", "2026-11-21T00:41:59.000001Z"),
    ("2026-11-21T00:41:59Z", "2026-11-21T00:41:59Z"),
    ("2026-11-21t00:41:59z", "2026-11-21T00:41:59Z"),
    ("2026-11-21T00:41:59.1Z", "2026-11-21T00:41:59.100000Z"),
    ("2026-11-21T00:41:59.000Z", "2026-11-21T00:41:59Z"),
    ("2026-11-21T00:41:59.1234569Z", "2026-11-21T00:41:59.123456Z"),
    ("2026-11-21T00:41:59.999999999999Z", "2026-11-21T00:41:59.999999Z"),
    ("2026-11-21T00:41:59+00:00", "2026-11-21T00:41:59Z"),
    ("2026-11-21T00:41:59-00:00", "2026-11-21T00:41:59Z"),
    ("2026-11-21T00:41:59+01:30", "2026-11-20T23:11:59Z"),
    ("2026-11-21T00:41:59-08:00", "2026-11-21T08:41:59Z"),
    ("2026-11-21T00:41:59+23:59", "2026-11-20T00:42:59Z"),
    ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
    ("2026-12-31T23:59:60.5Z", "2027-01-01T00:00:00.500000Z"),
    ("2026-11-21T12:00:60Z", "2026-11-21T12:01:00Z"),
    ("2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z"),
    ("2026-12-31T24:00:00.000Z", "2027-01-01T00:00:00Z"),
    ("2024-02-29T24:00:00+01:00", "2024-02-29T23:00:00Z"),
    ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
  ]

  /// What only `created_at` accepts.
  static let lenient = [
    ("2026-11-21", "2026-11-21T00:00:00Z"),
    ("2026-11-21T00:41:59", "2026-11-21T00:41:59Z"),
    ("2026-11-21 00:41:59", "2026-11-21T00:41:59Z"),
    ("2026-11-21 00:41:59.25", "2026-11-21T00:41:59.250000Z"),
    ("2026-11-21 00:41:59+02:00", "2026-11-20T22:41:59Z"),
    ("2026-11-21 24:00:00", "2026-11-22T00:00:00Z"),
    ("2026-11-21 00:41:59z", "2026-11-21T00:41:59Z"),
    ("0000-01-01", "0000-01-01T00:00:00Z"),
  ]

  static let wrong = [
    "", "2026", "2026-11", "2026-11-", "2026-11-2", "2026-11-21T", "2026-11-21 ", "2026-11-21Z",
    "2026-11-21T00", "2026-11-21T00:41", "2026-11-21T00:41Z", "2026-11-21T00:41:5Z",
    "2026-11-21T00:41:59.Z", "2026-11-21T00:41:59,5Z", "2026-11-21T00:41:59 Z",
    "2026-11-21T00:41:59Z ", " 2026-11-21T00:41:59Z", "2026-11-21T00:41:59ZZ",
    "2026-11-21T00:41:59Z+01:00", "2026-11-21T00:41:59+1:00", "2026-11-21T00:41:59+0100",
    "2026-11-21T00:41:59+01", "2026-11-21T00:41:59+24:00", "2026-11-21T00:41:59+00:60",
    "2026-11-21T00:41:59\u{2212}01:00", "2026-11-21T00:41:61Z", "2026-11-21T00:60:00Z",
    "2026-11-21T24:00:01Z", "2026-11-21T24:01:00Z", "2026-11-21T23:59:-1Z",
    "2026-11-21T24:00:00.000001Z", "2026-11-21T24:00:60Z", "2026-11-21T24:59:60Z",
    "2026-11-21T25:00:00Z", "2026-00-21T00:00:00Z", "2026-13-21T00:00:00Z",
    "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
    "+2026-11-21T00:00:00Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    "9999-12-31T24:00:00Z", "9999-12-31T23:59:60Z", "26-11-21T00:00:00Z", "2026-W47-6",
    "20261121T004159Z", "2026-325", "2026/11/21 00:41:59", "21.11.2026", "Sat Nov 21 2026",
    "1795221719", "2026-11-21  00:41:59", "2026-11-21_00:41:59Z", "2026-11-21T00:41:59 UTC",
    "\u{FF12}026-11-21T00:41:59Z", "now", "2026-11-21T00:41:59Z\u{0}",
  ]

  @Test(arguments: both) func `is read in both syntaxes`(_ text: String, _ meaning: String) {
    #expect(Instant(text: text)?.rfc3339 == meaning)
    #expect(Instant(text: text, syntax: .lenient)?.rfc3339 == meaning)
  }

  @Test(arguments: lenient) func `may be shorter as created_at`(_ text: String, _ meaning: String) {
    #expect(Instant(text: text, syntax: .lenient)?.rfc3339 == meaning)
    #expect(Instant(text: text) == nil)
  }

  @Test(arguments: wrong) func `is not`(_ text: String) {
    #expect(Instant(text: text) == nil)
    #expect(Instant(text: text, syntax: .lenient) == nil)
  }

  @Test func `may have any number of digits behind the point`() {
    for count in 1...40 {
      let digits = String("1234567890123456789012345678901234567890".prefix(count))
      let micros = Int64(String((digits + "000000").prefix(6))) ?? -1
      let expected = Instant(microseconds: 59_000_000 + micros)
      #expect(Instant(text: "1970-01-01T00:00:59.\(digits)Z") == expected)
    }
  }

  @Test func `is read back as what was printed, in every year`() {
    var random = SeededRandom(seed: 5)
    let first = Instant(text: "0000-01-01T00:00:00Z")?.microseconds ?? 0
    let last = Instant(text: "9999-12-31T23:59:59.999999Z")?.microseconds ?? 0
    #expect(last - first == 3_652_425 * 86_400_000_000 - 1)
    var texts: [String] = []
    for step in 0..<20_000 {
      var microseconds = first + (last - first) / 20_000 * Int64(step)
      microseconds += Int64(random.below(1_000_000))
      if random.once(in: 3) { microseconds -= (microseconds - first) % 1_000_000 }
      let instant = Instant(microseconds: microseconds)
      #expect(Instant(text: instant.rfc3339) == instant)
      #expect(instant.rfc3339.utf8.count == ((microseconds - first) % 1_000_000 == 0 ? 20 : 27))
      if instant.rfc3339.utf8.count == 27 { texts.append(instant.rfc3339) }
    }
    #expect(zip(texts, texts.dropFirst()).allSatisfy { $0 < $1 }, "texts sort like times")
  }

  @Test func `agrees with arithmetic on seconds of a day and every offset`() {
    func two(_ numbers: [Int]) -> String {
      numbers.map { String("0\($0)".suffix(2)) }.joined(separator: ":")
    }
    for second in stride(from: 0, to: 86_400, by: 7) {
      let clock = two([second / 3600, second / 60 % 60, second % 60])
      let expected = Instant(microseconds: Int64(86_400 + second) * 1_000_000)
      #expect(Instant(text: "1970-01-02T\(clock)Z") == expected)
    }
    for minutes in 0..<24 * 60 {
      let offset = two([minutes / 60, minutes % 60])
      let shift = Int64(minutes) * 60_000_000
      #expect(Instant(text: "1970-01-01T00:00:00+\(offset)") == Instant(microseconds: -shift))
      #expect(Instant(text: "1970-01-01T00:00:00-\(offset)") == Instant(microseconds: shift))
    }
  }

  @Test func `refuses every prefix and every spoilt byte`() {
    let text = Array("2026-11-21T00:41:59.5+01:00".utf8)
    for count in 0..<text.count {
      let prefix = text[..<count]
      let instant = Instant(text: prefix.span)
      #expect(instant == nil)
    }
    for at in text.indices {
      for byte in UInt8.min...UInt8.max where !(0x30...0x39).contains(byte) {
        var changed = text
        changed[at] = byte
        let isAllowed = text[at] == byte || at == 10 && byte == 0x74 || at == 21 && byte == 0x2D
        let instant = Instant(text: changed.span)
        #expect((instant != nil) == isAllowed, "byte \(at) as \(byte)")
      }
    }
  }

  @Test func `outside of all years is printed as the nearest inside`() {
    #expect(Instant(microseconds: .min).rfc3339 == "0000-01-01T00:00:00Z")
    #expect(Instant(microseconds: .max).rfc3339 == "9999-12-31T23:59:59.999999Z")
  }
}
