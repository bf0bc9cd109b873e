import CohortFormat
import CohortModel

/// What the bytes behind the last readable frame are.
enum TailVerdict: Hashable, Sendable {
  /// Zeros up to the end of data.
  case clean
  /// What a crash can leave of one frame, from where it begins, or from the end of the last one if
  /// the gap is not zero, to the last byte that is not zero.
  case torn(Range<Int>)
  /// More than a crash can do; the frame that stands behind it, if one was found.
  case damaged(next: FrameHeader?)
}

/// Finds out what lies behind the last frame that could be read.
///
///     … frame N │ gap │ first unreadable byte …………………………………………… end of data
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
  /// The header of a later frame that was written for another place, if that is the damage.
  private(set) var moved: FrameFault?

  /// Nothing was looked at yet.
  init() {}

  var isDamaged: Bool { if case .damaged = verdict { true } else { false } }

  /// Looks at everything behind the last readable frame.
  ///
  /// - Parameters:
  ///   - file: The log.
  ///   - disk: Where it lies.
  ///   - chain: Behind the last readable frame.
  ///   - isRejected: Whether the next frame is whole, and rejected for its private area.
  ///   - ledger: Whose log it is.
  ///   - readSize: How much is read at a time, in bytes.
  /// - Throws: What the disk threw.
  init(
    _ file: Descriptor, on disk: any Disk, behind chain: FrameChain, isRejected: Bool = false,
    of ledger: LedgerID, readSize: Int
  ) throws(DiskError) {
    let start = Int(chain.end)
    let generation = chain.last?.epoch.generation ?? 0
    let headersFrom = isRejected ? Int(chain.next) + 8 : start
    var offset = start
    var first: Int?
    var end = start
    while let written = try disk.writtenRange(of: file, from: offset) {
      let base = max(offset, written.lowerBound)
      offset = min(written.upperBound, base + readSize)
      // A header may lie across the edge.
      let bytes = try disk.read(file, at: base, count: offset - base + FrameHeader.size - 8)
      let seen = min(offset - base, bytes.count)
      guard let lastByte = bytes.span.lastNonzero(in: 0..<seen) else { continue }
      if first == nil { first = bytes.span.firstNonzero(in: 0..<seen).map { base + $0 } }
      end = base + lastByte + 1

      var index = max(0, headersFrom - base)
      while index < seen,
        let frame = FrameScan.firstHeader(
          in: bytes.span, from: index, base: UInt64(base), ledger: ledger),
        frame.start < seen
      {
        index = frame.start + Int(FrameHeader.sectorSize)
        generationMax = max(generationMax, frame.header.epoch.generation)
        if frame.header.epoch.generation >= generation,
          try TailSearch.isWhole(frame.header, in: file, on: disk, of: ledger)
        {
          verdict = .damaged(next: frame.header)
          return
        }
      }
      moved = TailSearch.movedFrame(
        bytes.span, from: max(0, headersFrom - base), base: base, behind: chain, of: ledger)
      if moved != nil {
        verdict = .damaged(next: nil)
        return
      }
    }
    guard let first else { return }
    verdict =
      if end - Int(chain.next) > FrameHeader.frameSizeMax {
        .damaged(next: nil)
      } else { .torn((first < chain.next ? start : Int(chain.next))..<end) }
  }

  /// A header that was written for another place, and has events behind the last.
  ///
  /// No crash leaves one. Older ones are torn, as of a log that somebody has appended to itself, or
  /// of a block that was the last frame's or its seal's once.
  private static func movedFrame(
    _ bytes: Span<UInt8>, from start: Int, base: Int, behind chain: FrameChain,
    of ledger: LedgerID
  ) -> FrameFault? {
    var index = start + (8 - (base + start) & 7) & 7
    while index + FrameHeader.size <= bytes.count {
      defer { index += 8 }
      guard bytes.littleEndian(UInt32.self, at: index) == FrameHeader.magic,
        case .invalid(let fault) = FrameScan.header(
          bytes, at: index, base: UInt64(base), ledger: ledger),
        case .misplaced(_, let place) = fault,
        let moved = try? FrameHeader.read(
          bytes, at: index, fileOffset: place, ledger: ledger.checksum)
      else { continue }
      if moved.epoch.generation >= chain.last?.epoch.generation ?? 0,
        moved.lastPosition > chain.position
      {
        return fault
      }
    }
    return nil
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
