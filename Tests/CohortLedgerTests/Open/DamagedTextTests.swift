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
}
