import CohortWire
import Testing

@Suite struct `A splitter of lines` {
  struct Line: Hashable {
    let number: Int
    let text: String
  }

  /// Pushes `chunks`, and pulls after each.
  private func split(
    _ chunks: [ArraySlice<UInt8>], limit: Int = 100
  ) -> (lines: [Line], blank: Int, error: LineError?) {
    var splitter = LineSplitter(limit: limit)
    var lines: [Line] = []
    do {
      for chunk in chunks + [[]] {
        splitter.push(chunk.span)
        if chunk.isEmpty { splitter.finish() }
        while let range = try splitter.next() {
          let text = String(decoding: splitter.bytes[range], as: UTF8.self)
          lines.append(Line(number: splitter.line, text: text))
        }
      }
      return (lines, splitter.blankLines, nil)
    } catch {
      #expect(throws: error) { try splitter.next() }
      return (lines, splitter.blankLines, error)
    }
  }

  @Test func `gives the same lines however the stream is cut`() {
    let text = Array("{\"a\":1}\r\n\n  \t\r\n[2]\n\r\nthree\r four\n last".utf8)
    let expected = [
      Line(number: 1, text: "{\"a\":1}"), Line(number: 4, text: "[2]"),
      Line(number: 6, text: "three\r four"), Line(number: 7, text: " last"),
    ]
    for first in text.indices {
      for second in first..<text.count {
        let (lines, blank, error) = split(
          [text[..<first], text[first..<second], text[second...]].filter { !$0.isEmpty })
        #expect(lines == expected && blank == 3 && error == nil)
      }
    }
    #expect(split(text.indices.map { text[$0...$0] }).lines == expected)
  }

  @Test func `agrees with the plain way on every short text`() {
    let letters = Array("a\n\r ".utf8)
    var texts: [[UInt8]] = [[]]
    for _ in 1...6 {
      texts = texts.flatMap { text in letters.map { text + [$0] } }
      for text in texts {
        var whole = text.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if whole.last?.isEmpty == true { whole.removeLast() }
        let naive = whole.enumerated().compactMap { at, line -> Line? in
          let line = line.last == 0x0D ? line.dropLast() : line[...]
          guard line.contains(0x61) else { return nil }
          return Line(number: at + 1, text: String(decoding: line, as: UTF8.self))
        }
        let (lines, blank, _) = split([text[...]].filter { !$0.isEmpty })
        #expect(lines == naive && blank == whole.count - naive.count)
      }
    }
  }

  @Test func `refuses a line over the limit before it has all of it`() {
    let long = Array("ok\n".utf8) + [UInt8](repeating: 0x61, count: 11)
    for cut in long.indices {
      let (lines, _, error) = split([long[..<cut], long[cut...]].filter { !$0.isEmpty }, limit: 10)
      #expect(lines == [Line(number: 1, text: "ok")])
      #expect(error == .tooLong(line: 2, limit: 10))
    }
    #expect(split([long.dropLast()], limit: 10).lines.count == 2)
    #expect(split([long.dropLast() + [0x0D, 0x0A]], limit: 10).error == nil)
    #expect(
      "\(LineError.tooLong(line: 2, limit: 10))".hasPrefix("Line 2 is longer than 10 bytes. "))
  }
}
