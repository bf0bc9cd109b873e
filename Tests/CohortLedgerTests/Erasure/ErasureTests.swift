import CohortFormat
import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `An erasure` {
  @Test func `leaves the person in no file, and changes no root and no proof`() throws {
    let shop = try shop()
    let before = shop.ledger.now
    let head = before.treeHead
    let proof = try before.inclusionProof(of: Position(4), size: head.size)
    #expect(try everyByte(of: shop.disk).holds("anna-secret"))
    let receipt = try shop.ledger.erase(.externalID("anna-secret"))
    #expect(receipt.textCount == 4)
    for secret in ["anna-secret", "anna@a.org", "anna@b.org"] {
      #expect(try !everyByte(of: shop.disk).holds(secret), "\(secret)")
    }
    #expect(try everyByte(of: shop.disk).holds("bert-secret"))
    let after = shop.ledger.now
    #expect(try after.treeHead(size: head.size) == head)
    #expect(try after.inclusionProof(of: Position(4), size: head.size) == proof)
    let report = try shop.ledger.verify(against: [head])
    #expect(report.findings == [] && report.erasedTexts == UInt64(receipt.textCount))
    let again = try shop.ledger.erase(.number(UserID(1)))
    #expect(again.isRepeated && again.position == receipt.position)
    #expect(throws: LedgerError.self) { try shop.ledger.erase(.externalID("nobody")) }
  }

  @Test func `of a string that nobody bore reaches its unmatched mentions`() throws {
    let shop = try shop()
    try shop.push("vip", add: ["stranger-secret"])
    try shop.push("new", add: ["stranger-secret", "anna-secret"])
    let receipt = try shop.ledger.erase(.externalID("stranger-secret"))
    #expect(receipt.user == nil && receipt.textCount == 2)
    #expect(try !everyByte(of: shop.disk).holds("stranger-secret"))
    #expect(try shop.ledger.verify().isSound)
  }

  @Test func `of a string that is longer than is kept reaches what was kept of it`() throws {
    let kinds: [(Text) -> UserName] = [
      UserName.externalID, UserName.device, { .alias(label: "email", name: $0) },
    ]
    for named in kinds {
      for filler in ["x", "é", "€", "😀", "a\u{0}"] {
        for size in [1, 500, 1_022, 1_023, 1_024, 1_025, 1_026, 1_027, 1_028, 5_000] {
          let shop = try TestShop()
          var id = "secret-of-anna"
          while id.utf8.count < size { id += filler }
          try shop.push("vip", add: [id])
          #expect(try everyByte(of: shop.disk).holds("secret-of-anna"))
          let receipt = try shop.ledger.erase(named(Text(id)))
          #expect(receipt.user == nil && receipt.textCount == 1)
          #expect(try !everyByte(of: shop.disk).holds("secret-of-anna"), "\(filler) \(size)")
        }
      }
    }
  }

  @Test func `of a string that is longer than any user's erases no user`() throws {
    let shop = try TestShop()
    let id = String(repeating: "u", count: 1_024)
    try shop.create([id])
    #expect(throws: LedgerError.self) { try shop.ledger.erase(.externalID(Text(id + "u"))) }
    try shop.push("vip", add: [id + "u", id])
    let receipt = try shop.ledger.erase(.externalID(Text(id + "u")))
    #expect(receipt.user == nil && receipt.textCount == 1)
    #expect(try shop.members("vip") == [id])
  }

  @Test func `interrupted at any operation is not begun, or finished by the next start`() throws {
    let start = try shop()
    let erased = start.ledger.now.position
    try start.ledger.close()
    var (untouched, finished) = (0, 0)
    var operation = 1
    var isDone = false
    while !isDone {
      let disk = start.disk.copy()
      let ledger = try disk.open(KeptStory.folder)
      disk.inject(.powerLoss, at: operation)
      isDone = (try? ledger.erase(.externalID("anna-secret"))) != nil
      try? ledger.close()
      disk.repair()
      disk.crash(seed: UInt64(operation) &* 7)
      let again = try disk.open(KeptStory.folder)
      let isErased = again.now.state.erasures.erasure(of: UserID(1)) != nil
      #expect(try everyByte(of: disk).holds("anna-secret") != isErased, "operation \(operation)")
      #expect(again.now.state.erasures.pending.isEmpty)
      #expect(isErased || !isDone)
      #expect((again.now.user(.externalID("anna-secret")) == nil) == isErased)
      #expect(try again.verify().findings == [], "operation \(operation)")
      if isErased { finished += 1 } else { untouched += 1 }
      try again.close()
      operation += 1
    }
    #expect(untouched > 0 && finished > 2 && erased > .origin)
  }

  /// The zeros of a sync that failed may be in memory only: the next start sees them there.
  @Test(arguments: [true, false])
  func `that a start finishes behind a failed sync is finished on the disk`(
    isForgetting: Bool
  ) throws {
    var inMemoryOnly = 0
    for seed in 0..<UInt64(20) {
      let shop = try TestShop(seed: seed, disk: SimulatedDisk(seed: seed))
      try shop.create(["anna-secret"])
      try shop.push("vip", add: ["zoe-secret"])
      try shop.push("vip", add: ["anna-secret"])
      let (disk, text) = (shop.disk, isForgetting ? "zoe-secret" : "anna-secret")
      // The first is that of the event; the second that of the zeros.
      disk.inject(.syncFailsAndDrops, on: .sync, at: 2)
      if isForgetting {
        #expect(throws: LedgerError.self) {
          try shop.ledger.forgetUnmatched(before: shop.ledger.now.instant)
        }
      } else {
        #expect(throws: LedgerError.self) { try shop.ledger.erase(.externalID("anna-secret")) }
      }
      disk.kill()
      try? shop.ledger.close()
      let seen = try #require(disk.contents(of: KeptStory.log))
      let kept = try #require(disk.durableContents(of: KeptStory.log))
      if !seen.holds(text), kept.holds(text) { inMemoryOnly += 1 }
      try shop.open()
      #expect(shop.ledger.now.state.erasures.pending.isEmpty)
      disk.evict()
      disk.crash(seed: seed)
      try? shop.ledger.close()
      #expect(try !everyByte(of: disk).holds(text), "seed \(seed)")
      try shop.open()
      #expect(try shop.ledger.verify().findings == [], "seed \(seed)")
      try shop.ledger.close()
    }
    #expect(inMemoryOnly > 0)
  }

  @Test func `of equal texts stored twice can link nothing, for their nonces differ`() throws {
    let shop = try TestShop()
    try shop.push("vip", add: ["same@example.org"])
    try shop.push("vip", add: ["same@example.org", "same@example.org"])
    var commitments: Set<Digest> = []
    var nonces: Set<[UInt8]> = []
    let bytes = try Bytes(shop.disk)
    try bytes.forEachFrame { frame, span in
      for entry in (try? frame.texts(in: span, ledger: bytes.ledger)) ?? [] {
        commitments.insert(entry.commitment)
        if let opening = entry.opening(in: span) { nonces.insert(opening.nonce) }
      }
    }
    #expect(commitments.count == 3 && nonces.count == 3)
  }

  @Test func `that failed is finished when it is asked for again`() throws {
    let start = try shop()
    try start.ledger.close()
    let idempotency = Idempotency(key: Array("key-1".utf8), fingerprint: Digest(1, 2, 3, 4))
    var recovered = [0, 0]
    for operation in 1...40 {
      for deletes in [false, true] {
        let disk = start.disk.copy()
        let ledger = try disk.open(KeptStory.folder)
        func erase(_ name: UserName) -> Bool {
          deletes
            ? (try? ledger.deleteAndErase([.externalID("anna-secret")], idempotency)) != nil
            : (try? ledger.erase(name)) != nil
        }
        disk.inject(.error(EIO), at: operation)
        let hasFailed = !erase(.externalID("anna-secret"))
        // Of an erasure that has begun, nobody knows the text any more.
        let isErased = erase(.externalID("anna-secret")) || erase(.number(UserID(1)))
        disk.repair()
        guard isErased else { continue }
        #expect(try !everyByte(of: disk).holds("anna-secret"), "operation \(operation), \(deletes)")
        #expect(ledger.now.state.erasures.pending.isEmpty)
        if hasFailed { recovered[deletes ? 1 : 0] += 1 }
        try? ledger.close()
      }
    }
    #expect(recovered.allSatisfy { $0 > 0 })
  }

  @Test func `done by nobody is damage: zeros that no event explains`() throws {
    let shop = try shop()
    let bytes = try Bytes(shop.disk)
    var entries: [TextEntry] = []
    try bytes.forEachFrame { frame, span in
      entries += (try? frame.texts(in: span, ledger: bytes.ledger)) ?? []
    }
    let entry = try #require(entries.first)
    let file = try LogFile(KeptStory.log, .readAndWrite, on: shop.disk)
    let range = entry.fileOffset..<entry.fileOffset + UInt64(entry.range.count)
    try file.writeZeros(in: range)
    let finding = try #require(try shop.ledger.verify().findings.first)
    #expect(finding.kind == .textLost(entry.name) && finding.bytes == range)
    try file.write([1], at: range.lowerBound)
    #expect(try shop.ledger.verify().findings.map(\.kind) == [.textDamaged(entry.name)])
  }

  private func shop() throws -> TestShop {
    let shop = try TestShop()
    try shop.push("new", add: ["anna-secret"])
    try shop.create(["anna-secret", "bert-secret"])
    try shop.submit(
      .addAliases([
        AddAlias(externalID: "anna-secret", alias: Alias(label: "email", name: "anna@a.org"))
      ]))
    try shop.push("vip", add: ["anna-secret", "bert-secret"])
    try shop.submit(
      .updateAliases([UpdateAlias(label: "email", oldName: "anna@a.org", newName: "anna@b.org")]))
    _ = shop.ledger.keeper.takeNow()
    return shop
  }

  /// Of all files in the storage folder.
  private func everyByte(of disk: SimulatedDisk) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for name in try disk.list(KeptStory.folder) {
      let file = try LogFile("\(KeptStory.folder)/\(name)", on: disk)
      bytes += try file.bytes(in: 0..<file.size)
    }
    return bytes
  }
}
