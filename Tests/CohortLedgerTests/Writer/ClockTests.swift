import CohortLedger
import CohortModel
import TestSupport
import Testing

/// Whatever the clocks of a machine do, the times of events only increase.
@Suite struct `A clock` {
  private let hour: Int64 = 3_600_000_000

  private func times(_ ledger: Ledger) throws -> [Int64] {
    try ledger.now.events(after: .origin, limit: 10_000).map(\.time.microseconds)
  }

  private func expectAscending(_ ledger: Ledger) throws {
    let times = try times(ledger)
    #expect(zip(times, times.dropFirst()).allSatisfy(<=))
  }

  @Test(arguments: [-86_400_000_000, -1, 1, 3_599_000_000] as [Int64])
  func `that is set back, or forth by less than an hour, changes nothing in a running ledger`(
    by step: Int64
  ) throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    let before = try shop.push("vip", add: ["ana"])
    shop.clock.jump(to: before.time.microseconds + step)
    let after = try shop.push("vip", add: ["bea"])
    #expect(after.time > before.time)
    #expect(after.time.microseconds < before.time.microseconds + hour)
    #expect(try shop.members("vip", asOf: .instant(before.time)) == ["ana"])
    try expectAscending(shop.ledger)
  }

  @Test func `that runs ahead by more than an hour stops writing until somebody confirms it`()
    throws
  {
    let shop = try TestShop()
    try shop.create(["ana"])
    let start = shop.ledger.now.instant.microseconds
    shop.clock.jump(to: start + 10 * 365 * 24 * hour)
    let end = shop.ledger.now.end
    #expect(throws: LedgerError.self) { try shop.push("vip", add: ["ana"]) }
    #expect(shop.ledger.now.end == end, "nothing was recorded")
    shop.ledger.confirmClock()
    let accepted = try shop.push("vip", add: ["ana"])
    #expect(accepted.time.microseconds >= start + 10 * 365 * 24 * hour)
    try expectAscending(shop.ledger)
  }

  @Test func `that is behind the last event at a start is overtaken by the ledger's own time`()
    throws
  {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    let before = try shop.push("vip", add: ["ana"])
    try shop.ledger.close()
    shop.clock.jump(to: before.time.microseconds - 400 * 24 * hour)
    try shop.open()
    let after = try shop.push("vip", add: ["bea"])
    #expect(after.time > before.time)
    #expect(try shop.members("vip", asOf: .instant(before.time)) == ["ana"])
    try expectAscending(shop.ledger)
  }

  @Test func `never gives a frame an instant that a reader was answered for`() throws {
    let shop = try TestShop()
    try shop.create((0..<20).map { "user-\($0)" })
    for number in 0..<20 {
      let asked = shop.ledger.now.instant
      let committed = try shop.push("vip", add: ["user-\(number)"])
      #expect(committed.time > asked)
      let then = try shop.ledger.view(asOf: .instant(asked))
      #expect(then.position < committed.position)
    }
  }
}
