import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

/// Bytes that are not what was written, anywhere in the log.
@Suite struct `Damage to a log` {
  @Test(arguments: [[4], [0, 2]] as [Set<Int>])
  func `of any one bit is found where it is, or nothing wrong is said`(seals: Set<Int>) throws {
    let sample = try SampleLog(sizes: [0, 40, 0, 120, 10], seals: seals)
    let disk = try sample.disk(with: sample.bytes)
    let step = seedCount(1) > 1 ? 1 : 3
    for bit in stride(from: 0, to: sample.bytes.count * 8, by: step) {
      // The rest of the header is zeros: a few of them stand for all.
      let byte = bit / 8
      if (64..<FileHeader.size).contains(byte), byte % 128 != 0 { continue }
      let copy = disk.copy()
      try copy.rot(TestLog.path, bit: bit)
      try expect(copy, sample, at: byte, "bit \(bit)")
    }
  }

  @Test func `of any block is found where it is`() throws {
    let sample = try SampleLog(sizes: [0, 700, 5_000, 0, 9_000, 10, 300], seals: [1, 6])
    for size in [512, 4_096] {
      for start in stride(from: 0, to: sample.bytes.count, by: size) {
        for fill: UInt8 in [0, 0xff] {
          var bytes = sample.bytes
          let range = start..<min(start + size, bytes.count)
          for index in range { bytes[index] = fill }
          guard let byte = range.first(where: { bytes[$0] != sample.bytes[$0] }) else { continue }
          try expect(sample.disk(with: bytes), sample, at: byte, "block \(start), \(fill)")
        }
      }
    }
  }

  /// Opens a log that differs at `byte` first, and perhaps behind it.
  private func expect(
    _ disk: SimulatedDisk, _ sample: SampleLog, at byte: Int, _ context: String
  ) throws {
    let test: TestLog
    do { test = try TestLog(on: disk, for: .write) } catch {
      switch error {
      case .header, .empty: #expect(byte < FileHeader.size, "\(context): \(error)")
      default: Issue.record("\(context): \(error)")
      }
      return
    }
    try #require(byte >= FileHeader.size, "\(context): a damaged header was accepted")
    // Between the last frame and its seal there is nothing but zeros.
    guard let number = sample.frame(at: byte) else {
      // Behind the last frame there is nothing to lose.
      #expect(test.report.condition == .writable, "\(context)")
      #expect(test.scanned.leaves == sample.leaves(sample.frames.count), "\(context)")
      return
    }
    let frame = sample.frames[number]
    // What is wrong in the gap before a frame is found at its beginning.
    let gap = number == 0 ? FileHeader.size : sample.range(number - 1).upperBound
    let start = number == 0 ? FileHeader.size : Int(sample.frames[number - 1].header.nextOffset)
    let places = Set([gap, start].map { UInt64($0) })
    // Only a private area can be wrong then, which no checksum of a frame covers.
    let area = Int(frame.fileEnd) - frame.header.privateLength
    switch test.report.condition {
    case .damaged(let damage) where damage.offset == frame.fileEnd:
      #expect(byte >= area, "\(context)")
      #expect(test.scanned.leaves == sample.leaves(number + 1), "\(context)")
    case .damaged(let damage):
      #expect(places.contains(damage.offset), "\(context)")
      #expect(test.scanned.leaves == sample.leaves(number), "\(context)")
    case .writable where test.report.recovered.isEmpty && frame.header.kind == .seal:
      // Zeros where the last seal was: it is no loss.
      #expect(number == sample.frames.count - 1, "\(context)")
      #expect(test.scanned.leaves == sample.leaves(sample.frames.count), "\(context)")
    case .writable where test.report.recovered.isEmpty:
      #expect(byte >= area, "\(context)")
      #expect(test.scanned.leaves == sample.leaves(sample.frames.count), "\(context)")
      #expect(test.scanned.texts.contains { $0.state != .intact }, "\(context)")
    case .writable:
      // Nothing whole was left behind it.
      #expect(test.report.recovered.count == 1, "\(context)")
      #expect(test.report.recovered.allSatisfy { places.contains($0.offset) }, "\(context)")
      #expect(number >= sample.frames.count - 2, "\(context)")
      #expect(test.scanned.leaves == sample.leaves(number), "\(context)")
    default: Issue.record("\(context): \(test.report.condition)")
    }
  }

