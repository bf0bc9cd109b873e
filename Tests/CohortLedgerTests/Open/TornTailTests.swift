import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import Glibc
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `What a start has cut off` {
  @Test func `is the first that is recorded when there is space again`() throws {
    let shop = try torn()
    try openOnFullDisk(shop)
    #expect(throws: LedgerError.self) { try shop.push("vip", add: ["bea"]) }
    #expect(try recoveries(shop) == [])
    let end = shop.ledger.now.end
    shop.disk.repair()
    let pushed = try shop.push("vip", add: ["bea"])
    #expect(try recoveries(shop) == [end.advanced(by: 1)] && pushed.position > end.advanced(by: 1))
    try shop.restart()
    #expect(try recoveries(shop) == [end.advanced(by: 1)])
    #expect(shop.ledger.report.recovered == [])
    try shop.ledger.close()
  }

  @Test(.timeLimit(.minutes(1)))
  func `is recorded by an idle ledger as soon as there is space again`() throws {
    let shop = try torn()
    let end = shop.ledger.now.end
    var options = LedgerOptions.small
    options.idleMilliseconds = 1
    // So many writes fail, more than one try makes; nobody submits anything.
    shop.disk.inject(.error(ENOSPC), on: .write, of: "events.log", times: 40)
    let ledger = try Ledger.open(
      KeptStory.folder, for: .write, on: shop.disk, clock: SimulatedClock(step: 3),
      random: SeededRandomSource(seed: 12), options: options)
    #expect(ledger.report.recovered.count == 1)
    let isThere = Monitor(false)
    let watch = ledger.watch(behind: end) { isThere.change { $0 = true } }
    _ = isThere.wait { $0 ? true : nil }
    withExtendedLifetime(watch) {}
    let events = try ledger.now.events(after: end, limit: 10)
    #expect(events.map(\.event.isRecovered) == [true])
    try ledger.close()
    try shop.open()
    #expect(shop.ledger.report.recovered == [])
    #expect(shop.ledger.now.end == end.advanced(by: 1))
    try shop.ledger.close()
  }

  @Test func `is recorded at the latest when the ledger is closed`() throws {
    let shop = try torn()
    try openOnFullDisk(shop)
    shop.disk.repair()
    try shop.restart()
    #expect(try recoveries(shop).count == 1)
    #expect(shop.ledger.report.recovered == [])
    try shop.ledger.close()
  }

  @Test func `is found by the next start if it never could be recorded`() throws {
    for isKilled in [false, true] {
      let shop = try torn()
      for _ in 0..<2 {
        try openOnFullDisk(shop)
        if isKilled { shop.disk.kill() }
        try? shop.ledger.close()
      }
      shop.disk.repair()
      try shop.open()
      #expect(shop.ledger.report.recovered.count == 1)
      #expect(try recoveries(shop).count == 1)
      #expect(try shop.ledger.verify().findings == [])
      try shop.ledger.close()
    }
  }

  @Test func `stays first when the frame it stands in fails`() throws {
    let start = try torn()
    var retried = 0
    for operation in 1...12 {
      let disk = start.disk.copy()
      let ledger = try open(disk, ENOSPC, times: 1_000)
      disk.repair()
      disk.inject(.error(ENOSPC), on: .write, of: "events.log", at: operation)
      let command = start.importing("vip", add: ["bea"], remove: [])
      if (try? ledger.submit(command)) == nil {
        try ledger.submit(command)
        retried += 1
      }
      let events = try ledger.now.events(after: .origin, limit: 1_000)
      let found = events.indices.filter { events[$0].event.isRecovered }
      #expect(found == [events.count - 2])
      try ledger.close()
    }
    #expect(retried > 0)
  }

  /// A closed ledger with bytes behind its end that are no frame.
  private func torn() throws -> TestShop {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    try shop.push("vip", add: ["ana"])
    try shop.ledger.close()
    let file = try LogFile(KeptStory.log, .readAndWrite, on: shop.disk)
    try file.write([UInt8](repeating: 0x5A, count: 300), at: shop.ledger.log.chain.end)
    return shop
  }

  private func openOnFullDisk(_ shop: TestShop) throws {
    shop.disk.repair()
    shop.disk.inject(.error(ENOSPC), on: .write, of: "events.log", times: 1_000)
    try shop.open()
    #expect(shop.ledger.report.recovered.count == 1)
    #expect(try recoveries(shop) == [])
  }

  private func open(_ disk: SimulatedDisk, _ errno: Int32, times: Int) throws -> Ledger {
    disk.inject(.error(errno), on: .write, of: "events.log", times: times)
    return try Ledger.open(
      KeptStory.folder, for: .write, on: disk, clock: SimulatedClock(step: 3),
      random: SeededRandomSource(seed: 12), options: .small)
  }

  private func recoveries(_ shop: TestShop) throws -> [Position] {
    try shop.ledger.now.events(after: .origin, limit: 1_000).filter(\.event.isRecovered)
      .map(\.position)
  }
}

extension Event {
  fileprivate var isRecovered: Bool { if case .recovered = self { true } else { false } }
}
