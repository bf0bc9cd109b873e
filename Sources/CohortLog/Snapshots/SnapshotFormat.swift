import CohortFormat
import CohortModel

/// The bytes of a snapshot file.
///
/// Private to this release: another one's is ignored.
///
///     header, 128 bytes:
///       0           8         12        16           32       40         56     64         96
///       124 ├───────────┼─────────┼─────────┼────────────┼────────┼──────────┼──────┼──────────┼─────┼─────┤
///       │ COHORTSN  │ version │ content │ ledger id  │ offset │ epoch    │ size │ root     │ 0   │
///       crc │ ╰───────────────────────────────────────────────────── the anchor ──────────────────╯
///     sections, one behind the other
///     table, 56 bytes a section:  name, 32 bytes │ offset u64 │ length u64 │ crc u32 │ zero u32
///     footer, 24 bytes:           table offset u64 │ sections u32 │ table crc u32 │ COHORTSN
///
/// Every crc starts from the ledger id. A file is valid if header, footer and table are; a section
/// is checked when it is read. The footer stands last, so a file that was cut is none.
enum SnapshotFormat {
  static let magic = Array("COHORTSN".utf8)
  static let version: UInt32 = 1
  static let headerSize = 128
  static let rowSize = 56
  static let nameSize = 32
  static let footerSize = 24
  static let sectionsMax = 1_024
}

struct SnapshotHeader: Hashable, Sendable {
  let ledger: LedgerID
  /// What the sections mean: a number that the ledger changes with its state's layout.
  let content: UInt32
  let anchor: LogAnchor

  var bytes: [UInt8] {
    var bytes = SnapshotFormat.magic
    bytes.append(littleEndian: SnapshotFormat.version)
    bytes.append(littleEndian: content)
    bytes.append(contentsOf: ledger.bytes)
    bytes.append(littleEndian: anchor.offset)
    anchor.epoch.append(to: &bytes)
    bytes.append(littleEndian: anchor.size)
    bytes.append(anchor.root)
    bytes.append(contentsOf: repeatElement(0, count: SnapshotFormat.headerSize - 4 - bytes.count))
    bytes.append(littleEndian: ledger.checksum.checksum(bytes.span))
    return bytes
  }

  /// Reads ``bytes``; `nil` for anything else, and for the header of another ledger.
  init?(_ bytes: Span<UInt8>, of ledger: LedgerID) {
    let size = SnapshotFormat.headerSize
    guard bytes.count >= size else { return nil }
    for index in SnapshotFormat.magic.indices where bytes[index] != SnapshotFormat.magic[index] {
      return nil
    }
    guard bytes.littleEndian(UInt32.self, at: 8) == SnapshotFormat.version,
      LedgerID(bytes, at: 16) == ledger,
      ledger.checksum.checksum(bytes.extracting(0..<size - 4))
        == bytes.littleEndian(UInt32.self, at: size - 4)
    else { return nil }
    self.init(
      ledger: ledger, content: bytes.littleEndian(at: 12),
      anchor: LogAnchor(
        offset: bytes.littleEndian(at: 32), epoch: Epoch(bytes, at: 40),
        size: bytes.littleEndian(at: 56), root: Digest(bytes, at: 64)))
  }

  init(ledger: LedgerID, content: UInt32, anchor: LogAnchor) {
    self.ledger = ledger
    self.content = content
    self.anchor = anchor
  }
}

/// Where a section lies in its file, and its checksum.
struct SnapshotSection: Hashable, Sendable {
  let name: String
  let offset: Int
  let length: Int
  let crc: UInt32

  func append(to table: inout [UInt8]) {
    let start = table.count
    table.append(contentsOf: name.utf8)
    table.append(
      contentsOf: repeatElement(0, count: SnapshotFormat.nameSize - (table.count - start)))
    table.append(littleEndian: UInt64(offset))
    table.append(littleEndian: UInt64(length))
    table.append(littleEndian: crc)
    table.append(littleEndian: UInt32(0))
  }

  init(name: String, offset: Int, length: Int, crc: UInt32) {
    self.name = name
    self.offset = offset
    self.length = length
    self.crc = crc
  }

  /// Reads the row at `start`; `nil` if it does not lie in a file of `size` bytes.
  init?(_ table: Span<UInt8>, at start: Int, within size: Int) {
    let end = table.firstZero(in: start..<start + SnapshotFormat.nameSize)
    let offset: UInt64 = table.littleEndian(at: start + 32)
    let length: UInt64 = table.littleEndian(at: start + 40)
    guard offset <= UInt64(size), length <= UInt64(size) - offset else { return nil }
    self.init(
      name: String(decoding: table.array(start..<end), as: UTF8.self),
      offset: Int(offset), length: Int(length), crc: table.littleEndian(at: start + 48))
  }
}

extension Span<UInt8> {
  fileprivate func firstZero(in range: Range<Int>) -> Int {
    for index in range where self[index] == 0 { return index }
    return range.upperBound
  }
}
