import CohortModel
import CohortWire
import Testing

@Suite struct `A moment in a question` {
  static let positions: [(String, UInt64)] = [
    ("41", 41), ("#41", 41), ("0", 0), ("#0", 0), ("2026", 2026),
    ("18446744073709551614", .max - 1),
  ]

  @Test(arguments: positions) func `may be a position`(_ text: String, _ number: UInt64) {
    #expect(Moment(text: text) == .position(Position(number)))
    #expect(Moment(text: text)?.text == "#\(number)")
  }

  @Test func `may be a time`() {
    let noon = Instant(microseconds: 43_200_000_000)
    #expect(Moment(text: "1970-01-01T13:00:00+01:00") == .instant(noon))
    #expect(Moment(text: "1970-01-01T13:00:00+01:00")?.text == "1970-01-01T12:00:00Z")
  }

  @Test(arguments: [
    "", "#", "##1", "-1", "+1", "01", "#01", "1.0", "1e2", " 1", "1 ", "#-1", "1#", "0x1",
    "18446744073709551615", "18446744073709551616", "99999999999999999999999", "\u{FF11}",
    "2026-11-21", "2026-11-21 00:00:00", "now", "#1970-01-01T00:00:00Z",
  ]) func `is not`(_ text: String) { #expect(Moment(text: text) == nil) }
}

@Suite struct `A period` {
  @Test func `is a whole number and a unit`() {
    for (letter, unit) in [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)] {
      let longest = 3650 * 86_400 / unit
      for number in [1, 2, 7, 30, 521, longest - 1, longest] where number <= longest {
        #expect(Period(text: "\(number)\(letter)")?.seconds == UInt32(number * unit))
      }
      #expect(Period(text: "\(longest + 1)\(letter)") == nil)
      #expect(Period(text: "0\(letter)") == nil)
      #expect(Period(text: letter) == nil)
    }
  }

  @Test func `is read back as what was printed`() throws {
    for seconds in stride(from: UInt64(1), through: 3650 * 86_400, by: 7919) {
      let period = try #require(Period(seconds: seconds))
      #expect(Period(text: "\(period)") == period)
    }
  }

  @Test(arguments: [
    "", "7", "7 d", " 7d", "7d ", "-7d", "+7d", "07d", "7D", "7y", "7ms", "1.5d", "7d12h", "d7",
    "1e1d", "0x1d", "\u{FF17}d", "9999999999s", "99999999999999999999d", "P7D",
  ]) func `is not`(_ text: String) { #expect(Period(text: text) == nil) }
}
