import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// Everybody ends up as one person: in a chain, or each merged into the same one.
@Suite struct `A person of many merges` {
  private static let count = 600

  private enum Shape: CaseIterable { case chain, star }

  private func shop(_ shape: Shape) throws -> (shop: TestShop, survivor: UserID) {
    let shop = try TestShop(options: LedgerOptions())
    let names = (0..<Self.count).map { "u\($0)" }
    try shop.create(names)
    try shop.push("vip", add: shape == .chain ? [names[0]] : names)
    let last = names[Self.count - 1]
    let merges = (0..<Self.count - 1).map {
      MergeUsers(
        merge: .externalID(Text(names[$0])),
        keep: .externalID(Text(shape == .chain ? names[$0 + 1] : last)))
    }
    for start in stride(from: 0, to: merges.count, by: 50) {
      try shop.submit(.mergeUsers(Array(merges[start..<min(start + 50, merges.count)])))
    }
    return (shop, try #require(shop.ledger.now.user(.externalID(Text(last)))))
  }

  @Test func `is found without asking every change for every one of them`() throws {
    for shape in Shape.allCases {
      let (shop, survivor) = try shop(shape)
      let view = shop.ledger.now
      let cohort = try shop.cohort("vip")
      let persons = Set(view.persons(of: survivor))
      #expect(persons.count == Self.count)
      var steps = 0
      let found = try view.history.changes(
        of: cohort, touching: persons, through: view.position, &steps)
      var naive: [UserID: [Position]] = [:]
      for change in try view.changes(of: cohort, limit: .max) {
        change.users.forEach { user in
          naive[UserID(user), default: []].append(change.position)
        }
      }
      #expect(
        Dictionary(grouping: found, by: \.user).mapValues { $0.map(\.change.position) } == naive)
      #expect(steps <= 3 * Self.count, "\(steps) steps, \(shape)")
      try shop.ledger.close()
    }
  }

  @Test func `is explained and proven without reading a frame for each of them`() throws {
    for shape in Shape.allCases {
      let (shop, survivor) = try shop(shape)
      let view = shop.ledger.now
      let cohort = try shop.cohort("vip")
      var start = shop.disk.operations
      let reason = try view.why(survivor, cohort)
      #expect(shop.disk.operations - start < 40, "\(shop.disk.operations - start) calls, \(shape)")
      guard case .member(let merges, let origins) = reason.finding else {
        Issue.record("\(reason.finding)")
        continue
      }
      #expect(merges.count == Self.count - 1)
      #expect(origins.count == (shape == .chain ? 1 : Self.count))
      start = shop.disk.operations
      let proof = try view.prove(survivor, cohort)
      #expect(shop.disk.operations - start < 80, "\(shop.disk.operations - start) calls, \(shape)")
      #expect(proof.users.count == Self.count && proof.isMember)
      for event in proof.events {
        let path = try view.inclusionProof(of: event.position, size: proof.head.size)
        #expect(event.path == path)
        #expect(event.time == (try view.event(at: event.position)).time)
      }
      try shop.ledger.close()
    }
  }
}
