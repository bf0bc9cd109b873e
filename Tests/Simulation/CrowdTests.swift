import CohortLedger
import CohortModel
import Dispatch
import Synchronization
import TestSupport
import Testing

/// What several threads have seen or done.
private final class Notes<Note: Sendable>: Sendable {
  private let notes = Mutex<[Note]>([])

  func add(_ note: Note) { notes.withLock { $0.append(note) } }

  var all: [Note] { notes.withLock { $0 } }
}

private struct Glimpse: Sendable {
  let position: Position
  let instant: Instant
  let members: [[UInt32]]
}

@Suite struct `A ledger that many use at once` {
  private static let writers = 8

  /// Every request takes one user out of a cohort and another in, so each cohort has always eight.
  @Test func `shows a request whole or not at all, and the same past for ever`() throws {
    let shop = try TestShop()
    try shop.create((0..<16).map { "user-\($0)" })
    for writer in 0..<Self.writers {
      try shop.push(Text("c\(writer)"), add: (0..<8).map { "user-\($0)" })
    }
    let cohorts = try (0..<Self.writers).map { try shop.cohort(Text("c\($0)")) }
    let start = shop.ledger.now.end
    let ledger = shop.ledger
    let done = Atomic(0)
    let (glimpses, committed) = (Notes<Glimpse>(), Notes<(Command, Committed)>())
    let commands = (0..<Self.writers).map { writer in
      (0..<30).map { round in
        shop.importing(
          Text("c\(writer)"), add: ["user-\((round + 8) % 16)"], remove: ["user-\(round % 16)"])
      }
    }
    @Sendable func glimpse(_ view: View) throws -> Glimpse {
      Glimpse(
        position: view.position, instant: view.instant,
        members: try cohorts.map { cohort in
          let members = try view.members(of: cohort)
          if try view.size(of: cohort) != members.count || members.count != 8 {
            Issue.record("\(members.count) in \(cohort) at \(view.position)")
          }
          return members.numbers
        })
    }
    DispatchQueue.concurrentPerform(iterations: Self.writers + 3) { index in
      do {
        if index < Self.writers {
          for command in commands[index] { committed.add((command, try ledger.submit(command))) }
          done.add(1, ordering: .sequentiallyConsistent)
        } else {
          repeat {
            glimpses.add(try glimpse(ledger.now))
          } while done.load(ordering: .sequentiallyConsistent) < Self.writers
        }
      } catch { Issue.record("\(error)") }
    }
    func askAgain(_ ledger: Ledger) throws {
      for seen in glimpses.all {
        for moment in [Moment.position(seen.position), .instant(seen.instant)] {
          let view = try ledger.view(asOf: moment, at: seen.instant)
          #expect(view.position == seen.position, "as of \(moment)")
          #expect(!view.cutsRequest)
          #expect(try cohorts.map { try view.members(of: $0).numbers } == seen.members)
        }
      }
    }
    #expect(glimpses.all.count >= 3)
    try askAgain(shop.ledger)
    try shop.restart()
    try askAgain(shop.ledger)
    // One behind the other, as they were answered, they come to what is in the log.
    let order = committed.all.sorted { $0.1.position < $1.1.position }
    #expect(order.count == Self.writers * 30)
    #expect(Set(order.map(\.1.position)).count == order.count)
    let again = try TestShop()
    try again.create((0..<16).map { "user-\($0)" })
    for writer in 0..<Self.writers {
      try again.push(Text("c\(writer)"), add: (0..<8).map { "user-\($0)" })
    }
    for (command, _) in order { try again.ledger.submit(command) }
    let (view, other) = (shop.ledger.now, again.ledger.now)
    #expect(view.end == other.end)
    #expect(
      try view.events(after: start, limit: 10_000).map(\.event)
        == other.events(after: start, limit: 10_000).map(\.event))
    try again.ledger.close()
    try shop.ledger.close()
  }

  @Test func `has exactly one winner for each version that is expected`() throws {
    let shop = try TestShop()
    try shop.push("vip", add: ["nobody"])
    let filter = NamedFilter.includes(partner: TestShop.partner, ["vip"])
    try shop.submit(.saveSegment(SaveSegment(name: "first", filter: filter)))
    let (ledger, winners) = (shop.ledger, Notes<UInt32>())
    let segment = SegmentID(1)
    DispatchQueue.concurrentPerform(iterations: 50) { writer in
      for round in 0..<4 {
        let expected = ledger.now.definition(of: segment)?.version ?? 0
        do throws(LedgerError) {
          let committed = try ledger.submit(
            Command(
              author: .local,
              wish: .saveSegment(
                SaveSegment(
                  segment: segment, name: Text("\(writer) in \(round)"),
                  expectedVersion: expected))))
          #expect(committed.answer == .savedSegment(segment, version: expected + 1))
          winners.add(expected + 1)
        } catch {
          guard case .refused(.versionConflict(let stale, let current), _) = error else {
            Issue.record("\(error)")
            return
          }
          #expect(stale == expected && current > expected)
        }
      }
    }
    let last = try #require(ledger.now.definition(of: segment)).version
    #expect(winners.all.sorted() == Array(2...last))
    try shop.restart()
    #expect(shop.ledger.now.definition(of: segment)?.version == last)
    try shop.ledger.close()
  }

  @Test func `takes a request once that comes many times at once with one idempotency key`() throws
  {
    let shop = try TestShop()
    let ledger = shop.ledger
    let answers = Notes<Committed>()
    let start = ledger.now.end
    @Sendable func command(_ fingerprint: UInt64) -> Command {
      Command(
        author: .local,
        wish: .addAliases([AddAlias(externalID: nil, alias: Alias(label: "a", name: "person"))]),
        idempotency: Idempotency(
          key: Array("once".utf8), fingerprint: Digest(0, 0, 0, fingerprint)))
    }
    DispatchQueue.concurrentPerform(iterations: 32) { _ in
      do { answers.add(try ledger.submit(command(1))) } catch { Issue.record("\(error)") }
    }
    let first = start.advanced(by: 1)
    /// - `body`: Whether the ledger still knows which body came with the key.
    func expectOnce(body: Bool = true) throws {
      #expect(shop.ledger.now.state.directory.userCount == 1)
      let again = try shop.ledger.submit(command(1))
      #expect(again.position == first)
      guard case .repeated(_, let place) = again.answer, place == first else {
        Issue.record("\(again.answer)")
        return
      }
      do throws(LedgerError) {
        let other = try shop.ledger.submit(command(2))
        guard !body, case .repeated(_, first) = other.answer else {
          Issue.record("another body was taken")
          return
        }
      } catch {
        guard body, case .refused(.idempotencyKeyReused, _) = error else {
          Issue.record("\(error)")
          return
        }
      }
    }
    #expect(answers.all.allSatisfy { $0.position == first })
    #expect(
      answers.all.filter { if case .repeated = $0.answer { false } else { true } }.count == 1)
    try expectOnce()
    try shop.restart()
    try expectOnce()
    #expect(shop.ledger.keepSnapshot())
    shop.disk.kill()
    try? shop.ledger.close()
    try shop.open()
    try expectOnce()
    // The person that the body named is erased: the key alone decides.
    _ = try shop.ledger.erase(.alias(label: "a", name: "person"))
    for _ in 0..<2 {
      let end = shop.ledger.now.end
      try expectOnce(body: false)
      #expect(shop.ledger.now.end == end)
      try shop.restart()
    }
    try shop.ledger.close()
  }
}
