import CohortFormat
import CohortModel

/// What the bytes behind the last readable frame are.
enum TailVerdict: Hashable, Sendable {
  /// Zeros up to the end of data.
  case clean
  /// What a crash can leave of one frame, from the first unreadable byte to the last that is not
  /// zero.
  case torn(Range<Int>)
  /// More than a crash can do; the frame that stands behind it, if one was found.
  case damaged(next: FrameHeader?)
}

/// Finds out what lies behind the last frame that could be read.
///
///     … frame N │ first unreadable byte …………………………………………………… end of data
///
/// Frame N + 1 is written only when N is durable, and N + 2 only when N + 1 is. So a crash leaves
/// at most one frame torn, with nothing of this life of the writer behind it:
///
/// - zeros to the end of data (holes are zeros): a clean end;
/// - a whole frame of this ledger in its own place, of the last generation or a later one: the
///   bytes before it were durable once, and are damaged;
/// - a header of such a frame that was written for another place: bytes were taken out or put in;
/// - non-zero bytes further away than one maximal frame reaches: damaged;
/// - anything else: torn. Whole frames of earlier generations are leftovers of a tail that was cut.
struct TailSearch {
  private(set) var verdict = TailVerdict.clean
  /// Of every header that could be read, torn and outdated ones too; the next life must be later.
  private(set) var generationMax: UInt32 = 0

  /// Nothing was looked at yet.
  init() {}

  var isDamaged: Bool { if case .damaged = verdict { true } else { false } }

  /// Looks at everything behind `start`.
  ///
  /// - Parameters:
  ///   - file: The log.
  ///   - disk: Where it lies.
  ///   - start: Behind the last frame.
  ///   - headersFrom: Where the search for whole frames begins: behind `start` if the frame there
  ///   is
  ///     whole and rejected for its private area.
  ///   - last: The last readable frame; `nil` if there is none.
  ///   - ledger: Whose log it is.
  ///   - readSize: How much is read at a time, in bytes.
  /// - Throws: What the disk threw.
  init(
    _ file: Descriptor, on disk: any Disk, from start: Int, headersFrom: Int? = nil,
    behind last: FrameHeader?, of ledger: LedgerID, readSize: Int
  ) throws(DiskError) {
    let generation = last?.epoch.generation ?? 0
    let headersFrom = headersFrom ?? start
    var offset = start
    var end = start
    while let written = try disk.writtenRange(of: file, from: offset) {
      let first = max(offset, written.lowerBound)
      offset = min(written.upperBound, first + readSize)
      // A header may lie across the edge.
      let bytes = try disk.read(file, at: first, count: offset - first + FrameHeader.size - 8)
      let seen = min(offset - first, bytes.count)
      guard let lastByte = bytes.span.lastNonzero(in: 0..<seen) else { continue }
      end = first + lastByte + 1

      var index = max(0, headersFrom - first)
      while index < seen,
        let frame = FrameScan.firstHeader(
          in: bytes.span, from: index, base: UInt64(first), ledger: ledger),
        frame.start < seen
      {
        index = frame.start + 8
        generationMax = max(generationMax, frame.header.epoch.generation)
        if frame.header.epoch.generation >= generation,
          try TailSearch.isWhole(frame.header, in: file, on: disk, of: ledger)
        {
          verdict = .damaged(next: frame.header)
          return
        }
      }
      if TailSearch.hasMovedFrame(
        bytes.span, from: max(0, headersFrom - first), base: first, behind: last, of: ledger)
      {
        verdict = .damaged(next: nil)
        return
      }
    }
    verdict =
      if end == start { .clean } else if end - start > FrameHeader.frameSizeMax {
        .damaged(next: nil)
      } else { .torn(start..<end) }
  }

  /// Whether a header stands there that was written for another place, of events behind the last.
  ///
  /// No crash leaves one. Older ones, as of a log that somebody has appended to itself, are torn.
  private static func hasMovedFrame(
    _ bytes: Span<UInt8>, from start: Int, base: Int, behind last: FrameHeader?,
    of ledger: LedgerID
  ) -> Bool {
    var index = start + (8 - (base + start) & 7) & 7
    while index + FrameHeader.size <= bytes.count {
      defer { index += 8 }
      guard bytes.littleEndian(UInt32.self, at: index) == FrameHeader.magic,
        case .invalid(.misplaced(_, let place)) = FrameScan.header(
          bytes, at: index, base: UInt64(base), ledger: ledger),
        let moved = try? FrameHeader.read(
          bytes, at: index, fileOffset: place, ledger: ledger.checksum)
      else { continue }
      if moved.epoch.generation >= last?.epoch.generation ?? 0,
        moved.firstPosition > last?.lastPosition ?? .origin
      {
        return true
      }
    }
    return false
  }

  private static func isWhole(
    _ header: FrameHeader, in file: Descriptor, on disk: any Disk, of ledger: LedgerID
  ) throws(DiskError) -> Bool {
    let bytes = try disk.read(file, at: Int(header.fileOffset), count: header.size)
    let read = FrameScan.read(bytes.span, at: 0, base: header.fileOffset, ledger: ledger)
    if case .frame = read { return true } else { return false }
  }
}

extension Span<UInt8> {
  /// The last byte of `range` that is not zero.
  ///
  /// - Complexity: O(n), eight bytes at a time.
  func lastNonzero(in range: Range<Int>) -> Int? {
    guard firstNonzero(in: range) != nil else { return nil }
    var end = range.upperBound
    while end - 8 >= range.lowerBound, littleEndian(UInt64.self, at: end - 8) == 0 { end -= 8 }
    while end > range.lowerBound, self[end - 1] == 0 { end -= 1 }
    return end - 1
  }
}
