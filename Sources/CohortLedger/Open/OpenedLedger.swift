import CohortFormat
import CohortLog
import CohortModel

/// A ledger whose log has been read: what a start hands to the running ledger.
struct OpenedLedger {
  let log: Log
  let report: OpeningReport
  let core: Core
  let tiles: TileStore
  /// The first of the texts behind the newest snapshot that cannot be read, though nobody has
  /// erased them.
  let unreadTexts: [TextName]
  /// Where the log ended when the newest snapshot was taken.
  let snapshotEnd: UInt64

  init(
    _ folder: String, for access: Ledger.Access, on disk: any Disk, clock: any Clock,
    random: any RandomSource, options: LedgerOptions
  ) throws(LogError) {
    let opening = try LogOpening(
      folder, for: access.log, on: disk, clock: clock, random: random, options: options.log)
    let tiles = TileStore(
      in: opening.folder, of: opening.ledger, on: disk, isReadOnly: access == .read)
    let seed = random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    let snapshot = Self.newestSnapshot(opening, seed, tiles, options)
    if snapshot == nil { tiles.clear() }
    var replay = Replay(
      snapshot?.core ?? Core(hashSeed: seed, options.history), tiles, of: opening.ledger)
    (log, report) = try opening.recover(from: snapshot?.start) {
      frame, bytes throws(LogError) in try replay.take(frame, bytes)
    }
    unreadTexts = replay.unread.unexplained(
      hasAll: report.condition == .writable && !log.isReplica)
    core = try replay.finish(log.chain.root)
    self.tiles = tiles
    snapshotEnd = snapshot?.end ?? UInt64(FileHeader.size)
  }

  private static func newestSnapshot(
    _ opening: borrowing LogOpening, _ seed: UInt64, _ tiles: TileStore, _ options: LedgerOptions
  ) -> StateSnapshot? {
    let store = opening.snapshots
    var newest: StateSnapshot?
    _ = store.newest(content: StateSnapshot.content, where: { opening.stands($0) }) { snapshot in
      newest = StateSnapshot(snapshot, hashSeed: seed, tiles, options.history)
      return newest.map { _ in true }
    }
    return newest
  }

  /// Where the log goes on.
  func builder(_ random: any RandomSource) -> FrameBuilder {
    FrameBuilder(
      ledger: log.ledger, epoch: log.epoch, chain: log.chain, tree: core.tree.frontier,
      lastRequest: core.lastRequest, random: random)
  }
}

extension Ledger.Access {
  var log: LogAccess {
    switch self {
    case .create: .create
    case .write: .write
    case .read: .read
    }
  }
}
