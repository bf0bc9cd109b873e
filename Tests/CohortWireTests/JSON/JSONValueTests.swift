import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `A JSON document` {
  private func document(_ text: String) throws -> JSONDocument {
    try JSONDocument(parsing: Array(text.utf8))
  }

  @Test func `gives all strings of an array at once`() throws {
    let json = try document("[\"a\",\"\",\"b\\u0000c\",\"\u{E9}\",\"customer-000001\"]")
    var ranges = [TextRange(start: 1, count: 2)]
    #expect(json.root.stringRanges(into: &ranges))
    #expect(
      ranges.dropFirst().map { Array(json.bytes[$0]) }
        == ["a", "", "b\0c", "\u{E9}", "customer-000001"].map { Array($0.utf8) })
  }

  @Test(arguments: ["[\"a\",1]", "[[\"a\"]]", "[\"a\",null]", "{\"a\":\"b\"}", "\"a\"", "null"])
  func `gives no strings of`(_ text: String) throws {
    let before = [TextRange(start: 1, count: 2)]
    var ranges = before
    #expect(try !document(text).root.stringRanges(into: &ranges))
    #expect(ranges == before)
  }

  @Test func `gives no strings of an empty array, and says that this is all`() throws {
    var ranges: [TextRange] = []
    #expect(try document("[]").root.stringRanges(into: &ranges))
    #expect(ranges.isEmpty)
  }

  @Test func `finds members behind large values and under escaped keys`() throws {
    let root = try document("{\"a\":[1,{\"c\":2}],\"\\u0062\":{\"a\":0},\"c\":true,\"\":7}").root
    #expect(root["c"]?.bool == true)
    #expect(root["b"]?["a"]?.integer == 0)
    #expect(root[""]?.integer == 7)
    #expect(root["d"] == nil && root["a"]?["c"] == nil)
    #expect(root.count == 4 && root["a"]?.count == 2 && root["c"]?.count == 0)
    #expect(
      root.members.map { String(decoding: $0.value.bytes[$0.key], as: UTF8.self) }
        == ["a", "b", "c", ""])
    #expect(root["a"]?.elements.map(\.kind) == [.number, .object])
  }

  @Test func `keeps NFC and NFD spellings apart`() throws {
    let root = try document("{\"\u{E9}\":1,\"e\u{301}\":2}").root
    #expect(root["\u{E9}"]?.integer == 1)
    #expect(root["e\u{301}"]?.integer == 2)
  }

  @Test func `reads one text after the other in the same memory`() throws {
    var json = JSONDocument()
    #expect(json.root.isNull)
    try json.parse(copying: Array("[\"\\n\",\"first\"]".utf8).span)
    let kept = json.root
    try json.parse(copying: Array("{\"second\":2}".utf8).span)
    #expect(json.root["second"]?.integer == 2)
    #expect(NaiveJSON(kept) == .array([.string([10]), .string(Array("first".utf8))]))
    #expect(throws: JSONError(.endsEarly, at: 1)) { try json.parse(copying: [0x5B].span) }
    #expect(json.root.isNull)
    try json.parse(Array("[3]".utf8))
    #expect(NaiveJSON(json.root) == .array([.number("3")]))
    #expect(throws: JSONError(.tooLong, at: 2)) {
      try json.parse(copying: [0x5B, 0x20, 0x5D].span, limits: JSONLimits(byteCount: 2))
    }
    #expect(json.root.isNull)
  }

  @Test func `reads a string of 16 MiB, with and without escapes`() throws {
    let count = 16 << 20
    for (unit, meaning) in [("a", "a"), ("\\n", "\n"), ("\\ud83d\\ude00", "\u{1F600}")] {
      let repeats = count / unit.utf8.count
      var text: [UInt8] = [0x22]
      text.append(contentsOf: String(repeating: unit, count: repeats).utf8)
      text.append(0x22)
      let string = try JSONDocument(parsing: text).root.string
      #expect(string?.elementsEqual(String(repeating: meaning, count: repeats).utf8) == true)
    }
  }

  @Test func `reads a million strings and a million keys`() throws {
    let numbers = (0..<1_000_000).map { "\"\($0)\"" }
    var ranges: [TextRange] = []
    #expect(try document("[\(numbers.joined(separator: ","))]").root.stringRanges(into: &ranges))
    #expect(ranges.count == 1_000_000)
    let members = "{\(numbers.joined(separator: ":0,")):0"
    #expect(try document(members + "}").root.count == 1_000_000)
    #expect(throws: JSONError(.duplicateKey, at: members.utf8.count + 1)) {
      try document(members + ",\"70\\u0037\":0}")
    }
  }

  @Test func `finds a duplicate among any number of keys, wherever it stands`() throws {
    for count in 2...40 {
      let keys = (0..<count).map { "\"k\($0)\"" }
      let plain = keys.joined(separator: ":[{}],") + ":0}"
      #expect(try document("{" + plain).root.count == count)
      for twin in 0..<count {
        #expect(throws: JSONError(.duplicateKey, at: plain.utf8.count + 1), "k\(twin) of \(count)")
        {
          try document("{" + plain.dropLast() + ",\"\\u006b\(twin)\":1}")
        }
      }
    }
  }

  @Test func `takes every escape of four digits for what it is`() throws {
    for unit in UInt16.min...UInt16.max {
      let digits = String(unit, radix: 16)
      let escape = "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      let string = try? document("\"\(escape)\"").root.string
      #expect(string.map(Array.init) == Unicode.Scalar(unit).map { Array(String($0).utf8) })
    }
  }

  @Test func `takes every pair of surrogates for the character that it means`() throws {
    // Every high half, and every low half, and a sample of their combinations.
    for scalar in sequence(first: UInt32(0x10000), next: { $0 + 0x3FF }).prefix(while: {
      $0 <= 0x10FFFF
    }) {
      let character = try #require(Unicode.Scalar(scalar))
      let escape = UTF16.encode(character)?.map { "\\u" + String($0, radix: 16) }.joined() ?? ""
      #expect(
        try document("\"\(escape)\"").root.string.map(Array.init) == Array(String(character).utf8))
    }
  }
}
