import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 74: three ways to the past, at every position of five thousand.
@Suite struct `Every prefix of a log` {
  @Test func `is the same folded from the start, folded from a snapshot, and as of its end`() throws
  {
    let shop = try TestShop()
    var snapshots: [Position: LedgerState] = [:]
    try live(shop, through: 5_000) { end in
      #expect(shop.ledger.keepSnapshot())
      let disk = shop.disk.copy()
      disk.kill()
      let reader = try Ledger.open(
        "/ledger", on: disk, clock: SimulatedClock(), random: SeededRandomSource(seed: 8),
        options: .small)
      snapshots[end] = reader.now.state
      try reader.close()
    }
    #expect(snapshots.count > 8)
    let ledger = shop.ledger
    let events = try ledger.now.events(after: .origin, limit: 10_000)
    #expect(events.count >= 5_000)
    var folded = LedgerState(hashSeed: 0)
    var behind = folded
    var wrong: [Position] = []
    for event in events {
      folded.apply(event)
      behind.apply(event)
      if let snapshot = snapshots[event.position] { behind = snapshot }
      let view = try ledger.view(asOf: .position(event.position))
      var isSame = behind.memberships == folded.memberships
      for cohort in (0..<folded.memberships.cohortCount).map({ CohortID(UInt32($0 + 1)) }) {
        isSame = try view.members(of: cohort) == folded.memberships[cohort] && isSame
      }
      if !isSame { wrong.append(event.position) }
      if event.position.rawValue.isMultiple(of: 97) || snapshots[event.position] != nil {
        try #require(behind.sameMeaning(as: folded), "\(event.position)")
        try #require(behind.digestOfMeaning == folded.digestOfMeaning, "\(event.position)")
      }
    }
    #expect(wrong == [])
    try ledger.close()
  }

  /// Imports, merges, deletions, renamings and newcomers, by chance; now and then a rest.
  private func live(
    _ shop: TestShop, through end: UInt64, _ rest: (Position) throws -> Void
  ) throws {
    var random = SeededRandom(seed: 74)
    var names = (0..<60).map { "user-\($0)" }
    try shop.create(names)
    var (number, rested) = (60, shop.ledger.now.end.rawValue)
    while shop.ledger.now.end.rawValue < end {
      let name = names[random.below(names.count)]
      switch random.below(60) {
      case 0, 1:
        names.append("user-\(number)")
        number += 1
        try shop.create(names.suffix(1))
      case 2 where names.count > 40:
        try shop.submit(.deleteUsers([.externalID(Text(name))], erase: nil))
        names.removeAll { $0 == name }
      case 3 where names.count > 40:
        let other = names[random.below(names.count)]
        guard other != name else { continue }
        try shop.submit(
          .mergeUsers([
            MergeUsers(merge: .externalID(Text(name)), keep: .externalID(Text(other)))
          ]))
        names.removeAll { $0 == name }
      case 4:
        names.removeAll { $0 == name }
        names.append("user-\(number)")
        try shop.submit(
          .renameExternalIDs([
            RenameExternalID(current: Text(name), new: Text("user-\(number)"))
          ]))
        number += 1
      default:
        func some() -> [String] {
          (0..<random.below(6)).map { _ in names[random.below(names.count)] }
        }
        try shop.push(Text("c\(random.below(4))"), add: some(), remove: some())
      }
      if shop.ledger.now.end.rawValue >= rested + 500 {
        rested = shop.ledger.now.end.rawValue
        try rest(shop.ledger.now.end)
      }
    }
  }
}
