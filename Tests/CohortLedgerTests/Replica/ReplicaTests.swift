import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A replica` {
  /// The copy is the leader's log, byte by byte, and sound.
  private func expectCopy(
    _ place: ReplicaPlace, of life: LeaderLife, _ words: String = "",
    _ here: SourceLocation = #_sourceLocation
  ) throws {
    let bytes = try life.bytes()
    let copy = place.bytes(bytes.count) ?? []
    let difference = zip(copy, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    #expect(
      difference == nil && copy.count == bytes.count, "\(words), byte \(difference ?? copy.count)",
      sourceLocation: here)
    let report = try Ledger.verify(ReplicaPlace.folder, on: place.disk)
    #expect(report.findings == [], "\(words)", sourceLocation: here)
    #expect(report.head == life.ledger.now.treeHead, "\(words)", sourceLocation: here)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `is its leader's log, byte by byte, whatever the way and the disk do`(
    batch: UInt64
  ) throws {
    for seed in stride(from: batch, to: UInt64(seedCount(8)), by: 4) {
      let life = try LeaderLife(seed: seed)
      var random = SeededRandom(seed: seed ^ 0xF0)
      let place = ReplicaPlace(SimulatedDisk(seed: seed))
      var replica: Replica?
      var met: Set<String> = []
      for turn in 0..<70 {
        try life.live(random.below(4))
        let source = MoodySource(
          life.ledger, seed: seed << 16 | UInt64(turn), onceIn: 4 + random.below(30))
        if random.once(in: 6) {
          place.disk.inject(someFault(&random))
        }
        do throws(ReplicaError) {
          if replica == nil { replica = try place.open(source) }
          try replica?.round(from: source)
          met.insert("done")
        } catch {
          switch error {
          case .log:
            // The process ends, and starts again.
            replica = nil
            place.disk.repair()
            if place.disk.isDown { place.disk.restart() } else { place.disk.kill() }
            met.insert("disk")
          case _ where error.isPassing: met.insert("source")
          case .setBack, .unusable:
            // It was mistaken so often that nobody would go on by himself.
            replica = nil
            place.disk.kill()
          default:
            Issue.record("seed \(seed), turn \(turn): \(error)")
            return
          }
        }
        switch random.below(9) {
        case 0:
          replica = nil
          place.disk.kill()
        case 1:
          replica = nil
          place.disk.crash(seed: random.next())
        default: break
        }
      }
      place.disk.repair()
      replica = nil
      if place.disk.isDown { place.disk.restart() } else { place.disk.kill() }
      try place.catchUp(life.source)
      try expectCopy(place, of: life, "seed \(seed)")
      #expect(met.isSuperset(of: ["done", "source"]))
    }
  }

  @Test func `goes on after a power failure at any operation`() throws {
    let life = try LeaderLife(seed: 11)
    try life.live(9)
    let begun = ReplicaPlace(SimulatedDisk(seed: 1))
    try begun.catchUp(life.source)
    try life.live(9)
    let bytes = try life.bytes()
    for start in [SimulatedDisk(seed: 2), begun.disk] {
      var operation = 1
      var isDone = false
      while !isDone {
        let place = ReplicaPlace(start.copy())
        place.disk.crash(seed: 1)
        place.disk.inject(.powerLoss, at: operation)
        isDone = (try? place.catchUp(life.source)) != nil
        place.disk.repair()
        place.disk.crash(seed: UInt64(operation))
        if !isDone { try place.catchUp(life.source) }
        #expect(place.bytes(bytes.count) == bytes, "operation \(operation)")
        operation += 1
      }
      #expect(operation > 100)

    }
  }

  @Test func `zeroes what its leader has erased, also after a kill in between`() throws {
    let life = try LeaderLife(seed: 3)
    try life.shop.create(["anna-secret"])
    try life.shop.push("vip", add: ["anna-secret", "zoe-secret"])
    let place = ReplicaPlace()
    try place.catchUp(life.source)
    #expect(place.disk.contents(of: ReplicaPlace.log)?.holds("anna-secret") == true)
    _ = try life.ledger.erase(.externalID("anna-secret"))
    _ = try life.ledger.forgetUnmatched(before: life.ledger.now.instant)
    try life.shop.create(["later"])
    let bytes = try life.bytes()
    #expect(!bytes.holds("anna-secret") && !bytes.holds("zoe-secret"))
    let whole = ReplicaPlace(place.disk.copy())
    try whole.catchUp(life.source)
    let operations = whole.disk.operations - place.disk.operations
    #expect(operations > 60)
    for operation in 1...operations {
      let copy = ReplicaPlace(place.disk.copy())
      copy.disk.kill()
      copy.disk.inject(.error(5), at: operation)
      let isDone = (try? copy.catchUp(life.source)) != nil
      copy.disk.repair()
      copy.disk.kill()
      if !isDone { try copy.catchUp(life.source) }
      // In the leader's bytes they are nowhere, and there are no other files.
      #expect(copy.bytes(bytes.count) == bytes, "operation \(operation)")
      let names = Set(try copy.disk.list(ReplicaPlace.folder))
      #expect(names.isSubset(of: ["events.log", "lock", "replica", "replica.part"]))
    }
  }

  @Test func `names the first position of a leader that is of another history`() throws {
    let life = try LeaderLife(seed: 5)
    try life.live(30)
    let place = ReplicaPlace()
    try place.catchUp(life.source)
    let known = life.ledger.now.end.rawValue
    try life.live(5)
    try life.shop.ledger.close()
    for cut in stride(from: UInt64(1), through: life.ledger.now.end.rawValue, by: 3) {
      let disk = life.shop.disk.copy()
      disk.kill()
      var options = RestoreOptions()
      options.cut = .position(Position(cut))
      options.acceptsLosses = true
      _ = try Ledger.restore(
        from: "/ledger", to: "/fork", options, on: disk, clock: life.shop.clock,
        random: SeededRandomSource(seed: cut))
      let fork = try TestShop.open("/fork", on: disk, clock: life.shop.clock)
      let copy = ReplicaPlace(place.disk.copy())
      let replica = try copy.open(LedgerSource(fork))
      let source = MoodySource(fork, seed: cut, onceIn: 30)
      let before = copy.bytes(Int(replica.bytes))
      var refusal: ReplicaError?
      for _ in 0..<40 where refusal == nil {
        do throws(ReplicaError) { try replica.round(from: source) } catch {
          if !error.isPassing { refusal = error }
        }
      }
      if cut < known {
        guard case .otherHistory(_, let first)? = refusal else {
          Issue.record("cut \(cut): \(String(describing: refusal))")
          continue
        }
        #expect(first == Position(cut + 1))
        #expect(copy.bytes(before?.count ?? 0) == before)
      } else {
        // A restore that kept everything known here is continued.
        #expect(refusal == nil, "cut \(cut)")
        #expect(replica.position == fork.now.end)
      }
      try? replica.close()
      try fork.close()
    }
  }

  @Test func `refuses a leader that was set back, and no answer that is only old`() throws {
    let life = try LeaderLife(seed: 6)
    try life.live(10)
    _ = try life.ledger.backup(to: "/backup")
    try life.live(10)
    let place = ReplicaPlace()
    try place.catchUp(life.source)
    let old = try TestShop.open("/backup", on: life.shop.disk, clock: life.shop.clock, for: .read)
    let replica = try place.open(life.source)
    var errors: [ReplicaError] = []
    for _ in 0..<5 {
      do throws(ReplicaError) { try replica.round(from: LedgerSource(old)) } catch {
        errors.append(error)
      }
    }
    let (end, known) = (old.now.end, replica.position)
    #expect(errors.dropLast().allSatisfy { $0 == .outOfDate(end, known: known) })
    #expect(errors.last == .setBack("the leader", end: end, known: known))
    try replica.round(from: life.source)
    try replica.close()
  }

  @Test func `puts right what came as zeros, and tells of what its leader has lost`() throws {
    let life = try LeaderLife(seed: 7)
    try life.shop.create(["kept-text", "lost-text"])
    let text = try #require(try life.bytes().firstRange(of: Array("kept-text".utf8)))
    let place = ReplicaPlace()
    let replica = try place.open(life.source)
    try replica.round(from: ZeroingSource(honest: life.source, text: text.lowerBound))
    #expect(place.disk.contents(of: ReplicaPlace.log)?.holds("kept-text") == false)
    try replica.round(from: life.source)
    #expect(replica.lost == [])
    try replica.close()
    try expectCopy(place, of: life)

    // A leader whose disk has lost a text: that is not an erasure.
    let other = ReplicaPlace()
    let zeroed = try #require(try life.bytes().firstRange(of: Array("lost-text".utf8)))
    let losing = ZeroingSource(honest: life.source, text: zeroed.lowerBound)
    let second = try other.open(losing)
    try second.round(from: losing)
    try second.round(from: losing)
    #expect(second.lost.count == 1)
    try second.close()
  }

  @Test func `refuses a folder with a ledger of its own, and another ledger`() throws {
    let life = try LeaderLife(seed: 8)
    let other = try LeaderLife(seed: 9)
    #expect(throws: ReplicaError.notReplica(folder: "/ledger")) {
      try Replica.open(
        "/ledger", of: "x", from: life.source, on: other.shop.disk, clock: other.shop.clock,
        random: SeededRandomSource(seed: 1))
    }
    let place = ReplicaPlace()
    try place.catchUp(life.source)
    let replica = try place.open(other.source)
    #expect(
      throws: ReplicaError.otherLedger(
        "the leader", is: other.ledger.log.ledger, not: life.ledger.log.ledger)
    ) { try replica.round(from: other.source) }
    try replica.close()
  }

  @Test func `is repaired from its leader`() throws {
    let life = try LeaderLife(seed: 12)
    try life.live(20)
    let place = ReplicaPlace()
    try place.catchUp(life.source)
    let frames = try Bytes(place.disk, ReplicaPlace.log).frames()
    let file = try LogFile(ReplicaPlace.log, .readAndWrite, on: place.disk)
    try file.write([0x5A, 0xA5, 0x5A], at: frames[frames.count / 2].lowerBound + 30)
    try file.sync()
    try file.close()
    #expect(throws: ReplicaError.self) { try place.open(life.source) }
    let report = try Ledger.repair(
      ReplicaPlace.folder, from: life.source, at: "the leader", on: place.disk)
    #expect(report.ranges.count == 1 && report.after.isSound)
    try place.catchUp(life.source)
    try expectCopy(place, of: life)
  }
}

