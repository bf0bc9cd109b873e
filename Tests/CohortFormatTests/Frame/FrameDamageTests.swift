import CohortFormat
import CohortModel
import TestSupport
import Testing

/// A log with every part that a log has: texts, a receipt, padding, several frames, a gap, a seal.
private func smallLog() throws -> SmallLog {
  var some = SomeEvents(seed: 11)
  var log = SmallLog()
  let ada = PersonalText("ada@example.org")
  try log.append([
    ([.userCreated(UserCreated(user: UserID(1), identifiers: [.externalID(ada)]))], nil),
    ([.cohortArchived(CohortID(7))], some.receipt()),
  ])
  try log.append([some.event(.membersChanged), .keyInvalidated(KeyID(3))])
  log.seal()
  try log.append([.cohortRestored(CohortID(7))])
  return log
}

@Suite struct `A flipped bit` {
  @Test func `in a frame is found in that frame, or is damage of one text`() throws {
    let log = try smallLog()
    let frames = SmallLog.read(log.bytes).frames
    #expect(frames.count == 4)
    for frame in frames {
      let whole = Array(log.bytes[frame.start..<frame.end])
      let base = frame.header.fileOffset
      let parsed = FrameScan.read(whole.span, at: 0, base: base, ledger: SmallLog.ledger)
      guard case .frame(let good) = parsed else {
        Issue.record("the frame is whole")
        return
      }
      let texts = try good.texts(in: whole.span, ledger: SmallLog.ledger)
      for bit in 0..<whole.count * 8 {
        var bytes = whole
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let read = FrameScan.read(bytes.span, at: 0, base: base, ledger: SmallLog.ledger)
        guard good.privateArea.contains(bit / 8) else {
          guard case .invalid(let fault) = read else {
            Issue.record("bit \(bit) of the frame at \(base) passed: \(read)")
            continue
          }
          #expect((base..<base + UInt64(whole.count)).contains(fault.offset))
          continue
        }
        #expect(read == .frame(good), "private bits are outside the checksum of the frame")
        let after = try good.texts(in: bytes.span, ledger: SmallLog.ledger)
        for (text, before) in zip(after, texts) {
          #expect(text.state == (text.range.contains(bit / 8) ? .damaged : before.state))
        }
      }
    }
  }

  /// FAULTS 25.
  @Test func `anywhere in the frames of 64 KiB is found in its frame`() throws {
    var log = SmallLog()
    var some = SomeEvents(seed: 12)
    while log.bytes.count < 64 << 10 {
      try log.append((0..<9).map { some.event(EventKind.allCases[$0 * 3 % 20]) })
    }
    for frame in SmallLog.read(log.bytes).frames {
      var bytes = Array(log.bytes[frame.start..<frame.end])
      let base = frame.header.fileOffset
      let good = FrameScan.read(bytes.span, at: 0, base: base, ledger: SmallLog.ledger)
      guard case .frame(let extent) = good else {
        Issue.record("the frame is whole")
        return
      }
      for bit in 0..<bytes.count * 8 {
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let read = FrameScan.read(bytes.span, at: 0, base: base, ledger: SmallLog.ledger)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        // Private bits are outside the checksum of the frame, and inside that of their text.
        if extent.privateArea.contains(bit / 8) {
          #expect(read == good, "bit \(bit) of the frame at \(base)")
        } else if case .invalid = read {
          continue
        } else {
          Issue.record("bit \(bit) of the frame at \(base) passed: \(read)")
        }
      }
    }
  }

  @Test func `in a gap, or behind the end, is found where it is`() throws {
    let log = try smallLog()
    let gap = Int(log.frames[1].fileEnd)..<Int(log.frames[2].fileOffset)
    #expect(gap.count > 2_000)
    for bit in gap.lowerBound * 8..<gap.upperBound * 8 {
      var bytes = log.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let read = FrameScan.read(bytes.span, at: gap.lowerBound, ledger: SmallLog.ledger)
      guard case .invalid(let fault) = read else {
        Issue.record("bit \(bit) passed: \(read)")
        continue
      }
      // Bits of the first four bytes are taken for a magic that is none.
      let isMagic = bit / 8 < gap.lowerBound + 4
      #expect(fault.offset == UInt64(isMagic ? gap.lowerBound : bit / 8))
    }
  }

  @Test func `in the file header is found`() throws {
    let header = FileHeader(ledger: SmallLog.ledger, created: Instant(microseconds: 5))
    let whole = header.bytes
    #expect(try FileHeader.read(whole.span) == header)
    for bit in 0..<whole.count * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: FileHeaderFault.self, "bit \(bit)") { try FileHeader.read(bytes.span) }
    }
  }
}

@Suite struct `A log that was cut` {
  @Test func `gives the frames before the cut and nothing else`() throws {
    let log = try smallLog()
    let all = SmallLog.read(log.bytes).frames
    for cut in FileHeader.size...log.bytes.count {
      let (frames, end, fault) = SmallLog.read(Array(log.bytes[..<cut]))
      let whole = all.filter { $0.end <= cut }
      #expect(frames == whole)
      let rest = log.bytes[end..<cut]
      #expect((fault == nil) == rest.allSatisfy { $0 == 0 }, "cut at \(cut)")
      if let fault {
        #expect(fault.offset == all[whole.count].header.fileOffset, "cut at \(cut)")
      }
    }
  }

  @Test func `inside its header says so`() {
    let whole = FileHeader(ledger: SmallLog.ledger, created: Instant(microseconds: 5)).bytes
    for cut in 0..<whole.count {
      let fault: FileHeaderFault = cut == 0 ? .empty(size: 0) : .cutShort(size: cut)
      #expect(throws: fault) { try FileHeader.read(Array(whole[..<cut]).span) }
    }
    #expect(throws: FileHeaderFault.empty(size: 9_999)) {
      try FileHeader.read([UInt8](repeating: 0, count: 9_999).span)
    }
  }

  @Test func `and zeroed or filled in sectors never gives a frame that was not written`() throws {
    let log = try smallLog()
    let all = SmallLog.read(log.bytes).frames
    for size in [512, 4_096] {
      for start in stride(from: FileHeader.size, to: log.bytes.count, by: size) {
        for filling: UInt8 in [0, 0xFF] {
          var bytes = log.bytes
          for index in start..<min(start + size, bytes.count) { bytes[index] = filling }
          if bytes == log.bytes { continue }
          let frames = SmallLog.read(bytes).frames
          #expect(frames == Array(all.prefix(frames.count)))
          let isPrivate = all.contains { $0.privateArea.contains(start) }
          #expect(frames.count < all.count || isPrivate)
        }
      }
    }
  }
}
