import CohortWire
import TestSupport
import Testing

@Suite struct `A text on a terminal` {
  @Test func `shows control characters and backslashes as escapes`() {
    #expect(
      TerminalText.escaped("a\\b\n\t\u{1B}[31m\u{7F}\u{85}\u{9B}\u{A0}\"\u{E9}\u{202E}")
        == "a\\\\b\\n\\t\\u001b[31m\\u007f\\u0085\\u009b\u{A0}\"\u{E9}\u{202E}")
  }

  @Test func `is read back, and holds no control character`() {
    var random = SeededRandom(seed: 2)
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<random.below(12) {
        text.unicodeScalars.append(Unicode.Scalar(UInt8(random.below(256))))
        if random.once(in: 4) { text += ["\\", "\"", "n", "u0041", "\u{20AC}"][random.below(5)] }
      }
      let escaped = TerminalText.escaped(text)
      #expect(!escaped.unicodeScalars.contains { $0.properties.generalCategory == .control })
      #expect(TerminalText.unescaped(Array(escaped.utf8)) == Array(text.utf8))
    }
  }

  @Test(arguments: ["\\", "a\\x", "\\u12", "\\ud800", "a\nb"])
  func `is not read from`(_ line: String) {
    #expect(TerminalText.unescaped(Array(line.utf8)) == nil)
  }
}
