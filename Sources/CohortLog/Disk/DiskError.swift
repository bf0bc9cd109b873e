import Glibc

/// A call to the disk that failed, and why.
package struct DiskError: Error, Hashable, Sendable {
  package enum Call: String, Hashable, Sendable, CaseIterable {
    case open, close, status, read, write, sync, truncate, rename, unlink
    case syncDirectory, makeDirectory, list, lock, freeSpace
  }

  package let call: Call
  /// As the system gave it; for a file that ``Disk/open(_:_:)`` refuses, as documented there.
  package let errno: Int32
  package let path: String

  package init(_ call: Call, errno: Int32, path: String) {
    self.call = call
    self.errno = errno
    self.path = path
  }

  /// Whether space ran out: on the device, of a quota, or below the file size limit.
  package var isOutOfSpace: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
}

extension DiskError: CustomStringConvertible {
  package var description: String {
    switch (errno, call) {
    case (ENOSPC, _), (EDQUOT, _):
      """
      There is no space left to \(call.words) '\(path)' (\(reason)). \
      Free space, or raise the quota.
      """
    case (EFBIG, _):
      """
      '\(path)' may not grow further (\(reason)). \
      Raise the file size limit of the server (ulimit -f), or of the file system.
      """
    case (EACCES, _), (EPERM, _):
      """
      The server may not \(call.words) '\(path)' (\(reason)). \
      Give its account the ownership of the file and of the directories above it.
      """
    case (EROFS, _):
      """
      '\(path)' lies on a file system that is mounted read-only (\(reason)). \
      Mount it writable, and look in the system log for why it was not.
      """
    case (ENOENT, _), (ENOTDIR, _):
      """
      There is no '\(path)' to \(call.words) (\(reason)). \
      Check the path, and whether the volume is mounted.
      """
    case (EEXIST, _):
      "'\(path)' exists already (\(reason)). Choose another path, or move away what is there."
    case (EMFILE, _), (ENFILE, _):
      """
      Too many files are open to \(call.words) '\(path)' (\(reason)). \
      Raise the limit (ulimit -n), or close what holds them.
      """
    case (ELOOP, .open), (EISDIR, .open), (ENXIO, .open), (EMLINK, .open):
      """
      '\(path)' is \(oddity), and the ledger opens only a regular file with one name. \
      Put the file itself there, and find out who replaced it.
      """
    case (ENOLCK, .lock), (EOPNOTSUPP, .lock), (ENOSYS, .lock):
      """
      The file system of '\(path)' cannot lock files (\(reason)). \
      Keep the ledger on a local file system: without a lock two servers could write to it.
      """
    case (_, .sync), (_, .syncDirectory):
      """
      What was written to '\(path)' may not have reached the disk (\(reason)). \
      Check the disk, then start again: recovery keeps all that was acknowledged.
      """
    default:
      """
      The disk failed to \(call.words) '\(path)' (\(reason)). \
      Check the disk and the system log, then start again: recovery runs by itself.
      """
    }
  }

  private var reason: String {
    let text = unsafe strerror(errno).map { unsafe String(cString: $0) }
    return "errno \(errno), \(text ?? "unknown")"
  }

  private var oddity: String {
    switch errno {
    case ELOOP: "a symbolic link"
    case EISDIR: "a directory"
    case EMLINK: "known under a second name, or no longer under any"
    default: "a pipe, a socket or a device"
    }
  }
}

extension DiskError.Call {
  /// What the call does, to stand before a path.
  fileprivate var words: String {
    switch self {
    case .open, .close, .read, .truncate, .rename, .list, .lock: rawValue
    case .status: "look at"
    case .write: "write to"
    case .sync, .syncDirectory: "sync"
    case .unlink: "remove"
    case .makeDirectory: "make the directory"
    case .freeSpace: "ask for the free space of"
    }
  }
}
