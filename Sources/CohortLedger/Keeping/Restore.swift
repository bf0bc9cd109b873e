import CohortFormat
package import CohortLog
public import CohortModel

/// What to restore, and at what price.
public struct RestoreOptions: Sendable {
  /// The last moment to keep; `nil`: everything.
  public var cut: Moment?
  /// A newer log of the same ledger: a folder or a file.
  ///
  /// What it knows of erasures and revocations behind the cut is carried forward.
  public var newer: String?
  /// The ledger in the target is to be replaced.
  ///
  /// It is read for erasures and revocations first.
  public var replaces = false
  /// Go on if erasures and revocations behind the cut cannot be read.
  public var acceptsLosses = false

  public init() {}
}

/// What a restore has made.
public struct RestoreReport: Sendable {
  /// The last position that was kept.
  public let cut: Position
  /// The last position that any log read is known to have had.
  public let known: Position
  /// Of the new log, with everything carried forward.
  public let head: TreeHead
  public let carriedErasures: Int
  public let carriedInvalidations: Int
  public let carriedDisablings: Int
  public let acceptedLoss: Bool
  /// Texts that were damaged in the source, and are so in the new log.
  public let findings: [Finding]
}

extension Ledger {
  /// Makes a ledger out of a prefix of a log: of a backup, of another storage folder, or of itself.
  ///
  ///     source    ├── kept ──┤ cut          erasures, revocations ─╮
  ///     new log   ├── kept ──┤ restored │ those, carried forward │ seal
  ///
  /// The new log is written beside the old one and takes its name when it is whole, checked and
  /// durable. Interrupted at any moment, there is the old ledger or the new one.
  ///
  /// Positions, leaves and roots up to the cut stay. Behind it stands a `restored` event of a new
  /// generation, so that a checkpoint behind the cut is noticed.
  ///
  /// - Parameters:
  ///   - source: A folder or a file.
  ///   - folder: Empty or not there, unless it is to be replaced.
  ///   - options: Where to cut, and what may be replaced or lost.
  /// - Returns: Where it was cut, and what was carried forward.
  /// - Throws: ``KeepingError``: the target is as it was.
  /// - Complexity: Three passes over what is kept; the memory of a state.
  public static func restore(
    from source: String, to folder: String, _ options: RestoreOptions = RestoreOptions()
  ) throws(KeepingError) -> RestoreReport {
    try restore(
      from: source, to: folder, options, on: PosixDisk(), clock: SystemClock(),
      random: SystemRandomSource())
  }

  package static func restore(
    from source: String, to folder: String, _ options: RestoreOptions = RestoreOptions(),
    on disk: any Disk, clock: any Clock, random: any RandomSource
  ) throws(KeepingError) -> RestoreReport {
    do {
      let file = try LogFile(at: source, on: disk)
      let header = try file.header()
      if let note = BackupNote.read(in: StorageFolder(source), on: disk), try file.size < note.size
      {
        throw KeepingError.backupCutShort(end: try file.size, noted: note.size)
      }
      let target = StorageFolder(folder)
      try expectNoReplica(target, on: disk)
      try target.prepare(isReplaced: options.replaces, on: disk)
      var old: LogFile?
      if try disk.identity(at: target.log) != nil {
        let file = try LogFile(target.log, .readAndWrite, on: disk)
        try file.lock(in: target)
        old = file
      }
      let part = try LogFile(target.newLog, .create, on: disk)
      try part.lock(in: target)
      try part.truncate(to: 0)
      try part.write(header.bytes, at: 0)

      var aftermath = Aftermath()
      let cut = try keep(file, options.cut, in: part, &aftermath, of: header.ledger)
      if let old { try aftermath.read(old, behind: cut, of: header.ledger) }
      if let newer = options.newer {
        let file = try LogFile(at: newer, on: disk)
        try aftermath.read(file, behind: cut, of: header.ledger)
      }
      let isLoss = !aftermath.isComplete(behind: cut)
      if isLoss, !options.acceptsLosses { throw KeepingError.lossNotAccepted(cut: cut) }

      var report = try Continuation.write(
        behind: cut, aftermath, acceptedLoss: isLoss, to: part, of: header.ledger, clock, random)
      try part.sync()
      report = try report.checked(part, of: header.ledger)
      try target.deleteCaches(on: disk)
      try disk.rename(target.newLog, to: target.log)
      try disk.syncDirectory(target.path)
      try? old?.close()
      try part.close()
      return report
    } catch { throw KeepingError(error) }
  }

