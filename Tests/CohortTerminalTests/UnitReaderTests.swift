import CohortLog
import CohortWire
import TestSupport
import Testing

@testable import cohort

@Suite struct `A users import` {
  /// How many lines of it are users, how many are faulty, and whether all of it could be read.
  private func read(_ bytes: [UInt8]) throws -> (lines: Int, faults: Int, isWhole: Bool) {
    let folder = try TemporaryFolder()
    let disk = PosixDisk()
    let file = try disk.open(folder.path + "/users", .createNew)
    try disk.write(bytes, to: file, at: 0)
    try disk.close(file)
    var reader = try UnitReader(try InputFile(folder.path + "/users", Console()))
    var (lines, faults) = (0, 0)
    while let unit = reader.next() {
      lines += unit.lines.count
      faults += unit.faults.count
    }
    return (lines, faults, reader.failure == nil)
  }

  @Test(arguments: ["", "\u{FEFF}", "\u{FEFF}\n", " \r\n\t"]) func `shows what it is`(
    beginning: String
  ) throws {
    let objects = "{\"external_id\":\"a\"}\r\n{\"external_id\":\"b\"}"
    #expect(try read(Array((beginning + objects).utf8)) == (2, 0, true))
    guard beginning.allSatisfy({ $0 == "\u{FEFF}" }) else { return }
    #expect(try read(Array((beginning + "external_id\na\nb\nc").utf8)) == (3, 0, true))
  }

  @Test func `of blanks is not gathered in memory, however long it is`() throws {
    let blanks = [UInt8](repeating: 0x0A, count: 3 << 20)
    #expect(try read(blanks + Array("{\"external_id\":\"a\"}".utf8)) == (1, 0, true))
    // What was not gathered is not a table any more.
    #expect(try read(blanks + Array("external_id\na".utf8)) == (0, 2, true))
  }
}
