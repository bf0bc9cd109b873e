import CohortFormat
import CohortLog
public import CohortModel
import CohortThreads

/// What an erasure reached.
///
/// RULES §5.
public struct ErasureReceipt: Sendable {
  /// `nil`: no user ever bore the identifier; its unmatched mentions were erased.
  public let user: UserID?
  /// Of the `userErased` event.
  public let position: Position
  public let time: Instant
  /// How many texts are zero now.
  public let textCount: Int
  /// The tree when the erasure was finished: no root has changed.
  public let treeSize: UInt64
  public let root: Digest
  /// Who bore the same identifier before.
  ///
  /// They are not erased.
  public let earlierBearers: [UserID]
  /// Whether everything had been erased before.
  public let isRepeated: Bool
  /// What the log has kept of the answer, if the idempotency key came with this request before.
  ///
  /// The earlier bearers are not told again.
  public let kept: Receipt?

  /// Where the person may still be found, beyond this ledger.
  public static let notReached = [
    "backups", "replicas that have not caught up", "sync state and reject files",
    "downstream systems", "the source, which may send the person again",
  ]
}

/// What a forgetting came to.
public struct ForgettingReceipt: Sendable {
  /// With the kept answer, if the idempotency key came with this request before.
  public let committed: Committed
  /// How many texts are zero now; `nil` if the answer is a kept one.
  public let textCount: Int?
}

extension Ledger {
  /// Erases a person from every file of the ledger.
  ///
  /// First the event that names the texts becomes durable, then torn tails and snapshots that hold
  /// them are deleted, the texts are zeroed in the log and synced, and that is recorded. If that
  /// cannot be finished, it throws; the next erasure finishes it first, and so does the next start.
  ///
  /// A name that is longer than any user's can have been mentioned: what imports kept of it is
  /// erased.
  ///
  /// - `idempotency`: The same key again is answered by the receipt of the first time, although
  ///   nobody knows any more whom that named; with the name of somebody who was still there after
  ///   it, the key is refused.
  /// - Throws: ``LedgerError/refused(_:at:)`` for someone unknown, or merged into another user.
  /// - Complexity: One scan of the log's frames with personal texts. Waits; other writes wait for
  ///   the last part of it.
  public func erase(
    _ name: UserName, by author: Author = .local, _ idempotency: Idempotency? = nil
  ) throws(LedgerError) -> ErasureReceipt {
    // Who may not be erased is refused when the command is sequenced, after whoever may not erase.
    let early = try MentionSearch(peopleToFind([name]), in: self)
    return try onWriter { writer, desk throws(LedgerError) in
      writer.standStill(&desk)
      try self.finishErasures(writer, &desk)
      let mentions = try early.completed(with: self.peopleToFind([name]), in: self)
      let committed = try writer.commit(
        Command(
          author: author, wish: .eraseUser(EraseUser(user: name, mentions: mentions)),
          idempotency: idempotency),
        &desk)
      var erasure = committed.position
      var earlier: [UserID] = []
      var kept: Receipt?
      switch committed.answer {
      case .erasedUser(let user, let named, let bearers):
        erasure = user.flatMap { desk.core.state.erasures.erasure(of: $0) } ?? erasure
        earlier = bearers
        if committed.isRecorded { try writer.finish(erasure, named, &desk) }
      case .repeated(let receipt, _): kept = receipt
      default: preconditionFailure("an erasure is answered as one")
      }
      let tree = desk.core.tree
      let recorded = try self.event(at: erasure).recorded
      guard case .userErased(let event) = recorded.event else {
        preconditionFailure("an erasure is an event of its own")
      }
      return ErasureReceipt(
        user: event.user, position: erasure, time: recorded.time, textCount: event.texts.count,
        treeSize: tree.size, root: tree.root, earlierBearers: earlier,
        isRepeated: !committed.isRecorded, kept: kept)
    }
  }

  /// Deletes users and erases them: `/users/delete` with `erase`.
  ///
  /// - Returns: The answer of the deletion, with the texts that are zero now.
  public func deleteAndErase(
    _ users: [UserName], by author: Author = .local, _ idempotency: Idempotency? = nil
  ) throws(LedgerError) -> Committed {
    let early = try MentionSearch(peopleToFind(users), in: self)
    return try onWriter { writer, desk throws(LedgerError) in
      writer.standStill(&desk)
      try self.finishErasures(writer, &desk)
      let mentions = try early.completed(with: self.peopleToFind(users), in: self)
      let committed = try writer.commit(
        Command(
          author: author, wish: .deleteUsers(users, erase: mentions), idempotency: idempotency),
        &desk)
      guard case .deletedUsers(let deleted, _) = committed.answer, committed.isRecorded else {
        return committed
      }
      for user in deleted {
        guard let erasure = desk.core.state.erasures.erasure(of: user.user) else { continue }
        try writer.finish(erasure, user.texts, &desk)
      }
      return committed
    }
  }

