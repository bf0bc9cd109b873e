import CohortWire
import Foundation
import Testing

/// What RFC 8259 allows, forbids and leaves open, and what this house does about it.
@Suite struct `A JSON reader` {
  /// Texts that must be accepted.
  static let allowed: [String] =
    [
      "[]", "{}", "[ ]", "{ }", "\t[\n]\r\n ", "null", "true", "false", "0", "-0", "\"\"", "\" \"",
      "[[]]", "[[],[]]", "[{}]", "{\"a\":{}}", "{\"a\":[]}", "[null,1,\"1\",{}]", "[1\n]", " [1]",
      "[1,null,null,null,2]", "[2] ", "[false]", "[null]", "[true]", "[\"\"]", "[\"a\"]",
      "{\"a\":\"b\"}", "{\"a\":\"b\",\"c\":\"d\"}", "{\"\":0}", "{\"a\":[],\"b\":{}}",
      "{\"min\": -1.0e+28, \"max\": 1.0e+28}", "{\"a\\u0000b\": 42}", "{ \"a\" : 1 , \"b\" : 2 }",
      "{\"A\":1,\"a\":2}", "{\"x\":[{\"id\":\"x\"}],\"id\":\"x\"}",
    ]
    + [
      "123", "-1", "-123", "-0.0", "0.5", "1.0", "1e1", "1E1", "1e+1", "1e-1", "1E+1", "0e1",
      "0e+1",
      "0E-0", "123.456", "123.456e78", "123e65", "1.5E+2", "0.00000000000000000000001",
      "-0.000000000000000000000000000000000000000001", "1e400", "-1e400", "1e-400",
      "100000000000000000000", "9007199254740993", "9223372036854775808", "18446744073709551616",
    ].flatMap { [$0, "[\($0)]", "[\($0) ]", "{\"n\":\($0)}"] }
    + [
      "\\\"", "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u0000", "\\u0012", "\\u00e9", "\\u00E9",
      "\\uFFFF",
      "\\u2028\\u2029", "\\ud83d\\ude00", "\\uD83D\\uDE00", "\\udbff\\udfff", "\\ud800\\udc00",
      "\\\\a",
      "\\\\u0000", "a/*b*/c", "\u{7F}", "\u{20AC}", "\u{1D11E}", "\u{FFFF}", "\u{10FFFF}",
      "\u{FDCF}",
      "\u{200B}", "\u{2028}\u{2029}", "e\u{301}", "\u{FEFF}", "asd ", "new\\u000aline", "\\u0022",
    ].flatMap { ["\"\($0)\"", "[\"\($0)\"]", "{\"\($0)\":\"\($0)\"}"] }

