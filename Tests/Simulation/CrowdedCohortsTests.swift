import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 85, as much of it as a test has time for; `bench history` asks about a million toggles of
/// one user among a hundred thousand cohorts.
@Suite struct `A ledger of unusual shape` {
  @Test func `keeps a hundred thousand cohorts`() throws {
    var state = LedgerState(hashSeed: 1)
    var draft = Draft(at: Instant(microseconds: 1))
    func perform(_ wish: Wish, _ time: Int) throws {
      draft.begin(at: Instant(microseconds: Int64(time)))
      _ = try state.perform(Command(author: .local, wish: wish), into: &draft)
    }
    try perform(
      .enablePartner(EnablePartner(code: "p", displayName: nil, key: .none)), 1)
    func name(_ number: Int) -> CohortName {
      CohortName(partner: "p", cohortID: Text("cohort-\(number)"))
    }
    let count = 100_000
    for number in 0..<count {
      try perform(
        .nameCohort(
          NameCohort(
            cohort: name(number), name: Text("Cohort \(number)"),
            createdAt: Instant(microseconds: 0))), number + 2)
    }
    #expect(state.cohorts.count == count)
    // A published copy is not changed by what the writer does next, in any of them.
    let published = state
    for number in stride(from: 0, to: count, by: 9_973) {
      let id = try state.find(name(number))
      #expect(id == CohortID(UInt32(number + 1)))
      try perform(.archiveCohort(name(number)), count + 2 + number)
      #expect(state.cohorts[id].isArchived.latest == true)
      #expect(published.cohorts[id].isArchived.latest != true)
    }
    #expect(throws: Refusal.self) { try state.find(name(count)) }
  }

  @Test func `keeps a cohort that one user enters and leaves without end`() throws {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    try shop.push("hot", add: ["bea"])
    let cohort = try shop.cohort("hot")
    let template = shop.importing("hot", add: [], remove: [])
    guard case .changeMembers(var wish) = template.wish else { return }
    wish.buffer = Array("ana".utf8)
    let ana = TextRange(start: 0, count: 3)
    wish.changes = (0..<1_000).map {
      ChangeMembers.Change(shouldRemove: !$0.isMultiple(of: 2), userIDs: [ana])
    }
    let toggling = Command(author: template.author, wish: .changeMembers(wish))
    let start = shop.ledger.now.position
    let requests = 20
    for _ in 0..<requests { try shop.ledger.submit(toggling) }
    func check() throws {
      let view = shop.ledger.now
      #expect(view.position == Position(start.rawValue + UInt64(1_000 * requests)))
      #expect(try view.size(of: cohort) == 1)
      var random = SeededRandom(seed: 1)
      for _ in 0..<50 {
        // Odd ones let the user in, even ones out.
        let after = 1 + random.below(1_000 * requests)
        let then = try shop.ledger.view(asOf: .position(Position(start.rawValue + UInt64(after))))
        #expect(try then.size(of: cohort) == (after.isMultiple(of: 2) ? 1 : 2), "\(after)")
        #expect(try then.contains(UserID(1), in: cohort) == !after.isMultiple(of: 2))
      }
    }
    try check()
    #expect(shop.ledger.keepSnapshot())
    try check()
    try shop.restart()
    try check()
    try shop.ledger.close()
  }
}
