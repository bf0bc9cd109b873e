import CohortLog
import CohortModel
import CohortThreads
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 99: an erasure while others read, and while caches are made.
@Suite struct `An erasure beside readers` {
  @Test(.timeLimit(.minutes(1)))
  func `shows nobody a name once it has been acknowledged, and leaves it in no file`() throws {
    for round in 0..<3 {
      let shop = try TestShop(seed: UInt64(round))
      try shop.create(["anna-secret", "bert"])
      try shop.push("vip", add: ["anna-secret", "bert", "stranger"])
      for number in 0..<20 { try shop.push("vip", add: ["filler-\(number)"]) }
      let (ledger, disk) = (shop.ledger, shop.disk)
      let cohort = try shop.cohort("vip")
      let isErased = Atomic(false)
      let isDone = Atomic(false)
      // How often somebody was shown the name before the erasure, and was not behind it.
      let asked = Monitor((before: 0, behind: 0))
      let work: @Sendable (Int) -> Void = { index in
        repeat {
          do {
            let wasErased = isErased.load(ordering: .sequentiallyConsistent)
            let isNamed =
              try index == 0 ? Self.isNamed(by: ledger, disk) : Self.isTold(by: ledger, cohort)
            #expect(!(wasErased && isNamed), "reader \(index), round \(round)")
            if wasErased { asked.change { $0.behind += 1 } }
            if isNamed { asked.change { $0.before += 1 } }
          } catch { Issue.record("\(error)") }
        } while !isDone.load(ordering: .sequentiallyConsistent)
      }
      let threads = try (0..<3).map { index in try Thread("reader-\(index)") { work(index) } }
      _ = asked.wait { $0.before > 5 ? true : nil }
      let receipt = try ledger.erase(.externalID("anna-secret"))
      isErased.store(true, ordering: .sequentiallyConsistent)
      let end = ledger.now.end
      let again = try ledger.erase(.number(UserID(1)))
      #expect(again.isRepeated && again.position == receipt.position && ledger.now.end == end)
      _ = asked.wait { $0.behind > 5 ? true : nil }
      isDone.store(true, ordering: .sequentiallyConsistent)
      for thread in threads { thread.join() }
      #expect(ledger.keepSnapshot())
      #expect(try !Self.isNamed(by: ledger, disk))
      try ledger.close()
    }
  }

  /// Whether any answer names the person.
  private static func isTold(by ledger: Ledger, _ cohort: CohortID) throws -> Bool {
    let views = [ledger.now, try ledger.view(asOf: .position(Position(4)))]
    return try views.contains { view in
      let answers: [Any] = [
        try view.members(of: cohort, limit: 100), view.identity(of: UserID(1)),
        try view.history(of: UserID(1)), try view.events(after: .origin, limit: 100),
      ]
      return answers.contains { "\($0)".contains("anna-secret") }
    }
  }

  /// Whether any file has the name in it, with a snapshot that was just taken.
  private static func isNamed(by ledger: Ledger, _ disk: SimulatedDisk) throws -> Bool {
    _ = ledger.keepSnapshot()
    return try disk.list("/ledger").contains { name in
      (disk.contents(of: "/ledger/\(name)") ?? []).holds("anna-secret")
    }
  }
}
