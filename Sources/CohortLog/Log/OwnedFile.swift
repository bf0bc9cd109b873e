import Synchronization

/// An open file that is closed when its last owner lets go of it, if not before.
final class OwnedFile: Sendable {
  let descriptor: Descriptor
  private let disk: any Disk
  private let isClosed = Atomic(false)

  init(_ path: String, _ mode: OpenMode, on disk: any Disk) throws(DiskError) {
    self.disk = disk
    descriptor = try disk.open(path, mode)
  }

  deinit { try? close() }

  /// Closes the file; the second time nothing happens.
  ///
  /// - Throws: What the system says of an earlier write. The file is closed all the same.
  func close() throws(DiskError) {
    if !isClosed.exchange(true, ordering: .acquiringAndReleasing) { try disk.close(descriptor) }
  }
}
