import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import TestSupport
import Testing

@Suite struct `A stream of server-sent events` {
  private let accept = [("accept", "text/event-stream")]

  @Test func `gives the same events as lines do, then what comes`() throws {
    let feed = try FeedHouse()
    let stream = try feed.open("/ledger/events", headers: accept)
    #expect(stream.drain() == .waits(15_000))
    #expect(ServerSentEvents(stream.text).events == (try feed.lines()))
    for round in 0..<20 {
      try feed.house.shop.create(["new-\(round)"])
      stream.sleep()
      #expect(stream.drain() == .waits(15_000))
    }
    let heard = ServerSentEvents(stream.text)
    #expect(heard.events == (try feed.lines()))
    #expect(heard.lastID == (try feed.ledger.now.checkpoint(at: feed.ledger.now.end).description))
  }

  @Test func `goes on where it was lost, at every position, without gap and without repeating`()
    throws
  {
    let feed = try FeedHouse()
    let all = try feed.lines()
    for lost in 1...all.count {
      let first = try feed.open("/ledger/events?limit=\(lost)", headers: accept)
      #expect(first.drain() == .ended)
      let heard = ServerSentEvents(first.text)
      #expect(heard.events == Array(all[..<lost]))
      // What the address says is what the first connection was opened with.
      let second = try feed.open(
        "/ledger/events?after=0", headers: accept + [("last-event-id", heard.lastID)])
      second.drain()
      #expect(heard.events + ServerSentEvents(second.text).events == all)
    }
  }

  @Test func `says something every 15 seconds`() throws {
    let feed = try FeedHouse()
    let stream = try feed.open("/ledger/events?after=\(feed.end)", headers: accept)
    #expect(stream.drain() == .waits(15_000))
    let opening = ServerSentEvents(stream.text)
    #expect(opening.comments == 1)
    feed.clock.advance(by: 14_999_000)
    #expect(stream.drain() == .waits(1))
    feed.clock.advance(by: 1_000)
    #expect(stream.drain() == .waits(15_000))
    let heard = ServerSentEvents(stream.text)
    #expect(heard.comments == 2 && heard.events.isEmpty && heard.lastID.isEmpty)
  }

  @Test func `tells how far it has looked when nothing was of the types asked for`() throws {
    let feed = try FeedHouse()
    let stream = try feed.open("/ledger/events?types=canvasSaved", headers: accept)
    #expect(stream.drain() == .waits(15_000))
    feed.clock.advance(by: 15_000_000)
    stream.drain()
    let heard = ServerSentEvents(stream.text)
    #expect(heard.events.isEmpty)
    #expect(heard.lastID == (try feed.ledger.now.checkpoint(at: feed.ledger.now.end).description))
  }

  @Test func `refuses a last id that is none, and one of another history`() throws {
    let feed = try FeedHouse()
    for (id, status) in [
      ("x", 400), ("5@00000000000000000000000000000000", 409), ("", 200), ("5", 200),
    ] {
      let answer = feed.house.get(
        "/ledger/events?after=3", key: feed.key, headers: accept + [("last-event-id", id)])
      #expect(answer.status == status, "\(id)")
    }
  }

  @Test func `holds no more for a slow reader than one part`() throws {
    let feed = try FeedHouse()
    let shop = feed.house.shop
    for round in 0..<60 {
      try shop.create((0..<100).map { "somebody-\(round)-with-a-long-name-\($0)" })
    }
    let stream = try feed.open("/ledger/events", headers: accept)
    let fast = try feed.lines()
    #expect(fast.joined().utf8.count > 500_000)
    let longest = fast.map(\.utf8.count).max() ?? 0
    #expect(stream.drain() == .waits(15_000))
    #expect(stream.parts.allSatisfy { $0.count <= 64 << 10 + longest + 200 })
    #expect(stream.parts.count > 8)
    #expect(ServerSentEvents(stream.text).events == fast)
  }
}
