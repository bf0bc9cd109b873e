import CohortModel
import TestSupport
import Testing

@testable import CohortFormat

private func read(_ bytes: [UInt8], base: UInt64 = 4_096) -> FrameRead {
  FrameScan.read(bytes.span, at: 0, base: base, ledger: SmallLog.ledger)
}

private func oneFrame() throws -> EncodedFrame {
  var log = SmallLog()
  try log.append([.cohortArchived(CohortID(1)), .cohortRestored(CohortID(1))])
  return log.frames[0]
}

extension [UInt8] {
  /// Overwrites a field of a frame header and makes the header's checksum right again.
  fileprivate func with(_ value: UInt64, at offset: Int, size: Int) -> [UInt8] {
    var bytes = self
    for index in 0..<size { bytes[offset + index] = UInt8(value >> UInt64(8 * index) & 255) }
    let checksum = SmallLog.ledger.checksum.checksum(bytes.span.extracting(0..<108))
    for index in 0..<4 { bytes[108 + index] = UInt8(checksum >> UInt32(8 * index) & 255) }
    return bytes
  }
}

@Suite struct `A hostile header` {
  static let hostile: [UInt64] = [
    0, 1, 7, 15, 16, 1 << 24, 1 << 31, 1 << 32 - 1, 1 << 62, 1 << 62 + 1, 1 << 63, .max,
  ]

  @Test(arguments: [(4, 4), (8, 4), (12, 4), (16, 8), (24, 8), (32, 4), (36, 4), (104, 4)])
  func `with a right checksum is still not followed`(offset: Int, size: Int) throws {
    let frame = try oneFrame()
    for value in Self.hostile {
      let bytes = frame.bytes.with(value, at: offset, size: size)
      if bytes == frame.bytes { continue }
      guard case .invalid = read(bytes) else {
        Issue.record("\(value) at \(offset) passed")
        continue
      }
      // Alone, the header passes only where nothing but the rest of the frame can contradict it.
      let alone = FrameScan.header(bytes.span, at: 0, base: 4_096, ledger: SmallLog.ledger)
      if case .frame(let extent) = alone {
        #expect(extent.header.size <= FrameHeader.frameSizeMax)
      }
    }
  }

  @Test func `names the field that is wrong`() throws {
    let bytes = try oneFrame().bytes
    #expect(
      read(bytes.with(1 << 31, at: 8, size: 4))
        == .invalid(.lengths(at: 4_096, public: 1 << 31, private: 0)))
    #expect(
      read(bytes.with(1 << 32 - 1, at: 12, size: 4))
        == .invalid(.lengths(at: 4_096, public: 14, private: 1 << 32 - 1)))
    #expect(
      read(bytes.with(8, at: 12, size: 4))
        == .invalid(.lengths(at: 4_096, public: 14, private: 8)))
    #expect(
      read(bytes.with(1 << 63, at: 16, size: 8))
        == .invalid(.misplaced(at: 4_096, stored: 1 << 63)))
    #expect(
      read(bytes.with(1 << 63, at: 24, size: 8))
        == .invalid(.firstPosition(at: 4_096, 1 << 63)))
    #expect(read(bytes.with(0, at: 24, size: 8)) == .invalid(.firstPosition(at: 4_096, 0)))
    #expect(
      read(bytes.with(1 << 32 - 1, at: 32, size: 4))
        == .invalid(.eventCount(at: 4_096, 1 << 32 - 1)))
    #expect(read(bytes.with(0, at: 32, size: 4)) == .invalid(.eventCount(at: 4_096, 0)))
    #expect(read(bytes.with(2, at: 4, size: 4)) == .invalid(.kind(at: 4_096, 2)))
    #expect(read(bytes.with(9, at: 36, size: 4)) == .invalid(.notZero(at: 4_132)))
    #expect(read(bytes.with(9, at: 104, size: 4)) == .invalid(.notZero(at: 4_200)))
  }
}

@Suite struct `A frame` {
  @Test func `of another ledger, or for another offset, is none`() throws {
    let frame = try oneFrame()
    for seed in UInt64(10)..<30 {
      let other = FrameScan.read(
        frame.bytes.span, at: 0, base: 4_096, ledger: SmallLog.ledger(seed))
      guard case .invalid(.headerChecksum(at: 4_096, _, _)) = other else {
        Issue.record("another ledger's frame passed: \(other)")
        continue
      }
    }
    #expect(read(frame.bytes, base: 8_192) == .invalid(.misplaced(at: 8_192, stored: 4_096)))
    #expect(read(frame.bytes, base: 0) == .invalid(.misplaced(at: 0, stored: 4_096)))
  }

