import CohortFormat
package import CohortLog
package import CohortModel

/// How far a replica is behind its leader, as of what the leader last said.
package struct ReplicaStanding: Hashable, Sendable {
  package let leader: String
  /// The last event that is seen here.
  package let position: Position
  package let leaderPosition: Position
  /// When the leader last answered, by the clock of this machine.
  package let heard: Instant
  /// Events that the leader had acknowledged and that are not seen here.
  package let lagPositions: UInt64
  /// For so long, in microseconds, the leader may have gone on without it being seen here.
  package let lagMicroseconds: Int64
}

extension Ledger {
  /// Where this ledger stands as a replica.
  ///
  /// - Parameter wall: Now, by the clock of this machine.
  /// - Returns: `nil` if it is none.
  /// - Complexity: Reads one small file.
  package func replica(at wall: Instant) -> ReplicaStanding? {
    if case .writable = report.condition { return nil }
    guard let note = try? ReplicaNote.read(in: log.folder, on: log.disk) else { return nil }
    let (end, last) = (disk.durable.core.state.position, disk.durable.core.state.time)
    let behind = note.position > end ? note.position.rawValue - end.rawValue : 0
    let silence = max(0, wall.microseconds - note.heard.microseconds)
    // The leader's now and the time of the last frame are both of the leader's clock.
    let unseen = behind > 0 ? max(0, note.time.microseconds - last.microseconds) : 0
    return ReplicaStanding(
      leader: note.leader, position: end, leaderPosition: note.position, heard: note.heard,
      lagPositions: behind, lagMicroseconds: silence + unseen)
  }

  /// Throws if the folder is a replica: nobody writes to one but who follows.
  static func expectNoReplica(_ folder: StorageFolder, on disk: any Disk) throws(LogError) {
    if let note = try ReplicaNote.read(in: folder, on: disk) {
      throw .replica(folder: folder.path, leader: note.leader)
    }
  }
}

/// What a promotion has come to.
package struct Promotion: Hashable, Sendable {
  package let leader: String
  /// The last event of the leader that was here.
  package let position: Position
  /// Events that the leader had acknowledged beyond it, and that are given up.
  package let lost: UInt64
  /// When the leader was last heard: of what it has acknowledged since nobody knows here.
  package let heard: Instant
}

extension Ledger {
  /// Opens the ledger in a folder to write to it; a replica takes its leader's place first.
  ///
  ///     note 'stood' ── open, next generation ── restored │ ── note away
  ///                                                       ╰ durable: it is a ledger of its own
  ///
  /// Interrupted, it is still a replica whose promotion is not finished, and the next call goes on.
  /// That no two of one ledger are written to is for the operator to see to.
  ///
  /// - Parameters:
  ///   - path: The storage folder.
  ///   - acceptsLoss: Whether events may be given up that the leader had acknowledged.
  ///   - disk: Where the folder lies.
  ///   - clock: As for any ledger.
  ///   - random: As for any ledger.
  ///   - options: As for any ledger.
  /// - Returns: With what the promotion came to; `nil` for a folder that is no replica.
  /// - Throws: ``ReplicaError/lossNotAccepted(folder:leader:events:end:)``,
  ///   ``ReplicaError/nothingPulled(folder:)``, ``ReplicaError/log(_:)``, ``LedgerError``: it is
  ///   still a replica.
  package static func openToWrite(
    _ path: String, acceptsLoss: Bool, on disk: any Disk, clock: any Clock,
    random: any RandomSource, options: LedgerOptions = LedgerOptions()
  ) throws -> (ledger: Ledger, promotion: Promotion?) {
    let folder = StorageFolder(path)
    guard var note = try ReplicaNote.read(in: folder, on: disk) else {
      let ledger = try open(
        path, for: .create, on: disk, clock: clock, random: random, options: options)
      return (ledger, nil)
    }
    if note.stood == nil {
      // Cuts what is not whole, and zeroes what erasures name.
      var settling = ReplicaOptions()
      settling.log = options.log
      let replica = try Replica.open(
        folder, on: disk, clock: clock, random: random, options: settling)
      let position = replica.position
      try replica.close()
      note = replica.note
      if note.position > position, !acceptsLoss {
        throw ReplicaError.lossNotAccepted(
          folder: folder.path, leader: note.leader,
          events: note.position.rawValue - position.rawValue, end: position)
      }
      note.stood = position
      try note.write(in: folder, on: disk)
    }
    let stood = note.stood ?? .origin
    let ledger = try open(
      path, for: .write, on: disk, clock: clock, random: random, options: options,
      isPromotion: true)
    do {
      let lost = note.position > stood ? note.position.rawValue - stood.rawValue : 0
      let root = lost > 0 ? note.root : try ledger.now.treeHead(size: stood.rawValue)?.root
      try ledger.submit(
        Command(
          author: .local,
          wish: .noteRestoration(
            Restored(
              cut: stood, head: max(stood, note.position), root: root ?? MerkleHash.emptyRoot,
              acceptedLoss: lost > 0))))
      try ReplicaNote.remove(from: folder, on: disk)
      return (
        ledger,
        Promotion(leader: note.leader, position: stood, lost: lost, heard: note.heard)
      )
    } catch {
      try? ledger.close()
      throw error
    }
  }
}
