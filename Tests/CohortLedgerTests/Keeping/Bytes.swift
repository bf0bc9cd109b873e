import CohortFormat
import CohortLog
import CohortModel
import TestSupport

@testable import CohortLedger

/// A log as bytes, to be damaged and looked at.
struct Bytes {
  var bytes: [UInt8]
  let ledger: LedgerID

  init(_ disk: SimulatedDisk, _ path: String = KeptStory.log) throws {
    let file = try LogFile(path, on: disk)
    bytes = try file.bytes(in: 0..<file.size)
    ledger = try file.header().ledger
  }

  /// Where each frame lies, with the gap behind it.
  func frames() throws -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    try forEachFrame { frame, _ in
      if let last = ranges.indices.last {
        ranges[last] = ranges[last].lowerBound..<frame.header.fileOffset
      }
      ranges.append(frame.header.fileOffset..<frame.header.fileEnd)
    }
    return ranges
  }

  func forEachFrame(_ body: (FrameExtent, Span<UInt8>) -> Void) throws {
    var walk = LogWalk(try file(), of: ledger)
    while try walk.next({ frame, bytes in body(frame, bytes) }) == .frame {}
  }

  func flipped(_ offset: Int, _ bit: Int) -> Bytes {
    var copy = self
    copy.bytes[offset] ^= 1 << UInt8(bit)
    return copy
  }

  func filled(_ range: Range<Int>, _ byte: UInt8) -> Bytes {
    var copy = self
    for offset in range { copy.bytes[offset] = byte }
    return copy
  }

  func file(on disk: SimulatedDisk = SimulatedDisk()) throws -> LogFile {
    let file = try LogFile("/log", .create, on: disk)
    try file.write(bytes, at: 0)
    return file
  }

  func verify(against heads: [TreeHead] = []) throws -> VerifyReport {
    let disk = SimulatedDisk()
    _ = try file(on: disk)
    return try Ledger.verify("/log", against: heads, on: disk)
  }

  /// Edits the events of one frame, and makes its checksum right, but no root.
  mutating func edit(frameAt start: Int, _ edit: (inout [UInt8]) throws -> Void) throws {
    let header = try FrameHeader.read(
      bytes.span, at: start, fileOffset: UInt64(start), ledger: ledger.checksum)
    let range = start + FrameHeader.size..<start + FrameHeader.size + header.publicLength
    var events = Array(bytes[range])
    try edit(&events)
    bytes.replaceSubrange(range, with: events)
    let stored = start + header.trailerOffset + 40
    var checksum = ledger.checksum
    checksum.update(bytes.span.extracting(start..<start + FrameHeader.size - 4))
    checksum.update(bytes.span.extracting(start + FrameHeader.size..<stored))
    for byte in 0..<4 {
      bytes[stored + byte] = UInt8(truncatingIfNeeded: checksum.value >> (8 * byte))
    }
  }

  /// The same log with other events, as somebody would write it who recomputes everything.
  func forged(_ edit: (Event) -> Event) throws -> [UInt8] {
    var forged = Array(bytes[..<4_096])
    var chain = FrameChain()
    var tree = MerkleFrontier()
    var request: UInt64 = 0
    try forEachFrame { frame, bytes in
      guard frame.header.kind == .events else { return }
      var builder = FrameBuilder(
        ledger: ledger, epoch: frame.header.epoch, chain: chain, tree: tree,
        lastRequest: request, random: SeededRandomSource(seed: 9))
      builder.begin(time: frame.header.time, rawClock: frame.header.rawClock)
      try? frame.forEachEvent(in: bytes, ledger: ledger) { decoded in
        let recorded = decoded.recorded
        _ = try? builder.append(
          edit(recorded.event), key: recorded.key, receipt: recorded.receipt,
          endsRequest: recorded.position == recorded.request)
      }
      let encoded = builder.finish()
      forged += encoded.bytes
      chain = builder.chain
      forged += [UInt8](repeating: 0, count: Int(chain.next) - forged.count)
      tree = builder.tree
      request = builder.request - 1
    }
    return forged
  }
}
