import CohortFormat
import CohortModel
import Glibc

/// Begins a ledger in an empty folder so that a crash leaves none, or a whole one.
///
///     events.log.new   create, lock ── header ── sync ── rename to events.log ── sync the folder
///                      ╰ half-made: the next start begins anew ╯               ╰ whole ╯
///
/// The lock is taken under the temporary name and stays with the file. Whoever creates another
/// `events.log.new` does so after the rename, and then sees that there is an `events.log`.
enum FirstInitialisation {
  /// - Returns: The locked log; `nil` if another process was quicker, and there is one now.
  static func run(
    _ header: FileHeader, in folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> OwnedFile? {
    do {
      try folder.make(on: disk)
      let file = try OwnedFile(folder.newLog, .create, on: disk)
      guard try disk.lock(file.descriptor) else {
        throw LogError.held(folder: folder.path, by: LockNote(in: folder, on: disk).holder)
      }
      let mine = try disk.identity(of: file.descriptor)
      guard try disk.identity(at: folder.newLog) == mine else { return nil }
      guard try disk.identity(at: folder.log) == nil else {
        try disk.unlink(folder.newLog)
        return nil
      }
      try disk.truncate(file.descriptor, to: 0)
      try disk.write(header.bytes, to: file.descriptor, at: 0)
      try disk.sync(file.descriptor)
      try disk.rename(folder.newLog, to: folder.log)
      try disk.syncDirectory(folder.path)
      return file
    } catch {
      throw LogError(error)
    }
  }
}

extension StorageFolder {
  /// Has the folder there, and its name durable.
  ///
  /// One that is there may be what an interrupted beginning has left, so its name is synced too,
  /// unless somebody else made it where we may not.
  package func make(on disk: any Disk) throws(DiskError) {
    let isThere = try disk.identity(at: path) != nil
    if !isThere { try disk.makeDirectory(path) }
    do throws(DiskError) { try disk.syncDirectory(parent) } catch {
      let isForbidden = [EACCES, EPERM, EROFS, EINVAL].contains(error.errno)
      guard isThere, isForbidden else { throw error }
    }
  }
}

extension LogError {
  /// Takes over what a `do` block with errors of two types has thrown.
  init(_ error: any Error) {
    self =
      switch error {
      case let error as LogError: error
      case let error as DiskError: .disk(error)
      default: .stopped
      }
  }
}
