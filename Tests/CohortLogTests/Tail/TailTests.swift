import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

/// Everything that can stand behind the last whole frame.
@Suite struct `The tail of a log` {
  @Test(arguments: [[], [4]] as [Set<Int>]) func `cut at every byte of the last frames`(
    seals: Set<Int>
  ) throws {
    let sample = try SampleLog(seals: seals)
    let first = sample.range(sample.frames.count - 3).lowerBound
    for size in first..<sample.bytes.count {
      let disk = try sample.disk(with: Array(sample.bytes.prefix(size)))
      var test = try TestLog(on: disk, for: .write, seed: 9)
      let expected = sample.leaves(before: size)
      try #require(test.scanned.leaves == expected, "\(size)")
      try #require(test.report.condition == .writable, "\(size)")

      let end = min(Int(test.report.chain.next), size)
      let torn = Array(sample.bytes[end..<size].reversed().drop { $0 == 0 }.reversed())
      let recovered = test.report.recovered
      try #require(recovered.count == (torn.isEmpty ? 0 : 1), "\(size)")
      if let tail = recovered.first {
        #expect(tail.offset == UInt64(end) && tail.size == torn.count)
        #expect(disk.contents(of: "/ledger/torn-\(end)-\(SHA256.digest(torn.span))") == torn)
        #expect(tail.mayHaveBeenAcknowledged || size > sample.range(4).upperBound)
      }
      _ = try test.recordRecovery()
      try test.append(sampleEvents(1))
    }
  }

