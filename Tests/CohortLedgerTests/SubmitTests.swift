import CohortLedger
import CohortLog
import CohortModel
import Synchronization
import TestSupport
import Testing

@Suite struct `A ledger` {
  @Test func `keeps what it has acknowledged over a restart`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea", "cem", "dan"])
    let monday = try shop.push("vip", add: ["ana", "bea", "nobody"])
    let tuesday = try shop.push("vip", add: ["cem"], remove: ["ana"])
    for _ in 0..<2 {
      #expect(try shop.members("vip") == ["bea", "cem"])
      #expect(try shop.members("vip", asOf: .position(monday.position)) == ["ana", "bea"])
      #expect(try shop.members("vip", asOf: .instant(monday.time)) == ["ana", "bea"])
      #expect(try shop.members("vip", asOf: .instant(tuesday.time)) == ["bea", "cem"])
      try shop.restart()
    }
    try shop.ledger.close()
  }

  @Test func `tells every identifier's outcome`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    try shop.push("vip", add: ["bea"])
    let committed = try shop.push(
      "vip", add: ["ana", "bea", "ana", "nobody"], remove: ["ana"], results: true)
    guard case .changedMembers(let counts, let results) = committed.answer else {
      Issue.record("an import is answered as one")
      return
    }
    #expect(
      results.map(\.outcome) == [.notMember, .added, .alreadyMember, .alreadyMember, .unknown])
    #expect(counts.total == 5)
  }

  @Test func `decides and answers the same for any grouping`() throws {
    let shop = try TestShop()
    try shop.create((0..<100).map { "user-\($0)" })
    let answers = Answers()
    for round in 0..<50 {
      shop.ledger.submit(
        shop.importing(
          "vip", add: ["user-\(round)", "user-\(round + 1)"], remove: ["user-\(round - 1)"])
      ) { answers.add($0) }
    }
    try shop.ledger.close()
    #expect(answers.positions == answers.positions.sorted())
    #expect(answers.positions.count == 50)
    try shop.open()
    #expect(try shop.members("vip") == ["user-49", "user-50"])
  }

  @Test func `does not carry a request out twice that comes with the same idempotency key`() throws
  {
    let shop = try TestShop()
    let idempotency = Idempotency(key: Array("key-1".utf8), fingerprint: Digest(1, 2, 3, 4))
    let wish = Wish.addAliases([AddAlias(externalID: nil, alias: Alias(label: "a", name: "b"))])
    let first = try shop.submit(wish, idempotency)
    try shop.restart()
    let again = try shop.submit(wish, idempotency)
    #expect(again.position == first.position)
    #expect(shop.ledger.now.state.directory.userCount == 1)
    let other = Idempotency(key: Array("key-1".utf8), fingerprint: Digest(9, 2, 3, 4))
    #expect(throws: LedgerError.self) { try shop.submit(wish, other) }
  }

  @Test func `erases a person from every file`() throws {
    let shop = try TestShop()
    try shop.push("vip", add: ["someone-private"])
    try shop.create(["someone-private", "bea"])
    try shop.push("vip", add: ["someone-private", "bea"])
    let root = shop.ledger.now.treeHead
    #expect(shop.ledger.keepSnapshot())
    let receipt = try shop.ledger.erase(.externalID("someone-private"))
    #expect(receipt.textCount == 2)
    try shop.restart()
    #expect(try shop.members("vip") == ["bea"])
    #expect(try shop.ledger.now.treeHead(size: root.size) == root)
    let needle = Array("someone-private".utf8)
    for name in try shop.disk.list("/ledger") {
      let bytes = shop.disk.contents(of: "/ledger/\(name)") ?? []
      #expect(!bytes.contains(needle), "\(name)")
    }
  }

  @Test func `says why somebody is in a cohort through a merge`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "anna"])
    let origin = try shop.push("vip", add: ["ana"])
    let merge = try shop.submit(
      .mergeUsers([MergeUsers(merge: .externalID("ana"), keep: .externalID("anna"))]))
    let view = shop.ledger.now
    let anna = try #require(view.user(.externalID("anna")))
    let reason = try view.why(anna, shop.cohort("vip"))
    guard case .member(let merges, let origins) = reason.finding else {
      Issue.record("\(reason.finding)")
      return
    }
    #expect(merges.map(\.position) == [merge.position])
    #expect(origins.map(\.position) == [origin.position])
    #expect(try shop.members("vip", asOf: .position(origin.position)) == ["ana"])
    #expect(try shop.members("vip", asOf: .position(origin.position), identity: .now) == ["anna"])
  }
}

/// What came back, in the order in which it came.
private final class Answers: Sendable {
  private let found = Mutex<[Position]>([])

  func add(_ result: Result<Committed, LedgerError>) {
    if let position = try? result.get().position { found.withLock { $0.append(position) } }
  }

  var positions: [Position] { found.withLock { $0 } }
}

extension [UInt8] {
  fileprivate func contains(_ needle: [UInt8]) -> Bool {
    guard count >= needle.count else { return false }
    return (0...count - needle.count).contains {
      self[$0..<$0 + needle.count].elementsEqual(needle)
    }
  }
}
