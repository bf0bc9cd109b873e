import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 32: rot in the private bytes of a frame, which its checksum does not cover.
@Suite struct `A ledger with an identifier that has rotted` {
  @Test func `misses that one, says where it stood, and makes nothing up`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob", "cyd"])
    try shop.push("vip", add: ["ada", "bob"])
    let head = shop.ledger.now.treeHead
    try shop.ledger.close()
    let whole = try Bytes(shop.disk)
    var ada: TextEntry?
    try whole.forEachFrame { frame, span in
      for entry in (try? frame.texts(in: span, ledger: whole.ledger)) ?? []
      where entry.opening(in: span)?.text == Array("ada".utf8) { ada = ada ?? entry }
    }
    let entry = try #require(ada)
    // Every bit of the text and of what it is sealed with.
    for bit in stride(from: 0, to: entry.range.count * 8, by: 5) {
      let copy = shop.disk.copy()
      try copy.rot(KeptStory.log, bit: Int(entry.fileOffset) * 8 + bit)
      let damaged = try TestShop(disk: copy)
      let ledger = damaged.ledger
      #expect(ledger.report.condition == .writable)
      #expect(ledger.unreadTexts == [entry.name])
      let view = ledger.now
      #expect(try view.treeHead(size: head.size) == head)
      #expect(view.user(.externalID("ada")) == nil && view.user(.externalID("bob")) == UserID(2))
      #expect(view.identity(of: UserID(1)).externalID == nil, "bit \(bit)")
      #expect(try view.members(of: damaged.cohort("vip")).users == [1, 2])
      #expect(try damaged.members("vip") == ["bob", "user:1"])
      #expect(try ledger.verify().findings.map(\.kind) == [.textDamaged(entry.name)])
      let answer = try damaged.push("vip", add: ["ada", "cyd"], remove: ["bob"]).answer
      guard case .changedMembers(let counts, _) = answer else {
        Issue.record("\(answer)")
        return
      }
      #expect(counts[.unknown] == 1 && counts[.added] == 1 && counts[.removed] == 1)
      try ledger.close()
    }
  }

  @Test func `says at its start which texts are gone that nobody has erased`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob", "cyd"])
    try shop.push("vip", add: ["ada", "zoe", "yan"])
    try shop.submit(.addAliases([AddAlias(externalID: "ada", alias: Alias(label: "a", name: "b"))]))
    let whole = try Bytes(shop.disk)
    var entries: [TextEntry] = []
    try whole.forEachFrame { frame, span in
      entries += (try? frame.texts(in: span, ledger: whole.ledger)) ?? []
    }
    #expect(entries.count == 6)
    try shop.ledger.close()
    for chosen in 0..<1 << entries.count {
      let gone = entries.indices.filter { chosen >> $0 & 1 == 1 }.map { entries[$0] }
      let copy = shop.disk.copy()
      var bytes = try #require(copy.contents(of: KeptStory.log))
      for entry in gone {
        let start = Int(entry.fileOffset)
        bytes.replaceSubrange(
          start..<start + entry.range.count,
          with: repeatElement(0, count: entry.range.count))
      }
      try copy.place(bytes, at: KeptStory.log)
      let reader = try Ledger.open(
        "/ledger", for: .read, on: copy, clock: shop.clock, random: SeededRandomSource(seed: 1))
      #expect(reader.unreadTexts.isEmpty, "a reader does not know what the writer is erasing")
      try reader.close()
      let ledger = try TestShop(disk: copy).ledger
      #expect(ledger.unreadTexts == gone.map(\.name))
      try ledger.close()
    }
  }

  @Test func `says nothing of texts that were erased or forgotten`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob", "cyd"])
    try shop.push("vip", add: ["ada", "zoe"])
    _ = try shop.ledger.erase(.externalID("bob"))
    _ = try shop.ledger.deleteAndErase([.externalID("cyd")])
    _ = try shop.ledger.forgetUnmatched(before: shop.ledger.now.instant)
    try shop.restart()
    #expect(shop.ledger.unreadTexts.isEmpty)
    #expect(try shop.ledger.verify().findings.isEmpty)
  }
}
