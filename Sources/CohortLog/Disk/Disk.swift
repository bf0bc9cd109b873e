/// What the log asks of a file system: seventeen calls, each done whole or thrown.
///
/// ``PosixDisk`` answers with system calls; the simulated disk of the tests answers from memory and
/// breaks on request. Nothing above this protocol can tell them apart. Files are named by path; an
/// open file is a small value, and offsets and sizes count bytes from the start of the file.
///
/// The calls block, `sync` for as long as the device takes: none belongs on the cooperative pool.
package protocol Disk: Sendable {
  /// Opens a regular file that has one name, and nothing else.
  ///
  /// The descriptor is at least 3, so that nobody's standard error ends up in the log, and it is
  /// not inherited by child processes.
  ///
  /// - Throws: ``DiskError`` with `ELOOP` for a symbolic link, `EISDIR` for a directory, `ENXIO`
  ///   for a pipe, socket or device, `EMLINK` for a file with a second name or none. Nothing is
  ///   open then.
  func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> Descriptor

  /// Gives the descriptor back, and the lock of the open file, whoever else has a copy of it.
  ///
  /// - Throws: ``DiskError`` if an earlier write failed late. The file is closed all the same.
  func close(_ file: Descriptor) throws(DiskError)

  /// Tells the length of `file`, including what is not yet durable.
  func size(of file: Descriptor) throws(DiskError) -> Int

  /// Tells where the next bytes that were ever written lie, at or after `offset`.
  ///
  /// What is left out are holes, which read as zeros and take no space. A file system that does not
  /// know its holes calls everything written. (`lseek` with `SEEK_DATA`, `SEEK_HOLE`)
  ///
  /// - Returns: `nil` if nothing but a hole follows, or the file ends at or before `offset`.
  func writtenRange(of file: Descriptor, from offset: Int) throws(DiskError) -> Range<Int>?

  /// Fills what is free in `bytes` from `offset` on.
  ///
  /// The output is left unfilled only where the file ends. If this throws, what was read stands in
  /// it.
  func read(
    _ file: Descriptor, at offset: Int, into bytes: inout OutputSpan<UInt8>
  ) throws(DiskError)

  /// Writes all of `bytes` at `offset`. Not durable until ``sync(_:)`` has returned.
  ///
  /// If this throws, any part of `bytes` may have been written.
  func write(_ bytes: Span<UInt8>, to file: Descriptor, at offset: Int) throws(DiskError)

  /// Makes the bytes and the size of `file` durable, but not its name: see ``syncDirectory(_:)``.
  ///
  /// If this throws, nobody knows what reached the disk, and asking again may lie: the kernel
  /// reports a failed write-back once and may then call the lost pages clean. (`fdatasync`)
  func sync(_ file: Descriptor) throws(DiskError)

  /// Cuts `file` to `size`, or extends it with zeros. Not durable until ``sync(_:)``.
  func truncate(_ file: Descriptor, to size: Int) throws(DiskError)

  /// Gives a file another name, replacing what bore it. Durable with its directories.
  func rename(_ path: String, to newPath: String) throws(DiskError)

  /// Takes the name of a file away. Durable with its directory.
  func unlink(_ path: String) throws(DiskError)

  /// Makes the names in a directory durable: what was created, renamed and unlinked in it.
  func syncDirectory(_ path: String) throws(DiskError)

  /// Makes a directory that only its owner may use. Durable with its parent.
  ///
  /// - Throws: ``DiskError`` with `EEXIST` if the name is taken, by whatever.
  func makeDirectory(_ path: String) throws(DiskError)

  /// Lists the names in a directory, sorted, without `.` and `..`.
  ///
  /// A name that is not UTF-8 is shown repaired, so it cannot be opened by what is shown.
  func list(_ path: String) throws(DiskError) -> [String]

  /// Locks the open file against every other opening of it, here or in another process.
  ///
  /// Unlike a POSIX record lock it survives that the same file is opened and closed elsewhere in
  /// the process. (`flock`, exclusive, not waiting)
  ///
  /// - Returns: `false` if someone else holds the lock.
  func lock(_ file: Descriptor) throws(DiskError) -> Bool

  /// Tells which file is open, whatever its name is by now.
  func identity(of file: Descriptor) throws(DiskError) -> FileIdentity

  /// Tells which file bears the name; a symbolic link stands for itself. `nil` if there is none.
  func identity(at path: String) throws(DiskError) -> FileIdentity?

  /// Tells how many bytes may still be written to the file system of `path`.
  func freeSpace(at path: String) throws(DiskError) -> Int
}

/// What a file is opened for.
package enum OpenMode: Hashable, Sendable, CaseIterable {
  /// To read; it must exist.
  case read
  /// To read and write; it must exist.
  case readAndWrite
  /// To read and write; made if it does not exist.
  case create
  /// To read and write; it must not exist.
  case createNew
}

/// An open file.
///
/// Copies of it name the same opening; after `close` all of them are void.
package struct Descriptor: Hashable, Sendable {
  package let number: Int32
  /// The name it was opened under, for messages only.
  package let path: String

  package init(number: Int32, path: String) {
    self.number = number
    self.path = path
  }
}

/// What makes two names one file, and a replaced file another.
package struct FileIdentity: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

extension Disk {
  /// Reads up to `count` bytes; fewer only where the file ends.
  package func read(_ file: Descriptor, at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(file, at: offset, count: count, appendingTo: &bytes)
    return bytes
  }

  /// Reads up to `count` bytes behind those in `bytes`, without a copy in between.
  package func read(
    _ file: Descriptor, at offset: Int, count: Int, appendingTo bytes: inout [UInt8]
  ) throws(DiskError) {
    try bytes.append(addingCapacity: count) { (output: inout OutputSpan<UInt8>) throws(DiskError) in
      try read(file, at: offset, into: &output)
    }
  }

  /// Writes all of `bytes` at `offset`; see the requirement.
  package func write(_ bytes: [UInt8], to file: Descriptor, at offset: Int) throws(DiskError) {
    try write(bytes.span, to: file, at: offset)
  }
}
