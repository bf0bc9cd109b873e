import CohortWire
import TestSupport
import Testing

@Suite struct `A reader of CSV` {
  private func read(_ text: String) -> CSVTranscript { CSVTranscript([Array(text.utf8)[...]]) }

  static let tables = [
    "id,name\n1,Ana\n2,\"B\u{E9}a, \"\"the\nfirst\"\"\"\r\n\n3,\u{20AC}\u{1F600}",
    "\u{FEFF}\"id\"\r\n\r\na b \r\n\"\"\r\n\" \"\r\n",
    "a,b,c\n,,\n\"\",\"\",\"\"\nlong plain field one,long plain field two,x\n",
    "id,name\n1,\"open\n",
    "id,name\n1,x\"y\n",
    "id,name\n\u{E9}1,\"x\"y\n",
    "id,name\n1\n",
    "id,name\nab\rcd,2\n",
    "id,id\n",
    "id\n1\r",
    "",
    "\u{FEFF}\n\n",
  ]

  @Test(arguments: tables) func `says the same however the stream is cut`(_ text: String) {
    let bytes = Array(text.utf8)
    let whole = CSVTranscript([bytes[...]])
    #expect((whole.error == nil) == (NaiveCSV.rows(bytes) != nil))
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let cut = CSVTranscript([bytes[..<first], bytes[first..<second], bytes[second...]])
        #expect(cut == whole, "cut at \(first) and \(second)")
      }
    }
    #expect(CSVTranscript(bytes.indices.map { bytes[$0...$0] }) == whole)
  }

  @Test func `agrees with the plain way on every short text`() {
    let letters = Array("a,\"\n\r".utf8)
    for start in ["", "a\n", "b,c\n1,2\n"] {
      var texts: [[UInt8]] = [Array(start.utf8)]
      for _ in 1...5 {
        texts = texts.flatMap { text in letters.map { text + [$0] } }
        for text in texts {
          let real = CSVTranscript([text[...]])
          let rows = real.error == nil ? [real.header] + real.rows : nil
          if rows != NaiveCSV.rows(text) { Issue.record("\(text)") }
        }
      }
    }
  }

  @Test func `agrees with the plain way on every change of one byte`() {
    let bytes = Array("id,n\u{E9}\n1,\"x\"\"\u{20AC}\"\r\n22222222222,y\n".utf8)
    for at in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[at] = byte
        let real = CSVTranscript([changed[...]])
        let rows = real.error == nil ? [real.header] + real.rows : nil
        if rows != NaiveCSV.rows(changed) { Issue.record("byte \(at) as \(byte)") }
      }
    }
  }

  @Test func `tells lines, columns and what was wrong`() {
    let table: [(String, CSVError)] = [
      ("id,name\n1,x\"y\n", CSVError(.quoteInsideField, line: 2, column: 4)),
      ("id,name\n\u{E9}1,\"x\"y\n", CSVError(.textAfterQuote, line: 2, column: 7)),
      ("id,name\n1,\"a\nb\"c", CSVError(.textAfterQuote, line: 3, column: 3)),
      ("id\n\"a\nb", CSVError(.openQuote, line: 3, column: 2)),
      ("id\na\rb\n", CSVError(.bareReturn, line: 2, column: 2)),
      ("id\na\r", CSVError(.bareReturn, line: 2, column: 2)),
      (
        "id,name\n1,\"a\nb\"\n1,2,3\n", CSVError(.wrongFieldCount(3, header: 2), line: 4, column: 1)
      ),
      ("\n\nid,x,id\n", CSVError(.duplicateColumn(name: "id"), line: 3, column: 1)),
      ("\n\n", CSVError(.noHeader, line: 3, column: 1)),
      ("", CSVError(.noHeader, line: 1, column: 1)),
    ]
    for (text, error) in table {
      #expect(read(text).error == error)
      let sentences = "\(error)".split(separator: ". ")
      #expect(sentences.count == 2 && "\(error)".hasSuffix("."))
    }
    let bad = CSVTranscript([(Array("id\n\u{E9}x".utf8) + [0xC3, 0x28])[...]])
    #expect(bad.error == CSVError(.invalidUTF8, line: 2, column: 4))
  }

  @Test func `counts the lines on which rows begin, and those left blank`() {
    let transcript = read("\nid,x\n\n1,\"a\n\nb\"\r\n\r\n2,c\n\n")
    #expect(transcript.lines == [4, 8])
    #expect(transcript.blankLines == 4)
    #expect(transcript.rows == [["1", "a\n\nb"], ["2", "c"]])
  }

  @Test func `keeps a blank line of a table of one column as an empty field`() {
    #expect(read("id\n\na\n\"\"\n").rows == [[""], ["a"], [""]])
  }

  @Test func `finds columns by name`() throws {
    var reader = CSVReader()
    reader.push(Array("alias_name,external_id\nana,1\n".utf8).span)
    #expect(reader.column("external_id") == nil, "nothing was read yet")
    #expect(try reader.advance())
    let column = try #require(reader.column("external_id"))
    #expect(reader.row[column].elementsEqual("1".utf8))
    #expect(reader.column("external") == nil)
  }

  @Test func `refuses what is over its limits at the same place however it is cut`() {
    let limits = CSVReader.Limits(fieldBytes: 10, rowBytes: 16)
    let table: [(String, CSVError?)] = [
      ("id\n12345678901\n", CSVError(.fieldTooLong(limit: 10), line: 2, column: 11)),
      ("id\n\"1234567\n901\n", CSVError(.fieldTooLong(limit: 10), line: 3, column: 3)),
      ("a,b\n1234567890,123456\n", CSVError(.rowTooLong(limit: 16), line: 2, column: 17)),
      (String(repeating: ",", count: 20), CSVError(.rowTooLong(limit: 16), line: 1, column: 17)),
      ("id\n1234567890\n", nil),
      ("a,b\n1234567890,12345\n", nil),
    ]
    for (text, error) in table {
      let bytes = Array(text.utf8)
      for cut in 0...bytes.count {
        let transcript = CSVTranscript([bytes[..<cut], bytes[cut...]], limits: limits)
        #expect(transcript.error == error, "cut at \(cut)")
      }
    }
  }
}
