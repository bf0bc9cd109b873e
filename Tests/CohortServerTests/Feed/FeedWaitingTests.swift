import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import TestSupport
import Testing

@Suite struct `A reader who waits` {
  @Test func `is answered as soon as something is durable, and once`() throws {
    let feed = try FeedHouse()
    let reading = try feed.open("/ledger/events?after=\(feed.end)&wait=30")
    #expect(reading.drain() == .waits(30_000))
    let before = feed.end
    try feed.house.shop.create(["eve"])
    reading.sleep()
    #expect(reading.drain() == .ended)
    #expect(feed.lines(of: reading.text) == Array(try feed.lines().dropFirst(Int(before))))
    #expect(!reading.parts.isEmpty)
  }

  @Test func `does not wait if something is there, nor without being asked to`() throws {
    let feed = try FeedHouse()
    let reading = try feed.open("/ledger/events?after=\(feed.end - 1)&wait=30")
    #expect(reading.drain() == .ended)
    #expect(feed.lines(of: reading.text).count == 1)
    #expect(try feed.open("/ledger/events?after=\(feed.end)").drain() == .ended)
  }

  @Test func `is answered with nothing when the time is over`() throws {
    let feed = try FeedHouse()
    let reading = try feed.open("/ledger/events?after=\(feed.end)&wait=2")
    #expect(reading.drain() == .waits(2_000))
    feed.clock.advance(by: 1_500_000)
    #expect(reading.drain() == .waits(500))
    feed.clock.advance(by: 500_000)
    #expect(reading.drain() == .ended)
    #expect(reading.parts.isEmpty)
  }

  @Test func `waits on past events of other types`() throws {
    let feed = try FeedHouse()
    let reading = try feed.open("/ledger/events?after=\(feed.end)&wait=30&types=membersChanged")
    #expect(reading.drain() == .waits(30_000))
    try feed.house.shop.create(["eve"])
    reading.sleep()
    #expect(reading.drain() == .waits(30_000))
    try feed.house.shop.push("vip", add: ["eve"])
    reading.sleep()
    #expect(reading.drain() == .ended)
    #expect(feed.lines(of: reading.text).count == 1)
    #expect(reading.text.contains(#""type":"membersChanged""#))
  }

  @Test func `behind the end of the log waits until the log is there`() throws {
    let feed = try FeedHouse()
    let reading = try feed.open("/ledger/events?after=\(feed.end + 2)&wait=30")
    #expect(reading.drain() == .waits(30_000))
    try feed.house.shop.create(["eve", "fay"])
    #expect(reading.drain() == .waits(30_000))
    try feed.house.shop.create(["gus"])
    reading.sleep()
    #expect(reading.drain() == .ended)
    #expect(reading.text.contains(#""position":\#(feed.end),"#))
    #expect(feed.lines(of: reading.text).count == 1)
  }

  @Test(arguments: [false, true])
  func `is let go when the server stops`(streams: Bool) throws {
    let feed = try FeedHouse()
    let accept = [("accept", streams ? "text/event-stream" : "*/*")]
    let reading = try feed.open("/ledger/events?after=\(feed.end)&wait=30", headers: accept)
    guard case .waits = reading.drain() else {
      Issue.record("There is nothing to read yet.")
      return
    }
    feed.ledger.endWatching()
    reading.sleep()
    #expect(reading.drain() == .ended)
  }

  @Test(arguments: [false, true])
  func `stops with the key`(streams: Bool) throws {
    let feed = try FeedHouse()
    let key = try feed.house.key()
    let accept = [("accept", streams ? "text/event-stream" : "*/*")]
    let reading = try feed.open(
      "/ledger/events?after=\(feed.end)&wait=30", key: key, headers: accept)
    guard case .waits = reading.drain() else {
      Issue.record("There is nothing to read yet.")
      return
    }
    let keys = feed.ledger.now.state.keys
    let last = try #require(keys.records.last?.issued.key)
    try feed.house.shop.submit(.invalidateKey(last))
    reading.sleep()
    let before = reading.text
    #expect(reading.drain() == .ended)
    #expect(reading.text == before)
  }
}