  /// Destroys the texts of unmatched identifiers that imports before `instant` brought.
  ///
  /// Counts and reasons stay.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)`` for an instant that is later than now.
  public func forgetUnmatched(
    before instant: Instant, by author: Author = .local, _ idempotency: Idempotency? = nil
  ) throws(LedgerError) -> ForgettingReceipt {
    let through = try reading { () throws(LogError) in
      try log.reader.position(at: Instant(microseconds: instant.microseconds - 1))
    }
    let names = try unmatchedTexts(through: through, zeroToo: false)
    return try onWriter { writer, desk throws(LedgerError) in
      writer.standStill(&desk)
      try self.finishErasures(writer, &desk)
      let committed = try writer.commit(
        Command(
          author: author, wish: .forgetUnmatched(before: instant, through: through),
          idempotency: idempotency),
        &desk)
      if committed.isRecorded { try writer.finish(committed.position, names, &desk) }
      if case .repeated = committed.answer {
        return ForgettingReceipt(committed: committed, textCount: nil)
      }
      return ForgettingReceipt(committed: committed, textCount: names.count)
    }
  }

  /// Finishes the erasures that a crash or a failure has interrupted.
  ///
  /// One that cannot be finished stays pending, and keeps none of the others from it.
  func finishErasures() {
    guard !disk.durable.core.state.erasures.pending.isEmpty else { return }
    _ = try? onWriter { writer, desk throws(LedgerError) in
      try self.finishErasures(writer, &desk)
    }
  }

  /// - Throws: Why the first of those that could not be finished could not.
  private func finishErasures(_ writer: Writer, _ desk: inout Desk) throws(LedgerError) {
    var failure: LedgerError?
    for erasure in desk.core.state.erasures.pending {
      do throws(LedgerError) {
        try writer.finish(erasure, try texts(of: erasure), &desk)
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// The texts that an erasing or forgetting event names, whatever is there now.
  func texts(of erasure: Position) throws(LedgerError) -> [TextName] {
    let decoded = try event(at: erasure)
    switch decoded.recorded.event {
    case .userErased(let event): return event.texts
    case .unmatchedForgotten(let event):
      return try unmatchedTexts(through: event.through, zeroToo: true)
    default: return []
    }
  }
}

extension Writer {
  /// Carries a command out alone and waits until it is durable.
  @discardableResult
  func commit(_ command: Command, _ desk: inout Desk) throws(LedgerError) -> Committed {
    let outcome = Monitor<Result<Committed, LedgerError>?>(nil)
    decide(Submission(command: command) { result in outcome.change { $0 = result } }, &desk)
    standStill(&desk)
    guard let result = outcome.wait(for: { $0 }) else { throw .shuttingDown }
    return try result.get()
  }

  /// Zeroes texts that a durable event names, and records that it is done.
  func finish(_ erasure: Position, _ texts: [TextName], _ desk: inout Desk) throws(LedgerError) {
    do { try disk.log.erase(texts, namedAt: erasure) } catch {
      // Nothing is decided any more on a log that nothing is written to.
      if disk.log.isStopped {
        exchange.change { $0.stopped = .writesStopped(error.description) }
      }
      throw LedgerError(writing: error)
    }
    try commit(Command(author: .local, wish: .finishErasure(erasure)), &desk)
  }
}

extension Ledger {
  /// Runs `body` on the writer's thread, between two groups, and waits for it.
  func onWriter<Value: Sendable>(
    _ body: @escaping @Sendable (Writer, inout Desk) throws(LedgerError) -> Value
  ) throws(LedgerError) -> Value {
    let outcome = Monitor<Result<Value, LedgerError>?>(nil)
    let refusal: LedgerError? = exchange.change { exchange in
      if let error = refuses(exchange) { return error }
      exchange.add { writer, desk in
        let result: Result<Value, LedgerError>
        do throws(LedgerError) {
          result = .success(try body(writer, &desk))
        } catch { result = .failure(error) }
        outcome.change { $0 = $0 ?? result }
      } or: { error in
        outcome.change { $0 = $0 ?? .failure(error) }
      }
      return nil
    }
    if let refusal { throw refusal }
    guard let result = outcome.wait(for: { $0 }) else { throw .shuttingDown }
    return try result.get()
  }
}
