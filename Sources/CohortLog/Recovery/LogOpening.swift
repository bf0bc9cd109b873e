package import CohortFormat
import CohortModel
import Glibc

/// What a log is opened for.
package enum LogAccess: Hashable, Sendable {
  /// To write; there must be a ledger.
  case write
  /// To write; a ledger is begun if there is none.
  case create
  /// To read, beside a process that may be writing.
  case read
}

/// A log that is open but has not been read: the first half of a start.
///
///     open ─ lock ─ same file? ─ sync log, folder ─ header ┐
///                                                          │   snapshots: which anchor stands?
///     ┌────────────────────────────────────────────────────┘
///     └ scan ─ classify the tail ─┬ clean ───────────────────────────────┬ rewrite an unproven
///                                 ├ torn ─ keep a copy ─ cut ─ sync ─────┘ end, sync: ready
///                                 └ damaged, or lost ───────────────────── read only
///
/// Each step can be interrupted and done again: nothing before the cut changes the log, and the cut
/// is durable before anything is written behind it.
package struct LogOpening: ~Copyable {
  package let header: FileHeader
  package let folder: StorageFolder
  package let snapshots: SnapshotStore
  /// Whether this start began the ledger.
  package let isNew: Bool
  let access: LogAccess
  let disk: any Disk
  let random: any RandomSource
  let options: LogOptions
  let file: OwnedFile
  /// A second opening of the same file, to be closed at another time than the one with the lock.
  let readerFile: OwnedFile

  package var ledger: LedgerID { header.ledger }

  /// Opens the log in `folder`, and locks it unless it is only to be read.
  ///
  /// - Throws: ``LogError/noLedger(folder:)``, ``LogError/empty(path:)``,
  ///   ``LogError/header(_:path:)``, ``LogError/held(folder:by:)``, ``LogError/disk(_:)``. Nothing
  ///   was changed then, but that a ledger may have been begun.
  package init(
    _ folder: String, for access: LogAccess, on disk: any Disk, clock: any Clock,
    random: any RandomSource, options: LogOptions = LogOptions()
  ) throws(LogError) {
    let folder = StorageFolder(folder)
    let (file, isNew): (OwnedFile, Bool)
    switch access {
    case .read:
      (file, isNew) = (try LogOpening.openToRead(folder, on: disk), false)
    case .write, .create:
      (file, isNew) = try LogOpening.openToWrite(
        folder, creating: access == .create, on: disk, clock: clock, random: random)
    }
    do throws(DiskError) {
      // A process that was killed may have left bytes that no power failure would have left. What
      // is read and served from here on must be durable.
      if access != .read {
        try disk.sync(file.descriptor)
        try disk.syncDirectory(folder.path)
      }
    } catch { throw .disk(error) }
    let header = try LogOpening.readHeader(file, in: folder, on: disk)
    let readerFile = try LogOpening.openReader(of: file, in: folder, on: disk)
    if access != .read { LockNote(in: folder, on: disk).write() }
    self.header = header
    snapshots = SnapshotStore(in: folder, of: header.ledger, on: disk)
    self.folder = folder
    self.isNew = isNew
    self.access = access
    self.disk = disk
    self.random = random
    self.options = options
    self.file = file
    self.readerFile = readerFile
  }

  /// Whether the frame that `anchor` remembers stands in this log.
  package func stands(_ anchor: LogAnchor) -> Bool { chain(behind: anchor) != nil }

  /// The chain behind the frame that `anchor` remembers; `nil` if it does not stand here.
  func chain(behind anchor: LogAnchor) -> FrameChain? {
    guard let offset = Int(exactly: anchor.offset),
      let head = try? disk.read(file.descriptor, at: offset, count: FrameHeader.size),
      case .frame(let found) = FrameScan.header(
        head.span, at: 0, base: anchor.offset, ledger: ledger),
      let bytes = try? disk.read(file.descriptor, at: offset, count: found.header.size),
      case .frame(let frame) = FrameScan.read(
        bytes.span, at: 0, base: anchor.offset, ledger: ledger)
    else { return nil }
    let chain = FrameChain(after: frame.header, root: frame.root(in: bytes.span))
    return anchor.names(chain) ? chain : nil
  }
}

extension LogOpening {
  private static func openToRead(
    _ folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> OwnedFile {
    do {
      return try OwnedFile(folder.log, .read, on: disk)
    } catch {
      throw error.errno == ENOENT ? .noLedger(folder: folder.path) : .disk(error)
    }
  }

  private static func openToWrite(
    _ folder: StorageFolder, creating: Bool, on disk: any Disk, clock: any Clock,
    random: any RandomSource
  ) throws(LogError) -> (OwnedFile, isNew: Bool) {
    // Another process may be beginning the ledger, or replacing it with a backup, meanwhile.
    for _ in 0..<attemptsMax {
      do {
        if let file = try openAndLock(folder, on: disk) { return (file, false) }
      } catch {
        guard case .noLedger = error, creating else { throw error }
        let header = FileHeader(
          ledger: LedgerID(random: random), created: Instant(microseconds: clock.wall))
        if let file = try FirstInitialisation.run(header, in: folder, on: disk) {
          return (file, true)
        }
      }
    }
    throw .replaced(path: folder.log)
  }

  /// - Returns: `nil` if the name belonged to another file when the lock was there.
  private static func openAndLock(
    _ folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> OwnedFile? {
    let (file, isMine, isNamed): (OwnedFile, Bool, Bool)
    do throws(DiskError) {
      file = try OwnedFile(folder.log, .readAndWrite, on: disk)
      isMine = try disk.lock(file.descriptor)
      isNamed = try disk.identity(at: folder.log) == (try disk.identity(of: file.descriptor))
    } catch {
      throw error.errno == ENOENT && error.call == .open
        ? .noLedger(folder: folder.path) : .disk(error)
    }
    guard isMine else {
      throw .held(folder: folder.path, by: LockNote(in: folder, on: disk).holder)
    }
    return isNamed ? file : nil
  }

  private static func openReader(
    of file: OwnedFile, in folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> OwnedFile {
    do throws(DiskError) {
      let reader = try OwnedFile(folder.log, .read, on: disk)
      if try disk.identity(of: reader.descriptor) == disk.identity(of: file.descriptor) {
        return reader
      }
    } catch { throw .disk(error) }
    throw .replaced(path: folder.log)
  }

  private static func readHeader(
    _ file: OwnedFile, in folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> FileHeader {
    let bytes: [UInt8]
    do {
      bytes = try disk.read(file.descriptor, at: 0, count: FileHeader.size)
    } catch { throw .disk(error) }
    do {
      return try FileHeader.read(bytes.span)
    } catch {
      if case .empty = error { throw .empty(path: folder.log) }
      throw .header(error, path: folder.log)
    }
  }

  private static var attemptsMax: Int { 16 }
}
