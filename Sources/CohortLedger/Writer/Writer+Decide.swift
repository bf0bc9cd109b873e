import CohortFormat
import CohortLog
import CohortModel
import CohortThreads

extension Writer {
  /// Decides a command into the open group, which it opens if there is none.
  func decide(_ submission: Submission, _ desk: inout Desk) {
    do throws(LedgerError) {
      guard try open(&desk, for: submission.command.wish.purpose) else { return }
    } catch {
      submission.done(.failure(error))
      return
    }
    let mark = desk.builder.mark
    do throws(FrameFull) {
      let reply = try perform(submission, &desk)
      desk.submissions.append(submission)
      desk.group?.replies.append(reply)
    } catch {
      startOver(with: submission, mark, size: error.size, &desk)
    }
  }

  /// Opens a group: its time is fixed now, before anything is decided.
  ///
  /// - Returns: `false` if nobody waits any more: whoever's command was undecided has been told.
  @discardableResult
  private func open(
    _ desk: inout Desk, for purpose: SpacePurpose
  ) throws(LedgerError) -> Bool {
    guard desk.group == nil else { return true }
    if let stopped = exchange.look({ $0.stopped }) { throw stopped }
    let lead = time.lead
    guard lead <= TimeKeeper.leadMax else { throw .clockAhead(seconds: lead / 1_000_000) }
    guard try makeSpace(&desk, for: purpose) else { return false }
    let (time, rawClock) = time.begin()
    desk.group = Group(time: time, rawClock: rawClock, before: desk.base)
    let isFirst = isUnrecorded(&desk)
    desk.builder.begin(time: time, rawClock: rawClock, expectedSize: options.groupSize)
    guard isFirst else { return true }
    for tail in torn.tails {
      let note = Submission(command: Command(author: .local, wish: .noteRecovery(tail.event))) {
        _ in
      }
      // Not one of the group's submissions: a group that starts over begins with these anyway.
      if let reply = try? perform(note, &desk) { desk.group?.replies.append(reply) }
    }
    return true
  }

  /// Makes sure that there is room on the disk for a group, however long the disk takes.
  ///
  /// - Returns: `false` if everybody whose command was undecided has been told meanwhile that the
  ///   ledger is closed.
  private func makeSpace(
    _ desk: inout Desk, for purpose: SpacePurpose
  ) throws(LedgerError) -> Bool {
    // For the frame that may still be on its way, and the one that begins now.
    let room = purpose == .request ? 2 * options.groupSize : housekeepingRoom
    let end = desk.builder.chain.next + UInt64(room)
    if disk.log.hasSpace(through: end, for: purpose) { return true }
    let undecided = desk.undecided
    guard exchange.change({ $0.leave(undecided) }) else { throw .shuttingDown }
    var failure: LedgerError?
    do { try disk.log.ensureSpace(through: end, for: purpose) } catch {
      failure = LedgerError(writing: error)
    }
    guard exchange.change({ $0.takeBack() }) else {
      desk.undecided = []
      // A command of a job is not among them.
      if undecided.isEmpty { throw .shuttingDown }
      return false
    }
    if let failure { throw failure }
    return true
  }

  /// Whether what the start has cut off is not recorded yet: no event is behind that place.
  func isUnrecorded(_ desk: inout Desk) -> Bool {
    !torn.tails.isEmpty && desk.builder.chain.position == torn.start
  }

  /// Records what the start has cut off, and waits until that is durable.
  ///
  /// - Throws: What keeps it from being written, as a full disk. The next group will begin with it,
  ///   and without one it is tried again whenever the writer is idle.
  func recordRecoveries(_ desk: inout Desk) throws(LedgerError) {
    guard isUnrecorded(&desk) else { return }
    try open(&desk, for: .housekeeping)
    standStill(&desk)
  }

  /// What an erasure or a mark takes at most, in bytes, as a rule.
  private var housekeepingRoom: Int { min(256 << 10, 2 * options.groupSize) }

  /// Decides one command and encodes what it records.
  ///
  /// - Throws: ``FrameFull`` when its events do not fit into the frame; the desk has moved on then.
  private func perform(_ submission: Submission, _ desk: inout Desk) throws(FrameFull) -> Reply {
    guard let time = desk.group?.time else { preconditionFailure("a group was opened") }
    desk.draft.begin(at: time)
    let answer: Answer
    do throws(Refusal) {
      answer = try desk.core.state.perform(submission.command, into: &desk.draft)
    } catch {
      return Reply(done: submission.done, outcome: .failure(.refused(error, at: .origin)))
    }
    guard let last = desk.draft.events.indices.last else {
      return Reply(done: submission.done, outcome: .success((answer, nil)))
    }
    let first = desk.builder.nextPosition
    let (drafted, key, receipt) = (desk.draft.events, desk.draft.key, desk.draft.receipt)
    // An element of a span is looked at where it lies; one of an array would be copied.
    let events = drafted.span
    for index in events.indices {
      try desk.builder.append(
        events[index], key: key, receipt: index == last ? receipt : nil,
        endsRequest: index == last)
    }
    desk.core.follow(desk.draft, from: first)
    return Reply(
      done: submission.done, outcome: .success((answer, desk.core.state.position)))
  }

