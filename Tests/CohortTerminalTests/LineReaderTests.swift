import CohortLedger
import CohortLog
import TestSupport
import Testing

@testable import cohort

@Suite struct LineReaderTests {
  private func lines(_ text: String, limit: Int, begun: Int = 0) throws -> [String] {
    let folder = try TemporaryFolder()
    let path = folder.path + "/lines"
    let disk = PosixDisk()
    let file = try disk.open(path, .createNew)
    let bytes = Array(text.utf8)
    try disk.write(Array(bytes[begun...]), to: file, at: 0)
    try disk.close(file)
    var reader = LineReader(
      try InputFile(path, Console()), limit: limit, begun: Array(bytes[..<begun]))
    var found: [String] = []
    while let line = try reader.next() {
      switch line {
      case .tooLong: found.append("\(reader.number) too long")
      case .text(let text):
        found.append("\(reader.number) \(String(decoding: text, as: UTF8.self))")
      }
    }
    return found
  }

  @Test func `lines are counted with the blank ones, and come without their breaks`() throws {
    let text = "a\n\n b \r\n \t\nc"
    for begun in 0...text.utf8.count {
      #expect(try lines(text, limit: 8, begun: begun) == ["1 a", "3  b ", "5 c"])
    }
  }

  @Test func `a line too long is skipped, and reading goes on behind it`() throws {
    let long = String(repeating: "x", count: 1 << 19)
    #expect(
      try lines("a\n\(long)\nb\n\(long)", limit: 8) == ["1 a", "2 too long", "3 b", "4 too long"])
    #expect(try lines("12345678\n123456789\n", limit: 8) == ["1 12345678", "2 too long"])
    #expect(try lines("12345678\r\n", limit: 8) == ["1 12345678"])
  }

  @Test(.timeLimit(.minutes(1))) func `a line without an end ends the reading`() throws {
    var reader = LineReader(try InputFile("/dev/zero", Console()), limit: 8)
    let failure = #expect(throws: Failure.self) { try reader.next() }
    #expect(failure?.code == .refused)
    #expect(
      failure?.message == "Line 1 of '/dev/zero' has gone on for more than 64 MiB. "
        + "Give a file with one object on each line.")
  }

  @Test(.timeLimit(.minutes(1))) func `a command ends where a line does not`() throws {
    let house = try TerminalHouse()
    _ = try house.run("partners enable hightouch")
    for served in [false, true] {
      let server = served ? try house.serve() : nil
      for line in ["import /dev/zero", "users apply /dev/zero", "users import /dev/zero"] {
        let run = try house.run(line)
        #expect(run.code == .refused)
        #expect(run.words.contains("ine 1"), "\(run.words)")
      }
      let run = try house.run("import -", input: "{}\n" + String(repeating: "x", count: 65 << 20))
      #expect(run.code == .refused)
      #expect(run.words.contains("Line 2 of standard input"))
      #expect(run.output.split(separator: "\n").count == 1)
      server?.server.stop()
      try server?.ledger.close()
    }
  }

  @Test func `an empty file has no lines`() throws {
    #expect(try lines("", limit: 8) == [])
    #expect(try lines("\n\n", limit: 8) == [])
  }

  @Test func `text on one line keeps nothing that a terminal obeys`() {
    #expect("a\nb\u{1B}[31m\u{9B}\u{7F}\\n é".harmless == "a\\nb\\u001b[31m\\u009b\\u007f\\n é")
    #expect("\\".harmless == "\\")
    #expect("".harmless == "")
  }
}
