import CohortWire
import TestSupport
import Testing

@Suite struct `A writer of CSV` {
  @Test func `is read back as what was written`() {
    var random = SeededRandom(seed: 11)
    let pieces = [
      "a", "bcdefghijk", ",", "\"", "\n", "\r", "\r\n", " ", "\u{E9}", "\u{1F600}", "\u{FEFF}",
      "\0",
    ]
    for _ in 0..<2000 {
      let width = 1 + random.below(4)
      let rows = (0..<random.below(5)).map { _ in
        (0..<width).map { _ in
          (0..<random.below(5)).map { _ in pieces[random.below(pieces.count)] }.joined()
        }
      }
      var writer = CSVWriter()
      writer.row((0..<width).map { "column \($0)" })
      for row in rows { writer.row(row) }
      let transcript = CSVTranscript([writer.bytes[...]])
      #expect(transcript.error == nil)
      #expect(
        transcript.rows.map { $0.map { Array($0.utf8) } } == rows.map { $0.map { Array($0.utf8) } })
    }
  }

  @Test func `quotes only where it must`() {
    var writer = CSVWriter(behind: Array("> ".utf8))
    writer.row(["plain text", "a;b'c", "\u{E9}\t"])
    writer.row(["a,b", "a\"b", "a\nb", "a\rb", "\u{FEFF}", ""])
    writer.row([""])
    writer.row([])
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == "> plain text,a;b'c,\u{E9}\t\n\"a,b\",\"a\"\"b\",\"a\nb\",\"a\rb\",\"\u{FEFF}\",\n\"\"\n\n"
    )
  }
}
