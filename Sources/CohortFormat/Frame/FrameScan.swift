package import CohortModel

/// Where the parts of a frame lie in the bytes that it was read from.
package struct FrameExtent: Hashable, Sendable {
  package let header: FrameHeader
  /// Of the frame's first byte, in the bytes that it was read from.
  package let start: Int

  package var events: Range<Int> {
    start + FrameHeader.size..<start + FrameHeader.size + header.publicLength
  }

  package var trailer: Int { start + header.trailerOffset }

  package var privateArea: Range<Int> { end - header.privateLength..<end }

  /// Where the gap before the next frame begins.
  package var end: Int { start + header.size }

  /// The root of the tree behind this frame, as the frame gives it.
  package func root(in bytes: Span<UInt8>) -> Digest { Digest.read(bytes, at: trailer + 8) }

  /// The same frame, in bytes that begin with it.
  package var atStart: FrameExtent { FrameExtent(header: header, start: 0) }

  /// Where `offset` of the bytes stands in the file.
  package func fileOffset(of offset: Int) -> UInt64 {
    header.fileOffset + UInt64(offset - start)
  }
}

/// What stands at one offset of the log.
package enum FrameRead: Hashable, Sendable {
  case frame(FrameExtent)
  /// Only zeros up to `end`: the next 4 KiB boundary of the file, or the end of the bytes.
  case zeros(end: Int)
  /// Anything else. Whether that is a torn tail or damage depends on what follows.
  case invalid(FrameFault)
}

/// Looks for frames in a part of the log.
///
/// `base` is where the first byte of `bytes` stands in the file.
package enum FrameScan {
  /// Reads a whole frame: its header, its checksum, and what must be zero.
  ///
  /// Texts of the private area are not looked at (``TextEntry``), nor are events
  /// (``EventDecoder``) or hashes (``FrameExtent/leaves(in:)``).
  ///
  /// - Complexity: O(n) in the size of the frame: about 0.05 ns a byte. Allocates nothing.
  package static func read(
    _ bytes: Span<UInt8>, at offset: Int, base: UInt64 = 0, ledger: LedgerID
  ) -> FrameRead {
    let read = header(bytes, at: offset, base: base, ledger: ledger)
    guard case .frame(let frame) = read else { return read }
    do throws(FrameFault) {
      try frame.check(bytes, ledger: ledger.checksum)
      return read
    } catch {
      return .invalid(error)
    }
  }

  /// Reads only the header of a frame: enough to skip it.
  ///
  /// The frame may go on behind the end of `bytes`; 112 bytes are enough.
  ///
  /// - Complexity: O(1), or O(4,096) for zeros. Allocates nothing.
  package static func header(
    _ bytes: Span<UInt8>, at offset: Int, base: UInt64 = 0, ledger: LedgerID
  ) -> FrameRead {
    let fileOffset = base + UInt64(offset)
    if offset == bytes.count { return .zeros(end: offset) }
    if bytes.count - offset < 4 || bytes.littleEndian(UInt32.self, at: offset) == 0 {
      let boundary = fileOffset / FrameHeader.pageSize + 1
      let toBoundary = Int(boundary * FrameHeader.pageSize - fileOffset)
      let end = min(bytes.count, offset + toBoundary)
      if let nonzero = bytes.firstNonzero(in: offset..<end) {
        return .invalid(.notZero(at: base + UInt64(nonzero)))
      }
      return .zeros(end: end)
    }
    do throws(FrameFault) {
      let header = try FrameHeader.read(
        bytes, at: offset, fileOffset: fileOffset, ledger: ledger.checksum)
      return .frame(FrameExtent(header: header, start: offset))
    } catch {
      return .invalid(error)
    }
  }

  /// The first frame header at a multiple of 512 of the file, from `offset` on, that is valid.
  ///
  /// What it leads to may still be torn: read it to know.
  ///
  /// - Complexity: O(n / 512): four bytes are looked at in each sector.
  package static func firstHeader(
    in bytes: Span<UInt8>, from offset: Int, base: UInt64 = 0, ledger: LedgerID
  ) -> FrameExtent? {
    let checksum = ledger.checksum
    let sector = FrameHeader.sectorSize
    var offset = offset + Int((0 &- (base + UInt64(offset))) & (sector - 1))
    while offset + FrameHeader.size <= bytes.count {
      if bytes.littleEndian(UInt32.self, at: offset) == FrameHeader.magic,
        let header = try? FrameHeader.read(
          bytes, at: offset, fileOffset: base + UInt64(offset), ledger: checksum)
      {
        return FrameExtent(header: header, start: offset)
      }
      offset += Int(sector)
    }
    return nil
  }
}

extension FrameExtent {
  /// Checks everything but the private area and the meaning of the events.
  fileprivate func check(_ bytes: Span<UInt8>, ledger: CRC32C) throws(FrameFault) {
    guard end <= bytes.count else {
      throw .cutShort(
        at: header.fileOffset, size: header.size, available: bytes.count - start)
    }
    let stored: UInt32 = bytes.littleEndian(at: trailer + 40)
    let computed = FrameHeader.frameChecksum(bytes, from: start, to: trailer + 40, ledger: ledger)
    guard stored == computed else {
      throw .frameChecksum(at: header.fileOffset, stored: stored, computed: computed)
    }
    for range in [events.upperBound..<trailer, trailer + 44..<trailer + 48] {
      if let nonzero = bytes.firstNonzero(in: range) {
        throw .notZero(at: fileOffset(of: nonzero))
      }
    }
    let treeSize: UInt64 = bytes.littleEndian(at: trailer)
    guard treeSize == header.treeSize else {
      throw .treeSize(at: header.fileOffset, stored: treeSize, computed: header.treeSize)
    }
    guard header.kind == .events || root(in: bytes) == header.rootBefore else {
      throw .root(at: header.fileOffset)
    }
  }
}
