import CohortWire
import TestSupport
import Testing

@Suite struct `A number in JSON` {
  private func value(_ text: String) throws -> JSONValue {
    try JSONDocument(parsing: Array(text.utf8)).root
  }

  static let table: [(String, Int64?, UInt64?)] = [
    ("0", 0, 0), ("-0", 0, 0), ("-0.0e9", 0, 0), ("0e999999999999999999999", 0, 0), ("0.1e1", 1, 1),
    ("1e2", 100, 100), ("1E+2", 100, 100), ("100e-2", 1, 1), ("1.50e1", 15, 15), ("1.5", nil, nil),
    ("1e-1", nil, nil), ("1.0", 1, 1), ("-1", -1, nil), ("-1.0", -1, nil), ("1e400", nil, nil),
    ("1e-400", nil, nil), ("9007199254740993", 9_007_199_254_740_993, 9_007_199_254_740_993),
    ("9223372036854775807", .max, 9_223_372_036_854_775_807),
    ("9223372036854775808", nil, 9_223_372_036_854_775_808),
    ("-9223372036854775808", .min, nil), ("-9223372036854775809", nil, nil),
    ("18446744073709551615", nil, .max), ("18446744073709551616", nil, nil),
    ("1844674407370955161500e-2", nil, .max), ("1844674407370955161.5e1", nil, .max),
    ("18446744073709551615.000", nil, .max), ("18446744073709551615.001", nil, nil),
    ("1e18", 1_000_000_000_000_000_000, 1_000_000_000_000_000_000),
    ("1e19", nil, 10_000_000_000_000_000_000), ("1e20", nil, nil), ("2e19", nil, nil),
    ("0.00000000000000000000000001e26", 1, 1), ("10e-18446744073709551616", nil, nil),
    ("1e18446744073709551616", nil, nil), ("1e-9223372036854775808", nil, nil),
  ]

  @Test(arguments: table.indices) func `is exact or nothing`(_ row: Int) throws {
    let (text, signed, unsigned) = Self.table[row]
    #expect(try value(text).integer == signed, "\(text)")
    #expect(try value(text).unsignedInteger == unsigned, "\(text)")
  }

  @Test func `may have a hundred thousand digits`() throws {
    let zeros = String(repeating: "0", count: 100_000)
    #expect(try value("1\(zeros)e-100000").integer == 1)
    #expect(try value("42.\(zeros)").integer == 42)
    #expect(try value("0.\(zeros)7e100001").integer == 7)
    #expect(try value("1\(zeros)").integer == nil)
    #expect(try value("1\(zeros)1e-100001").integer == nil)
    #expect(try value("1e\(zeros)1").integer == 10)
    #expect(try value("1e1\(zeros)").integer == nil)
    #expect(try value("1e-1\(zeros)").integer == nil)
    #expect(try value("-1\(zeros)").numberText?.count == 100_002)
  }

  @Test func `is the same integer however it is spelt`() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<4000 {
      let integer = Int64(truncatingIfNeeded: random.next()) >> Int64(random.below(64))
      let digits = String(integer.magnitude)
      let sign = integer < 0 ? "-" : ""
      // The point moves left by `shift`, and the exponent brings it back.
      let shift = random.below(25)
      let padded = String(repeating: "0", count: max(0, shift + 1 - digits.count)) + digits
      let fraction = padded.suffix(shift)
      let moved = padded.dropLast(shift) + (shift > 0 ? ".\(fraction)e\(shift)" : "")
      #expect(try value(sign + moved).integer == integer)
      let zeros = String(repeating: "0", count: shift)
      if integer != 0 {
        #expect(try value("\(sign)\(digits)\(zeros)e-\(shift)").integer == integer)
      }
      #expect(try value("\(sign)\(digits).5").integer == nil)
      if integer % 10 != 0 { #expect(try value("\(sign)\(digits)e-1").integer == nil) }
    }
  }

  @Test(arguments: ["\"1\"", "true", "null", "[1]", "{}"]) func `is not`(_ text: String) throws {
    #expect(try value(text).integer == nil && value(text).unsignedInteger == nil)
    #expect(try value(text).numberText == nil)
  }
}
