package import CohortModel

/// One group of requests, as it lies in the log: one write, one sync, one set of answers.
///
/// Storage/FORMAT.md, section 3, is the authority; this is the same drawing.
///
///     0       4       8        12        16         24         32      36      40       48
///     ├───────┼───────┼────────┼─────────┼──────────┼──────────┼───────┼───────┼────────┤
///     │ magic │ kind  │ public │ private │ own file │ first    │ event │ zero  │ time   │
///     │ u32   │ u32   │ length │ length  │ offset   │ position │ count │ u32   │ i64 µs │
///     └───────┴───────┴────────┴─────────┴──────────┴──────────┴───────┴───────┴────────┘
///     48       56         72            104     108         112
///     ├────────┼──────────┼─────────────┼───────┼────────────┤
///     │ raw    │ epoch    │ root before │ zero  │ header crc │
///     │ clock  │ 16 bytes │ 32 bytes    │ u32   │ u32        │
///     └────────┴──────────┴─────────────┴───────┴────────────┘
///     ├──────────────────┬───────┬───────────┬──────────┬───────────┬──────┬──────────────┤
///     │ events           │ zeros │ tree size │ root     │ frame crc │ zero │ private area │
///     │ public length    │ to 8  │ u64       │ 32 bytes │ u32       │ u32  │              │
///     └──────────────────┴───────┴───────────┴──────────┴───────────┴──────┴──────────────┘
///
/// The header has a crc of its own, so that its lengths can be followed without reading what they
/// lead to. The frame crc covers everything from the magic through the root but the header crc:
/// bytes followed by their own CRC leave any CRC in the same state, whatever they are, and the
/// frame crc would then hold behind every header.
package struct FrameHeader: Hashable, Sendable {
  package enum Kind: UInt32, Hashable, Sendable { case events = 0, seal = 1 }

  package var kind: Kind
  package var publicLength: Int
  package var privateLength: Int
  package var fileOffset: UInt64
  package var firstPosition: Position
  package var eventCount: Int
  package var time: Instant
  /// What the wall clock said, which may go back.
  package var rawClock: Instant
  package var epoch: Epoch
  package var rootBefore: Digest

  /// The number of leaves of the tree behind this frame, which is the position of its last event.
  package var treeSize: UInt64 { firstPosition.rawValue - 1 + UInt64(eventCount) }

  /// The position of the last event; of a seal, that of the last event before it.
  package var lastPosition: Position { Position(treeSize) }

  /// The whole frame in bytes.
  package var size: Int { trailerOffset + FrameHeader.trailerSize + privateLength }

  /// Where the frame ends in the file.
  package var fileEnd: UInt64 { fileOffset + UInt64(size) }

  /// Where a frame of events behind this one begins; what is in between is zero.
  ///
  /// A disk may spoil the whole sector or page that a write falls into. So a frame shares none with
  /// the durable one before it; behind a large one only its page, of which too much lies elsewhere
  /// to vanish unseen.
  package var nextOffset: UInt64 {
    let alignment =
      publicLength > FrameHeader.sparseMax ? FrameHeader.sectorSize : FrameHeader.pageSize
    return (fileEnd + alignment - 1) & ~(alignment - 1)
  }

  /// Where the page ends that the frame ends in: zeros up to here are written with the frame.
  package var pageEnd: UInt64 {
    (fileEnd + FrameHeader.pageSize - 1) & ~(FrameHeader.pageSize - 1)
  }

  /// From the frame's first byte.
  package var trailerOffset: Int { FrameHeader.size + (publicLength + 7) & ~7 }

  package static let magic: UInt32 = 0x4D52_4643  // "CFRM"
  /// Of the header alone, in bytes.
  package static let size = 112
  package static let trailerSize = 48
  /// Of a whole frame, in bytes.
  package static let frameSizeMax = 16 << 20
  /// Every frame begins at a multiple of this, in bytes.
  package static let sectorSize: UInt64 = 512
  /// A seal, and whatever follows one or a frame with few events, begins at a multiple of this.
  package static let pageSize: UInt64 = 4_096
  /// The most bytes of events behind which a frame has a page of its own.
  package static let sparseMax = 16 << 10
  /// Far beyond what a disk can hold, and far from where sums overflow.
  package static let positionMax: UInt64 = 1 << 62
  /// In microseconds since 1970: 146,000 years, and far from where sums overflow.
  package static let timeMax: Int64 = 1 << 62
  static let checksumOffset = 108

  /// The frame crc of the frame that begins at `start` and whose root ends at `end`.
  static func frameChecksum(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, ledger: CRC32C
  ) -> UInt32 {
    var checksum = ledger
    checksum.update(bytes.extracting(start..<start + checksumOffset))
    checksum.update(bytes.extracting(start + size..<end))
    return checksum.value
  }
}

