import CohortLedger
import CohortLog
import CohortModel
import Dispatch
import Synchronization
import TestSupport

/// What was said about a command: an answer with its position and time, a refusal, or trouble.
enum Outcome {
  case done(Answer, Committed)
  case refused(Refusal)
  /// Certainly not in the log.
  case notThere
  /// In the log as a whole, or not at all.
  case unknown
}

extension Outcome {
  init(_ result: Result<Committed, LedgerError>) {
    switch result {
    case .success(let committed): self = .done(committed.answer, committed)
    case .failure(.refused(let refusal, _)): self = .refused(refusal)
    case .failure(.outcomeUnknown), .failure(.storage), .failure(.unreadable): self = .unknown
    case .failure: self = .notThere
    }
  }
}

extension Voyage {
  /// Hands over commands, those that wait for the log one by one and the others at once.
  func run(_ steps: [GeneratedStep]) throws {
    var burst: [Command] = []
    for step in steps {
      let now = max(step.time.microseconds, clock.wall + 1_000)
      clock.advance(by: now - clock.wall)
      let waiting = GeneratedStep(command: step.command, time: Instant(microseconds: clock.wall))
      let command = naive.completed(waiting) { Digest(0, 0, 0, UInt64($0.count)) }
      switch command.wish {
      case .eraseUser, .forgetUnmatched, .deleteUsers(_, erase: .some):
        try settle(burst)
        burst = []
        var alone = naive.completed(waiting) { Digest(0, 0, 0, UInt64($0.count)) }
        // Only deletions are sent with an idempotency key on this way.
        if case .deleteUsers = alone.wish {} else { alone.idempotency = nil }
        try settleAlone(alone)
      default: burst.append(command)
      }
    }
    try settle(burst)
  }

  /// Submits commands without waiting for each, then lets the model follow.
  private func settle(_ commands: [Command]) throws {
    guard !commands.isEmpty else { return }
    let outcomes = Outcomes(commands.count)
    // Past the moments that commands name, which are a few microseconds around now.
    clock.advance(by: 100)
    for (index, command) in commands.enumerated() {
      ledger.submit(command) { outcomes.set($0, of: index) }
    }
    let results = outcomes.wait()
    for result in results { note(result) }
    try recoverIfDown()
    for (command, result) in zip(commands, results) {
      try follow(command, Outcome(result), at: Instant(microseconds: clock.wall))
    }
    try followSpontaneous()
    try expectEnd()
  }

  /// The commands that read the log before they are decided.
  private func settleAlone(_ command: Command) throws {
    let outcome: Outcome
    switch command.wish {
    case .eraseUser(let wish):
      do {
        let receipt = try ledger.erase(wish.user, by: command.author)
        acknowledged = max(acknowledged, receipt.position)
        try recoverIfDown()
        try followSpontaneous()
        try follow(erasing: command, receipt)
        try followSpontaneous()
        return try expectEnd()
      } catch let error as LedgerError { outcome = Outcome(.failure(error)) }
    case .forgetUnmatched(let before, _):
      do {
        _ = try ledger.forgetUnmatched(before: before, by: command.author)
        outcome = .unknown
      } catch { outcome = Outcome(.failure(error)) }
    case .deleteUsers(let names, _):
      do {
        let committed = try ledger.deleteAndErase(
          names, by: command.author, command.idempotency)
        note(.success(committed))
        outcome = Outcome(.success(committed))
      } catch {
        outcome = Outcome(.failure(error))
      }
    default: return
    }
    try recoverIfDown()
    // One that failed before is finished before the next one begins.
    try followSpontaneous()
    // An erasure can fail behind its first event, with any error; the next start finishes it.
    if case .notThere = outcome {
      try follow(command, .unknown, at: Instant(microseconds: clock.wall))
    } else {
      try follow(command, outcome, at: Instant(microseconds: clock.wall))
    }
    try followSpontaneous()
    try expectEnd()
  }

  private func follow(erasing command: Command, _ receipt: ErasureReceipt) throws {
    let start = naive.end
    let expected = naive.perform(command, at: receipt.time)
    guard case .success(.erasedUser(let user, let texts, let earlier)) = expected else {
      throw Wrong("erasing \(command.wish)\n  naive \(expected)\n  ledger \(receipt)")
    }
    guard user == receipt.user, receipt.isRepeated || texts.count == receipt.textCount,
      earlier == receipt.earlierBearers, receipt.isRepeated == (naive.end == start)
    else { throw Wrong("erasing\n  naive \(user as Any) \(texts) \(earlier)\n  ledger \(receipt)") }
    try compareEvents(after: start)
  }

