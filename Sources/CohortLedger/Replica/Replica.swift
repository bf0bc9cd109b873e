package import CohortFormat
package import CohortLog
package import CohortModel

/// A copy of a ledger that lives elsewhere, kept up with it: the work of `cohort follow`.
///
///     leader ── bytes ──▶ verify ── proof to the leader's tree head ──▶ append, sync ─▶ zero texts
///
/// Invariants:
/// - What stands in the log here stands in the leader's at the same place, but for texts: those are
///   zero here as soon as the event that names them is here, and perhaps before.
/// - Nothing is appended that is not proven to begin the tree whose head the leader has named.
/// - The note tells of what the leader has acknowledged before the bytes of it are pulled.
///
/// Killed at any moment it goes on where it stood. For one thread.
package final class Replica {
  package let folder: StorageFolder
  let disk: any Disk
  let clock: any Clock
  let log: Log
  var note: ReplicaNote
  /// Of all events here.
  var tree: MerkleIndex
  var texts: CopiedTexts
  private let options: ReplicaOptions
  /// What was pulled and is not appended yet; begins where the log ends.
  private var buffer: [UInt8] = []
  /// How much is asked for at once.
  private var partSize: Int
  /// Whether what is here is known to begin the leader's tree, since the last doubt.
  private var isAgreed = false
  /// Faults one behind the other, without a frame in between.
  private var faults = 0
  private var outdated = 0
  private var notedAt = Instant(microseconds: 0)
  /// Texts that the leader has lost: zero there, and no erasure says so.
  package private(set) var lost: [TextName] = []

  init(
    _ opened: consuming OpenedCopy, in folder: StorageFolder, on disk: any Disk,
    clock: any Clock, _ options: ReplicaOptions
  ) {
    (self.folder, self.disk, self.clock, self.options) = (folder, disk, clock, options)
    (log, note, tree, texts) = (opened.log, opened.note, opened.tree, opened.texts)
    partSize = options.partSize
  }

  package var leader: String { note.leader }
  package var ledger: LedgerID { log.ledger }
  /// The last event that is here.
  package var position: Position { log.chain.position }
  package var head: TreeHead { TreeHead(size: tree.size, root: tree.root) }
  /// Where the log ends here, in bytes.
  package var bytes: UInt64 { log.chain.end }
  /// Whether a seal is the last that is here, so that nothing is missing before the next write.
  package var isSealed: Bool { log.chain.isSealed }
  /// The last event that the leader has told of.
  package var leaderPosition: Position { note.position }

  /// Asks the leader where it stands, and pulls what is missing up to there.
  ///
  /// - Parameters:
  ///   - source: The leader.
  ///   - isWanted: Asked before each request; when nobody wants more, this ends early.
  ///   - progress: Called behind each part that has become durable here.
  /// - Returns: Whether anything was pulled.
  /// - Throws: ``ReplicaError``; what was pulled before stays, and if ``ReplicaError/isPassing``
  ///   the next round may go on.
  @discardableResult
  package func round(
    from source: some LogSource, while isWanted: () -> Bool = { true }, progress: () -> Void = {}
  ) throws(ReplicaError) -> Bool {
    let head = try asking { () throws(SourceFailure) in try source.head(held: position) }
    guard head.ledger == ledger else {
      throw .otherLedger(note.leader, is: head.ledger, not: ledger)
    }
    try compare(head, source)
    try hear(head)
    // The leader has named this head after their bytes were pulled.
    let suspects = texts.gaps
    var hasPulled = false
    while isWanted(), try pull(through: head, source) {
      hasPulled = true
      progress()
    }
    if tree.size == head.tree.size {
      try judge(suspects.filter { texts.gaps[$0.key] != nil }, source)
    }
    try keepNote(isDue: hasPulled && tree.size == head.tree.size)
    return hasPulled
  }

  /// Gives the log back.
  package func close() throws(ReplicaError) {
    do throws(LogError) {
      note.durable = bytes
      try note.write(in: folder, on: disk)
      try log.close()
    } catch { throw .log(error) }
  }

  // MARK: The leader's word

  /// Makes sure that the leader's tree begins with the one here.
  private func compare(_ leader: LeaderHead, _ source: some LogSource) throws(ReplicaError) {
    if leader.tree.size < tree.size {
      guard try root(at: leader.tree.size) == leader.tree.root else {
        throw try disagreement(leader, source)
      }
      isAgreed = false
      outdated += 1
      if outdated < options.patience {
        throw .outOfDate(leader.position, known: position)
      }
      throw .setBack(note.leader, end: leader.position, known: position)
    }
    outdated = 0
    if tree.size == 0 || leader.tree == head { return isAgreed = true }
    // What is longer shows with every part that is pulled whether it is still the same leader.
    if isAgreed, leader.tree.size > tree.size { return }
    try agree(head, leader, source)
    isAgreed = true
  }

  /// - Throws: What is known of the difference if `earlier`, of this log, does not begin the
  ///   leader's.
  private func agree(
    _ earlier: TreeHead, _ leader: LeaderHead, _ source: some LogSource
  ) throws(ReplicaError) {
    if earlier.size < leader.tree.size {
      let proof = try asking { () throws(SourceFailure) in
        try source.proof(from: earlier.size, to: leader.tree.size)
      }
      if proof.proves(earlier, begins: leader.tree) { return }
    }
    throw try disagreement(leader, source)
  }

  /// Finds where the leader's log is another than this one.
  ///
  /// Something does not fit: it is asked for again, a few times.
  private func disagreement(
    _ leader: LeaderHead, _ source: some LogSource
  ) throws(ReplicaError) -> ReplicaError {
    isAgreed = false
    if let first = try firstDifference(source) {
      return .otherHistory(note.leader, first: first)
    }
    return try doubt(.otherTree(leader.tree), source)
  }

  /// A single wrong answer must not name a wrong position, so what was found is asked for again.
  private func firstDifference(_ source: some LogSource) throws(ReplicaError) -> Position? {
    func theirs(_ size: UInt64) throws(ReplicaError) -> Digest {
      try asking { () throws(SourceFailure) in try source.root(at: size) }
    }
    let head = try asking { () throws(SourceFailure) in try source.head(held: position) }
    let found = try TreeComparison.firstDifference(
      upTo: min(tree.size, head.tree.size),
      { size throws(ReplicaError) in try self.root(at: size) }, theirs)
    guard let found else { return nil }
    for size in [found.rawValue - 1, found.rawValue, found.rawValue - 1, found.rawValue] {
      let isSame = try theirs(size) == root(at: size)
      guard isSame == (size < found.rawValue) else { return nil }
    }
    return found
  }

  private func root(at size: UInt64) throws(ReplicaError) -> Digest {
    do {
      let frontier = try tree.frontier(at: size) { (range) throws(LogError) in
        try log.reader.leaves(range)
      }
      return frontier?.root ?? MerkleHash.emptyRoot
    } catch { throw .log(error) }
  }

  /// Something did not fit: it is asked for again, a few times.
  private func doubt(
    _ fault: CopyFault, _ source: some LogSource
  ) throws(ReplicaError) -> ReplicaError {
    buffer = []
    isAgreed = false
    faults += 1
    guard faults >= options.patience else { return .unfit(fault, at: bytes) }
    if let first = try firstDifference(source) {
      return .otherHistory(note.leader, first: first)
    }
    return .unusable(fault, at: bytes, after: position)
  }

  private func asking<Value>(
    _ body: () throws(SourceFailure) -> Value
  ) throws(ReplicaError) -> Value {
    do { return try body() } catch { throw .source(error) }
  }

  // MARK: Pulling

  /// Pulls and appends frames, at least one.
  ///
  /// - Returns: `false` if there is none more up to that head.
  private func pull(
    through leader: LeaderHead, _ source: some LogSource
  ) throws(ReplicaError) -> Bool {
    guard let part = try nextPart(through: leader, source) else { return false }
    if part.tree.size > tree.size {
      // Before it stands here: what was pulled is a part of what the leader has promised.
      let isProven: Bool
      if part.head.size == leader.tree.size {
        isProven = part.head == leader.tree
      } else {
        isProven = try asking { () throws(SourceFailure) in
          try source.proof(from: part.head.size, to: leader.tree.size)
        }.proves(part.head, begins: leader.tree)
      }
      guard isProven else { throw try doubt(.otherTree(leader.tree), source) }
    }
    do throws(LogError) {
      try log.append(copies: Array(buffer[part.range]), of: part.frames)
    } catch { throw .log(error) }
    buffer.removeFirst(part.range.upperBound)
    tree.append(contentsOf: part.leaves)
    texts.take(part.texts)
    faults = 0
    try eraseWhatIsNamed()
    try keepNote(isDue: false)
    return true
  }

  /// - Returns: `nil` if the leader's log has no frame more that belongs to that head.
  private func nextPart(
    through leader: LeaderHead, _ source: some LogSource
  ) throws(ReplicaError) -> CopiedPart? {
    var wanted = bytes + UInt64(options.partSize)
    while true {
      try fetch(through: min(wanted, leader.logBytes), source)
      let part: CopiedPart
      do throws(CopyFault) {
        part = try CopiedPart(
          buffer.span, behind: log.chain, tree: tree.frontier, texts: texts,
          treeMax: leader.tree.size, bytesMax: options.partSize, of: ledger)
      } catch { throw try doubt(error, source) }
      if !part.frames.isEmpty { return part }
      guard let needed = part.needed, bytes < leader.logBytes else {
        if tree.size == leader.tree.size { return nil }
        throw try doubt(.missing(at: bytes), source)
      }
      let known = bytes + UInt64(buffer.count)
      guard needed <= leader.logBytes, known < needed else {
        throw try doubt(.missing(at: known), source)
      }
      wanted = needed
    }
  }

  /// Has the leader's bytes in memory up to `end`, or some of them.
  private func fetch(through end: UInt64, _ source: some LogSource) throws(ReplicaError) {
    let known = bytes + UInt64(buffer.count)
    guard known < end else { return }
    let part = known..<min(end, known + UInt64(partSize))
    let more: [UInt8]
    do throws(SourceFailure) { more = try source.bytes(in: part, held: position) } catch {
      // On a slow way, less may come in time.
      partSize = max(min(partSize, Self.partSizeMin), partSize / 2)
      throw .source(error)
    }
    partSize = min(options.partSize, partSize + partSize / 8)
    guard !more.isEmpty, more.count <= part.count else {
      throw try doubt(.missing(at: known), source)
    }
    buffer += more
  }

  private static let partSizeMin = 64 << 10

  // MARK: Texts

  /// Looks again at texts that came as zeros and that no erasure has explained, although everything
  /// is here up to a head that the leader has named later.
  ///
  /// What is there now was cut off or mistaken on its way, and is put in its place. What is still
  /// zero is lost at the leader: that is told, once.
  private func judge(
    _ gaps: [TextName: CopiedTexts.Gap], _ source: some LogSource
  ) throws(ReplicaError) {
    for (name, gap) in gaps.sorted(by: { $0.key < $1.key }) {
      let range = gap.offset..<gap.offset + UInt64(gap.size)
      let found = try asking { () throws(SourceFailure) in
        try source.bytes(in: range, held: position)
      }
      guard found.count == gap.size else { throw .unfit(.missing(at: gap.offset), at: gap.offset) }
      if found.contains(where: { $0 != 0 }) {
        guard try opens(name, with: found, at: gap.offset) else {
          throw try doubt(.text(name), source)
        }
        do throws(LogError) { try log.mend(found, at: gap.offset) } catch { throw .log(error) }
      } else {
        lost.append(name)
      }
      texts.close(name)
    }
  }

  /// Whether these bytes are the text that the event has committed itself to.
  private func opens(
    _ name: TextName, with text: [UInt8], at offset: UInt64
  ) throws(ReplicaError) -> Bool {
    do {
      let frame = try log.reader.frame(containing: name.position)
      var bytes = frame.bytes
      let start = frame.extent.start + Int(offset - frame.header.fileOffset)
      bytes.replaceSubrange(start..<start + text.count, with: text)
      let entries = try frame.extent.texts(
        in: bytes.span, ledger: ledger, checkingCommitments: true)
      return entries.contains { $0.name == name && $0.state == .intact }
    } catch { throw ReplicaError(error) }
  }

  // MARK: The note

  /// Takes note of what the leader says, durably if it says more than before.
  private func hear(_ leader: LeaderHead) throws(ReplicaError) {
    let isNews = leader.position > note.position
    note.heard = Instant(microseconds: clock.wall)
    (note.position, note.root, note.time) = (leader.position, leader.tree.root, leader.time)
    try keepNote(isDue: isNews)
  }

  /// Writes the note if it must be, or has not been for a while.
  func keepNote(isDue: Bool) throws(ReplicaError) {
    let now = Instant(microseconds: clock.wall)
    let age = now.microseconds - notedAt.microseconds
    guard isDue || age >= options.noteMicroseconds || age < 0 else { return }
    note.durable = bytes
    do throws(LogError) { try note.write(in: folder, on: disk) } catch { throw .log(error) }
    notedAt = now
  }
}

/// How a replica pulls.
///
/// The defaults are for servers; tests make everything small.
package struct ReplicaOptions: Sendable {
  /// About how many bytes are pulled and synced at once.
  package var partSize = 4 << 20
  /// How often something that does not fit is asked for before it is taken for what the leader has.
  package var patience = 5
  /// How old the note may become while nothing happens.
  package var noteMicroseconds: Int64 = 2_000_000
  package var log = LogOptions()

  package init() {}
}