extension FrameHeader {
  /// The 112 bytes.
  func bytes(ledger: CRC32C) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(FrameHeader.size)
    bytes.append(littleEndian: FrameHeader.magic)
    bytes.append(littleEndian: kind.rawValue)
    bytes.append(littleEndian: UInt32(publicLength))
    bytes.append(littleEndian: UInt32(privateLength))
    bytes.append(littleEndian: fileOffset)
    bytes.append(littleEndian: firstPosition.rawValue)
    bytes.append(littleEndian: UInt32(eventCount))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: time.microseconds)
    bytes.append(littleEndian: rawClock.microseconds)
    epoch.append(to: &bytes)
    bytes.append(rootBefore)
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: ledger.checksum(bytes.span))
    return bytes
  }

  /// Reads the header that begins at `offset` of `bytes` and at `fileOffset` of the file.
  ///
  /// Nothing is believed before the checksum holds, and no length above the limits after it.
  package static func read(
    _ bytes: Span<UInt8>, at offset: Int, fileOffset: UInt64, ledger: CRC32C
  ) throws(FrameFault) -> FrameHeader {
    let available = bytes.count - offset
    guard available >= size else {
      throw .cutShort(at: fileOffset, size: size, available: available)
    }
    let magic: UInt32 = bytes.littleEndian(at: offset)
    guard magic == FrameHeader.magic else { throw .notAFrame(at: fileOffset) }
    let stored: UInt32 = bytes.littleEndian(at: offset + checksumOffset)
    let computed = ledger.checksum(bytes.extracting(offset..<offset + checksumOffset))
    guard stored == computed else {
      throw .headerChecksum(at: fileOffset, stored: stored, computed: computed)
    }
    func word(_ field: Int) -> UInt32 { bytes.littleEndian(at: offset + field) }
    func long(_ field: Int) -> UInt64 { bytes.littleEndian(at: offset + field) }

    guard long(16) == fileOffset else { throw .misplaced(at: fileOffset, stored: long(16)) }
    guard let kind = Kind(rawValue: word(4)) else { throw .kind(at: fileOffset, word(4)) }
    for field in [36, 104] where word(field) != 0 {
      throw .notZero(at: fileOffset + UInt64(field))
    }
    let header = FrameHeader(
      kind: kind, publicLength: Int(word(8)), privateLength: Int(word(12)),
      fileOffset: fileOffset, firstPosition: Position(long(24)), eventCount: Int(word(32)),
      time: Instant(microseconds: bytes.littleEndian(at: offset + 40)),
      rawClock: Instant(microseconds: bytes.littleEndian(at: offset + 48)),
      epoch: Epoch(bytes, at: offset + 56), rootBefore: Digest.read(bytes, at: offset + 72))
    try header.checkLimits()
    return header
  }

  private func checkLimits() throws(FrameFault) {
    guard size <= FrameHeader.frameSizeMax, privateLength.isMultiple(of: 16) else {
      throw .lengths(at: fileOffset, public: publicLength, private: privateLength)
    }
    guard (1...FrameHeader.positionMax).contains(firstPosition.rawValue) else {
      throw .firstPosition(at: fileOffset, firstPosition.rawValue)
    }
    guard (0...FrameHeader.timeMax).contains(time.microseconds) else {
      throw .impossibleTime(at: fileOffset, time)
    }
    guard epoch.generation <= Epoch.generationMax else {
      throw .generation(at: fileOffset, epoch.generation)
    }
    let isPlausible =
      switch kind {
      case .events: eventCount > 0 && eventCount <= publicLength / EventHead.sizeMin
      case .seal: eventCount == 0 && publicLength == 0 && privateLength == 0
      }
    guard isPlausible else { throw .eventCount(at: fileOffset, eventCount) }
    let alignment = kind == .seal ? FrameHeader.pageSize : FrameHeader.sectorSize
    guard fileOffset.isMultiple(of: alignment) else {
      throw .alignment(at: fileOffset, to: alignment)
    }
  }
}
