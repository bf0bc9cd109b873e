import CohortFormat
import CohortLog
import CohortModel

/// The frames that a restore writes behind the cut: that it was restored, what is carried forward,
/// that the erasures are finished, and a seal.
struct Continuation {
  private var state: LedgerState
  private var builder: FrameBuilder
  private var frames: [EncodedFrame] = []
  private var time: Instant
  private var erased: [TextName] = []

  static func write(
    behind cut: Position, _ aftermath: Aftermath, acceptedLoss: Bool, to part: LogFile,
    of ledger: LedgerID, _ clock: any Clock, _ random: any RandomSource
  ) throws -> RestoreReport {
    var audit = Audit(part, of: ledger, isReplica: false)
    while try audit.step() {}
    if let finding = audit.findings.first { throw KeepingError.sourceDamaged(finding) }
    guard let tree = audit.tree, let state = audit.state else { throw LogError.stopped }
    let epoch = Epoch(generation: aftermath.generation + 1, random: random)
    var continuation = Continuation(
      state: state,
      builder: FrameBuilder(
        ledger: ledger, epoch: epoch, chain: audit.chain, tree: tree,
        lastRequest: state.requestCount, random: random),
      time: Instant(microseconds: max(clock.wall, aftermath.lastTime.microseconds + 1)))
    continuation.begin(clock)
    let head = max(aftermath.head.size, cut.rawValue)
    continuation.record(
      .restored(
        Restored(
          cut: cut, head: Position(head), root: aftermath.head.root, acceptedLoss: acceptedLoss)),
      clock)
    let erasures = aftermath.erasures.count(where: { continuation.carry($0, within: cut, clock) })
    let forgotten = aftermath.forgottenThrough.map { min($0.through, cut) } ?? .origin
    if forgotten > .origin, let before = aftermath.forgottenThrough?.before {
      continuation.record(
        .unmatchedForgotten(UnmatchedForgotten(before: before, through: forgotten)), clock)
    }
    let keys = aftermath.invalidatedKeys.sorted().filter {
      state.keys.contains($0) && state.keys[$0].invalidatedAt == nil
    }
    for key in keys { continuation.record(.keyInvalidated(key), clock) }
    let partners = aftermath.disabledPartners.sorted().filter {
      Int($0.rawValue) <= state.partners.records.count
        && state.partners[$0].isEnabled.latest == true
    }
    for partner in partners { continuation.record(.partnerDisabled(partner), clock) }
    for erasure in continuation.state.erasures.pending {
      continuation.record(.erasureFinished(ErasureFinished(erasure: erasure)), clock)
    }

    var texts = audit.texts
    texts.name(continuation.erased, forgottenThrough: forgotten)
    try part.zeroNamed(texts, of: ledger)
    let (root, size) = try continuation.finish(clock, to: part)
    return RestoreReport(
      cut: cut, known: Position(head), head: TreeHead(size: size, root: root),
      carriedErasures: erasures, carriedInvalidations: keys.count,
      carriedDisablings: partners.count, acceptedLoss: acceptedLoss, findings: [])
  }

  private init(state: LedgerState, builder: FrameBuilder, time: Instant) {
    self.state = state
    self.builder = builder
    self.time = time
  }

  private mutating func begin(_ clock: any Clock) {
    builder.begin(time: time, rawClock: Instant(microseconds: clock.wall))
  }

  /// Adds an event as a request of its own, by the local operator.
  private mutating func record(_ event: Event, _ clock: any Clock) {
    if (try? builder.append(event, key: KeyID(0), endsRequest: true)) == nil {
      endFrame()
      begin(clock)
      let fits = (try? builder.append(event, key: KeyID(0), endsRequest: true)) != nil
      precondition(fits, "An event that was in a frame before fits into one of its own.")
    }
    let position = state.position.advanced(by: 1)
    state.apply(
      Recorded(position: position, time: time, key: KeyID(0), request: position, event: event))
  }

  private mutating func endFrame() {
    frames.append(builder.finish())
    time = Instant(microseconds: time.microseconds + 1)
  }

  private mutating func finish(
    _ clock: any Clock, to part: LogFile
  ) throws(LogError) -> (root: Digest, size: UInt64) {
    endFrame()
    frames.append(builder.seal(time: time, rawClock: Instant(microseconds: clock.wall)))
    for frame in frames { try part.write(frame.bytes, at: frame.fileOffset) }
    return (builder.chain.root, builder.chain.position.rawValue)
  }
}

extension Continuation {
  /// Erases again whom an erasure behind the cut has erased, as far as the cut knows them: the
  /// user, everyone whose identifiers it names (they were merged later), and the mentions.
  ///
  /// - Returns: Whether there was anything of it.
  private mutating func carry(
    _ erasure: UserErased, within cut: Position, _ clock: any Clock
  ) -> Bool {
    let identifiers = erasure.identifiers.filter { state.directory.contains($0) }
    var users = Set(identifiers.compactMap { state.directory.bearings(of: $0).last?.user })
    if let user = erasure.user, state.directory.contains(user) { users.insert(user) }
    var mentions = Set(erasure.texts.filter { $0.position <= cut })
    var hasAny = false
    for user in users.sorted() {
      if case .active = state.directory.status(of: user) {
        record(.userDeleted(deletion(of: user)), clock)
      }
      let ever = state.everIdentifier(of: user)
      let texts = Set(ever.map(state.textName)).union(mentions)
      mentions = []
      guard state.erasures.erasure(of: user) == nil || !texts.isEmpty else { continue }
      record(
        .userErased(UserErased(user: user, identifiers: ever, texts: texts.sorted())), clock)
      erased += texts
      hasAny = true
    }
    if !mentions.isEmpty {
      record(
        .userErased(UserErased(user: nil, identifiers: [], texts: mentions.sorted())), clock)
      erased += mentions
      hasAny = true
    }
    return hasAny
  }

  private func deletion(of user: UserID) -> UserDeleted {
    let persons = [user] + state.directory.mergedUsers(into: user)
    let freed = persons.flatMap { state.directory.identifiers(of: $0).map(\.identifier) }
    return UserDeleted(
      user: user, cohortsLeft: state.memberships.cohorts(of: user), freed: freed.sorted())
  }
}
