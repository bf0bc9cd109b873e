package import CohortModel

/// The first 4,096 bytes of a log.
///
/// Storage/FORMAT.md, section 2, is the authority; this is the same drawing.
///
///     0          8          12     16           32          40      44             4096
///     ├──────────┼──────────┼──────┼────────────┼───────────┼───────┼───────────────┤
///     │ COHORTLG │ version  │ zero │ ledger id  │ created   │ crc   │ zeros         │
///     │ 8 bytes  │   u32    │ u32  │ 16 bytes   │ i64 µs    │ u32   │               │
///     └──────────┴──────────┴──────┴────────────┴───────────┴───────┴───────────────┘
///     ╰────────────────── covered by crc ───────────────────╯
///
/// The first 44 bytes keep their meaning in every version, so that an older release can tell a
/// newer log from a damaged one.
package struct FileHeader: Hashable, Sendable {
  package let ledger: LedgerID
  package let created: Instant

  package init(ledger: LedgerID, created: Instant) {
    self.ledger = ledger
    self.created = created
  }

  /// In bytes; the first frame begins here.
  package static let size = 4_096
  package static let version: UInt32 = 1
  private static let magic = Array("COHORTLG".utf8)
  private static let checksumOffset = 40

  package var bytes: [UInt8] {
    var bytes = FileHeader.magic
    bytes.append(littleEndian: FileHeader.version)
    bytes.append(littleEndian: UInt32(0))
    bytes.append(contentsOf: ledger.bytes)
    bytes.append(littleEndian: created.microseconds)
    bytes.append(littleEndian: ledger.checksum.checksum(bytes.span))
    bytes.pad(to: FileHeader.size)
    return bytes
  }

  /// Reads the header from the beginning of a log; bytes behind it do not matter.
  package static func read(_ bytes: Span<UInt8>) throws(FileHeaderFault) -> FileHeader {
    let here = 0..<min(bytes.count, size)
    guard bytes.firstNonzero(in: here) != nil else { throw .empty(size: bytes.count) }
    guard bytes.count >= size else { throw .cutShort(size: bytes.count) }
    for index in magic.indices where bytes[index] != magic[index] { throw .notALog }

    let ledger = LedgerID(bytes, at: 16)
    let stored: UInt32 = bytes.littleEndian(at: checksumOffset)
    let computed = ledger.checksum.checksum(bytes.extracting(0..<checksumOffset))
    guard stored == computed else { throw .checksum(stored: stored, computed: computed) }
    let version: UInt32 = bytes.littleEndian(at: 8)
    guard version == FileHeader.version else { throw .version(version) }
    for range in [12..<16, checksumOffset + 4..<size] {
      if let offset = bytes.firstNonzero(in: range) { throw .notZero(at: offset) }
    }
    return FileHeader(
      ledger: ledger, created: Instant(microseconds: bytes.littleEndian(at: 32)))
  }
}

/// Why the beginning of a file is not the header of a log that this release can read.
package enum FileHeaderFault: Error, Hashable, Sendable {
  /// No bytes, or only zeros: the first initialisation was interrupted, or has not begun.
  case empty(size: Int)
  case cutShort(size: Int)
  case notALog
  case checksum(stored: UInt32, computed: UInt32)
  case version(UInt32)
  case notZero(at: Int)
}

extension FileHeaderFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty(let size):
      "The log has no header, only \(size) zero bytes. "
        + "If it never held anything, delete it and start again; if it did, restore a backup."
    case .cutShort(let size):
      "The log ends after \(size) bytes, inside its header of 4096 bytes. "
        + "If it never held anything, delete it and start again; if it did, restore a backup."
    case .notALog:
      "The file does not begin with COHORTLG, so it is not a log of Cohort Ledger. "
        + "Name the folder that holds events.log."
    case .checksum(let stored, let computed):
      "The header of the log is damaged: its checksum is \(hexadecimal(UInt64(stored), 8)), "
        + "its bytes give \(hexadecimal(UInt64(computed), 8)). "
        + "Repair the first 4096 bytes from a backup with `cohort repair`."
    case .version(let version):
      "The log has format version \(version), and this release reads version "
        + "\(FileHeader.version). Use the release that wrote it, or a newer one."
    case .notZero(let offset):
      "Byte \(offset) of the log's header must be zero and is not. "
        + "Repair the first 4096 bytes from a backup with `cohort repair`."
    }
  }
}