  /// Texts that must be refused, because of the RFC or of the written policy.
  static let forbidden: [String] =
    [
      "", " ", "[", "{", "]", "}", "[1", "[1,", "[,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1]]",
      "[1]x",
      "[][]", "[]{}", "{}{}", "[1}", "{\"a\":1]", "[a]", "[\"a\"", "[\"a", "[\"a\",",
      "[\"a\" \"b\"]",
      "[\"\",]", "[\"a\",\n4\n,1,", "[\"x\"]]", "[:]", "[\"a\":1]", "[3[4]]", "[*]", "[<null>]",
      "<.>",
      "[1:2]", "[\u{B}]", "\u{C}[]", "\u{A0}[]", "[\u{2060}]", "\u{2060}[]", "[]\u{0}", "[]#",
      "#[]",
      "[1]//", "/**/[]", "[]/**/", "['a']", "'a'", "`a`", "a", "\u{E9}", "&", "*", "?", "\\",
      "\\u000a",
      "{\"a\"", "{\"a\":", "{\"a\" 1}", "{\"a\",1}", "{\"a\"::1}", "{\"a\":1,}", "{\"a\":1,,}",
      "{,}",
      "{\"a\":1,,\"b\":2}", "{:\"b\"}", "{1:1}", "{a:1}", "{'a':1}", "{null:1}", "{[]:1}",
      "{\"a\":x}",
      "{\"a\":1 \"b\":2}", "{\"a\":1}}", "{\"a\":1}#", "{\"a\":true} \"x\"", "{\"a\":\"a",
      "{\"a\":/*c*/1}",
      "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}",
      "{\"\\u0061\":1,\"\\u0061\":2}", "{\"\\n\":1,\"\\u000A\":2}",
      "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
      "\u{FEFF}[]", "\u{FEFF}", " \u{FEFF}[]", "[]\u{FEFF}",
    ]
    + [
      "+1", "++1", "-", "--1", "-a", "- 1", "01", "-01", "00", "012", "1.", "-1.", ".1", "-.1", ".",
      "1.e1",
      "0.e1", "1.1.1", "1e", "1e+", "1E-", "1eE2", "1e1.5", "0e", "0e+", "0.3e", "0.3e+", "1 000",
      "1_000",
      "0x1", "0x", "1a", "1/2", "Infinity", "-Infinity", "NaN", "-NaN", "inf", "1ea", "2.e3",
      "2.e-3",
      "9.e+", "1+2", "\u{FF11}", "-\u{FF11}", "1\u{301}", "1,5", "True", "TRUE", "tru", "truee",
      "fals",
      "nul", "nulls", "undefined", "nan",
    ].flatMap { [$0, "[\($0) ]", "{\"n\":\($0)}"] }.filter { $0 != "[1,5 ]" }
    + [
      "\\", "\\x00", "\\a", "\\'", "\\0", "\\v", "\\U0041", "\\u", "\\u1", "\\u12", "\\u123",
      "\\u123g",
      "\\u 123", "\\u+123", "\\u-123", "\\u{41}", "\\\u{E9}", "\\\u{0}", "\n", "\t", "\r", "\u{0}",
      "\u{1F}",
      "a\u{8}b", "\\ud800", "\\udc00", "\\udfff", "\\ude00\\ud83d", "\\ud83d\\ud83d", "\\ud83dx",
      "\\ud83d\\n", "\\ud83d\\u0041", "\\ud83d\\u", "\\ud83d\\ude0", "\\ud83d\\\\ude00",
      "\\ud83d\\ude0g",
      "\\ud83d\\ude00\\ud83d", "a\"b",
    ].flatMap { ["\"\($0)\"", "[\"\($0)\"]", "{\"\($0)\":1}", "{\"a\":\"\($0)\"}"] }

