import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

/// The worst that a disk without powersafe overwrite can do: when the power goes, all 4 KiB around
/// whatever was being written are zeros, noise, or as they were, and nothing else has arrived.
@Suite struct `A disk that spoils the pages being written` {
  private enum Spoiling: CaseIterable { case zeros, noise, lastPageToZeros, firstPageToZeros }

  /// Frames around every edge: within a page, across some, and so large that the next shares one.
  private let sizes = [
    0, 300, 0, 3_600, 3_900, 9_000, 0, 15_000, 17_000, 0, 17_100, 70_000, 30_000,
  ]

  private func spoil(_ bytes: [UInt8], _ range: Range<UInt64>, _ how: Spoiling) -> [UInt8] {
    let page = 4_096
    var pages = Array(Int(range.lowerBound) / page..<(Int(range.upperBound) + page - 1) / page)
    switch how {
    case .lastPageToZeros: pages = pages.suffix(1)
    case .firstPageToZeros: pages = Array(pages.prefix(1))
    case .zeros, .noise: break
    }
    var spoilt = bytes
    var random = SeededRandom(seed: range.lowerBound)
    let noise = random.bytes(page)
    for index in pages.flatMap({ $0 * page..<($0 + 1) * page }) where index < spoilt.count {
      spoilt[index] = how == .noise ? noise[index % page] : 0
    }
    return spoilt
  }

  private func expectTold(
    _ disk: SimulatedDisk, _ acknowledged: [Digest], _ context: String
  ) throws -> Bool {
    let test = try TestLog(on: disk, for: .write)
    defer { try? test.log.close() }
    if test.scanned.leaves.starts(with: acknowledged) { return true }
    #expect(acknowledged.starts(with: test.scanned.leaves), "\(context): something was made up")
    let isTold =
      test.report.condition != .writable
      || test.report.recovered.contains { $0.mayHaveBeenAcknowledged }
    #expect(isTold, "\(context): lost in silence")
    return false
  }

  @Test func `loses nothing behind few events to an append, and tells what it loses behind many`()
    throws
  {
    for seals in [false, true] {
      let disk = SimulatedDisk()
      var test = try TestLog(on: disk)
      var acknowledged: [Digest] = []
      for (number, size) in sizes.enumerated() {
        let builder = test.builder
        let frame = test.frame(sampleEvents(number, size: size))
        let before = disk.contents(of: TestLog.path) ?? []
        let isBehindMany = (builder.chain.last?.publicLength ?? 0) > 16_384
        for how in Spoiling.allCases {
          let crashed = disk.copy()
          crashed.kill()
          try crashed.place(spoil(before, frame.fileOffset..<frame.fileEnd, how), at: TestLog.path)
          let isThere = try expectTold(crashed, acknowledged, "\(how), frame \(number)")
          #expect(isThere || isBehindMany, "\(how), frame \(number)")
        }
        test.builder = builder
        acknowledged += try test.append(sampleEvents(number, size: size)).leaves
        if seals, number % 3 == 1 { try test.seal() }
      }
      try test.log.close()
    }
  }

  /// The last frame is written again by the start: nothing behind it proves that it was there.
  @Test func `tells what it loses to a start that writes the last frame again`() throws {
    for (number, size) in sizes.enumerated() {
      for call in [DiskError.Call.write, .sync] {
        for how in Spoiling.allCases {
          let disk = SimulatedDisk()
          var test = try TestLog(on: disk)
          var acknowledged = try test.append(sampleEvents(1, size: number % 2 * 17_000)).leaves
          let last = try test.append(sampleEvents(number, size: size))
          acknowledged += last.leaves
          disk.kill()
          // The first sync is that of the opening; before the second one the frame is written.
          disk.inject(.powerLoss, on: call, of: "events.log", at: call == .sync ? 2 : 1)
          #expect(throws: LogError.self) { try TestLog(on: disk, for: .write) }
          disk.repair()
          disk.crash(seed: UInt64(number))
          let bytes = spoil(
            disk.contents(of: TestLog.path) ?? [], last.fileOffset..<last.fileEnd, how)
          try disk.place(bytes, at: TestLog.path)
          _ = try expectTold(disk, acknowledged, "\(how), size \(size), \(call)")
        }
      }
    }
  }

  @Test func `tells what it loses to an erasure`() throws {
    for size in sizes {
      for how in Spoiling.allCases {
        let disk = SimulatedDisk()
        var test = try TestLog(on: disk)
        let first = try test.append(sampleEvents(1, size: size))
        let text = TextName(position: Position(1), item: 0)
        let erased = UserErased(user: nil, identifiers: [], texts: [text])
        let second = try test.append([.userErased(erased)])
        disk.kill()
        let area = first.fileEnd - UInt64(first.header.privateLength)..<first.fileEnd
        try disk.place(spoil(disk.contents(of: TestLog.path) ?? [], area, how), at: TestLog.path)
        _ = try expectTold(disk, first.leaves + second.leaves, "\(how), size \(size)")
      }
    }
  }
}
