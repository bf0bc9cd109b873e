import CohortLog
import CohortThreads

/// Another disk, whose syncs can be held.
///
/// A hold has an end, so a test that is wrong fails rather than stands still.
final class HeldDisk: Disk {
  private let disk: any Disk
  private let isHeld = Monitor(false)

  init(_ disk: any Disk) { self.disk = disk }

  func hold() { isHeld.change { $0 = true } }
  func letGo() { isHeld.change { $0 = false } }

  func sync(_ file: Descriptor) throws(DiskError) {
    _ = isHeld.wait(milliseconds: 20_000) { $0 ? nil : true }
    try disk.sync(file)
  }

  func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> Descriptor {
    try disk.open(path, mode)
  }
  func close(_ file: Descriptor) throws(DiskError) { try disk.close(file) }
  func size(of file: Descriptor) throws(DiskError) -> Int { try disk.size(of: file) }
  func writtenRange(
    of file: Descriptor, from offset: Int
  ) throws(DiskError) -> Range<Int>? { try disk.writtenRange(of: file, from: offset) }
  func read(
    _ file: Descriptor, at offset: Int, into bytes: inout OutputSpan<UInt8>
  ) throws(DiskError) { try disk.read(file, at: offset, into: &bytes) }
  func write(
    _ bytes: Span<UInt8>, to file: Descriptor, at offset: Int
  ) throws(DiskError) { try disk.write(bytes, to: file, at: offset) }
  func truncate(_ file: Descriptor, to size: Int) throws(DiskError) {
    try disk.truncate(file, to: size)
  }
  func rename(_ path: String, to newPath: String) throws(DiskError) {
    try disk.rename(path, to: newPath)
  }
  func unlink(_ path: String) throws(DiskError) { try disk.unlink(path) }
  func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(path) }
  func makeDirectory(_ path: String) throws(DiskError) { try disk.makeDirectory(path) }
  func list(_ path: String) throws(DiskError) -> [String] { try disk.list(path) }
  func lock(_ file: Descriptor) throws(DiskError) -> Bool { try disk.lock(file) }
  func identity(of file: Descriptor) throws(DiskError) -> FileIdentity {
    try disk.identity(of: file)
  }
  func identity(at path: String) throws(DiskError) -> FileIdentity? {
    try disk.identity(at: path)
  }
  func freeSpace(at path: String) throws(DiskError) -> Int { try disk.freeSpace(at: path) }
}
