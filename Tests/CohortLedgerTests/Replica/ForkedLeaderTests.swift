import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// A leader that has become another while a replica was following it.
@Suite struct `A replica that is following` {
  /// A ledger that shares the first `cut` events with a life, and has a `restored` behind them.
  private func fork(_ life: LeaderLife, cut: UInt64) throws -> Ledger {
    let disk = life.shop.disk.copy()
    disk.kill()
    var options = RestoreOptions()
    options.cut = .position(Position(cut))
    options.acceptsLosses = true
    _ = try Ledger.restore(
      from: "/ledger", to: "/fork", options, on: disk, clock: life.shop.clock,
      random: SeededRandomSource(seed: cut))
    return try TestShop.open("/fork", on: disk, clock: life.shop.clock)
  }

  /// What ends the rounds, if anything does.
  private func refusal(_ replica: Replica, _ source: some LogSource) -> ReplicaError? {
    for _ in 0..<10 {
      do throws(ReplicaError) { try replica.round(from: source) } catch {
        if !error.isPassing { return error }
      }
    }
    return nil
  }

  @Test func `sees that its leader has another history of the same length`() throws {
    let life = try LeaderLife(seed: 21)
    try life.shop.push("vip", add: ["customer-1"])
    let place = ReplicaPlace()
    let replica = try place.open(life.source)
    try replica.round(from: life.source)
    let end = replica.position.rawValue
    try life.ledger.close()
    let other = try fork(life, cut: end - 1)
    #expect(other.now.end.rawValue == end)
    #expect(
      refusal(replica, LedgerSource(other))
        == .otherHistory("the leader", first: Position(end)))
    try replica.close()
    try other.close()
  }

  @Test func `sees that its leader has another history with more events in fewer bytes`() throws {
    let life = try LeaderLife(seed: 22)
    for _ in 0..<12 { try life.shop.push("vip", add: ["customer-1"], remove: ["customer-2"]) }
    let place = ReplicaPlace()
    let replica = try place.open(life.source)
    try replica.round(from: life.source)
    try life.ledger.close()
    let other = try fork(life, cut: 3)
    let ids = (0..<60).map { "later-\($0)" }
    try other.submit(
      Command(
        author: .local,
        wish: .importUsers(
          ids.enumerated().map { ImportLine(line: $0.offset + 1, externalID: Text($0.element)) })))
    #expect(other.now.end > replica.position && other.log.chain.end < replica.bytes)
    #expect(
      refusal(replica, LedgerSource(other)) == .otherHistory("the leader", first: Position(4)))
    try replica.close()
    try other.close()
  }

  @Test func `gets on over a way on which little comes in time`() throws {
    let life = try LeaderLife(seed: 24)
    try life.shop.create((0..<3_000).map { "customer-of-long-standing-\($0)" })
    let place = ReplicaPlace()
    var options = place.options
    options.partSize = 1 << 20
    let replica = try Replica.open(
      ReplicaPlace.folder, of: "the leader", from: life.source, on: place.disk, clock: place.clock,
      random: SeededRandomSource(seed: 3), options: options)
    let source = SlowSource(honest: life.source, mostBytes: 80_000)
    #expect(try life.bytes().count > 4 * source.mostBytes)
    for _ in 0..<12 where replica.position != life.ledger.now.end {
      do throws(ReplicaError) { try replica.round(from: source) } catch {
        #expect(error == .source(.unheard("no answer in time", retryAfter: nil)))
      }
    }
    #expect(replica.position == life.ledger.now.end)
    try replica.close()
  }

  @Test func `says so when there are fewer bytes than events`() throws {
    let life = try LeaderLife(seed: 23)
    let place = ReplicaPlace()
    let replica = try place.open(life.source)
    try replica.round(from: life.source)
    let held = replica.bytes
    try life.shop.create(["later"])
    let source = ShortSource(honest: life.source, logBytes: held)
    #expect(throws: ReplicaError.unfit(.missing(at: held), at: held)) {
      try replica.round(from: source)
    }
    try replica.round(from: life.source)
    #expect(replica.position == life.ledger.now.end)
    try replica.close()
  }
}

/// A source that says that its log ends sooner than it does.
private struct ShortSource: AlteredSource {
  let honest: LedgerSource
  let logBytes: UInt64

  func head(held: Position?) throws(SourceFailure) -> LeaderHead {
    var head = try honest.head(held: held)
    head.logBytes = logBytes
    return head
  }
}

/// A source over a way on which only so many bytes come before the time is over.
private struct SlowSource: AlteredSource {
  let honest: LedgerSource
  let mostBytes: Int

  func bytes(in range: Range<UInt64>, held: Position) throws(SourceFailure) -> [UInt8] {
    guard range.count <= mostBytes else {
      throw .unheard("no answer in time", retryAfter: nil)
    }
    return try honest.bytes(in: range, held: held)
  }
}
