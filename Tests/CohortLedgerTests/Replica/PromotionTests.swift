import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A replica that takes its leader's place` {
  private let life: LeaderLife
  private let place = ReplicaPlace()

  init() throws {
    life = try LeaderLife(seed: 4)
    try life.live(20)
    try place.catchUp(life.source)
  }

  /// The `restored` events of a ledger, in order.
  private func restorations(_ ledger: Ledger) throws -> [Restored] {
    var found: [Restored] = []
    try ledger.now.forEachEvent(after: .origin) { decoded, _ in
      if case .restored(let event) = decoded.recorded.event { found.append(event) }
      return true
    }
    return found
  }

  @Test func `says where it stood, and goes on in a new generation`() throws {
    let before = life.ledger.now
    let (ledger, promotion) = try place.openLedger()
    #expect(promotion?.position == before.end && promotion?.lost == 0)
    #expect(
      try restorations(ledger).last
        == Restored(
          cut: before.end, head: before.end, root: before.treeHead.root, acceptedLoss: false))
    let epoch = try #require(life.ledger.log.chain.last?.epoch)
    #expect(ledger.log.epoch.generation > epoch.generation)
    #expect(try ledger.now.treeHead(size: before.end.rawValue) == before.treeHead)
    try ledger.submit(Command(author: .local, wish: .trackUsers([TrackItem(device: "new")])))
    try ledger.close()
    // From now on it is a ledger like any other.
    #expect(try Ledger.verify(ReplicaPlace.folder, on: place.disk).isSound)
    let again = try place.openLedger()
    #expect(again.promotion == nil)
    // The old leader went on by itself: nobody who knows the new one takes it.
    try life.shop.create(["old"])
    #expect(
      throws: ReplicaError.otherHistory("the old one", first: before.end.advanced(by: 1))
    ) {
      try TreeComparison.expect(life.source, at: "the old one", continues: again.ledger.now)
    }
    try again.ledger.close()
  }

  @Test func `gives up nothing that was acknowledged unless it is told to`() throws {
    let end = life.ledger.now.end
    try life.live(6)
    let beyond = life.ledger.now.end.rawValue - end.rawValue
    // It hears of them, and then the way is cut.
    let replica = try place.open(life.source)
    #expect(throws: ReplicaError.self) {
      try replica.round(from: SilentSource(honest: life.source))
    }
    try replica.close()
    let bytes = place.disk.contents(of: ReplicaPlace.log)
    #expect(
      throws: ReplicaError.lossNotAccepted(
        folder: ReplicaPlace.folder, leader: "the leader", events: beyond, end: end)
    ) { try place.openLedger() }
    #expect(place.disk.contents(of: ReplicaPlace.log) == bytes)
    let other = ReplicaPlace(place.disk.copy())
    other.disk.kill()
    let (ledger, promotion) = try place.openLedger(acceptsLoss: true)
    #expect(promotion?.lost == beyond && promotion?.position == end)
    let restored = try #require(try restorations(ledger).last)
    #expect(restored.cut == end && restored.head == life.ledger.now.end && restored.acceptedLoss)
    #expect(restored.root == life.ledger.now.treeHead.root)
    try ledger.close()
    // One that follows the old leader still knows more.
    try other.catchUp(life.source)
    #expect(try other.openLedger().promotion?.lost == 0)
  }

  @Test func `is a replica or a ledger of its own after a power failure at any operation`() throws {
    let end = life.ledger.now.end
    var operation = 1
    var isDone = false
    var wasBetween = false
    while !isDone {
      let place = ReplicaPlace(place.disk.copy())
      place.disk.kill()
      place.disk.inject(.powerLoss, at: operation)
      if let (ledger, _) = try? place.openLedger() {
        isDone = (try? ledger.close()) != nil
      }
      place.disk.repair()
      place.disk.crash(seed: UInt64(operation))
      let note = try ReplicaNote.read(in: StorageFolder(ReplicaPlace.folder), on: place.disk)
      if note?.stood != nil {
        wasBetween = true
        #expect(throws: ReplicaError.promoted(folder: ReplicaPlace.folder)) {
          try place.open(life.source)
        }
      } else if note != nil {
        try place.catchUp(life.source)
      }
      let (ledger, _) = try place.openLedger()
      let restored = try restorations(ledger)
      #expect(restored.last?.cut == end, "operation \(operation)")
      #expect(try ledger.now.treeHead(size: end.rawValue) == life.ledger.now.treeHead)
      try ledger.close()
      #expect(try ReplicaNote.read(in: StorageFolder(ReplicaPlace.folder), on: place.disk) == nil)
      operation += 1
    }
    #expect(operation > 30 && wasBetween)
  }

  @Test func `is written to by nobody before`() throws {
    let bytes = place.disk.contents(of: ReplicaPlace.log)
    for access in [Ledger.Access.create, .write] {
      #expect(throws: LedgerError.self) {
        try TestShop.open(ReplicaPlace.folder, on: place.disk, clock: place.clock, for: access)
      }
    }
    _ = try life.ledger.backup(to: "/backup")
    var options = RestoreOptions()
    options.replaces = true
    try place.disk.makeDirectory("/copy")
    try place.disk.place(life.bytes(), at: "/copy/events.log")
    #expect(throws: KeepingError.self) {
      try Ledger.restore(
        from: "/copy", to: ReplicaPlace.folder, options, on: place.disk, clock: place.clock,
        random: SeededRandomSource(seed: 2))
    }
    #expect(place.disk.contents(of: ReplicaPlace.log) == bytes)
    let reader = try TestShop.open(
      ReplicaPlace.folder, on: place.disk, clock: place.clock, for: .read)
    #expect(reader.now.instant == reader.now.state.time)
    let standing = try #require(reader.replica(at: Instant(microseconds: place.clock.wall)))
    #expect(standing.lagPositions == life.ledger.now.end.rawValue - reader.now.end.rawValue)
    try reader.close()
  }
}

/// A source that tells where it stands, and no more.
private struct SilentSource: AlteredSource {
  let honest: LedgerSource

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    throw .unheard("connection refused", retryAfter: nil)
  }
}