/// Something that a disk does wrong, soon.
private func someFault(_ random: inout SeededRandom) -> DiskFault {
  let nth = 1 + random.below(30)
  switch random.below(6) {
  case 0: return DiskFault(.error(28), on: .write, at: nth, times: 1 + random.below(3))
  case 1: return DiskFault(.error(5), at: nth)
  case 2: return DiskFault(.syncFailsAndDrops, on: .sync, at: 1 + random.below(6))
  case 3: return DiskFault(.short(random.below(3_000)), on: .write, at: nth)
  case 4: return DiskFault(.misreads(bit: random.below(40_000)), on: .read, at: nth)
  default: return DiskFault(.powerLoss, at: nth)
  }
}

/// A source in whose bytes a text is always zero.
private struct ZeroingSource: AlteredSource {
  let honest: LedgerSource
  /// Where it stands in the log; its entry begins 22 bytes before.
  let text: Int

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    var bytes = try honest.bytes(in: range, held: held)
    for place in text - 22..<text + 10 where range.contains(UInt64(place)) {
      let index = place - Int(range.lowerBound)
      if index < bytes.count { bytes[index] = 0 }
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate func firstRange(of wanted: [UInt8]) -> Range<Int>? {
    guard count >= wanted.count else { return nil }
    for start in 0...count - wanted.count where self[start..<start + wanted.count] == wanted[...] {
      return start..<start + wanted.count
    }
    return nil
  }
}

extension TestShop {
  static func open(
    _ path: String, on disk: SimulatedDisk, clock: SimulatedClock,
    for access: Ledger.Access = .write
  ) throws -> Ledger {
    try Ledger.open(
      path, for: access, on: disk, clock: clock, random: SeededRandomSource(seed: 8),
      options: .small)
  }
}
