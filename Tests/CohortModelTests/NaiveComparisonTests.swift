import CohortModel
import Foundation
import TestSupport
import Testing

/// Runs the ledger's state beside the naive model, command by command.
struct Comparison {
  var state = LedgerState(hashSeed: 1)
  var naive = NaiveLedger()

  /// What they did not agree about; `nil` if they did.
  mutating func disagreement(on step: GeneratedStep) -> String? {
    let command = naive.completed(step) { users in Digest(0, 0, 0, UInt64(users.count)) }
    let start = naive.facts.count
    let expected = naive.perform(command, at: step.time)
    var draft = Draft(at: step.time)
    let found: Result<Answer, Refusal>
    do throws(Refusal) { found = .success(try state.perform(command, into: &draft)) } catch {
      found = .failure(error)
    }
    let facts = naive.facts[start...]
    guard agree(expected, found) else {
      return "answer\n  naive \(expected)\n  state \(found)"
    }
    guard facts.count == draft.events.count else {
      return "events\n  naive \(facts.map(\.what))\n  state \(draft.events)"
    }
    for (fact, event) in zip(facts, draft.events)
    where !fact.agrees(with: event, users: { $0.users.map { UserID($0) } }) {
      return "event \(fact.position)\n  naive \(fact.what)\n  state \(event)"
    }
    guard facts.isEmpty || facts.last?.key == draft.key else { return "key of \(step)" }
    guard facts.last?.receipt == draft.receipt else { return "receipt of \(step)" }
    return nil
  }

  static func disagreement(on script: GeneratedScript) -> String? {
    var comparison = Comparison()
    for step in script.steps {
      if let words = comparison.disagreement(on: step) { return words }
    }
    return nil
  }
}

/// How many scripts are tried beyond the usual, from the environment.
private let scriptCount: UInt64 = {
  let given = ProcessInfo.processInfo.environment["COHORT_SCRIPTS"].flatMap { UInt64($0) }
  return max(1, given ?? 500)
}()

@Suite struct `The state of a ledger` {
  /// Each batch takes every tenth seed, so that the batches can run beside each other.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func `decides like the naive model`(batch: UInt64) {
    for seed in stride(from: batch, to: scriptCount, by: 10) {
      var generator = CommandGenerator(seed: seed)
      let script = generator.script(200)
      guard let words = Comparison.disagreement(on: script) else { continue }
      let small = script.minimised {
        Comparison.disagreement(on: $0)?.prefix(12) == words.prefix(12)
      }
      let last = Comparison.disagreement(on: small) ?? words
      Issue.record("seed \(seed)\n\(small)\n\(last)")
      return
    }
  }
}
