import CohortLedger
import Foundation
import TestSupport
import Testing

/// How many lives are tried of each kind, from the environment.
let lifeCount: UInt64 = {
  let given = ProcessInfo.processInfo.environment["COHORT_LIVES"].flatMap { UInt64($0) }
  return max(1, given ?? 6)
}()

private func live(_ seed: UInt64, acts: Int, _ faults: Life.Faults) {
  let life = Life(seed: seed, acts: acts, faults)
  guard let words = Voyage.trouble(in: life, seed: seed) else { return }
  let small = life.minimised { Voyage.trouble(in: $0, seed: seed) }
  let last = Voyage.trouble(in: small, seed: seed)
  Issue.record(
    "seed \(seed), at first: \(words)\n\(small)\n\(last ?? "which fails only now and then")")
}

@Suite struct `The life of a ledger` {
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `is that of the naive model, through restarts, kills and power losses`(batch: UInt64) {
    for seed in stride(from: batch, to: lifeCount, by: 4) { live(seed, acts: 16, .none) }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `loses nothing acknowledged to a disk that breaks`(batch: UInt64) {
    for seed in stride(from: batch, to: lifeCount, by: 4) { live(seed + 1_000, acts: 20, .some) }
  }

  /// Without questions, so that many are lived through in a short time.
  @Test func `meets everything that a disk can do`() throws {
    var met: Set<Meeting> = []
    for seed in 5_000..<(5_000 + 10 * lifeCount) {
      var life = Life(seed: seed, acts: 30, .some)
      life.acts.removeAll { if case .questions = $0 { true } else { false } }
      do {
        let voyage = try Voyage(seed: seed, life.options)
        for (index, act) in life.acts.enumerated() {
          do { try voyage.carryOut(act) } catch { throw Wrong("act \(index): \(act)\n\(error)") }
        }
        met.formUnion(voyage.met)
      } catch {
        let small = life.minimised { Voyage.trouble(in: $0, seed: seed) }
        Issue.record("seed \(seed): \(error)\n\(small)")
      }
    }
    #expect(met == Set(Meeting.allCases), "never met: \(Set(Meeting.allCases).subtracting(met))")
  }
}