  @Test func `of the order of frames is found at the first that does not follow`() throws {
    let sample = try SampleLog(sizes: [0, 0, 0, 0, 0, 0], seals: [5])
    func bytes(_ numbers: [Int]) -> [UInt8] {
      numbers.reduce(into: Array(sample.bytes[..<4_096])) {
        $0 += sample.bytes[sample.range($1).lowerBound..<Int(sample.frames[$1].header.nextOffset)]
      }
    }
    let orders = [[0, 2, 1, 3, 4, 5], [0, 1, 1, 2, 3, 4, 5], [0, 1, 3, 4, 5], [1, 2, 3, 4, 5]]
    for order in orders {
      let test = try sample.open(bytes(order))
      let good = zip(order, 0...).prefix { $0 == $1 }.count
      #expect(test.scanned.leaves == sample.leaves(good), "\(order)")
    }
  }

  /// Every later frame then stands where it was not written: a crash leaves nothing like it.
  @Test(arguments: 1..<5)
  func `of a frame taken out, or put in twice, is found and not cut off`(number: Int) throws {
    let sample = try SampleLog(sizes: [40, 300, 0, 120, 10, 70], seals: [])
    let range = sample.range(number).lowerBound..<sample.range(number + 1).lowerBound
    let without = Array(sample.bytes[..<range.lowerBound] + sample.bytes[range.upperBound...])
    let twice = Array(sample.bytes[..<range.upperBound] + sample.bytes[range.lowerBound...])
    for (bytes, end) in [(without, range.lowerBound), (twice, range.upperBound)] {
      let disk = try sample.disk(with: bytes)
      let test = try TestLog(on: disk, for: .write)
      guard case .damaged(let damage) = test.report.condition else {
        Issue.record("\(test.report.condition)")
        continue
      }
      #expect(damage.offset == UInt64(end))
      #expect(disk.contents(of: TestLog.path) == bytes, "nothing is cut off")
    }
  }

  @Test func `of two logs joined is found where they meet`() throws {
    let sample = try SampleLog(seals: [4])
    let other = try SampleLog(seals: [4], seed: 2)
    for number in 1..<5 {
      let cut = sample.range(number).lowerBound
      let bytes = Array(sample.bytes[..<cut]) + other.bytes[cut...]
      let test = try sample.open(bytes)
      #expect(test.scanned.leaves == sample.leaves(number))
    }
  }

  @Test func `by a write that was lost, misdirected or bent is found at the next start`() throws {
    for fate in [.lost, .misdirected(by: 512), .misdirected(by: -700), .flipped(bit: 999)]
      as [WriteFate]
    {
      let disk = SimulatedDisk()
      var test = try TestLog(on: disk)
      var leaves: [Digest] = []
      for number in 0..<5 {
        leaves += try test.append(sampleEvents(number, size: 300)).leaves
      }
      // The first write behind `ensureSpace` is that of the frame.
      try test.log.ensureSpace(through: test.builder.chain.end + 9_000)
      disk.inject(.writeFate(fate), on: .write, of: "events.log.new")
      disk.inject(.writeFate(fate), on: .write, of: "events.log")
      let frame = test.frame(sampleEvents(5, size: 400))
      try test.log.append(frame)
      disk.repair()
      for number in 6..<8 { _ = try test.append(sampleEvents(number)) }
      try test.log.close()
      disk.evict()
      let again = try TestLog(on: disk, for: .write)
      if case .damaged(let damage) = again.report.condition {
        #expect(damage.offset <= frame.fileOffset, "\(fate)")
        #expect(damage.next != nil, "\(fate)")
      } else {
        Issue.record("\(fate): \(again.report.condition)")
      }
      leaves = Array(leaves.prefix(again.scanned.leaves.count))
      #expect(again.scanned.leaves == leaves, "\(fate)")
    }
  }