  /// What is not UTF-8, to stand inside a string.
  static let notUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x22],
    [0xE0, 0x80, 0x80],
    [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
    [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
    [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x80], [0xFE], [0xFF], [0xE9],
    [0xFF, 0xFE],
    [0xE2, 0x28, 0xA1], [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC], [0xC3, 0xA9, 0xA9],
  ]

  @Test(arguments: allowed) func `accepts`(_ text: String) {
    let naive = NaiveJSONReader.read(Array(text.utf8))
    #expect(naive != nil, "the oracle agrees with the table")
    #expect(NaiveJSON.real(Array(text.utf8)) == naive)
  }

  @Test(arguments: forbidden) func `refuses`(_ text: String) {
    #expect(NaiveJSONReader.read(Array(text.utf8)) == nil, "the oracle agrees with the table")
    #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(text.utf8)) }
  }

  @Test(arguments: notUTF8) func `refuses what is not UTF-8 wherever it stands`(_ bad: [UInt8]) {
    for before in ["", "a", "1234567", "12345678", "\u{E9}", "\\n"] {
      for after in ["", "a", "12345678", "\u{20AC}"] {
        let inner = Array(before.utf8) + bad + Array(after.utf8)
        let string = [0x22] + inner + [0x22]
        for text in [
          string, [0x5B] + string + [0x5D], [0x7B] + string + [0x3A, 0x31, 0x7D], inner,
        ] {
          #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        }
      }
    }
  }

  @Test func `refuses UTF-16 with and without a byte order mark`() {
    for text: [UInt8] in [
      [0xFE, 0xFF, 0, 0x5B, 0, 0x5D], [0xFF, 0xFE, 0x5B, 0, 0x5D, 0], [0x5B, 0, 0x5D, 0],
    ] {
      #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
    }
  }

  @Test func `nests 64 levels and not one more, in no stack to speak of`() throws {
    for (opening, inner, closing) in [
      ("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"a\":[1],\"b\":", "{}", "}]"),
    ] {
      let levels = opening.utf8.count > 6 ? 2 : 1
      func nested(_ depth: Int) -> [UInt8] {
        let count = (depth - (inner == "{}" ? 1 : 0)) / levels
        return Array(
          (String(repeating: opening, count: count) + inner
            + String(repeating: closing, count: count)).utf8)
      }
      if levels == 1 { _ = try JSONDocument(parsing: nested(64)) }
      _ = try JSONDocument(parsing: nested(63))
      #expect(throws: JSONError.self) { try JSONDocument(parsing: nested(65)) }
      #expect(throws: JSONError.self) { try JSONDocument(parsing: nested(100_000)) }
    }
    let deep = [UInt8](repeating: 0x5B, count: 100_000)
    #expect(throws: JSONError(.tooDeep, at: 64)) { try JSONDocument(parsing: deep) }
    // FAULTS 125: on a thread with as little stack as some systems give.
    let isOver = DispatchSemaphore(value: 0)
    let small = Thread {
      for text in [deep, [UInt8](repeating: 0x5B, count: 64) + [UInt8](repeating: 0x5D, count: 64)]
      {
        let isTaken = (try? JSONDocument(parsing: text)) != nil
        #expect(isTaken == (text.count == 128))
      }
      isOver.signal()
    }
    small.stackSize = 512 << 10
    small.start()
    isOver.wait()
    let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
    #expect(try JSONDocument(parsing: Array(wide.utf8)).root.count == 1000, "depth is given back")
  }

  @Test func `says what is wrong and at which byte`() {
    let table: [(String, JSONError.Reason, Int)] = [
      ("", .endsEarly, 0), ("[1,", .endsEarly, 3), ("\"abc", .endsEarly, 4), ("[x]", .notAValue, 1),
      ("[nul]", .notAValue, 1), ("{1:2}", .notAKey, 1), ("{\"a\":1,}", .notAKey, 7),
      ("{\"a\" 1}", .noColon, 5), ("[1 2]", .noCommaOrBracket, 3), ("[1}", .noCommaOrBracket, 2),
      ("{\"a\":1]", .noCommaOrBrace, 6), ("[] x", .textAfterEnd, 3), ("[01]", .invalidNumber, 2),
      ("[1.x]", .invalidNumber, 3), ("[\"a\tb\"]", .controlCharacter, 3),
      ("[\"\\x\"]", .invalidEscape, 3),
      ("[\"\\u12g4\"]", .invalidEscape, 6), ("[\"\\ud800\"]", .loneSurrogate, 2),
      ("[\"\\udc00\"]", .loneSurrogate, 2), ("\u{FEFF}[]", .byteOrderMark, 0),
      ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, 13),
      ("{\"\\u0061\":1,\"a\":2}", .duplicateKey, 12),
      ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7),
      ("{\"\\n\":1,\"\\n\":2,\"\\u000a\":3}", .duplicateKey, 8),
    ]
    for (text, reason, offset) in table {
      #expect(throws: JSONError(reason, at: offset), "\(text)") {
        try JSONDocument(parsing: Array(text.utf8))
      }
    }
    #expect(throws: JSONError(.invalidUTF8, at: 3)) {
      try JSONDocument(parsing: [0x5B, 0x22, 0xC3, 0x28, 0x22, 0x5D])
    }
    #expect(throws: JSONError(.tooLong, at: 4)) {
      try JSONDocument(parsing: Array("[1,2]".utf8), limits: JSONLimits(byteCount: 4))
    }
  }

  @Test(arguments: JSONError.Reason.allCases) func `speaks in two sentences`(
    _ reason: JSONError.Reason
  ) {
    let text = JSONError(reason, at: 17).description
    #expect(text.hasPrefix("Byte 17 of the JSON ") && text.hasSuffix("."))
    #expect(text.contains("\(reason.finding). \(reason.advice)."))
    #expect(reason.advice.first?.isUppercase == true)
  }
}