  @Test func `is skipped with its header alone`() throws {
    let frame = try oneFrame()
    let head = Array(frame.bytes[..<112])
    let read = FrameScan.header(head.span, at: 0, base: 4_096, ledger: SmallLog.ledger)
    #expect(read == .frame(FrameExtent(header: frame.header, start: 0)))
    #expect(frame.header.fileEnd == frame.fileEnd)
    #expect(
      self.cut(head) == .invalid(.cutShort(at: 4_096, size: frame.bytes.count, available: 112)))
  }

  private func cut(_ bytes: [UInt8]) -> FrameRead { read(bytes) }

  @Test func `is found behind rubbish, at multiples of 8 only`() throws {
    let frame = try oneFrame()
    var dice = SeededRandom(seed: 3)
    for gap in [0, 8, 1_000, 4_096] {
      let base = 4_096 - UInt64(gap)
      let bytes = dice.bytes(gap) + frame.bytes + dice.bytes(100)
      let found = FrameScan.firstHeader(
        in: bytes.span, from: 0, base: base, ledger: SmallLog.ledger)
      #expect(found == FrameExtent(header: frame.header, start: gap))
      #expect(
        FrameScan.firstHeader(
          in: bytes.span, from: gap + 1, base: base, ledger: SmallLog.ledger) == nil)
    }
  }

  @Test func `of random bytes never passes and never traps`() {
    var dice = SeededRandom(seed: 4)
    let magic: [UInt8] = [0x43, 0x46, 0x52, 0x4D]
    for size in 0..<400 {
      for prefix in [[], magic] {
        let bytes = prefix + dice.bytes(size)
        if bytes.allSatisfy({ $0 == 0 }) { continue }
        guard case .invalid = read(bytes) else {
          Issue.record("\(bytes) passed")
          continue
        }
      }
    }
  }

  @Test func `is never begun by zeros, which end at the next boundary`() {
    let zeros = [UInt8](repeating: 0, count: 10_000)
    for base in [UInt64(0), 8, 4_088, 1 << 40] {
      for start in [0, 1, 4_095, 4_096, 9_999, 10_000] {
        let end = FrameScan.read(zeros.span, at: start, base: base, ledger: SmallLog.ledger)
        let boundary = (Int(base) + start) / 4_096 * 4_096 + 4_096 - Int(base)
        #expect(end == .zeros(end: start == 10_000 ? 10_000 : min(boundary, 10_000)))
      }
    }
  }
}

@Suite struct `A chain of frames` {
  @Test func `accepts the log and nothing else in any place of it`() throws {
    var log = SmallLog()
    for number in 1..<6 {
      try log.append([.cohortArchived(CohortID(UInt32(number)))])
      if number.isMultiple(of: 2) { log.seal() }
    }
    var chain = FrameChain()
    for (index, frame) in log.frames.enumerated() {
      for (other, wrong) in log.frames.enumerated() where other != index {
        var copy = chain
        #expect(throws: FrameFault.self) { try copy.accept(wrong.header, root: wrong.root) }
        #expect(copy == chain)
      }
      try chain.accept(frame.header, root: frame.root)
      #expect(chain.end == frame.fileEnd && chain.root == frame.root)
      #expect(chain.isSealed == (frame.header.kind == .seal))
    }
  }

  @Test func `says which link does not fit`() throws {
    var log = SmallLog()
    try log.append([.cohortArchived(CohortID(1))])
    try log.append([.cohortArchived(CohortID(2))])
    var chain = FrameChain()
    try chain.accept(log.frames[0].header, root: log.frames[0].root)
    let good = log.frames[1].header
    func fault(_ change: (inout FrameHeader) -> Void) -> FrameFault? {
      var (copy, header) = (chain, good)
      change(&header)
      do { try copy.accept(header, root: log.frames[1].root) } catch { return error }
      return nil
    }
    let at = good.fileOffset
    let first = log.frames[0].header
    #expect(fault { _ in } == nil)
    #expect(fault { $0.fileOffset += 8 } == .gap(at: at + 8, expected: at))
    #expect(
      fault { $0.firstPosition = Position(3) }
        == .position(at: at, Position(3), expected: Position(2)))
    #expect(fault { $0.time = first.time } == .time(at: at, first.time, after: first.time))
    let (older, twin) = (SmallLog.epoch(0), Epoch(generation: 1, random: SeededBytes(seed: 77)))
    #expect(fault { $0.epoch = older } == .epoch(at: at, older, after: first.epoch))
    #expect(fault { $0.epoch = twin } == .epoch(at: at, twin, after: first.epoch))
    #expect(fault { $0.epoch = SmallLog.epoch(2) } == nil)
    #expect(fault { $0.rootBefore = .zero } == .root(at: at))
    #expect(fault { $0.fileOffset = first.fileEnd } == .gap(at: first.fileEnd, expected: at))
  }

  @Test func `begins on a page of its own, and behind many events on a sector of its own`() throws {
    for size in [0, 300, 4_000, 15_000, 16_300, 16_400, 30_000, 70_001] {
      var log = SmallLog()
      let name = Text(bytes: [UInt8](repeating: 0x61, count: size))
      try log.append([
        .cohortNamed(
          CohortNamed(
            cohort: CohortID(1), partner: PartnerID(1), cohortID: "c", name: name, createdAt: nil))
      ])
      try log.append([.cohortArchived(CohortID(1))])
      let first = log.frames[0].header
      let alignment: UInt64 = first.publicLength > 16_384 ? 512 : 4_096
      let next = (first.fileEnd + alignment - 1) / alignment * alignment
      #expect(first.nextOffset == next && log.frames[1].fileOffset == next, "\(size)")

      var chain = FrameChain(after: first, root: log.frames[0].root)
      #expect(chain.next == next && chain.sealOffset == (first.fileEnd + 4_095) / 4_096 * 4_096)
      var seal = log.frames[1].header
      seal.kind = .seal
      for offset in Set([next, chain.sealOffset]) {
        seal.fileOffset = offset
        var copy = chain
        let isThere = (try? copy.accept(seal, root: seal.rootBefore)) != nil
        #expect(isThere == (offset == chain.sealOffset), "\(size)")
      }
      try chain.accept(log.frames[1].header, root: log.frames[1].root)
      #expect(chain.next.isMultiple(of: 4_096))
    }
  }
}
