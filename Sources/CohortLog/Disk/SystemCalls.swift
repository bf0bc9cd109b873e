/// The system calls below ``Disk``, each tried once.
///
/// A call may be interrupted, may do less than was asked, or nothing: what that means is decided in
/// one place, `Disk+Funnel.swift`, for the real disk and for the simulated one alike. The names are
/// those of the C functions.
package protocol SystemCalls: Sendable {
  func open(_ path: String, flags: Int32) throws(SystemFailure) -> Int32
  func close(_ number: Int32) throws(SystemFailure)
  /// Returns another number, at least `minimum`, for the same opening. (`fcntl(F_DUPFD_CLOEXEC)`)
  func duplicate(_ number: Int32, atLeast minimum: Int32) throws(SystemFailure) -> Int32
  func fstat(_ number: Int32) throws(SystemFailure) -> FileStatus
  func lstat(_ path: String) throws(SystemFailure) -> FileStatus
  /// Appends to `bytes` and returns how many; 0 where the file ends.
  func pread(
    _ number: Int32, into bytes: inout OutputSpan<UInt8>, at offset: Int
  ) throws(SystemFailure) -> Int
  func pwrite(_ number: Int32, _ bytes: Span<UInt8>, at offset: Int) throws(SystemFailure) -> Int
  /// Returns the first byte at or after `offset` that lies in no hole, or that lies in one; `ENXIO`
  /// if none follows. (`SEEK_DATA`, `SEEK_HOLE`)
  func lseek(
    _ number: Int32, to target: SeekTarget, from offset: Int
  ) throws(SystemFailure) -> Int
  func fdatasync(_ number: Int32) throws(SystemFailure)
  func ftruncate(_ number: Int32, to size: Int) throws(SystemFailure)
  func rename(from path: String, to newPath: String) throws(SystemFailure)
  func unlink(path: String) throws(SystemFailure)
  /// Opens, syncs and closes a directory. (`fsync`)
  func fsync(directory path: String) throws(SystemFailure)
  func mkdir(_ path: String) throws(SystemFailure)
  /// Returns the names in any order, with or without `.` and `..`.
  func readdir(_ path: String) throws(SystemFailure) -> [String]
  /// Takes the exclusive lock without waiting; fails with `EWOULDBLOCK` if another opening has it.
  func flock(_ number: Int32) throws(SystemFailure)
  func statvfs(_ path: String) throws(SystemFailure) -> Int
}

package enum SeekTarget: Hashable, Sendable { case data, hole }

/// Why a system call failed.
package struct SystemFailure: Error, Hashable, Sendable {
  package let errno: Int32

  package init(_ errno: Int32) { self.errno = errno }
}

/// What `stat` tells, as far as the log cares.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case regular, directory, symbolicLink, other }

  package let kind: Kind
  package let size: Int
  package let linkCount: Int
  package let identity: FileIdentity

  package init(kind: Kind, size: Int, linkCount: Int, identity: FileIdentity) {
    self.kind = kind
    self.size = size
    self.linkCount = linkCount
    self.identity = identity
  }
}
