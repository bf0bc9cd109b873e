import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import Foundation
import TestSupport
import Testing

@Suite struct `Every log that was ever frozen` {
  @Test(arguments: try GoldenFiles.all())
  func `holds what it held: roots, members at every position, identities`(
    _ golden: GoldenFiles
  ) throws {
    let disk = SimulatedDisk()
    let ledger = try goldenLedger(golden.log, on: disk)
    let frozen = try GoldenFacts(json: golden.facts)
    #expect(ledger.goldenEnd == frozen.position)
    let facts = try GoldenFacts(of: ledger, through: frozen.position)
    #expect(facts == frozen)
    try ledger.close()
    // And once more, with whatever caches the first opening has left.
    let again = try Ledger.open(
      "/ledger", for: .write, on: disk, clock: SimulatedClock(),
      random: SeededRandomSource(seed: 10), options: .small)
    #expect(try GoldenFacts(of: again, through: frozen.position) == frozen)
    try again.close()
  }

  @Test(arguments: try GoldenFiles.all())
  func `is opened as it deserves: torn ones cut, damaged ones only read`(
    _ golden: GoldenFiles
  ) throws {
    let disk = SimulatedDisk()
    let ledger = try goldenLedger(golden.log, on: disk)
    let next = Position(ledger.goldenEnd + 1)
    switch golden.name {
    case "torn-tail":
      #expect(ledger.report.condition == .writable)
      guard case .recovered(let recovered) = try ledger.event(at: next).recorded.event else {
        Issue.record("the start behind a torn tail does not say so")
        return
      }
      #expect(
        disk.contents(of: "/ledger/events.log")?[..<Int(recovered.offset)]
          == golden.log[..<Int(recovered.offset)])
      #expect(recovered.offset + recovered.size == UInt64(golden.log.count))
    case "damaged-middle":
      guard case .damaged(let damage) = ledger.report.condition else {
        Issue.record("the damage was not found")
        return
      }
      #expect(golden.dump.contains("damage at byte \(damage.offset) "))
      #expect(golden.dump.contains("follows at byte \(damage.next?.fileOffset ?? 0)\n"))
      #expect(throws: LedgerError.self) {
        try ledger.submit(Command(author: .local, wish: .archiveSegment(SegmentID(1))))
      }
      #expect(disk.contents(of: "/ledger/events.log") == golden.log)
    default:
      #expect(ledger.report.condition == .writable)
      #expect(ledger.now.end == Position(ledger.goldenEnd))
    }
    try ledger.close()
  }

  @Test(arguments: try GoldenFiles.all())
  func `is verified: sound, or damaged just where it was damaged`(_ golden: GoldenFiles) throws {
    let disk = SimulatedDisk()
    try disk.makeDirectory("/frozen")
    try disk.place(golden.log, at: "/frozen/events.log")
    let report = try Ledger.verify("/frozen", on: disk)
    let frozen = try GoldenFacts(json: golden.facts)
    if golden.name == "damaged-middle" {
      let finding = try #require(report.findings.first)
      #expect(golden.dump.contains("damage at byte \(finding.bytes?.lowerBound ?? 0) "))
    } else {
      #expect(report.isSound)
      #expect(report.events == frozen.position)
      #expect((report.head?.root).map { "\($0)" } == frozen.roots.last)
      #expect((report.torn != nil) == (golden.name == "torn-tail"))
    }
    if golden.name == "erased-person" { #expect(report.erasedTexts == 5) }
    #expect(disk.contents(of: "/frozen/events.log") == golden.log)
  }

  @Test func `is one of five, of each version`() throws {
    let names = Dictionary(grouping: try GoldenFiles.all()) { $0.description.prefix { $0 != "/" } }
    #expect(names.count == Int(FileHeader.version))
    for (version, logs) in names { #expect(logs.count == 5, "version \(version)") }
  }

  @Test func `comes out of its generator byte for byte, in the current version`() throws {
    let folder = try TemporaryFolder()
    let (code, output) = try Program(product: "golden").run([folder.path])
    #expect(code == 0, "\(output)")
    for golden in try GoldenFiles.all()
    where golden.description.hasPrefix("\(FileHeader.version)/") {
      let path = "\(folder.path)/\(golden.description)"
      #expect([UInt8](try Data(contentsOf: URL(filePath: path + ".log"))) == golden.log)
      #expect(try Data(contentsOf: URL(filePath: path + ".json")) == golden.facts)
    }
    #expect(try Program(product: "golden").run([folder.path]).code == 1, "frozen is frozen")
  }

  @Test func `holds every kind of event`() throws {
    let golden = try #require(try GoldenFiles.all().last { $0.name == "every-event" })
    let facts = try GoldenFacts(json: golden.facts)
    #expect(facts.events.keys.sorted() == EventKind.allCases.map { "\($0)" }.sorted())
  }

  @Test func `of a later format is refused and left as it is, to the microsecond`() throws {
    let folder = try TemporaryFolder()
    let golden = try #require(try GoldenFiles.all().last { $0.name == "every-event" })
    var header = Array(golden.log[..<40])
    header[8] += 1
    let crc = CRC32C(after: Array(golden.log[16..<32]).span).checksum(header.span)
    header += (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(8 * $0)) }
    let path = "\(folder.path)/events.log"
    try Data(header + golden.log[44...]).write(to: URL(filePath: path))
    let files = FileManager.default
    let past = Date(timeIntervalSince1970: 1_700_000_000)
    try files.setAttributes([.modificationDate: past], ofItemAtPath: path)
    for access in [Ledger.Access.create, .write, .read] {
      do {
        _ = try Ledger.open(folder.path, for: access)
        Issue.record("a log of a later format was opened")
      } catch {
        #expect("\(error)".contains("has format version \(header[8])"))
      }
      #expect(try files.attributesOfItem(atPath: path)[.modificationDate] as? Date == past)
      #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == header + golden.log[44...])
    }
  }
}
