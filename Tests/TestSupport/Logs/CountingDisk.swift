package import CohortLog
import Synchronization

/// Another disk, with a count of what was asked of it.
package final class CountingDisk: Disk {
  private let disk: any Disk
  private let counts = Mutex((read: 0, syncs: 0))

  package init(_ disk: any Disk) { self.disk = disk }

  package var bytesRead: Int { counts.withLock { $0.read } }
  package var syncs: Int { counts.withLock { $0.syncs } }

  package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> Descriptor {
    try disk.open(path, mode)
  }
  package func close(_ file: Descriptor) throws(DiskError) { try disk.close(file) }
  package func size(of file: Descriptor) throws(DiskError) -> Int { try disk.size(of: file) }
  package func writtenRange(
    of file: Descriptor, from offset: Int
  ) throws(DiskError) -> Range<Int>? { try disk.writtenRange(of: file, from: offset) }

  package func read(
    _ file: Descriptor, at offset: Int, into bytes: inout OutputSpan<UInt8>
  ) throws(DiskError) {
    let before = bytes.count
    try disk.read(file, at: offset, into: &bytes)
    let count = bytes.count - before
    counts.withLock { $0.read += count }
  }

  package func write(
    _ bytes: Span<UInt8>, to file: Descriptor, at offset: Int
  ) throws(DiskError) { try disk.write(bytes, to: file, at: offset) }

  package func sync(_ file: Descriptor) throws(DiskError) {
    counts.withLock { $0.syncs += 1 }
    try disk.sync(file)
  }

  package func truncate(_ file: Descriptor, to size: Int) throws(DiskError) {
    try disk.truncate(file, to: size)
  }
  package func rename(_ path: String, to newPath: String) throws(DiskError) {
    try disk.rename(path, to: newPath)
  }
  package func unlink(_ path: String) throws(DiskError) { try disk.unlink(path) }
  package func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(path) }
  package func makeDirectory(_ path: String) throws(DiskError) { try disk.makeDirectory(path) }
  package func list(_ path: String) throws(DiskError) -> [String] { try disk.list(path) }
  package func lock(_ file: Descriptor) throws(DiskError) -> Bool { try disk.lock(file) }
  package func identity(of file: Descriptor) throws(DiskError) -> FileIdentity {
    try disk.identity(of: file)
  }
  package func identity(at path: String) throws(DiskError) -> FileIdentity? {
    try disk.identity(at: path)
  }
  package func freeSpace(at path: String) throws(DiskError) -> Int { try disk.freeSpace(at: path) }
}
