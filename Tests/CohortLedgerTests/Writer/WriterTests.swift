import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `The writer` {
  @Test func `carries out jobs and commands in the order in which they came`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    let exchange = shop.ledger.exchange
    let (gate, order) = (Monitor(false), Monitor<[Position]>([]))
    exchange.change { $0.add { _, _ in _ = gate.wait(for: { $0 ? true : nil }) } }
    // Nothing is begun before the gate opens, and then everything is there.
    _ = exchange.wait { $0.jobs.isEmpty ? true : nil }
    let note: @Sendable (Result<Committed, LedgerError>) -> Void = { result in
      if let position = try? result.get().position { order.change { $0.append(position) } }
    }
    shop.ledger.submit(shop.importing("vip", add: ["ana"], remove: []), note)
    exchange.change {
      $0.add { _, desk in order.change { $0.append(desk.core.state.position) } }
    }
    shop.ledger.submit(shop.importing("vip", add: ["bea"], remove: []), note)
    gate.change { $0 = true }
    let found = order.wait { $0.count == 3 ? $0 : nil }
    let positions = try #require(found)
    #expect(positions[0] == positions[1] && positions[1] < positions[2])
    try shop.ledger.close()
  }

  @Test func `carries out what was submitted although several close at once`() throws {
    for _ in 0..<20 {
      let shop = try TestShop()
      let results = Monitor<[Bool]>([])
      for number in 0..<30 {
        shop.ledger.submit(shop.importing("vip", add: ["user-\(number)"], remove: [])) { result in
          results.change { $0.append((try? result.get()) != nil) }
        }
      }
      let ledger = shop.ledger
      let closers = try (0..<3).map { _ in try Thread("closer") { try? ledger.close() } }
      for closer in closers { closer.join() }
      #expect(results.wait { $0.count == 30 ? $0 : nil } == Array(repeating: true, count: 30))
    }
  }

  @Test func `is let go with everything it worked on when it is closed`() throws {
    weak var ledger: Ledger?
    weak var disk: SimulatedDisk?
    do {
      let shop = try TestShop()
      (ledger, disk) = (shop.ledger, shop.disk)
      try shop.create(["ana", "bea"])
      try shop.push("vip", add: ["ana", "nobody"])
      _ = try shop.ledger.erase(.externalID("ana"))
      _ = try shop.ledger.deleteAndErase([.externalID("bea")])
      _ = try shop.ledger.forgetUnmatched(before: shop.ledger.now.instant)
      #expect(shop.ledger.keepSnapshot())
      try shop.ledger.close()
    }
    #expect(ledger == nil)
    #expect(disk == nil)
  }

  @Test func `keeps nothing of a command that was answered`() throws {
    final class Waiting: Sendable {}
    let shop = try TestShop()
    try shop.create(["ana"])
    weak var waiting: Waiting?
    let isAnswered = Monitor(false)
    do {
      let whoever = Waiting()
      waiting = whoever
      shop.ledger.submit(shop.importing("vip", add: ["ana"], remove: [])) { [whoever] _ in
        withExtendedLifetime(whoever) { isAnswered.change { $0 = true } }
      }
    }
    isAnswered.wait { $0 ? () : nil }
    // What the writer does next, it does with nothing else on its desk.
    let hasMovedOn = Monitor(false)
    shop.ledger.exchange.change { $0.add { _, _ in hasMovedOn.change { $0 = true } } }
    hasMovedOn.wait { $0 ? () : nil }
    #expect(waiting == nil)
  }

  @Test func `takes no more than fits into memory`() throws {
    var options = LedgerOptions.small
    options.inboxBytesMax = 10_000
    let shop = try TestShop(options: options)
    let exchange = shop.ledger.exchange
    let gate = Monitor(false)
    exchange.change { $0.add { _, _ in _ = gate.wait(for: { $0 ? true : nil }) } }
    _ = exchange.wait { $0.jobs.isEmpty ? true : nil }
    let results = Monitor<[Bool]>([])
    let large = String(repeating: "x", count: 1_000)
    for _ in 0..<100 {
      shop.ledger.submit(shop.importing("vip", add: [large], remove: [])) { result in
        results.change { $0.append((try? result.get()) != nil) }
      }
    }
    #expect((80..<100).contains(results.look { $0.count }))
    gate.change { $0 = true }
    let all = try #require(results.wait { $0.count == 100 ? $0 : nil })
    #expect((1...20).contains(all.count { $0 }))
    try shop.push("vip", add: ["after"])
  }

  @Test func `says of a repeated request that it recorded nothing`() throws {
    let shop = try TestShop()
    let idempotency = Idempotency(key: Array("key-1".utf8), fingerprint: Digest(1, 2, 3, 4))
    let wish = Wish.addAliases([AddAlias(externalID: nil, alias: Alias(label: "a", name: "b"))])
    let first = try shop.submit(wish, idempotency)
    let again = try shop.submit(wish, idempotency)
    #expect(first.isRecorded && !again.isRecorded && again.position == first.position)
  }

  @Test func `erases and closes on a full disk`() throws {
    var options = LedgerOptions.small
    options.log.space.ballast = 512 << 10
    options.log.space.minimum = 640 << 10
    options.log.space.maximum = 640 << 10
    let shop = try TestShop(options: options)
    try shop.create(["anna-secret"])
    shop.disk.capacity = 1
    var isFull = false
    for number in 0..<1_000 where !isFull {
      do { try shop.push("vip", add: ["user-\(number)"]) } catch { isFull = true }
    }
    #expect(isFull)
    _ = try shop.ledger.erase(.externalID("anna-secret"))
    #expect(throws: LedgerError.self) { try shop.push("vip", add: ["late"]) }
    try shop.ledger.close()
    shop.disk.capacity = nil
    try shop.open()
    #expect(shop.ledger.now.state.erasures.pending.isEmpty)
    try shop.push("vip", add: ["later"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `takes no snapshot of a ledger that is open for reading`() throws {
    let shop = try TestShop()
    let reader = try Ledger.open(
      "/ledger", for: .read, on: shop.disk, clock: shop.clock,
      random: SeededRandomSource(seed: 9), options: .small)
    #expect(!reader.keepSnapshot())
    try reader.close()
    #expect(shop.ledger.keepSnapshot())
    try shop.ledger.close()
    #expect(!shop.ledger.keepSnapshot())
  }
}