  /// Lets the model do what the ledger has done with one command.
  private func follow(_ command: Command, _ outcome: Outcome, at now: Instant) throws {
    switch outcome {
    case .notThere: met.insert(.notThere)
    case .refused(let refusal):
      met.insert(.refused)
      let start = naive.end
      let expected = naive.perform(command, at: now)
      guard agree(expected, .failure(refusal)) else {
        throw Wrong("answer of \(command.wish)\n  naive \(expected)\n  ledger \(refusal)")
      }
      guard naive.end == start else { throw Wrong("a refusal of \(command.wish) has events") }
    case .done(let answer, let committed):
      met.insert(.done)
      let start = naive.end
      let time = committed.isRecorded && committed.position > start ? committed.time : now
      let expected = naive.perform(command, at: time)
      guard agree(expected, .success(answer)) else {
        throw Wrong("answer of \(command.wish)\n  naive \(expected)\n  ledger \(answer)")
      }
      if case .repeated(_, let position) = answer {
        guard position == committed.position else { throw Wrong("the place of a repeated answer") }
      } else {
        guard committed.isRecorded == (naive.end > start),
          !committed.isRecorded || committed.position == naive.end
        else { throw Wrong("place of \(command.wish): naive \(naive.end), \(committed)") }
      }
      try compareEvents(after: start)
    case .unknown:
      try followSpontaneous()
      let view = ledger.now
      guard view.end > naive.end else {
        met.insert(.lost)
        return
      }
      let time = try view.event(at: naive.end.advanced(by: 1)).time
      let before = naive
      _ = naive.perform(command, at: time)
      guard naive.end > before.end else { return }
      // It is not there: what follows is of a later command.
      do {
        try compareEvents(after: before.end)
        met.insert(.kept)
      } catch {
        naive = before
        met.insert(.lost)
      }
    }
  }

  /// The marks that a ledger writes by itself: of what a start has cut off, and of finished
  /// erasures.
  func followSpontaneous() throws {
    while true {
      let view = ledger.now
      guard view.end > naive.end else { return }
      let recorded = try view.event(at: naive.end.advanced(by: 1))
      guard recorded.key == KeyID(0), recorded.request == recorded.position else { return }
      let wish: Wish
      switch recorded.event {
      case .recovered(let event):
        met.insert(.tornTail)
        wish = .noteRecovery(event)
      case .erasureFinished(let event):
        if recorded.position.rawValue > event.erasure.rawValue + 1 {
          met.insert(.erasureFinishedLater)
        }
        wish = .finishErasure(event.erasure)
      default: return
      }
      let start = naive.end
      let expected = naive.perform(Command(author: .local, wish: wish), at: recorded.time)
      guard case .success(.done) = expected else {
        throw Wrong("the ledger's own \(wish): \(expected)")
      }
      try compareEvents(after: start)
    }
  }

  /// Whether the events of the log behind `start` are those that the model has there.
  private func compareEvents(after start: Position) throws {
    let facts = naive.facts[Int(start.rawValue)...]
    let view = ledger.now
    let events = try view.events(after: start, through: naive.end, limit: facts.count)
    guard events.count == facts.count else {
      throw Wrong("events\n  naive \(facts.map(\.what))\n  ledger \(events.map(\.event))")
    }
    for (fact, recorded) in zip(facts, events) {
      // What was erased since is gone from the log; the state was compared when it was written.
      guard fact.agrees(with: recorded.event, users: { $0.users.map { UserID($0) } }) else {
        throw Wrong("event\n  naive \(fact)\n  ledger \(recorded)")
      }
      guard fact.position == recorded.position, fact.key == recorded.key,
        fact.request == recorded.request, fact.time == recorded.time
      else { throw Wrong("frame of event\n  naive \(fact)\n  ledger \(recorded)") }
      if let receipt = fact.receipt, let stored = recorded.receipt {
        guard receipt == stored else { throw Wrong("receipt of \(recorded)") }
      } else if (fact.receipt == nil) != (recorded.receipt == nil) {
        throw Wrong("receipt of \(recorded)")
      }
    }
  }

  /// Starts again if the power is gone, or nothing is written any more.
  private func recoverIfDown() throws {
    if disk.isDown {
      met.insert(.powerLoss)
      disk.repair()
      disk.restart()
      try? ledger.close()
    } else if ledger.log.isStopped {
      met.insert(.stopped)
      disk.repair()
      try expectReadOnly()
      if disk.operations % 2 == 0 { disk.kill() } else { disk.restart() }
      try? ledger.close()
    } else {
      return
    }
    try reopen()
  }
}

extension Voyage {
  /// After a failed sync writes stop, and reads go on.
  private func expectReadOnly() throws {
    let view = ledger.now
    _ = try view.events(after: .origin, limit: 10_000)
    let wish = Wish.disablePartner("nobody")
    do {
      try ledger.submit(Command(author: .local, wish: wish))
      throw Wrong("a write after a failed sync")
    } catch LedgerError.writesStopped {
    } catch LedgerError.refused { throw Wrong("a decision after a failed sync") }
    guard ledger.now.end == view.end else { throw Wrong("the end moves after a failed sync") }
  }
}

/// What came back of a number of commands.
final class Outcomes: Sendable {
  private let found: Mutex<[Result<Committed, LedgerError>?]>
  private let done = DispatchSemaphore(value: 0)

  init(_ count: Int) { found = Mutex(Array(repeating: nil, count: count)) }

  func set(_ result: Result<Committed, LedgerError>, of index: Int) {
    let isLast = found.withLock {
      $0[index] = result
      return !$0.contains { $0 == nil }
    }
    if isLast { done.signal() }
  }

  func wait() -> [Result<Committed, LedgerError>] {
    done.wait()
    return found.withLock { $0.compactMap(\.self) }
  }
}
