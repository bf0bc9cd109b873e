import CohortModel
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

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

  /// FAULTS 83, at the length that it asks for: merged in a row, in a circle, and erased.
  @Test func `of a hundred thousand users has one survivor, found at once from everyone`() throws {
    let count = 100_000
    var state = LedgerState(hashSeed: 1)
    var draft = Draft(at: Instant(microseconds: 1))
    var time: Int64 = 1
    func perform(_ wish: Wish) throws -> Answer {
      time += 1
      draft.begin(at: Instant(microseconds: time))
      return try state.perform(Command(author: .local, wish: wish), into: &draft)
    }
    func name(_ number: Int) -> UserName { .externalID(Text("user-\(number)")) }
    for start in stride(from: 0, to: count, by: 10_000) {
      _ = try perform(
        .importUsers(
          (start..<start + 10_000).map {
            ImportLine(line: $0 + 1, externalID: Text("user-\($0)"))
          }))
    }
    for start in stride(from: 1, to: count, by: 50) {
      let answer = try perform(
        .mergeUsers(
          (start..<min(start + 50, count)).map { MergeUsers(merge: name($0 - 1), keep: name($0)) }))
      guard case .items(_, []) = answer else {
        Issue.record("\(answer)")
        return
      }
    }
    let last = UserID(UInt32(count))
    let directory = state.directory
    let isFound = (1...UInt32(count)).allSatisfy { directory.survivor(of: UserID($0)) == last }
    #expect(isFound)
    #expect(directory.survivor(of: UserID(1), at: Position(UInt64(count))) == UserID(1))
    let end = state.position
    let circle = try perform(
      .mergeUsers([
        MergeUsers(merge: name(0), keep: name(count - 1)),
        MergeUsers(merge: name(count - 1), keep: name(0)),
        MergeUsers(merge: name(count / 2), keep: name(count / 2)),
      ]))
    #expect(circle == .items(processed: 3, errors: []))
    #expect(state.position == end)
    // Who is gone is nobody to merge, nor are those who were merged into them.
    _ = try perform(.deleteUsers([name(count - 1)], erase: nil))
    let gone = try perform(.mergeUsers([MergeUsers(merge: name(5), keep: name(7))]))
    #expect(gone == .items(processed: 0, errors: [ItemError(index: 0, refusal: .unknownUser)]))
  }

  /// FAULTS 83: everybody merges at once; whatever the order, it is one that the model allows.
  @Test func `made by many at once is that of one of them behind the other`() throws {
    let shop = try TestShop()
    let names = (0..<40).map { "user-\($0)" }
    try shop.create(names)
    try shop.push("vip", add: [names[3]])
    let start = shop.ledger.now.end
    let ledger = shop.ledger
    let done = Mutex<[(Position, MergeUsers, Answer)]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { writer in
      var random = SeededRandom(seed: UInt64(writer))
      for _ in 0..<30 {
        let item = MergeUsers(
          merge: .externalID(Text(names[random.below(40)])),
          keep: .externalID(Text(names[random.below(40)])))
        do {
          let committed = try ledger.submit(Command(author: .local, wish: .mergeUsers([item])))
          guard committed.isRecorded else { continue }
          done.withLock { $0.append((committed.position, item, committed.answer)) }
        } catch { Issue.record("\(error)") }
      }
    }
    let order = done.withLock { $0 }.sorted { $0.0 < $1.0 }
    #expect((10..<40).contains(order.count))
    let again = try TestShop()
    try again.create(names)
    try again.push("vip", add: [names[3]])
    for (position, item, answer) in order {
      let committed = try again.submit(.mergeUsers([item]))
      #expect(committed.position == position && committed.answer == answer)
    }
    #expect(
      try shop.ledger.now.events(after: start, limit: 1_000).map(\.event)
        == again.ledger.now.events(after: start, limit: 1_000).map(\.event))
    #expect(try shop.ledger.now.size(of: shop.cohort("vip")) == 1)
    try shop.restart()
    for number in 1...40 as ClosedRange<UInt32> {
      let survivor = shop.ledger.now.survivorNow(of: UserID(number))
      #expect(survivor == again.ledger.now.survivorNow(of: UserID(number)))
    }
    try again.ledger.close()
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
