import CohortFormat
import CohortModel

/// A snapshot file whose header, footer and table are sound, open to be loaded.
package final class Snapshot: Sendable {
  /// The frame that it was taken behind.
  package let anchor: LogAnchor
  /// What its sections mean.
  package let content: UInt32
  private let disk: any Disk
  private let file: Descriptor
  private let checksum: CRC32C
  private let sections: [SnapshotSection]

  /// The names of the sections, in the order in which they were written.
  package var names: [String] { sections.map(\.name) }

  init?(at path: String, of ledger: LedgerID, on disk: any Disk) {
    guard let file = try? disk.open(path, .read) else { return nil }
    guard let (header, sections) = Snapshot.read(file, of: ledger, on: disk) else {
      try? disk.close(file)
      return nil
    }
    self.anchor = header.anchor
    self.content = header.content
    self.disk = disk
    self.file = file
    self.checksum = ledger.checksum
    self.sections = sections
  }

  deinit { try? disk.close(file) }

  /// Reads a whole section into memory, once.
  ///
  /// - Returns: `nil` if there is none of this name, or its bytes are not what was written: the
  ///   snapshot is then to be passed over.
  /// - Complexity: O(n), one read and one checksum: as fast as the disk.
  package func section(_ name: String) -> [UInt8]? {
    guard let section = sections.first(where: { $0.name == name }),
      let bytes = try? disk.read(file, at: section.offset, count: section.length),
      bytes.count == section.length, checksum.checksum(bytes.span) == section.crc
    else { return nil }
    return bytes
  }

  /// Reads a section piece by piece, for one that is too large to hold.
  ///
  /// - Returns: Whether all pieces together were what was written. If not, whatever was made of
  ///   them is to be thrown away.
  package func forEachPiece(
    of name: String, size: Int = 4 << 20, _ body: (Span<UInt8>) -> Void
  ) -> Bool {
    guard let section = sections.first(where: { $0.name == name }) else { return false }
    var checksum = checksum
    var piece: [UInt8] = []
    var done = 0
    while done < section.length {
      let count = min(size, section.length - done)
      piece.removeAll(keepingCapacity: true)
      do {
        try disk.read(file, at: section.offset + done, count: count, appendingTo: &piece)
      } catch { return false }
      guard piece.count == count else { return false }
      checksum.update(piece.span)
      body(piece.span)
      done += count
    }
    return checksum.value == section.crc
  }

  private static func read(
    _ file: Descriptor, of ledger: LedgerID, on disk: any Disk
  ) -> (SnapshotHeader, [SnapshotSection])? {
    guard let size = try? disk.size(of: file),
      size >= SnapshotFormat.headerSize + SnapshotFormat.footerSize,
      let first = try? disk.read(file, at: 0, count: SnapshotFormat.headerSize),
      let header = SnapshotHeader(first.span, of: ledger)
    else { return nil }

    let footerOffset = size - SnapshotFormat.footerSize
    guard
      let footer = try? disk.read(file, at: footerOffset, count: SnapshotFormat.footerSize),
      footer.count == SnapshotFormat.footerSize, Array(footer[16...]) == SnapshotFormat.magic
    else { return nil }
    let count = Int(footer.span.littleEndian(UInt32.self, at: 8))
    let tableOffset = footerOffset - count * SnapshotFormat.rowSize
    guard count <= SnapshotFormat.sectionsMax, tableOffset >= SnapshotFormat.headerSize,
      footer.span.littleEndian(UInt64.self, at: 0) == UInt64(tableOffset),
      let table = try? disk.read(file, at: tableOffset, count: count * SnapshotFormat.rowSize),
      table.count == count * SnapshotFormat.rowSize,
      ledger.checksum.checksum(table.span) == footer.span.littleEndian(UInt32.self, at: 12)
    else { return nil }

    var sections: [SnapshotSection] = []
    for row in 0..<count {
      let start = row * SnapshotFormat.rowSize
      guard let section = SnapshotSection(table.span, at: start, within: tableOffset) else {
        return nil
      }
      sections.append(section)
    }
    return (header, sections)
  }
}