  /// A command's events did not fit: forgets them with the whole group, decides those before it
  /// again, to the same effect, hands them over, and gives the command a frame of its own.
  private func startOver(
    with submission: Submission, _ mark: FrameBuilder.Mark, size: Int, _ desk: inout Desk
  ) {
    guard let group = desk.group else { return }
    let others = desk.submissions
    time.end(group.time, isDurable: false)
    desk.goBack(to: group.before)
    guard !others.isEmpty else {
      answer(submission, .tooLarge(bytes: size), &desk)
      return
    }
    let isOfJob = desk.undecided.isEmpty
    desk.undecided = others[...] + desk.undecided
    for _ in others {
      guard let other = desk.undecided.first else {
        if isOfJob { submission.done(.failure(.shuttingDown)) }
        return
      }
      decide(other, &desk)
      desk.undecided = desk.undecided.dropFirst()
    }
    standStill(&desk)
    decide(submission, &desk)
  }

  /// Answers with an error that waits, like any answer, for what it was decided on.
  private func answer(_ submission: Submission, _ error: LedgerError, _ desk: inout Desk) {
    do throws(LedgerError) {
      guard try open(&desk, for: .request) else { return }
      desk.group?.replies.append(Reply(done: submission.done, outcome: .failure(error)))
    } catch { submission.done(.failure(error)) }
  }

  /// Hands the group to the disk worker, which must be free.
  func handOver(_ desk: inout Desk) {
    if let group = closeGroup(&desk) { disk.hand(group) }
  }

  /// Writes the group, while the disk worker is free, and answers.
  func writeHere(_ desk: inout Desk) {
    if let group = closeGroup(&desk) { disk.writeHere(group) }
  }

  /// Takes the group from the desk, encoded as a frame if it recorded anything.
  private func closeGroup(_ desk: inout Desk) -> Group? {
    guard var group = desk.group else { return nil }
    desk.group = nil
    desk.submissions.removeAll(keepingCapacity: true)
    if desk.builder.eventCount > 0 {
      let frame = desk.builder.finish()
      desk.core.tree.append(frame.growth)
      desk.core.epoch = frame.header.epoch
      group.frame = frame
      desk.base = Durable(core: desk.core, builder: desk.builder)
      group.durable = desk.base
    } else {
      desk.builder.abandon()
    }
    return group
  }

  /// Hands over a group that is full, as soon as the disk is free, and does not wait for it.
  func makeRoom(_ desk: inout Desk) {
    if let failure = waitForDisk() { rollBack(&desk, failure) }
    handOver(&desk)
  }

  /// Waits until what was handed over is settled, or nobody is to wait for it any more.
  ///
  /// - Returns: Why the open group fails; `nil` if it does not.
  private func waitForDisk() -> LedgerError? {
    let failure = exchange.wait { exchange -> LedgerError?? in
      if exchange.isAbandoned { return .some(.shuttingDown) }
      return exchange.diskIsIdle ? .some(exchange.failure.take()) : nil
    }
    return failure ?? nil
  }

  /// Hands over what is open and waits until everything is settled.
  func standStill(_ desk: inout Desk) {
    while true {
      if let failure = waitForDisk() { rollBack(&desk, failure) }
      guard desk.group != nil else { return }
      handOver(&desk)
    }
  }

  /// A group failed, so the open one, decided on top of it, fails too.
  func rollBack(_ desk: inout Desk, _ failure: LedgerError) {
    if let group = desk.group {
      time.end(group.time, isDurable: false)
      for reply in group.replies { reply.fail(failure) }
    }
    desk.goBack(to: disk.durable)
  }

  /// Gives the last frame its seal, if it has none.
  func seal(_ desk: inout Desk) {
    standStill(&desk)
    // A seal would hide from the next start that the copy of a torn tail is not recorded.
    try? recordRecoveries(&desk)
    guard !isUnrecorded(&desk), !desk.builder.chain.isSealed, desk.builder.chain.last != nil,
      exchange.look({ $0.stopped }) == nil
    else { return }
    let (time, rawClock) = time.begin()
    var group = Group(time: time, rawClock: rawClock, before: desk.base)
    group.frame = desk.builder.seal(time: time, rawClock: rawClock)
    desk.base = Durable(core: desk.core, builder: desk.builder)
    group.durable = desk.base
    disk.hand(group)
    standStill(&desk)
  }
}

extension Wish {
  /// What must succeed on a full disk may use the ballast.
  fileprivate var purpose: SpacePurpose {
    switch self {
    case .eraseUser, .finishErasure, .forgetUnmatched, .deleteUsers(_, .some), .noteRecovery:
      .housekeeping
    default: .request
    }
  }
}
