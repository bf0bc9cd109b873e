public import CohortModel

/// What a command came to, once that is durable.
public struct Committed: Sendable {
  /// Of the last event that the request recorded; if it recorded none, the last durable one.
  public let position: Position
  /// Whether the request recorded anything.
  public let isRecorded: Bool
  /// Of the frame; of `position`'s frame if nothing was recorded.
  public let time: Instant
  public let answer: Answer

  package init(position: Position, isRecorded: Bool, time: Instant, answer: Answer) {
    self.position = position
    self.isRecorded = isRecorded
    self.time = time
    self.answer = answer
  }
}

/// A command that waits for the writer, and who waits for it.
struct Submission: Sendable {
  let command: Command
  /// Called once, on a thread of the ledger: must be quick.
  let done: @Sendable (Result<Committed, LedgerError>) -> Void
}

/// A command that was decided, and waits for the frame it was decided on.
struct Reply: Sendable {
  let done: @Sendable (Result<Committed, LedgerError>) -> Void
  /// `nil`: it was refused.
  let outcome: Result<(answer: Answer, position: Position?), LedgerError>

  /// Tells the outcome, now that everything it was decided on is durable up to `durable`.
  func settle(durable: Position, _ time: Instant) {
    switch outcome {
    case .success(let (answer, position)):
      done(
        .success(
          Committed(
            position: position ?? durable, isRecorded: position != nil, time: time,
            answer: answer)))
    case .failure(.refused(let refusal, _)): done(.failure(.refused(refusal, at: durable)))
    case .failure(let error): done(.failure(error))
    }
  }

  func fail(_ error: LedgerError) { done(.failure(error)) }
}
