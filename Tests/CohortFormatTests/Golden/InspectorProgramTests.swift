import CohortFormat
import CohortModel
import Foundation
import TestSupport
import Testing

/// Whether the tests of the inspector can run; CI installs python3.
private let python = Program(named: "python3")

@Suite(.enabled(if: python != nil, "python3 is not on the search path"))
struct `Tools/Inspector/inspect.py, which knows only FORMAT.md` {
  private func inspect(_ path: String) throws -> (code: Int32, output: String) {
    let script = repository.appending(path: "Tools/Inspector/inspect.py").path
    return try #require(python).run([script, path])
  }

  private func inspect(
    _ bytes: [UInt8], _ words: String...
  ) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/events.log"
    try Data(bytes).write(to: URL(filePath: path))
    let script = repository.appending(path: "Tools/Inspector/inspect.py").path
    return try #require(python).run([script] + words + [path])
  }

  @Test(arguments: try GoldenFiles.all())
  func `explains every byte of a frozen log as it did when that was frozen`(
    _ golden: GoldenFiles
  ) throws {
    let (code, output) = try inspect(golden.path)
    #expect(code == (["torn-tail", "damaged-middle"].contains(golden.name) ? 3 : 0))
    // Not #expect(output == golden.dump): a difference would be shown as two walls of text.
    let (found, frozen) = (output.split(separator: "\n"), golden.dump.split(separator: "\n"))
    let difference = zip(found, frozen).first { $0 != $1 }
    #expect(difference == nil)
    #expect(found.count == frozen.count)
    #expect(output.utf8.elementsEqual(golden.dump.utf8))
  }

  @Test func `explains the worked example of FORMAT.md word for word`() throws {
    let document = try String(
      contentsOf: repository.appending(path: "Storage/FORMAT.md"), encoding: .utf8)
    let start = try #require(document.range(of: "```text\n")).upperBound
    let end = try #require(document.range(of: "\n```", range: start..<document.endIndex))
    let example = document[start..<end.lowerBound]
    var bytes: [UInt8] = []
    for line in example.split(separator: "\n") {
      let words = line.dropFirst(7).prefix(49)
      if let count = words.split(separator: "(").last?.split(separator: " ").first.flatMap({
        Int($0)
      }),
        words.contains("…")
      {
        bytes.append(contentsOf: repeatElement(0, count: count))
      } else {
        bytes += words.split(separator: " ").compactMap { UInt8($0, radix: 16) }
      }
    }
    let (code, output) = try inspect(bytes)
    #expect(code == 0)
    #expect(output.hasPrefix(example + "\n"))
  }

  @Test(arguments: [UInt64(0), 1, 2])
  func `reads every event of a fresh log and finds the same root`(_ seed: UInt64) throws {
    var (some, log) = (SomeEvents(seed: 700 + seed), SmallLog())
    for round in 0..<8 {
      let events = EventKind.allCases.map { some.event($0) }
      try log.append([(events, some.random.once(in: 2) ? some.receipt() : nil)])
      if round.isMultiple(of: 3) { log.seal() }
    }
    let (code, output) = try inspect(log.bytes, "--quiet")
    #expect(code == 0, "\(output)")
    #expect(output.contains("\(log.recorded.count) events, root \(log.builder.tree.root)"))
  }

  @Test func `finds a bit that has turned, and says where`() throws {
    var log = SmallLog()
    for round in 0..<3 {
      try log.append([
        .userCreated(
          UserCreated(
            user: UserID(UInt32(round + 1)), identifiers: [.externalID(PersonalText("u\(round)"))]))
      ])
    }
    log.seal()
    var random = SeededRandom(seed: 8)
    for _ in 0..<40 {
      let bit = random.below(log.bytes.count * 8)
      var bytes = log.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let (code, output) = try inspect(bytes, "--quiet")
      #expect(code == 3, "bit \(bit): \(output)")
      #expect(output.hasPrefix("damage at byte "), "bit \(bit): \(output)")
    }
  }

  @Test func `leaves a log of a later format alone`() throws {
    let (code, output) = try inspect(laterFormat(SmallLog().bytes))
    #expect(code == 4)
    #expect(output.contains("format version 2"))
  }

  private func laterFormat(_ log: [UInt8]) -> [UInt8] {
    var header = Array(log[..<40])
    header[8] = 2
    let crc = CRC32C(after: Array(log[16..<32]).span).checksum(header.span)
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(8 * $0)) }
    return header + bytes + log[44...]
  }
}
