import CohortFormat
import CohortLog
import CohortModel
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A repair` {
  @Test func `puts back any frame, byte by byte`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    for (index, frame) in frames.dropLast().enumerated() {
      let disk = story.disk.copy()
      let file = try LogFile(KeptStory.log, .readAndWrite, on: disk)
      try file.write([0x5A, 0xA5, 0x5A], at: frame.lowerBound + UInt64(16 + index % 90))
      let report = try Ledger.repair(KeptStory.folder, from: "/backup", on: disk)
      #expect(report.after.isSound && report.ranges.count == 1)
      #expect(try Bytes(disk).bytes == whole.bytes, "frame \(index)")
      // What stood there is kept.
      #expect(
        try disk.list(KeptStory.folder).contains { $0.hasPrefix("torn-\(frame.lowerBound)-") })
    }
  }

  @Test func `puts back several stretches, texts and the header at once`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    let disk = story.disk.copy()
    let file = try LogFile(KeptStory.log, .readAndWrite, on: disk)
    try file.write([0xFF], at: 20)
    try file.write([UInt8](repeating: 0xEE, count: 300), at: frames[4].lowerBound + 40)
    try file.write([UInt8](repeating: 0, count: 64), at: frames[9].lowerBound + 8)
    // The last text that is still there.
    var text: UInt64 = 0
    try whole.forEachFrame { frame, bytes in
      for entry in (try? frame.texts(in: bytes, ledger: whole.ledger)) ?? []
      where entry.state == .intact {
        text = entry.fileOffset
      }
    }
    try file.writeZeros(in: text..<text + 16)
    let report = try Ledger.repair(KeptStory.folder, from: "/backup", on: disk)
    #expect(report.headerWasRepaired && report.texts == 1 && report.ranges.count >= 2)
    #expect(report.after.findings == [])
    #expect(try Bytes(disk).bytes == whole.bytes)
    let ledger = try disk.open(KeptStory.folder)
    #expect(ledger.report.condition == .writable)
    try ledger.close()
  }

  @Test func `does not bring back what was erased since the backup`() throws {
    let shop = try TestShop()
    try shop.create(["anna-secret", "bert"])
    try shop.push("vip", add: ["anna-secret"])
    _ = try shop.ledger.backup(to: "/backup")
    _ = try shop.ledger.erase(.externalID("anna-secret"))
    try shop.ledger.close()
    let whole = try Bytes(shop.disk)
    try #require(!whole.bytes.holds("anna-secret"))
    let frame = try #require(try whole.frames().first { try holdsTexts($0, whole) })
    try LogFile(KeptStory.log, .readAndWrite, on: shop.disk)
      .write([0x5A, 0xA5], at: frame.lowerBound + 120)
    let report = try Ledger.repair(KeptStory.folder, from: "/backup", on: shop.disk)
    #expect(report.after.isSound)
    #expect(try Bytes(shop.disk).bytes == whole.bytes)
  }

  @Test func `takes nothing that does not fit both neighbours`() throws {
    let shop = try TestShop()
    try shop.create(["anna", "bert"])
    try shop.push("vip", add: ["anna"])
    try shop.push("vip", add: ["bert"])
    try shop.ledger.close()
    let other = try KeptStory(seed: 2)
    let disk = shop.disk
    let frames = try Bytes(disk).frames()
    try LogFile("/foreign", .create, on: disk).write(try Bytes(other.disk).bytes, at: 0)
    // The same log, but with an event that somebody has edited, and every checksum made right.
    let forged = try Bytes(disk).forged { event in
      guard case .cohortNamed(let named) = event else { return event }
      return .cohortNamed(
        CohortNamed(
          cohort: named.cohort, partner: named.partner, cohortID: "pip", name: "pip",
          createdAt: named.createdAt))
    }
    try #require(forged.count == Int(frames[frames.count - 2].upperBound))
    try LogFile("/forged", .create, on: disk).write(forged, at: 0)
    // The same with the roots left as they were, which then fit both neighbours.
    let frame = Int(frames[frames.count - 3].lowerBound)
    var edited = try Bytes(disk)
    try edited.edit(frameAt: frame) { events in
      let name = try #require(events.indices.first { events[$0...].starts(with: "vip".utf8) })
      events[name] = UInt8(ascii: "p")
    }
    try LogFile("/edited", .create, on: disk).write(edited.bytes, at: 0)
    let file = try LogFile(KeptStory.log, .readAndWrite, on: disk)
    try file.write([0x5A, 0xA5], at: frames[frames.count - 3].lowerBound + 20)
    let damaged = try Bytes(disk).bytes
    for source in ["/foreign", "/forged", "/edited"] {
      #expect(throws: KeepingError.self) {
        try Ledger.repair(KeptStory.folder, from: source, on: disk)
      }
      #expect(try Bytes(disk).bytes == damaged)
    }
  }

  /// No client reads an answer of any length.
  @Test func `asks a ledger elsewhere for a few megabytes at a time`() throws {
    let life = try LeaderLife(seed: 41)
    for part in 0..<6 {
      try life.shop.create(
        (0..<1_000).map { "\(part)-\($0)-" + String(repeating: "x", count: 900) })
    }
    try life.shop.create(["behind it"])
    let folder = "/copy"
    _ = try life.ledger.backup(to: folder)
    let disk = life.shop.disk
    let file = try LogFile(StorageFolder(folder).log, .readAndWrite, on: disk)
    let whole = try Bytes(disk, StorageFolder(folder).log)
    let frames = try whole.frames()
    let large = frames.filter { $0.upperBound - $0.lowerBound > 500_000 }
    #expect(large.count == 6)
    for frame in large { try file.write([0x5A], at: frame.lowerBound + 20) }
    let asked = Mutex<[UInt64]>([])
    let source = CountingSource(honest: life.source) { range in
      asked.withLock { $0.append(UInt64(range.count)) }
    }
    let report = try Ledger.repair(folder, from: source, at: "the leader", on: disk)
    #expect(report.after.isSound)
    #expect(try Bytes(disk, StorageFolder(folder).log).bytes == whole.bytes)
    #expect(asked.withLock { $0.reduce(0, +) } > 5 << 20)
    #expect(asked.withLock { $0.allSatisfy { $0 <= 4 << 20 } })
  }

  @Test func `interrupted at any operation can be done again`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    let file = try LogFile(KeptStory.log, .readAndWrite, on: story.disk)
    try file.write([UInt8](repeating: 0xEE, count: 300), at: frames[4].lowerBound + 40)
    try file.sync()
    var operation = 1
    var isDone = false
    while !isDone {
      let disk = story.disk.copy()
      disk.crash(seed: 1)
      disk.inject(.powerLoss, at: operation)
      isDone = (try? Ledger.repair(KeptStory.folder, from: "/backup", on: disk)) != nil
      disk.repair()
      disk.crash(seed: UInt64(operation))
      if !isDone { _ = try? Ledger.repair(KeptStory.folder, from: "/backup", on: disk) }
      #expect(try Bytes(disk).bytes == whole.bytes, "operation \(operation)")
      operation += 1
    }
    #expect(operation > 10)
  }

  private func holdsTexts(_ range: Range<UInt64>, _ bytes: Bytes) throws -> Bool {
    var holds = false
    try bytes.forEachFrame { frame, _ in
      if range.contains(frame.header.fileOffset), frame.header.privateLength > 0 { holds = true }
    }
    return holds
  }
}

/// A source that tells what it is asked for.
private struct CountingSource: AlteredSource {
  let honest: LedgerSource
  let tell: @Sendable (Range<UInt64>) -> Void

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    tell(range)
    return try honest.bytes(in: range, held: held)
  }
}