  /// Copies the frames up to the cut, and notes what stands behind it.
  ///
  /// - Returns: The last position kept.
  private static func keep(
    _ source: LogFile, _ moment: Moment?, in part: LogFile, _ aftermath: inout Aftermath,
    of ledger: LedgerID
  ) throws -> Position {
    var tree = MerkleFrontier()
    var cut: Position?
    var walk = LogWalk(source, of: ledger)
    while true {
      let step = try walk.next { frame, bytes throws(LogError) in
        aftermath.note(frame.header, root: frame.root(in: bytes))
        if cut == nil {
          switch moment?.place(in: frame.header, behind: tree.size) {
          case nil, .whole?:
            let range = frame.start..<frame.end
            try part.write(bytes.array(range), at: frame.header.fileOffset)
            try tree.append(frame, in: bytes)
            guard tree.root == frame.root(in: bytes) else {
              throw .damaged(
                Damage(
                  offset: frame.header.fileOffset, after: Position(tree.size), timeAfter: nil,
                  next: nil, fault: .leaves(at: frame.header.fileOffset)))
            }
          case .behind?: cut = Position(tree.size)
          case .cut(let position)?:
            let shorter: EncodedFrame
            do throws(EventFault) {
              shorter = try frame.prefix(through: position, in: bytes, tree: tree, ledger: ledger)
            } catch { throw .event(error) }
            try part.write(shorter.bytes, at: shorter.fileOffset)
            tree.append(contentsOf: shorter.leaves)
            cut = position
          }
          aftermath.roots = [tree.size: tree.root]
        }
        if let cut {
          aftermath.roots[frame.header.treeSize] = frame.root(in: bytes)
          try aftermath.take(frame, bytes, behind: cut, of: ledger)
          aftermath.isTold = aftermath.isTold || frame.header.lastPosition > cut
        }
      }
      switch step {
      case .frame: continue
      case .damage(let damage):
        guard cut != nil else { throw LogError.damaged(damage) }
        aftermath.isTold = true
      case .end:
        if case .position(let wanted)? = moment, cut == nil, wanted > Position(tree.size) {
          throw KeepingError.beyondEnd(wanted, end: Position(tree.size))
        }
        return cut ?? Position(tree.size)
      }
    }
  }
}

extension Moment {
  fileprivate enum Place {
    case whole, behind
    case cut(Position)
  }

  /// Where a frame stands to the last moment to keep.
  fileprivate func place(in header: FrameHeader, behind size: UInt64) -> Place {
    switch self {
    case .instant(let instant): return header.time <= instant ? .whole : .behind
    case .position(let position):
      if header.kind == .seal { return size <= position.rawValue ? .whole : .behind }
      if header.lastPosition <= position { return .whole }
      return header.firstPosition <= position ? .cut(position) : .behind
    }
  }
}

extension StorageFolder {
  /// Deletes what was made from the log that stands here; an interrupted restore leaves the old log
  /// without its caches, and that makes them anew.
  fileprivate func deleteCaches(on disk: any Disk) throws(DiskError) {
    for name in try disk.list(path)
    where name.hasPrefix("snapshot-") || name.hasPrefix("torn-") || name.hasPrefix("tiles")
      || name == BackupNote.name
    {
      try disk.unlink(file(name))
    }
  }
}

extension RestoreReport {
  /// Reads everything that was written, once more.
  fileprivate func checked(_ part: LogFile, of ledger: LedgerID) throws -> RestoreReport {
    var audit = Audit(part, of: ledger, isReplica: false)
    while try audit.step() {}
    let report = audit.report()
    for finding in report.findings {
      switch finding.kind {
      case .textDamaged, .textLost: continue
      default: throw KeepingError.sourceDamaged(finding)
      }
    }
    return RestoreReport(
      cut: cut, known: known, head: report.head ?? head, carriedErasures: carriedErasures,
      carriedInvalidations: carriedInvalidations, carriedDisablings: carriedDisablings,
      acceptedLoss: acceptedLoss, findings: report.findings)
  }
}
