package import CohortFormat
import CohortModel
import Synchronization

/// The one append-only file, held open by its only writer.
///
/// Invariants:
/// - A frame is written only when the one before it is durable. So at most one can be torn.
/// - Readers see durable frames only, and what they have seen never changes or goes away, except
///   that erased texts become zeros.
/// - A write that fails is taken back before anybody hears of it, or nothing is ever written again.
/// - A sync that failed is not tried again: nobody knows what it left behind.
///
/// One lock stands around all that writes, also around the writes themselves: the kernel reports a
/// failed write-back to one sync only, so no two may be under way.
package final class Log: Sendable {
  package let header: FileHeader
  package let folder: StorageFolder
  package let snapshots: SnapshotStore
  /// Of the frames that are written from now on.
  package let epoch: Epoch
  package let disk: any Disk
  let options: LogOptions
  let file: OwnedFile
  let published: PublishedLog
  let writer: Mutex<LogWriter>
  private let told = Mutex(LogStatistics())
  /// Up to here the file is known to have its blocks.
  let zerosEnd: Atomic<Int>
  private let access: LogAccess

  package var ledger: LedgerID { header.ledger }

  /// Reads what is durable.
  ///
  /// It has a descriptor of its own, so it outlives the log.
  package let reader: LogReader

  /// Behind the last durable frame.
  package var chain: FrameChain { published.chain }

  init(
    _ opening: borrowing LogOpening, epoch: Epoch, chain: FrameChain, index: LogIndex,
    zerosEnd: Int, canWrite: Bool
  ) {
    header = opening.header
    folder = opening.folder
    snapshots = opening.snapshots
    self.epoch = epoch
    disk = opening.disk
    options = opening.options
    file = opening.file
    access = opening.access
    published = PublishedLog(PublishedLog.State(chain: chain, index: index))
    reader = LogReader(
      header: opening.header, disk: disk, file: opening.readerFile, published: published,
      options: options)
    writer = Mutex(LogWriter(state: canWrite ? .writing : .readOnly, chain: chain))
    self.zerosEnd = Atomic(zerosEnd)
  }

  deinit { try? close() }

  /// What was done since the log was opened.
  ///
  /// Whoever asks waits for no disk: what a call under way does counts when it has ended.
  package var statistics: LogStatistics { told.withLock { $0 } }

  func tell(_ writer: borrowing LogWriter) {
    let statistics = writer.statistics
    told.withLock { $0 = statistics }
  }

  /// Bytes that may still be written to the file system of the log.
  package var freeSpace: Int? { try? disk.freeSpace(at: folder.path) }

  /// The names in the storage folder that are none of the ledger's: they are left alone.
  package var otherFiles: [String] {
    ((try? disk.list(folder.path)) ?? []).filter { !StorageFolder.isOurs($0) }.sorted()
  }

  /// Whether nothing is written any more, and why.
  package var isStopped: Bool {
    writer.withLock { if case .writing = $0.state { false } else { true } }
  }

  /// Ends writing and gives the file and the lock back.
  ///
  /// Readers go on.
  ///
  /// - Throws: ``LogError/disk(_:)`` if the system reports an earlier write as failed. What was
  ///   acknowledged had been synced, and is safe.
  package func close() throws(LogError) {
    try writer.withLock { (writer) throws(LogError) in
      if case .closed = writer.state { return }
      writer.state = .closed
      if access != .read { LockNote(in: folder, on: disk).delete() }
      do throws(DiskError) { try file.close() } catch { throw .disk(error) }
    }
  }
}

/// What only the holder of the lock may touch.
struct LogWriter: Sendable {
  enum State: Hashable, Sendable {
    case writing
    case readOnly
    /// For the life of the process.
    case stopped(LogError)
    case closed
  }

  var state: State
  /// Behind the last frame, which is durable.
  var chain: FrameChain
  var statistics = LogStatistics()
}
