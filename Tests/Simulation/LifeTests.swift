import CohortLedger
import Foundation
import TestSupport
import Testing

/// How many lives are tried of each kind, from the environment.
let lifeCount: UInt64 = {
  let given = ProcessInfo.processInfo.environment["COHORT_LIVES"].flatMap { UInt64($0) }
  return max(1, given ?? 6)
}()

private func live(_ seed: UInt64, acts: Int, _ faults: Life.Faults, isPowersafe: Bool = true) {
  let life = Life(seed: seed, acts: acts, faults)
  func trouble(_ life: Life) -> String? {
    Voyage.trouble(in: life, seed: seed, isPowersafe: isPowersafe)
  }
  guard let words = trouble(life) else { return }
  let small = life.minimised(trouble)
  let last = trouble(small)
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

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `says so when a disk spoils what lies around a write`(batch: UInt64) {
    for seed in stride(from: batch, to: lifeCount, by: 4) {
      live(seed + 2_000, acts: 20, .some, isPowersafe: false)
    }
  }

  /// Without questions, so that many are lived through in a short time.
  @Test func `loses nothing in silence to a disk that spoils what lies around a write`() throws {
    var ends: [Bool: Int] = [:]
    for seed in 5_000..<(5_000 + 10 * lifeCount) {
      var life = Life(seed: seed, acts: 30, .some)
      life.acts.removeAll { if case .questions = $0 { true } else { false } }
      do {
        try Voyage(seed: seed, life.options, isPowersafe: false).live(life)
      } catch let error as SpoiltByDisk {
        ends[error.isLoss, default: 0] += 1
      } catch {
        let small = life.minimised { Voyage.trouble(in: $0, seed: seed, isPowersafe: false) }
        Issue.record("seed \(seed): \(error)\n\(small)")
      }
    }
    print(
      "\(10 * lifeCount) lives: \(ends[true] ?? 0) with a loss that was told, "
        + "\(ends[false] ?? 0) damaged without one")
  }

  /// Without questions, so that many are lived through in a short time.
  @Test func `meets everything that a disk can do`() throws {
    var met: Set<Meeting> = []
    for seed in 5_000..<(5_000 + 10 * lifeCount) {
      var life = Life(seed: seed, acts: 30, .some)
      life.acts.removeAll { if case .questions = $0 { true } else { false } }
      do {
        let voyage = try Voyage(seed: seed, life.options)
        try voyage.live(life)
        met.formUnion(voyage.met)
      } catch {
        let small = life.minimised { Voyage.trouble(in: $0, seed: seed) }
        Issue.record("seed \(seed): \(error)\n\(small)")
      }
    }
    #expect(met == Set(Meeting.allCases), "never met: \(Set(Meeting.allCases).subtracting(met))")
  }
}
