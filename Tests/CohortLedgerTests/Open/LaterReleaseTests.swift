import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 76: events that this release does not know.
@Suite struct `A log that a later release has written to` {
  /// The first byte of the event is its kind, the second its version.
  private enum Change: CaseIterable { case kind, version }

  @Test func `is refused with the position of the first event that is not known`() throws {
    for change in Change.allCases {
      for hasSnapshot in [false, true] {
        let (shop, position) = try foreign(change, hasSnapshot: hasSnapshot)
        let before = try Bytes(shop.disk).bytes
        // A closed ledger can still be read.
        let openFiles = shop.disk.openFiles
        for access in [Ledger.Access.create, .write, .read] {
          do {
            _ = try open(shop.disk, for: access)
            Issue.record("\(change) opened for \(access)")
          } catch let error as LedgerError {
            guard case .storage(let failure) = error, case .event(let fault) = failure.error else {
              Issue.record("\(error)")
              continue
            }
            #expect(fault.position == position)
            switch (change, fault) {
            case (.kind, .unknownKind(200, _)): break
            case (.version, .unknownVersion(2, of: .cohortArchived, _)): break
            default: Issue.record("\(fault)")
            }
            #expect(error.description.contains("\(position)"))
            #expect(error.description.contains("Use the release that wrote it"))
          }
        }
        // Nothing is held and nothing was changed: the release that wrote it can go on.
        #expect(shop.disk.openFiles == openFiles)
        #expect(try Bytes(shop.disk).bytes == before)
      }
    }
  }

  @Test func `is read up to there by one that does not see the last frame yet`() throws {
    let (shop, position) = try foreign(.kind, hasSnapshot: false, isSealed: false)
    let reader = try open(shop.disk, for: .read)
    #expect(reader.now.end == Position(position.rawValue - 3))
    #expect(try shop.members("vip") == ["ana", "bea"])
    try reader.close()
  }

  @Test func `verifies up to there, and says where it stops being known`() throws {
    let (shop, position) = try foreign(.kind, hasSnapshot: false)
    let report = try Ledger.verify(KeptStory.log, against: [], on: shop.disk)
    let finding = try #require(report.findings.first)
    #expect(finding.positions?.contains(position) == true)
    #expect("\(finding)".contains("release"))
  }

  /// Some events, and then a frame of four, the third of which is not known.
  private func foreign(
    _ change: Change, hasSnapshot: Bool, isSealed: Bool = true
  ) throws -> (shop: TestShop, unknown: Position) {
    let shop = try shop()
    if hasSnapshot { #expect(shop.ledger.keepSnapshot()) }
    try shop.ledger.close()
    let bytes = try Bytes(shop.disk)
    var chain = FrameChain()
    var tree = MerkleFrontier()
    var requests: UInt64 = 0
    try bytes.forEachFrame { frame, span in
      chain = FrameChain(after: frame.header, root: frame.root(in: span))
      guard frame.header.kind == .events else { return }
      tree.append(contentsOf: (try? frame.leaves(in: span)) ?? [])
      try? frame.forEachEvent(in: span, ledger: bytes.ledger) {
        if $0.recorded.position == $0.recorded.request { requests += 1 }
      }
    }
    let last = try #require(chain.last)
    var builder = FrameBuilder(
      ledger: bytes.ledger, epoch: last.epoch, chain: chain, tree: tree, lastRequest: requests,
      random: SeededRandomSource(seed: 3))
    let time = Instant(microseconds: last.time.microseconds + 1)
    builder.begin(time: time, rawClock: time)
    for event in [Event.cohortArchived(CohortID(1)), .cohortRestored(CohortID(1))] {
      try builder.append(event, key: KeyID(0), endsRequest: true)
    }
    try builder.append(.cohortArchived(CohortID(1)), key: KeyID(0), endsRequest: true)
    try builder.append(.cohortRestored(CohortID(1)), key: KeyID(0), endsRequest: true)
    let frame = builder.finish()
    // All four take as many bytes.
    let third = FrameHeader.size + frame.header.publicLength / 4 * 2
    let changed = try frame.changed(
      at: third + (change == .kind ? 0 : 1), to: change == .kind ? 200 : 2, tree, bytes.ledger)
    let file = try LogFile(KeptStory.log, .readAndWrite, on: shop.disk)
    try file.write(changed, at: frame.fileOffset)
    if isSealed {
      guard
        case .frame(let extent) = FrameScan.read(
          changed.span, at: 0, base: frame.fileOffset, ledger: bytes.ledger)
      else { throw EventFlaw.cutShort }
      tree.append(contentsOf: try extent.leaves(in: changed.span))
      let chain = FrameChain(after: extent.header, root: extent.root(in: changed.span))
      builder = FrameBuilder(
        ledger: bytes.ledger, epoch: last.epoch, chain: chain, tree: tree,
        lastRequest: requests + 4, random: SeededRandomSource(seed: 4))
      let later = Instant(microseconds: time.microseconds + 1)
      let seal = builder.seal(time: later, rawClock: later)
      try file.write(seal.bytes, at: seal.fileOffset)
    }
    return (shop, Position(frame.header.firstPosition.rawValue + 2))
  }

  private func shop() throws -> TestShop {
    let shop = try TestShop()
    try shop.create(["ana", "bea"])
    try shop.push("vip", add: ["ana", "bea", "nobody"])
    return shop
  }

  private func open(_ disk: SimulatedDisk, for access: Ledger.Access) throws -> Ledger {
    try Ledger.open(
      KeptStory.folder, for: access, on: disk, clock: SimulatedClock(),
      random: SeededRandomSource(seed: 5), options: .small)
  }
}

extension EncodedFrame {
  /// Its bytes with one of its events changed, and all that follows from it made right again.
  fileprivate func changed(
    at index: Int, to byte: UInt8, _ before: MerkleFrontier, _ ledger: LedgerID
  ) throws -> [UInt8] {
    var frame = bytes
    let found = FrameScan.header(frame.span, at: 0, base: fileOffset, ledger: ledger)
    guard case .frame(let extent) = found else { throw EventFlaw.cutShort }
    frame[index] = byte
    let trailer = (FrameHeader.size + header.publicLength + 7) / 8 * 8
    var tree = before
    tree.append(contentsOf: try extent.leaves(in: frame.span))
    var root: [UInt8] = []
    root.append(tree.root)
    frame.replaceSubrange(trailer + 8..<trailer + 40, with: root)
    var crc = ledger.checksum
    crc.update(frame.span.extracting(0..<FrameHeader.size - 4))
    crc.update(frame.span.extracting(FrameHeader.size..<trailer + 40))
    for index in 0..<4 {
      frame[trailer + 40 + index] = UInt8(truncatingIfNeeded: crc.value >> UInt32(8 * index))
    }
    return frame
  }
}