  @Test func `cut at a frame while a snapshot has seen more is reported as a loss`() throws {
    let sample = try SampleLog()
    let disk = try sample.disk(with: sample.bytes)
    let test = try TestLog(on: disk, for: .write)
    let anchor = try #require(LogAnchor(test.log.chain))
    let writer = test.log.snapshots.begin(content: 1, behind: anchor)
    writer.begin("state")
    writer.append([1, 2, 3].span)
    try writer.finish()
    try test.log.close()

    for cut in [sample.range(4).lowerBound, sample.range(3).lowerBound + 100] {
      try disk.place(Array(sample.bytes.prefix(cut)), at: TestLog.path)
      let cutTest = try TestLog(on: disk, for: .write)
      let end = cutTest.report.chain.position
      #expect(cutTest.report.condition == .lost(Loss(end: end, seen: anchor)))
      #expect(cutTest.scanned.leaves == sample.leaves(before: cut))
      #expect(throws: LogError.readOnly(path: TestLog.path)) {
        try cutTest.log.ensureSpace(through: 9_000)
      }
      #expect(disk.contents(of: TestLog.path)?.count == cut, "nothing is cut off")
      try cutTest.log.close()
    }
  }

  /// FAULTS 16.
  @Test func `cut at a frame while a seal has seen more is damage`() throws {
    for number in 1..<5 {
      let sample = try SampleLog(seals: [4])
      var bytes = sample.bytes
      for index in sample.range(number).lowerBound..<sample.range(5).lowerBound { bytes[index] = 0 }
      let test = try sample.open(bytes)
      guard case .damaged(let damage) = test.report.condition else {
        Issue.record("\(number): \(test.report.condition)")
        continue
      }
      #expect(damage.next == sample.frames[5].header)
      #expect(test.scanned.leaves == sample.leaves(number))
    }
  }

  @Test func `of zeros is a clean end, however long`() throws {
    let sample = try SampleLog()
    for zeros in Array(0..<1_100) + Array(stride(from: 1_100, to: 8_190, by: 37))
      + [8_191, 8_192, 300_000]
    {
      let test = try sample.open(sample.bytes + [UInt8](repeating: 0, count: zeros))
      #expect(test.scanned.leaves == sample.leaves(5))
      #expect(test.report.condition == .writable && test.report.recovered.isEmpty)
    }
  }

  @Test func `of ten gibibytes of holes is a clean end and is not read`() throws {
    let folder = try TemporaryFolder()
    let disk = PosixDisk()
    var test = try TestLog(on: disk, in: folder.path)
    let leaves = try test.append(sampleEvents(1)).leaves
    try test.log.close()
    let file = try disk.open("\(folder.path)/events.log", .readAndWrite)
    try disk.truncate(file, to: 10 << 30)
    try disk.close(file)

    let counting = CountingDisk(disk)
    var again = try TestLog(on: counting, in: folder.path, for: .write)
    #expect(again.scanned.leaves == leaves)
    #expect(again.report.condition == .writable)
    #expect(counting.bytesRead < 1 << 20)
    try again.append(sampleEvents(2))
    #expect(try disk.size(of: disk.open("\(folder.path)/events.log", .read)) < 1 << 20)
    try again.log.close()
  }

  @Test func `of random bytes is torn up to one maximal frame, and damage beyond`() throws {
    let sample = try SampleLog()
    var random = SeededRandom(seed: 4)
    for size in [1, 2, 7, 8, 9, 111, 112, 113, 511, 512, 4_096, 70_000, FrameHeader.frameSizeMax] {
      var bytes = random.bytes(size)
      bytes[size - 1] = 1
      let test = try sample.open(sample.bytes + bytes)
      #expect(test.report.condition == .writable)
      #expect(test.report.recovered.map(\.size) == [size])
    }
    var bytes = random.bytes(FrameHeader.frameSizeMax + 1)
    bytes[FrameHeader.frameSizeMax] = 1
    let test = try sample.open(sample.bytes + bytes)
    guard case .damaged(let damage) = test.report.condition else {
      Issue.record("\(test.report.condition)")
      return
    }
    #expect(damage.offset == UInt64(sample.bytes.count) && damage.next == nil)
    #expect(test.scanned.leaves == sample.leaves(5))
  }

  @Test func `with an older frame of the same log never replays it`() throws {
    let sample = try SampleLog()
    for number in 0..<5 {
      let test = try sample.open(sample.bytes + sample.frames[number].bytes)
      #expect(test.scanned.leaves == sample.leaves(5))
      #expect(test.report.recovered.count == 1)
    }
  }

  @Test func `with a frame of another ledger or another history never replays it`() throws {
    let sample = try SampleLog()
    let other = try SampleLog(seed: 2)
    let foreign = Array(other.bytes[other.range(4)])
    let test = try sample.open(Array(sample.bytes[..<sample.range(4).lowerBound]) + foreign)
    #expect(test.scanned.leaves == sample.leaves(4))
    #expect(test.report.recovered.count == 1)

  }

  @Test func `with a whole frame that continues another history is refused`() throws {
    let sample = try SampleLog()
    let last = sample.frames[4]
    var tree = MerkleFrontier()
    tree.append(contentsOf: sample.leaves(5).reversed())
    let forged = forge(behind: last.header, tree: tree, epoch: last.header.epoch, sample)
    let test = try sample.open(sample.bytes + forged.bytes)
    #expect(test.scanned.leaves == sample.leaves(5))
    #expect(
      test.report.condition
        == .damaged(
          Damage(
            offset: last.header.nextOffset, after: last.header.lastPosition,
            timeAfter: last.header.time, next: forged.header,
            fault: .root(at: last.header.nextOffset))))
  }

  @Test func `with a whole frame of an earlier generation is torn`() throws {
    let sample = try SampleLog()
    var test = try sample.open(sample.bytes)
    let newer = try test.append(sampleEvents(2))
    var header = newer.header
    header.epoch = sample.frames[0].header.epoch
    let stale = forge(behind: header, tree: test.builder.tree, epoch: header.epoch, sample)
    var bytes = sample.bytes + newer.bytes
    bytes += [UInt8](repeating: 0, count: Int(stale.fileOffset) - bytes.count) + stale.bytes
    let again = try sample.open(bytes)
    #expect(again.scanned.leaves == sample.leaves(5) + newer.leaves)
    #expect(again.report.recovered.count == 1)
  }

  private func forge(
    behind header: FrameHeader, tree: MerkleFrontier, epoch: Epoch, _ sample: SampleLog
  ) -> EncodedFrame {
    var builder = FrameBuilder(
      ledger: sample.ledger, epoch: epoch, chain: FrameChain(after: header, root: tree.root),
      tree: tree, lastRequest: 100, random: SeededRandomSource(seed: 3))
    let time = Instant(microseconds: header.time.microseconds + 1)
    builder.begin(time: time, rawClock: time)
    _ = try? builder.append(.cohortArchived(CohortID(1)), key: KeyID(0), endsRequest: true)
    return builder.finish()
  }

  @Test func `with a copy of the last seal where it does not belong is torn`() throws {
    let sample = try SampleLog(seals: [4])
    for sectors in [1, 7, 60] {
      let gap = [UInt8](repeating: 0, count: 512 * sectors)
      let test = try sample.open(sample.bytes + gap + sample.frames[5].bytes)
      #expect(test.report.condition == .writable)
      #expect(test.scanned.leaves == sample.leaves(6))
    }
  }

  @Test func `with impossible lengths allocates nothing and is torn`() throws {
    let sample = try SampleLog()
    let start = sample.range(4).lowerBound
    for field in [8, 12] {
      for value: UInt32 in [0, 1, 1 << 20, 1 << 24, 1 << 31, .max] {
        for isSigned in [false, true] {
          var bytes = sample.bytes
          bytes.store(value, at: start + field)
          if isSigned { bytes.signHeader(at: start, of: sample.ledger) }
          let test = try sample.open(bytes)
          #expect(test.scanned.leaves == sample.leaves(4), "\(field) \(value) \(isSigned)")
          #expect(test.report.recovered.count == 1, "\(field) \(value) \(isSigned)")
        }
      }
    }
  }

  @Test func `with the sectors of the last frame permuted, dropped or doubled is torn`() throws {
    let sample = try SampleLog(sizes: [0, 300, 3_000])
    let range = sample.range(2)
    let first = range.lowerBound / 512 + 1
    let last = range.upperBound / 512
    for a in first..<last {
      for b in first..<last where a != b {
        var swapped = sample.bytes
        for index in 0..<512 { swapped.swapAt(a * 512 + index, b * 512 + index) }
        var doubled = sample.bytes
        for index in 0..<512 { doubled[a * 512 + index] = doubled[b * 512 + index] }
        for bytes in [swapped, doubled] where bytes != sample.bytes {
          let test = try sample.open(bytes)
          #expect(test.scanned.leaves == sample.leaves(2), "\(a) \(b)")
          #expect(test.report.recovered.count == 1, "\(a) \(b)")
        }
      }
      var dropped = sample.bytes
      dropped.removeSubrange(a * 512..<(a + 1) * 512)
      #expect(try sample.open(dropped).scanned.leaves == sample.leaves(2))
    }
  }

  @Test func `without its first page is torn, not damaged`() throws {
    let sample = try SampleLog(sizes: [0, 300, 9_000])
    let start = sample.range(2).lowerBound
    var bytes = sample.bytes
    for index in start..<(start / 4_096 + 1) * 4_096 { bytes[index] = 0 }
    let test = try sample.open(bytes)
    #expect(test.scanned.leaves == sample.leaves(2))
    #expect(test.report.condition == .writable && test.report.recovered.count == 1)
  }

  @Test func `that comes back behind a shorter frame is ignored`() throws {
    let sample = try SampleLog(sizes: [0, 100, 2_000, 50, 50])
    let cut = sample.range(2).lowerBound
    let disk = try sample.disk(with: Array(sample.bytes.prefix(cut)))
    var test = try TestLog(on: disk, for: .write, seed: 7)
    let new = try test.append(sampleEvents(0))
    try test.log.close()
    var bytes = Array((disk.contents(of: TestLog.path) ?? []).prefix(Int(new.fileEnd)))
    bytes += sample.bytes[bytes.count...]
    let again = try sample.open(bytes)
    #expect(again.scanned.leaves == sample.leaves(2) + new.leaves)
    #expect(again.report.condition == .writable && again.report.recovered.count == 1)
    #expect(again.log.epoch.generation == 3)
  }

  @Test func `that rots is damage behind a seal, and may have been acknowledged without`() throws {
    for seals in [[], [4]] as [Set<Int>] {
      let sample = try SampleLog(seals: seals)
      let frame = sample.range(4)
      for offset in frame where offset < frame.upperBound - sample.frames[4].header.privateLength {
        var bytes = sample.bytes
        bytes[offset] ^= 0x10
        let test = try sample.open(bytes)
        #expect(test.scanned.leaves == sample.leaves(4))
        if seals.isEmpty {
          #expect(test.report.recovered.map(\.mayHaveBeenAcknowledged) == [true])
        } else {
          guard case .damaged(let damage) = test.report.condition else {
            Issue.record("byte \(offset): \(test.report.condition)")
            continue
          }
          #expect(damage.offset == UInt64(frame.lowerBound))
          #expect(damage.next == sample.frames[5].header)
        }
      }
    }
  }

  @Test func `torn in the private area of a frame that nothing proves is cut off whole`() throws {
    let sample = try SampleLog()
    let header = sample.frames[4].header
    for offset in sample.range(4).upperBound - header.privateLength..<sample.range(4).upperBound {
      var bytes = sample.bytes
      bytes[offset] ^= 1
      let test = try sample.open(bytes)
      #expect(test.scanned.leaves == sample.leaves(4))
      #expect(test.report.recovered.map(\.offset) == [header.fileOffset])
    }
  }

  @Test func `may have zeros where an erasure in the same frame names the text`() throws {
    let disk = SimulatedDisk()
    var test = try TestLog(on: disk)
    let text = TextName(position: Position(1), item: 0)
    let frame = try test.append(
      sampleEvents(1) + [.userErased(UserErased(user: nil, identifiers: [], texts: [text]))])
    try test.log.erase([text], namedAt: Position(3))
    disk.kill()
    let again = try TestLog(on: disk)
    #expect(again.scanned.leaves == frame.leaves)
    #expect(again.report.wasUnproven && again.report.recovered.isEmpty)
    #expect(again.scanned.texts.map(\.state) == [.erased, .intact])
  }
}

extension [UInt8] {
  fileprivate mutating func store(_ value: UInt32, at offset: Int) {
    for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  /// Gives the header at `start` the checksum that its bytes ask for.
  fileprivate mutating func signHeader(at start: Int, of ledger: LedgerID) {
    store(ledger.checksum.checksum(span.extracting(start..<start + 108)), at: start + 108)
  }
}
