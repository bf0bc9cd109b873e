package import CohortFormat
package import CohortModel
import Synchronization

/// The snapshots in a storage folder: caches of the state, each behind one frame of the log.
///
/// - A snapshot is used only if its anchor stands in the log; anything else is as if it were not
///   there, and is deleted when a newer one is durable.
/// - The log is never changed to fit a snapshot. But a sound snapshot of this ledger that has seen
///   more events than the log has is evidence of a loss: ``largestAnchor``.
/// - Snapshots hold personal text. ``forget(before:)`` deletes those from before an erasure, and
///   lets none that was begun before it come into being afterwards.
package final class SnapshotStore: Sendable {
  let folder: StorageFolder
  let disk: any Disk
  private let ledger: LedgerID
  /// No snapshot from before this position may exist.
  ///
  /// Held while names change.
  private let oldestAllowed = Mutex(Position.origin)

  package init(in folder: StorageFolder, of ledger: LedgerID, on disk: any Disk) {
    self.folder = folder
    self.ledger = ledger
    self.disk = disk
  }

  /// Loads the newest snapshot that can be loaded.
  ///
  /// - Parameters:
  ///   - content: What its sections must mean; those of other releases are passed over.
  ///   - stands: Whether the anchor stands in the log.
  ///   - load: Makes something of the sections, or `nil` if one of them is not sound; then the next
  ///     older snapshot is tried.
  /// - Returns: What `load` made; `nil` if no snapshot can be used.
  package func newest<State>(
    content: UInt32, where stands: (LogAnchor) -> Bool, load: (Snapshot) -> State?
  ) -> State? {
    for name in names.reversed() {
      guard let snapshot = Snapshot(at: folder.file(name), of: ledger, on: disk),
        snapshot.content == content, stands(snapshot.anchor), let state = load(snapshot)
      else { continue }
      return state
    }
    return nil
  }

  /// Begins a snapshot of the state behind the frame that `anchor` names, which must be durable.
  ///
  /// One from before an erasure never comes to be, not even as a `.part`.
  package func begin(content: UInt32, behind anchor: LogAnchor) -> SnapshotWriter {
    let header = SnapshotHeader(ledger: ledger, content: content, anchor: anchor)
    return oldestAllowed.withLock {
      SnapshotWriter(self, header, isAllowed: anchor.position >= $0)
    }
  }

  /// The anchor with the most events among all snapshots of this ledger whose header is sound,
  /// whether or not the rest of the file is.
  package var largestAnchor: LogAnchor? {
    names.compactMap { header($0)?.anchor }.max { $0.size < $1.size }
  }

  /// Deletes every snapshot of a state before `position`, and every unfinished one, durably.
  ///
  /// - Throws: What could not be deleted is still there: the erasure is not finished.
  package func forget(before position: Position) throws(DiskError) {
    try oldestAllowed.withLock { (oldest) throws(DiskError) in
      oldest = max(oldest, position)
      for name in try disk.list(folder.path) where SnapshotStore.isOurs(name) {
        if let header = header(name), header.anchor.position >= position,
          !name.hasSuffix(StorageFolder.partSuffix)
        {
          continue
        }
        try disk.unlink(folder.file(name))
      }
      try disk.syncDirectory(folder.path)
    }
  }

  /// Gives a finished `.part` its name, and deletes all other snapshots.
  func publish(_ name: String, part: String, anchor: LogAnchor) throws(DiskError) {
    try oldestAllowed.withLock { (oldest) throws(DiskError) in
      guard anchor.position >= oldest else {
        try disk.unlink(part)
        return
      }
      try disk.rename(part, to: folder.file(name))
      try disk.syncDirectory(folder.path)
      for other in names where other != name { try? disk.unlink(folder.file(other)) }
    }
  }

  /// Of the finished snapshots, the one with the fewest events first.
  private var names: [String] {
    ((try? disk.list(folder.path)) ?? [])
      .filter { SnapshotStore.isOurs($0) && !$0.hasSuffix(StorageFolder.partSuffix) }
      .sorted()
  }

  private func header(_ name: String) -> SnapshotHeader? {
    guard let file = try? disk.open(folder.file(name), .read) else { return nil }
    defer { try? disk.close(file) }
    guard let bytes = try? disk.read(file, at: 0, count: SnapshotFormat.headerSize) else {
      return nil
    }
    return SnapshotHeader(bytes.span, of: ledger)
  }

  private static let prefix = "snapshot-"

  static func isOurs(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Twenty digits, so that the names sort like the numbers.
  static func name(of anchor: LogAnchor) -> String {
    let digits = String(anchor.size)
    return prefix + String(repeating: "0", count: 20 - digits.utf8.count) + digits
  }
}
