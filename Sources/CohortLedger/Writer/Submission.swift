public import CohortModel

/// What a command came to, once that is durable.
public struct Committed: Sendable {
  /// Of the last event that the request recorded, now or when it first came with its idempotency
  /// key; if it recorded none, the last durable one.
  public let position: Position
  /// Whether the request recorded anything, this time.
  public let isRecorded: Bool
  /// Of the request's frame; of the last durable one if nothing was recorded.
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

  /// About how many bytes of memory it takes while it waits.
  var size: Int {
    switch command.wish {
    case .changeMembers(let wish):
      1_024 + wish.buffer.count + 16 * wish.changes.reduce(0) { $0 + $1.count }
    case .importUsers(let lines): 1_024 + 256 * lines.count
    default: 1_024
    }
  }
}

/// A command that was decided, and waits for the frame it was decided on.
struct Reply: Sendable {
  let done: @Sendable (Result<Committed, LedgerError>) -> Void
  /// The position is `nil` if nothing was recorded.
  let outcome: Result<(answer: Answer, position: Position?), LedgerError>

  /// Tells the outcome, now that everything it was decided on is durable up to `durable`.
  func settle(durable: Position, _ time: Instant) {
    switch outcome {
    case .success(let (answer, position)):
      var earlier: Position?
      if case .repeated(_, let position) = answer { earlier = position }
      done(
        .success(
          Committed(
            position: position ?? earlier ?? durable, isRecorded: position != nil, time: time,
            answer: answer)))
    case .failure(.refused(let refusal, _)): done(.failure(.refused(refusal, at: durable)))
    case .failure(let error): done(.failure(error))
    }
  }

  func fail(_ error: LedgerError) { done(.failure(error)) }
}