  @Test func `is found in the first, the last and every other frame at once`() throws {
    let sample = try SampleLog(sizes: (0..<9).map { $0 * 90 }, seals: [8])
    let disk = try sample.disk(with: sample.bytes)
    #expect(try damages(on: disk).isEmpty)
    for number in stride(from: 0, through: 8, by: 2) {
      try disk.rot(TestLog.path, bit: (sample.range(number).lowerBound + 115) * 8)
    }
    let found = try damages(on: disk).map(\.offset)
    #expect(found == stride(from: 0, through: 8, by: 2).map { sample.frames[$0].fileOffset })
  }

  @Test func `of what is durable is found, whatever is being written behind it`() throws {
    let sample = try SampleLog(sizes: (0..<7).map { $0 * 90 }, seals: [3])
    for (number, frame) in sample.frames.dropLast().enumerated() {
      let disk = try sample.disk(with: sample.bytes)
      try disk.rot(TestLog.path, bit: (sample.range(number).lowerBound + 20) * 8)
      // The last frame is on its way, or all behind the damage are.
      for durableEnd in [sample.frames[sample.frames.count - 2].fileEnd, frame.fileEnd] {
        #expect(
          try damages(on: disk, before: durableEnd).map(\.offset) == [frame.fileOffset],
          "frame \(number), durable to \(durableEnd)")
      }
      let end = number == 0 ? frame.fileOffset : sample.frames[number - 1].fileEnd
      #expect(try damages(on: disk, before: end).isEmpty, "frame \(number)")
    }
  }

  private func damages(
    on disk: SimulatedDisk, before durableEnd: UInt64? = nil
  ) throws -> [CohortLog.Damage] {
    let file = try LogFile(at: TestLog.folder, on: disk)
    var walk = LogWalk(file, of: try file.header().ledger, readSize: 4_096)
    var damages: [CohortLog.Damage] = []
    while true {
      switch try walk.next(before: durableEnd, { _, _ in }) {
      case .frame: continue
      case .damage(let damage): damages.append(damage)
      case .end: return damages
      }
    }
  }

  @Test func `while running fails the reads that meet it, and no others`() throws {
    let sample = try SampleLog(sizes: (0..<30).map { _ in 600 }, seals: [29])
    let disk = try sample.disk(with: sample.bytes)
    var test = try TestLog(on: disk, for: .write)
    try disk.rot(TestLog.path, bit: (sample.range(12).lowerBound + 200) * 8)
    for (number, frame) in sample.frames.enumerated() where frame.header.kind == .events {
      let position = frame.header.firstPosition
      if number == 12 {
        #expect(throws: LogError.self) { try test.log.reader.frame(containing: position) }
      } else {
        #expect(try test.log.reader.frame(containing: position).bytes == frame.bytes)
      }
    }
    var seen = 0
    #expect(throws: LogError.self) {
      try test.log.reader.forEachFrame(Position(1)...Position.never) { _, _ in
        seen += 1
        return true
      }
    }
    #expect(seen == 12)
    try test.append(sampleEvents(1))
  }

  @Test func `of a personal text makes that text unreadable and nothing else`() throws {
    let sample = try SampleLog(seals: [4])
    var bytes = sample.bytes
    let frame = sample.frames[2]
    bytes[Int(frame.fileEnd) - 20] ^= 4
    let test = try sample.open(bytes)
    #expect(test.scanned.leaves == sample.leaves(5))
    let damaged = test.scanned.texts.filter { $0.state == .damaged }
    #expect(damaged.count == 1)
  }
}
