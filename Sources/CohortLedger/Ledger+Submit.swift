import CohortLog
public import CohortModel
import CohortThreads

extension Ledger {
  /// Hands a command to the writer.
  ///
  /// Never waits. Commands are decided in the order in which they are submitted.
  ///
  /// - `done`: Called once, when the outcome is durable, or is known not to be: a refusal
  ///   too waits for everything it was decided on. On a thread of the ledger: be quick.
  public func submit(
    _ command: Command, _ done: @escaping @Sendable (Result<Committed, LedgerError>) -> Void
  ) {
    let submission = Submission(command: command, done: done)
    let refusal: LedgerError? = exchange.change { exchange in
      if let error = refuses(exchange) { return error }
      exchange.add(submission)
      return nil
    }
    if let refusal { done(.failure(refusal)) }
  }

  /// Hands a command to the writer and waits until its outcome is durable.
  ///
  /// - Throws: ``LedgerError``; the command is durable only if nothing is thrown, and perhaps after
  ///   ``LedgerError/outcomeUnknown``.
  @discardableResult
  public func submit(_ command: Command) throws(LedgerError) -> Committed {
    let outcome = Monitor<Result<Committed, LedgerError>?>(nil)
    submit(command) { result in outcome.change { $0 = result } }
    let result = outcome.wait(for: { $0 })
    guard let result else { throw .shuttingDown }
    return try result.get()
  }

  /// What a command would come to now, by the same decisions, writing nothing.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)``.
  public func preview(_ command: Command) throws(LedgerError) -> Answer {
    try now.preview(command)
  }

  /// Whether nobody may write, and why.
  func refuses(_ exchange: borrowing Exchange) -> LedgerError? {
    switch report.condition {
    case .writable: break
    case .readOnly: return .readOnly("it was opened so.")
    case .damaged(let damage): return .readOnly("events.log is damaged at \(damage).")
    case .lost: return .readOnly("events.log has lost its end.")
    }
    if exchange.isClosing { return .shuttingDown }
    if let stopped = exchange.stopped { return stopped }
    if exchange.inboxSize >= options.inboxBytesMax { return .overloaded(retryAfter: 1) }
    return exchange.inbox.count >= options.inboxCountMax ? .overloaded(retryAfter: 1) : nil
  }
}

extension View {
  /// What a command would come to here, on the newest that this view knows.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)``.
  package func preview(_ command: Command) throws(LedgerError) -> Answer {
    var state = state
    var draft = Draft(at: instant, prefetch: processorPrefetch)
    do { return try state.perform(command, into: &draft) } catch {
      throw .refused(error, at: end)
    }
  }
}

extension Ledger {
  /// Why a command submitted now would not even be decided; `nil` if it would.
  package var refusesWrites: LedgerError? { exchange.look { refuses($0) } }

  /// Commands that wait for the writer, and about how many bytes they take.
  package var queue: (commands: Int, bytes: Int) {
    exchange.look { ($0.inbox.count, $0.inboxSize) }
  }
}
