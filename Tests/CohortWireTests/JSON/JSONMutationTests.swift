import CohortWire
import TestSupport
import Testing

/// Small documents, spoilt in every way, against the naive reader.
@Suite struct `A JSON reader and its oracle` {
  static let documents = [
    "{\"partner_api_key\":\"pk-1\",\"cohort_changes\":[{\"user_ids\":[\"customer-000001\",\"b\"],\"should_remove\":false}]}",
    "[\"12345678\",\"\\ud83d\\ude00\\u00e9\\n\",\"\u{E9}\u{20AC}\u{1F600}\",-0.10e+5,[],{},true,false,null]",
    "{\"a\":1,\"\\u0062\":[2,{\"a\":3}],\"\u{E9}\":\"\"}",
    " [ 1 , [ ] , { } , { \"k\" : [ \"x\" ] } ] ",
  ]

  private func agree(_ bytes: [UInt8]) -> Bool {
    NaiveJSON.real(bytes) == NaiveJSONReader.read(bytes)
  }

  @Test(arguments: documents) func `refuse every prefix`(_ text: String) {
    let bytes = Array(text.utf8)
    // The last byte of one document is a space that it can do without.
    let end = bytes.lastIndex { $0 != 0x20 } ?? 0
    for count in 0...end {
      #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(bytes[..<count])) }
    }
    #expect(agree(bytes) && NaiveJSON.real(bytes) != nil)
  }

  @Test(arguments: documents) func `agree on every change of one byte`(_ text: String) {
    let bytes = Array(text.utf8)
    for at in bytes.indices {
      var changed = bytes
      for byte in UInt8.min...UInt8.max {
        changed[at] = byte
        if !agree(changed) { Issue.record("byte \(at) as \(byte) in \(text)") }
      }
    }
  }

  @Test(arguments: documents) func `agree on every byte left out, doubled or put in`(_ text: String)
  {
    let bytes = Array(text.utf8)
    for at in bytes.indices {
      var changed = bytes
      changed.remove(at: at)
      #expect(agree(changed), "without byte \(at)")
      for byte in [bytes[at]] + Array("[]{},:\"\\ 0-.eu\u{0}".utf8) + [0x80, 0xC3, 0xED, 0xFF] {
        changed = bytes
        changed.insert(byte, at: at)
        #expect(agree(changed), "\(byte) before byte \(at)")
      }
    }
  }

  @Test func `agree on every short text of the letters that matter`() {
    let letters = Array("[]{}:,\"a0 ".utf8)
    var texts: [[UInt8]] = [[]]
    for _ in 1...4 {
      texts = texts.flatMap { text in letters.map { text + [$0] } }
      for text in texts where !agree(text) { Issue.record("\(text)") }
    }
  }

  @Test func `agree on every short number`() {
    let letters = Array("-+.eE015".utf8)
    var texts: [[UInt8]] = [[]]
    for _ in 1...5 {
      texts = texts.flatMap { text in letters.map { text + [$0] } }
      for text in texts where !agree(text) { Issue.record("\(text)") }
    }
  }

  @Test func `agree on random soup`() {
    var random = SeededRandom(seed: 41)
    let pieces = [
      "[", "]", "{", "}", ",", ":", "\"a\"", "\"b\"", "\"\\u0061\"", "\"\u{E9}\"", "1", "-2e3",
      "true", "null", " ",
    ].map { Array($0.utf8) }
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 1...12, using: &random)).flatMap { _ in
        pieces.randomElement(using: &random) ?? []
      }
      if !agree(text) { Issue.record("\(String(decoding: text, as: UTF8.self))") }
    }
  }
}
