import CohortLedger
import CohortModel
import TestSupport
import Testing

@Suite struct `A chain of merges` {
  /// FAULTS 83: whatever its length, nothing recurses along it.
  @Test func `as long as all users is followed forth and back`() throws {
    let count = 3_000
    let shop = try TestShop()
    let names = (0..<count).map { "user-\($0)" }
    for start in stride(from: 0, to: count, by: 1_000) {
      try shop.create(Array(names[start..<min(start + 1_000, count)]))
    }
    try shop.push("vip", add: [names[0]])
    let items = (1..<count).map {
      MergeUsers(
        merge: .externalID(Text(names[$0 - 1])), keep: .externalID(Text(names[$0])))
    }
    for start in stride(from: 0, to: items.count, by: 50) {
      let committed = try shop.submit(
        .mergeUsers(Array(items[start..<min(start + 50, items.count)])))
      guard case .items(_, []) = committed.answer else {
        Issue.record("\(committed.answer)")
        return
      }
    }
    let cohort = try shop.cohort("vip")
    let last = UserID(UInt32(count))
    for _ in 0..<2 {
      let view = shop.ledger.now
      #expect(view.survivorNow(of: UserID(1)) == last)
      #expect(view.persons(of: last).count == count)
      #expect(try view.members(of: cohort).numbers == [last.rawValue])
      let first = try shop.ledger.view(asOf: .position(Position(7)))
      #expect(try first.members(of: cohort).numbers == [1] || first.size(of: cohort) == 0)
      try shop.restart()
    }
    // The whole circle closed: each is merged already, and nothing happens.
    let end = shop.ledger.now.end
    let back = try shop.submit(
      .mergeUsers([
        MergeUsers(merge: .externalID("user-0"), keep: .externalID(Text(names[count - 1]))),
        MergeUsers(merge: .externalID(Text(names[count - 1])), keep: .externalID("user-0")),
        MergeUsers(merge: .externalID("user-0"), keep: .externalID("user-0")),
      ]))
    #expect(back.answer == .items(processed: 3, errors: []))
    #expect(shop.ledger.now.end == end)
    // A removal that followed the merge does not take the survivor out.
    try shop.push("vip", remove: ["user-0"])
    #expect(try shop.ledger.now.members(of: cohort).numbers == [last.rawValue])
    _ = try shop.ledger.erase(.number(last))
    #expect(throws: LedgerError.self) { try shop.ledger.erase(.number(UserID(1))) }
    #expect(try shop.ledger.now.size(of: cohort) == 0)
    try shop.ledger.close()
  }

  /// FAULTS 84.
  @Test func `does not disturb the limits of an import`() throws {
    let shop = try TestShop()
    let thousand = (0..<1_000).map { "user-\($0)" }
    try shop.create(thousand)
    try shop.push("vip", add: thousand)
    let end = shop.ledger.now.end
    do throws(LedgerError) {
      try shop.ledger.submit(
        shop.importing("vip", add: ["user-1"], remove: thousand))
      Issue.record("1,001 identifiers were taken")
    } catch {
      guard case .refused(.tooMany, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(shop.ledger.now.end == end)
    let empty = try shop.push("vip")
    #expect(!empty.isRecorded && shop.ledger.now.end == end)
    let twice = try shop.push("vip", remove: ["user-1", "user-1", "user-2"], results: true)
    guard case .changedMembers(let counts, _) = twice.answer else { return }
    #expect(counts[.removed] == 2 && counts[.notMember] == 1)
    #expect(try shop.ledger.now.size(of: shop.cohort("vip")) == 998)
    try shop.ledger.close()
  }
}
