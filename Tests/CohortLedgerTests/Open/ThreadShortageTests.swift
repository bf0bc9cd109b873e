import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A ledger for which there are too few threads` {
  @Test(.timeLimit(.minutes(1)))
  func `is not opened, holds nothing, and loses nothing`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    try shop.push("vip", add: ["ana"])
    try shop.push("vip", add: ["bea"], remove: ["ana"])
    let end = shop.ledger.now.end
    try shop.ledger.close()
    let (files, writes) = (shop.disk.openFiles, shop.disk.contents(of: Self.log))
    var count = 0
    // With every number of threads up to the one that is enough.
    while true {
      do {
        try ThreadShortage.$current.withValue(ThreadShortage(after: count)) { try shop.open() }
        break
      } catch LedgerError.noThread {}
      #expect(shop.disk.openFiles == files, "after \(count)")
      #expect(shop.disk.contents(of: Self.log) == writes, "after \(count)")
      count += 1
    }
    #expect(count >= 4)
    #expect(shop.ledger.now.end == end)
    #expect(try shop.members("vip") == ["bea"])
    try shop.push("vip", add: ["ana"])
    try shop.restart()
    #expect(try shop.members("vip") == ["ana", "bea"])
  }

  @Test(.timeLimit(.minutes(1))) func `records a torn tail when it is opened at last`() throws {
    let shop = try TestShop()
    try shop.create(["ana"])
    let end = shop.ledger.now.end
    try shop.ledger.close()
    var bytes = try #require(shop.disk.contents(of: Self.log))
    bytes[Int(shop.ledger.log.chain.next)] = 7
    try shop.disk.place(bytes, at: Self.log)
    ThreadShortage.$current.withValue(ThreadShortage(after: 0)) {
      #expect(throws: LedgerError.self) { try shop.open() }
    }
    try shop.open()
    #expect(shop.ledger.report.recovered.count == 1)
    try shop.restart()
    #expect(shop.ledger.report.recovered == [])
    #expect(shop.ledger.now.end == end.advanced(by: 1))
  }

  @Test(.timeLimit(.minutes(1))) func `can still be read, the same as ever`() throws {
    let shop = try TestShop()
    try shop.create((0..<50).map { "user-\($0)" })
    for round in 0..<20 {
      try shop.push("vip", add: ["user-\(round)"], remove: ["user-\(round / 2)"])
    }
    try shop.ledger.close()
    func read() throws -> Seen {
      var options = LedgerOptions.small
      options.history.threadCount = 2
      let reader = try Ledger.open(
        "/ledger", for: .read, on: shop.disk, clock: shop.clock,
        random: SeededRandomSource(seed: 9), options: options)
      defer { try? reader.close() }
      let view = reader.now
      let cohort = try view.state.find(CohortName(partner: TestShop.partner, cohortID: "vip"))
      let members = try view.members(of: cohort, identity: .then, limit: 100).members
      return Seen(root: reader.log.chain.root, users: members.map(\.user))
    }
    let ever = try read()
    let alone = try ThreadShortage.$current.withValue(ThreadShortage(after: 0)) { try read() }
    #expect(alone == ever)
  }

  private struct Seen: Equatable {
    let root: Digest
    let users: [UserID]
  }

  private static let log = "/ledger/events.log"
}
