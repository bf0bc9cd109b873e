import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// A text can be zero in a replica before the erasure that explains it is there.
@Suite struct `A text that its leader has erased meanwhile` {
  /// A leader and its replica, which ends before the erasure and has the zeros of it.
  private func early(_ seed: UInt64) throws -> (life: LeaderLife, place: ReplicaPlace) {
    let life = try LeaderLife(seed: seed)
    try life.shop.create(["anna-secret"])
    let head = try life.source.head(held: nil)
    _ = try life.ledger.erase(.externalID("anna-secret"))
    let place = ReplicaPlace()
    let replica = try place.open(life.source)
    try replica.round(from: PinnedSource(honest: life.source, head: head))
    #expect(replica.head == head.tree)
    try replica.close()
    return (life, place)
  }

  @Test func `is no damage of a replica that has not heard of it`() throws {
    let (life, place) = try early(31)
    #expect(try Ledger.verify(ReplicaPlace.folder, on: place.disk).findings == [])
    let ledger = try TestShop.open(
      ReplicaPlace.folder, on: place.disk, clock: place.clock, for: .read)
    #expect(try ledger.verify().findings == [])
    let scrubber = Scrubber(ledger)
    while scrubber.lastRound == nil { #expect(try scrubber.step() == []) }
    try ledger.close()
    let report = try Ledger.repair(
      ReplicaPlace.folder, from: life.source, at: "the leader", on: place.disk)
    #expect(report.after.isSound)
    // Anything else than zeros is.
    var bytes = try #require(place.disk.contents(of: ReplicaPlace.log))
    let text = Array("customer-1".utf8)
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
    bytes[start] ^= 1
    try place.disk.place(bytes, at: ReplicaPlace.log)
    #expect(try !Ledger.verify(ReplicaPlace.folder, on: place.disk).isSound)
  }

  @Test func `costs no event when the replica takes its leader's place`() throws {
    let (life, place) = try early(32)
    let end = life.ledger.now.end
    try life.ledger.close()
    let (ledger, promotion) = try place.openLedger()
    #expect(promotion?.lost == 0)
    #expect(promotion.map { $0.position < end && $0.position > .origin } == true)
    #expect(ledger.now.end.rawValue == (promotion?.position.rawValue ?? 0) + 1)
    try ledger.close()
  }
}

/// A source that names one head whatever has come since, as one whose answers were under way.
private struct PinnedSource: AlteredSource {
  let honest: LedgerSource
  let head: LeaderHead

  func head(held: Position?) throws(SourceFailure) -> LeaderHead { head }
}
