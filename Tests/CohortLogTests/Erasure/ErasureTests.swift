import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `An erasure` {
  private static let secret = "person-3-0-xxx"

  /// A log in which one text is to be erased, with copies of it in a torn tail and a snapshot.
  private func prepared() throws -> (disk: SimulatedDisk, text: TextName, erasure: Position) {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    for number in 0..<6 { try test.append(sampleEvents(number)) }
    let anchor = try #require(LogAnchor(test.log.chain))
    let writer = test.log.snapshots.begin(content: 1, behind: anchor)
    writer.begin("people")
    writer.append(Array(Self.secret.utf8).span)
    try writer.finish()
    try disk.place(Array(Self.secret.utf8), at: "/ledger/torn-99-\(Digest.zero)")
    // Never finished: the process died while it wrote.
    try disk.place(Array(Self.secret.utf8), at: "/ledger/snapshot-00000000000000000009.part")

    let text = try #require(
      TestLog(on: disk.copy().killed, for: .write).scanned.texts.first {
        $0.name.position == Position(9)
      })
    let name = text.name
    let erasure = test.builder.nextPosition
    try test.append([.userErased(UserErased(user: nil, identifiers: [], texts: [name]))])
    try test.log.close()
    return (disk, name, erasure)
  }

  private func mentions(_ disk: SimulatedDisk) throws -> [String] {
    let needle = Array(Self.secret.utf8)
    return try disk.list(TestLog.folder).filter { name in
      let bytes = disk.durableContents(of: "/ledger/\(name)") ?? []
      guard bytes.count >= needle.count else { return false }
      return (0...bytes.count - needle.count).contains { start in
        bytes[start] == needle[0] && Array(bytes[start..<start + needle.count]) == needle
      }
    }
  }

  @Test func `leaves the text in no file, and every root as it was`() throws {
    let (disk, text, erasure) = try prepared()
    #expect(try mentions(disk).count == 4)
    let test = try TestLog(on: disk)
    for _ in 0..<3 { #expect(try test.log.erase([text], namedAt: erasure) == 1) }
    #expect(try mentions(disk).isEmpty)
    #expect(try disk.list(TestLog.folder) == ["events.log", "lock"])
    #expect(test.log.statistics.textsErased == 3)
    try test.log.close()

    let again = try TestLog(on: disk)
    #expect(again.scanned.leaves == test.scanned.leaves)
    #expect(again.scanned.texts.filter { $0.state != .intact }.map(\.name) == [text])
  }

  @Test func `of many texts zeroes them and no others`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    for number in 0..<12 { try test.append(sampleEvents(number)) }
    let all = try TestLog(on: disk.copy().killed, for: .write).scanned.texts.map(\.name)
    let chosen = all.enumerated().filter { $0.offset % 3 != 1 }.map(\.element)
    let erasure = test.builder.nextPosition
    try test.append([.userErased(UserErased(user: nil, identifiers: [], texts: chosen))])
    #expect(
      try test.log.erase(chosen.reversed() + chosen, namedAt: erasure) == chosen.count)
    try test.log.close()
    let again = try TestLog(on: disk)
    for text in again.scanned.texts {
      #expect((text.state == .erased) == chosen.contains(text.name))
      #expect((text.state == .intact) != chosen.contains(text.name))
    }
  }

  @Test func `interrupted at any call can be done again, and is never half readable`() throws {
    let (prepared, text, erasure) = try prepared()
    let calls = prepared.copy()
    let test = try TestLog(on: calls)
    let start = calls.operations
    try test.log.erase([text], namedAt: erasure)
    for call in 1...calls.operations - start {
      for seed in 0..<UInt64(4) {
        let disk = prepared.copy()
        let test = try TestLog(on: disk)
        disk.inject(.powerLoss, at: call)
        #expect(throws: LogError.self) { try test.log.erase([text], namedAt: erasure) }
        disk.crash(seed: seed)
        let again = try TestLog(on: disk)
        #expect(again.report.condition == .writable && again.report.recovered.isEmpty)
        #expect(again.scanned.leaves == test.scanned.leaves)
        let others = again.scanned.texts.filter { $0.name != text }
        #expect(others.allSatisfy { $0.state == .intact })
        try again.log.erase([text], namedAt: erasure)
        #expect(try mentions(disk).isEmpty)
      }
    }
  }

  @Test func `that cannot delete a copy is not finished`() throws {
    let (prepared, text, erasure) = try prepared()
    for call in [DiskError.Call.unlink, .list, .syncDirectory, .write, .sync] {
      let disk = prepared.copy()
      let test = try TestLog(on: disk)
      disk.inject(.error(5), on: call)
      #expect(throws: LogError.self) { try test.log.erase([text], namedAt: erasure) }
    }
  }

  @Test func `of a text that is not there says so`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    try test.append(sampleEvents(0))
    let name = TextName(position: Position(1), item: 7)
    #expect(throws: LogError.noSuchText(name)) {
      try test.log.erase([name], namedAt: Position(2))
    }
  }
}

extension SimulatedDisk {
  /// The same disk without the process that has it open.
  fileprivate var killed: SimulatedDisk {
    kill()
    return self
  }
}
