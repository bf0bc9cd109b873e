import CohortFormat
import CohortModel
import Glibc

/// A snapshot on its way to the disk, in a `.part` file that nobody takes for one.
///
/// Begin a section, append its bytes, begin the next, finish. A failure is remembered and comes out
/// at the end; the `.part` is deleted then, and also when the writer is dropped unfinished.
/// Belongs to one thread.
package final class SnapshotWriter {
  private let store: SnapshotStore
  private let header: SnapshotHeader
  private let name: String
  private var file: Descriptor?
  private var end = 0
  private var sections: [SnapshotSection] = []
  private var current: (name: String, offset: Int, checksum: CRC32C)?
  private var buffer: [UInt8] = []
  private var failure: DiskError?

  init(_ store: SnapshotStore, _ header: SnapshotHeader, isAllowed: Bool) {
    self.store = store
    self.header = header
    self.name = SnapshotStore.name(of: header.anchor)
    guard isAllowed else {
      failure = DiskError(.open, errno: ECANCELED, path: store.folder.file(name))
      return
    }
    do {
      let file = try store.disk.open(part, .create)
      self.file = file
      try store.disk.truncate(file, to: 0)
    } catch {
      failure = error
      // It may have been made, and not opened.
      if file == nil { try? store.disk.unlink(part) }
    }
    buffer.append(contentsOf: header.bytes)
  }

  deinit { abandon() }

  private var part: String { store.folder.file(name + StorageFolder.partSuffix) }

  /// Begins the section `name`, at most 32 bytes of UTF-8 without zeros.
  package func begin(_ name: String) {
    precondition(
      (1...SnapshotFormat.nameSize).contains(name.utf8.count), "a section name has 1 to 32 bytes")
    precondition(sections.count < SnapshotFormat.sectionsMax, "a snapshot has up to 1024 sections")
    endSection()
    current = (name, end + buffer.count, header.ledger.checksum)
  }

  /// Adds bytes to the section that was begun last.
  package func append(_ bytes: Span<UInt8>) {
    precondition(current != nil, "begin a section first")
    current?.checksum.update(bytes)
    if bytes.count >= bufferSize {
      flush()
      write(bytes)
    } else {
      buffer.append(bytes)
      if buffer.count >= bufferSize { flush() }
    }
  }

  /// Makes the snapshot durable and deletes those that it supersedes.
  ///
  /// - Throws: What went wrong first. There is no new snapshot then; the older ones are untouched.
  package func finish() throws(DiskError) {
    endSection()
    let tableOffset = end + buffer.count
    var table: [UInt8] = []
    for section in sections { section.append(to: &table) }
    buffer.append(contentsOf: table)
    buffer.append(littleEndian: UInt64(tableOffset))
    buffer.append(littleEndian: UInt32(sections.count))
    buffer.append(littleEndian: header.ledger.checksum.checksum(table.span))
    buffer.append(contentsOf: SnapshotFormat.magic)
    flush()
    defer { abandon() }
    if let failure { throw failure }
    guard let file else { return }
    try store.disk.sync(file)
    self.file = nil
    do {
      try store.disk.close(file)
      try store.publish(name, part: part, anchor: header.anchor)
    } catch {
      try? store.disk.unlink(part)
      throw error
    }
  }

  private func endSection() {
    guard let (name, offset, checksum) = current else { return }
    let length = end + buffer.count - offset
    sections.append(
      SnapshotSection(name: name, offset: offset, length: length, crc: checksum.value))
    current = nil
  }

  private func flush() {
    write(buffer.span)
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: Span<UInt8>) {
    if failure == nil, let file {
      do { try store.disk.write(bytes, to: file, at: end) } catch { failure = error }
    }
    end += bytes.count
  }

  private func abandon() {
    guard let file else { return }
    self.file = nil
    try? store.disk.close(file)
    try? store.disk.unlink(part)
  }
}

private let bufferSize = 1 << 20
