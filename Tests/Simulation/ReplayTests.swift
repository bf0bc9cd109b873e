import CohortLedger
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `Replaying a log` {
  /// FAULTS 73, 75 and 79.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `comes to the same state however it is done`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var life = Life(seed: seed, acts: 10, .none)
    life.acts.removeAll { if case .questions = $0 { true } else { false } }
    let voyage = try Voyage(seed: seed, life.options)
    for act in life.acts { try voyage.carryOut(act) }
    let expected = StateDigest(of: voyage.ledger.now.state).value
    let end = voyage.ledger.now.end
    for threads in 1...3 {
      for keepsCaches in [true, false] {
        try voyage.ledger.close()
        if !keepsCaches {
          for name in try voyage.disk.list("/ledger")
          where name.hasPrefix("snapshot-") || name.hasPrefix("tiles") {
            try voyage.disk.unlink("/ledger/\(name)")
          }
        }
        voyage.options = .random(&random)
        voyage.options.history.threadCount = threads
        try voyage.open()
        #expect(voyage.ledger.now.end == end)
        #expect(StateDigest(of: voyage.ledger.now.state).value == expected)
        if random.once(in: 2) { #expect(voyage.ledger.keepSnapshot()) }
      }
    }
    try voyage.ledger.close()
  }
}
