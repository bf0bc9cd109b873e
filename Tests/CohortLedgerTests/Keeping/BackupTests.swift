import CohortFormat
import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A backup` {
  @Test func `has everything durable, byte by byte, and the root that was published`() throws {
    let story = try KeptStory()
    let report = try story.ledger.backup(to: "/backup")
    #expect(report.head == story.ledger.now.treeHead)
    #expect(report.findings == [])
    let copy = try Bytes(story.disk, "/backup/events.log").bytes
    #expect(copy == Array(try Bytes(story.disk).bytes.prefix(copy.count)))
    #expect(UInt64(copy.count) == report.bytes)
    let verified = try Ledger.verify("/backup", against: [report.head], on: story.disk)
    #expect(verified.isSound && verified.head == report.head)
  }

  @Test func `on a real disk can be taken, verified and restored`() throws {
    let place = try TemporaryFolder()
    let ledger = try Ledger.open("\(place.path)/ledger")
    let lines = (1...50).map { ImportLine(line: $0, externalID: Text("user-\($0)")) }
    try ledger.submit(Command(author: .local, wish: .importUsers(lines)))
    let report = try ledger.backup(to: "\(place.path)/backup")
    #expect(throws: KeepingError.self) { try ledger.backup(to: "\(place.path)/backup") }
    _ = try ledger.erase(.externalID("user-7"))
    let head = ledger.now.treeHead
    try ledger.close()
    var options = RestoreOptions()
    options.newer = "\(place.path)/ledger"
    let restored = try Ledger.restore(
      from: "\(place.path)/backup", to: "\(place.path)/new", options)
    #expect(restored.cut == Position(report.head.size) && restored.carriedErasures == 1)
    #expect(restored.known == Position(head.size))
    let again = try Ledger.open("\(place.path)/new", for: .write)
    #expect(again.now.user(.externalID("user-7")) == nil)
    #expect(again.now.user(.externalID("user-8")) == UserID(8))
    #expect(try again.verify(against: [report.head]).isSound)
    try again.close()
  }

  @Test func `holds none of the erased`() throws {
    let shop = try TestShop()
    try shop.create(["anna-secret", "bert-secret", "carl"])
    try shop.push("vip", add: ["anna-secret", "carl"])
    _ = try shop.ledger.erase(.externalID("anna-secret"))
    _ = try shop.ledger.backup(to: "/backup")
    let bytes = try Bytes(shop.disk, "/backup/events.log").bytes
    #expect(!bytes.holds("anna-secret") && bytes.holds("bert-secret"))
  }

  @Test func `zeroes what its own events erase, even if the ledger could not yet`() throws {
    let shop = try TestShop()
    try shop.create(["anna-secret", "carl"])
    let disk = shop.disk.copy()
    // The erasure becomes durable; what comes behind the sync of its event fails.
    var hasFound = false
    for nth in 1...40 where !hasFound {
      let copy = disk.copy()
      copy.kill()
      let ledger = try open(copy, for: .write)
      copy.inject(.error(EIO), on: .write, of: "events.log", at: nth, times: 1_000)
      _ = try? ledger.erase(.externalID("anna-secret"))
      copy.repair()
      let events = try ledger.now.events(after: .origin, limit: 100)
      let isNamed = events.contains { if case .userErased = $0.event { true } else { false } }
      guard isNamed, try Bytes(copy).bytes.holds("anna-secret") else { continue }
      hasFound = true
      _ = try ledger.backup(to: "/backup")
      #expect(try !Bytes(copy, "/backup/events.log").bytes.holds("anna-secret"))
      #expect(try Ledger.verify("/backup", on: copy).isSound)
    }
    #expect(hasFound)
  }

  @Test func `is refused where something is already`() throws {
    let story = try KeptStory()
    #expect(throws: KeepingError.self) { try story.ledger.backup(to: KeptStory.folder) }
    try story.disk.makeDirectory("/other")
    let file = try LogFile("/other/notes.txt", .create, on: story.disk)
    try file.write([1], at: 0)
    #expect(throws: KeepingError.self) { try story.ledger.backup(to: "/other") }
    #expect(throws: KeepingError.self) { try story.ledger.backup(to: "/no/parent") }
  }

  @Test func `interrupted at any operation is whole or no backup at all`() throws {
    let story = try KeptStory()
    let head = story.ledger.now.treeHead
    try story.ledger.close()
    var wholes = 0
    var operation = 1
    var isDone = false
    while !isDone {
      let disk = story.disk.copy()
      disk.crash(seed: 0)
      let ledger = try open(disk)
      disk.inject(.powerLoss, at: operation)
      isDone = (try? ledger.backup(to: "/backup")) != nil
      disk.repair()
      disk.crash(seed: UInt64(operation))
      if try disk.identity(at: "/backup") != nil,
        try disk.identity(at: "/backup/events.log") != nil
      {
        wholes += 1
        #expect(try Ledger.verify("/backup", against: [head], on: disk).isSound)
        let note = BackupNote.read(in: StorageFolder("/backup"), on: disk)
        #expect(note?.position == head.size)
      } else {
        #expect(!isDone)
        #expect(throws: (any Error).self) { try Ledger.verify("/backup", on: disk) }
        // A second try ends well.
        #expect(try open(disk).backup(to: "/backup").head == head)
      }
      operation += 1
    }
    #expect(operation > 10 && wholes > 0)
  }

  @Test func `that meets a full disk leaves nothing that could be taken for one`() throws {
    let story = try KeptStory()
    let disk = story.disk
    disk.inject(.error(ENOSPC), on: .write, of: "events.log.new", at: 1)
    #expect(throws: KeepingError.self) { try story.ledger.backup(to: "/backup") }
    #expect(try disk.identity(at: "/backup/events.log") == nil)
    #expect(try story.ledger.backup(to: "/backup").head == story.ledger.now.treeHead)
  }

  private func open(_ disk: SimulatedDisk, for access: Ledger.Access = .read) throws -> Ledger {
    try Ledger.open(
      KeptStory.folder, for: access, on: disk, clock: SimulatedClock(),
      random: SeededRandomSource(seed: 5), options: .small)
  }
}
