import CohortLedger
import CohortLog
import CohortModel
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct `A ledger on a disk in trouble` {
  private func people(_ count: Int) -> [String] { (0..<count).map { "user-\($0)" } }

  private enum Fate { case done, notThere, unknown, stopped }

  private func fate(_ body: () throws -> Void) throws -> Fate {
    do {
      try body()
      return .done
    } catch LedgerError.diskFull, LedgerError.notWritten {
      return .notThere
    } catch LedgerError.outcomeUnknown {
      return .unknown
    } catch LedgerError.writesStopped {
      return .stopped
    }
  }

  /// FAULTS 42 to 44.
  @Test(arguments: [DiskFault.Effect.error(EIO), .syncFailsAndDrops, .syncFailsLate])
  func `acknowledges nothing behind a failed sync until it is started again`(
    effect: DiskFault.Effect
  ) throws {
    for nth in 1...6 {
      let shop = try TestShop(seed: UInt64(nth))
      try shop.create(people(20))
      try shop.push("vip", add: ["user-0"])
      // A log that was just begun is known by the name it was begun under.
      try shop.restart()
      shop.disk.inject(effect, on: .sync, of: "events.log", at: nth)
      var sure = ["user-0"]
      var open: [String] = []
      var hasFailed = false
      for user in people(12).dropFirst() {
        switch try fate({ try shop.push("vip", add: [user]) }) {
        case .done:
          #expect(!hasFailed, "nothing is written behind a failed sync")
          sure.append(user)
        case .unknown:
          #expect(!hasFailed)
          hasFailed = true
          open.append(user)
        case .stopped: #expect(hasFailed)
        case .notThere: Issue.record("a failed sync leaves it open")
        }
        #expect(try shop.members("vip") == sure.sorted(), "reads go on, without what is open")
      }
      #expect(hasFailed)
      shop.disk.repair()
      if effect == .syncFailsLate {
        // The disk has confirmed what it dropped: no log can know. What is missing is told, or is
        // the last that was confirmed; nothing else is lost, and nothing is made up.
        shop.disk.crash(seed: UInt64(nth))
        try? shop.ledger.close()
        try shop.open()
        let members = try shop.members("vip")
        switch shop.ledger.report.condition {
        case .writable: #expect(Set(members).isSuperset(of: sure.dropLast()))
        case .damaged: #expect(Set(members).isSubset(of: sure))
        case .readOnly, .lost: Issue.record("\(shop.ledger.report.condition)")
        }
        try shop.ledger.close()
        continue
      }
      shop.disk.kill()
      try? shop.ledger.close()
      try shop.open()
      let members = try shop.members("vip")
      #expect(Set(members).isSuperset(of: sure))
      // What a start shows is durable: no power loss takes it away again.
      shop.disk.crash(seed: UInt64(nth))
      try? shop.ledger.close()
      try shop.open()
      #expect(try shop.members("vip") == members)
      try shop.push("vip", add: ["user-19"])
      try shop.ledger.close()
    }
  }

  /// FAULTS 45.
  @Test func `keeps answering readers and bounds its queue while a sync does not return`() throws {
    let gate = Gate()
    var options = LedgerOptions.small
    options.inboxCountMax = 8
    let disk = SimulatedDisk { call, path in
      if call == .sync, path.hasSuffix("events.log") { gate.pass() }
    }
    let shop = try TestShop(disk: disk, options: options)
    try shop.create(people(40))
    try shop.push("vip", add: ["user-0"])
    try shop.restart()
    let before = shop.ledger.now
    gate.close()
    let outcomes = Outcomes(600)
    for index in 0..<600 {
      shop.ledger.submit(shop.importing("vip", add: ["user-\(index % 40)"], remove: [])) {
        outcomes.set($0, of: index)
      }
      let view = shop.ledger.now
      #expect(view.end == before.end, "nothing is shown that is not durable")
    }
    #expect(try shop.members("vip", asOf: .position(before.end)) == ["user-0"])
    // Whoever will not wait for the disk ends the process, and loses nothing acknowledged.
    for seed in 0..<20 as Range<UInt64> {
      let other = disk.copy()
      if seed == 0 { other.kill() } else { other.crash(seed: seed) }
      let again = try TestShop(disk: other, options: options)
      #expect(try again.members("vip").contains("user-0"))
      try again.ledger.close()
    }
    gate.open()
    let results = outcomes.wait()
    let taken = results.filter { (try? $0.get()) != nil }.count
    for case .failure(let error) in results {
      guard case .overloaded = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(taken >= 8)
    try shop.restart()
    #expect(try shop.members("vip").count >= 8)
    try shop.ledger.close()
  }

  /// FAULTS 50.
  @Test func `that is full answers, and writes again by itself once there is room`() throws {
    let disk = SimulatedDisk(capacity: 1 << 20)
    let shop = try TestShop(disk: disk)
    try shop.create(people(100))
    var sure: Set<String> = []
    var isFull = false
    for round in 0..<4_000 where !isFull {
      let user = "user-\(round % 100)"
      let isIn = sure.contains(user)
      switch try fate({
        try shop.push(
          "vip", add: isIn ? [] : [user], remove: isIn ? [user, "\(round)-" + long] : [])
      }) {
      case .done: if isIn { sure.remove(user) } else { sure.insert(user) }
      case .notThere: isFull = true
      case .unknown, .stopped: Issue.record("a full disk is no failed sync")
      }
    }
    #expect(isFull)
    for _ in 0..<3 {
      #expect(try fate({ try shop.push("vip", add: ["user-1", long]) }) == .notThere)
      #expect(Set(try shop.members("vip")) == sure)
    }
    disk.capacity = 8 << 20
    try shop.push("vip", add: ["user-5"])
    sure.insert("user-5")
    #expect(Set(try shop.members("vip")) == sure)
    try shop.restart()
    #expect(Set(try shop.members("vip")) == sure)
    try shop.ledger.close()
  }

  private var long: String { String(repeating: "x", count: 900) }

  /// FAULTS 38, 39, 51 and 53.
  @Test(
    arguments: [
      DiskFault.Effect.error(ENOSPC), .error(EDQUOT), .error(EROFS), .error(EIO), .short(100),
      .zero,
    ])
  func `leaves the state as it was when a write fails, whichever it is`(
    effect: DiskFault.Effect
  ) throws {
    for nth in 1...40 {
      let shop = try TestShop(seed: UInt64(nth))
      try shop.create(people(20))
      shop.disk.inject(effect, on: .write, at: nth)
      var sure: Set<String> = []
      for user in people(12) {
        let end = shop.ledger.now.end
        let root = shop.ledger.now.treeHead
        switch try fate({ try shop.push("vip", add: [user, user + long]) }) {
        case .done: sure.insert(user)
        case .notThere: #expect(shop.ledger.now.treeHead == root && shop.ledger.now.end == end)
        case .unknown, .stopped: Issue.record("a failed write is taken back, \(effect) at \(nth)")
        }
      }
      #expect(sure.count >= 11)
      shop.disk.repair()
      if nth % 2 == 0 {
        shop.disk.crash(seed: UInt64(nth))
        try? shop.ledger.close()
        try shop.open()
      } else {
        try shop.restart()
      }
      #expect(Set(try shop.members("vip")) == sure)
      try shop.ledger.close()
    }
  }

  /// FAULTS 54 and 56.
  @Test func `goes on without snapshots that cannot be written, and leaves no parts of them`()
    throws
  {
    let shop = try TestShop()
    try shop.create(people(20))
    let calls: [DiskError.Call] = [.open, .write, .sync, .rename]
    var lag = shop.ledger.snapshotLag
    for (round, user) in people(20).enumerated() {
      shop.disk.inject(
        .error(ENOSPC), on: calls[round % calls.count],
        of: calls[round % calls.count] == .rename ? "" : ".part", at: 1, times: 3)
      #expect(!shop.ledger.keepSnapshot())
      shop.disk.repair()
      try shop.push("vip", add: [user])
      #expect(shop.ledger.snapshotLag > lag, "it grows as long as there is none")
      lag = shop.ledger.snapshotLag
    }
    #expect(try shop.disk.list("/ledger").allSatisfy { !$0.hasSuffix(".part") })
    #expect(shop.ledger.keepSnapshot())
    #expect(shop.ledger.snapshotLag == 0)
    try shop.restart()
    #expect(try shop.members("vip").count == 20)
    try shop.ledger.close()
  }

  /// FAULTS 55.
  @Test func `erases and closes without a byte to spare`() throws {
    let disk = SimulatedDisk()
    var options = LedgerOptions.small
    options.log.space.ballast = 512 << 10
    options.log.space.minimum = 1 << 20
    options.log.space.maximum = 1 << 20
    let shop = try TestShop(disk: disk, options: options)
    try shop.create(people(5))
    try shop.push("vip", add: people(5) + ["unmatched"])
    disk.capacity = 0
    while try fate({ try shop.push("vip", add: ["user-1", long]) }) == .done {}
    let receipt = try shop.ledger.erase(.externalID("user-3"))
    #expect(receipt.textCount == 1)
    try shop.ledger.close()
    try shop.open()
    #expect(try shop.members("vip").count == 4)
    #expect(shop.ledger.now.state.erasures.pending.isEmpty)
    try shop.ledger.close()
  }
}

/// Holds up threads while it is closed.
private final class Gate: Sendable {
  private let isClosed = Mutex(false)
  private let waiters = Mutex<[DispatchSemaphore]>([])

  func close() { isClosed.withLock { $0 = true } }

  func open() {
    isClosed.withLock { $0 = false }
    for waiter in waiters.withLock({ $0 }) { waiter.signal() }
  }

  func pass() {
    let waiter = DispatchSemaphore(value: 0)
    let mustWait = isClosed.withLock { isClosed in
      if isClosed { waiters.withLock { $0.append(waiter) } }
      return isClosed
    }
    if mustWait { waiter.wait() }
  }
}
