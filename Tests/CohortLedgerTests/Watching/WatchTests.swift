import CohortModel
import CohortThreads
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `Watching a ledger` {
  @Test func `wakes for the first durable event behind a position, once`() throws {
    let shop = try TestShop()
    let end = shop.ledger.now.end
    let woken = Monitor(0)
    let watch = shop.ledger.watch(behind: end) { woken.change { $0 += 1 } }
    #expect(watch != nil)
    #expect(woken.look { $0 } == 0)
    let committed = try shop.create(["ana"])
    #expect(committed.position > end)
    woken.wait { $0 == 1 ? () : nil }
    for id in ["bea", "cem", "dan"] { try shop.create([id]) }
    try shop.ledger.close()
    #expect(woken.look { $0 } == 1)
  }

  @Test func `wakes at once if something is there already, from every position`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea", "cem"])
    let end = shop.ledger.now.end.rawValue
    for position in 0..<end {
      let woken = Mutex(0)
      let watch = shop.ledger.watch(behind: Position(position)) { woken.withLock { $0 += 1 } }
      #expect(watch != nil)
      #expect(woken.withLock { $0 } == 1)
    }
    #expect(shop.ledger.watchers.count == 0)
  }

  @Test func `wakes all who wait with one commit, and holds nobody behind`() throws {
    let shop = try TestShop()
    let woken = Monitor([Int](repeating: 0, count: 1_000))
    let watches = (0..<1_000).map { index in
      shop.ledger.watch(behind: shop.ledger.now.end) { woken.change { $0[index] += 1 } }
    }
    #expect(watches.allSatisfy { $0 != nil })
    #expect(shop.ledger.watchers.count == 1_000)
    try shop.create(["ana"])
    woken.wait { $0.allSatisfy { $0 == 1 } ? () : nil }
    #expect(shop.ledger.watchers.count == 0)
    try shop.ledger.close()
    #expect(woken.look { $0.allSatisfy { $0 == 1 } })
  }

  @Test func `forgets who lets go`() throws {
    let shop = try TestShop()
    let woken = Mutex(false)
    var watch = shop.ledger.watch(behind: shop.ledger.now.end) { woken.withLock { $0 = true } }
    #expect(watch != nil)
    #expect(shop.ledger.watchers.count == 1)
    watch = nil
    #expect(shop.ledger.watchers.count == 0)
    try shop.create(["ana"])
    try shop.ledger.close()
    #expect(!woken.withLock { $0 })
  }

  @Test func `does not wake for what records nothing or fails`() throws {
    let shop = try TestShop()
    try shop.create(["ana"])
    let woken = Mutex(false)
    let watch = shop.ledger.watch(behind: shop.ledger.now.end) { woken.withLock { $0 = true } }
    // Already so: no event. Refused: none either.
    try shop.create(["ana"])
    #expect(throws: LedgerError.self) { try shop.submit(.archiveSegment(SegmentID(9))) }
    withExtendedLifetime(watch) {}
    #expect(shop.ledger.watchers.count == 1)
    #expect(!woken.withLock { $0 })
  }

  @Test func `lets several followers see every event once while others write`() throws {
    let shop = try TestShop()
    let ledger = shop.ledger
    let start = ledger.now.end
    let followers = (0..<4).map { _ in Monitor<[Position]?>([]) }
    let threads = try followers.map { seen in
      try Thread("follower") {
        Self.follow(ledger, from: start, seen)
      }
    }
    for round in 0..<200 { try shop.create(["user-\(round)", "other-\(round)"]) }
    let end = ledger.now.end
    #expect(end.rawValue == start.rawValue + 400)
    for seen in followers {
      let all = seen.wait { $0?.last == end ? $0 : nil }
      #expect(all?.map(\.rawValue) == Array(start.rawValue + 1...end.rawValue))
    }
    try ledger.close()
    for thread in threads { thread.join() }
  }

  /// Reads, then watches, until nothing more will come.
  private static func follow(
    _ ledger: Ledger, from start: Position, _ seen: Monitor<[Position]?>
  ) {
    var position = start
    while true {
      let events = (try? ledger.now.events(after: position, limit: 7)) ?? []
      seen.change { $0? += events.map(\.position) }
      if let last = events.last {
        position = last.position
        continue
      }
      let woken = Monitor(false)
      guard let watch = ledger.watch(behind: position, { woken.change { $0 = true } }) else {
        return
      }
      woken.wait { $0 ? () : nil }
      withExtendedLifetime(watch) {}
    }
  }

  @Test(arguments: [false, true])
  func `ends when the ledger is closed, or when a server says so`(byServer: Bool) throws {
    let shop = try TestShop()
    let woken = Monitor(0)
    let watches = (0..<3).map { _ in
      shop.ledger.watch(behind: .never) { woken.change { $0 += 1 } }
    }
    #expect(watches.allSatisfy { $0 != nil })
    if byServer {
      shop.ledger.endWatching()
      shop.ledger.endWatching()
      try shop.create(["ana"])
    } else {
      try shop.ledger.close()
    }
    woken.wait { $0 == 3 ? () : nil }
    #expect(shop.ledger.watch(behind: .origin) { woken.change { $0 += 1 } } == nil)
    try shop.ledger.close()
    #expect(woken.look { $0 } == 3)
  }

  @Test func `can be ended by one who was woken`() throws {
    let shop = try TestShop()
    let ledger = shop.ledger
    let done = Monitor(false)
    let watch = ledger.watch(behind: ledger.now.end) {
      ledger.endWatching()
      done.change { $0 = true }
    }
    try shop.create(["ana"])
    done.wait { $0 ? () : nil }
    withExtendedLifetime(watch) {}
    try ledger.close()
  }
}
