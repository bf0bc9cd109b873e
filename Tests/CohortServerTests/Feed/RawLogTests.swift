import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import TestSupport
import Testing

@Suite struct `The raw log` {
  @Test(arguments: [1_000, 4_096, 5_003, 1 << 20])
  func `pulled in ranges is a ledger again`(size: Int) throws {
    let feed = try FeedHouse()
    var (bytes, total) = ([UInt8](), Int.max)
    while bytes.count < total {
      let answer = feed.house.get(
        "/ledger/log", key: feed.key,
        headers: [("range", "bytes=\(bytes.count)-\(bytes.count + size - 1)")])
      #expect(answer.status == 206)
      let range = try #require(answer["Content-Range"])
      total = try #require(range.split(separator: "/").last.flatMap { Int($0) })
      #expect(range == "bytes \(bytes.count)-\(bytes.count + answer.body.count - 1)/\(total)")
      bytes += answer.body
    }
    #expect(bytes.count == Int(feed.ledger.log.chain.end))
    let disk = SimulatedDisk()
    try disk.place(bytes, at: "/copy")
    let report = try Ledger.verify("/copy", on: disk)
    #expect(report.findings.isEmpty && report.torn == nil)
    #expect(report.head == feed.ledger.now.treeHead)
    #expect(report.events == feed.end)
  }

  @Test func `answers every kind of range`() throws {
    let feed = try FeedHouse()
    let whole = feed.house.get("/ledger/log", key: feed.key)
    #expect(whole.status == 200)
    #expect(whole["Accept-Ranges"] == "bytes")
    #expect(whole["Content-Type"] == "application/octet-stream")
    let all = whole.body
    let end = all.count
    for (range, expected) in [
      ("bytes=0-0", 0..<1), ("bytes=0-", 0..<end), ("bytes=5-9", 5..<10),
      ("bytes=\(end - 1)-", end - 1..<end), ("bytes=\(end - 1)-\(end + 5)", end - 1..<end),
      ("bytes=-1", end - 1..<end), ("bytes=-\(end)", 0..<end), ("bytes=-\(end + 1)", 0..<end),
      ("BYTES=7-7", 7..<8), ("bytes=3-99999999999999999999999", 3..<end),
    ] {
      let answer = feed.house.get("/ledger/log", key: feed.key, headers: [("range", range)])
      #expect(answer.status == 206, "\(range)")
      #expect(answer.body == Array(all[expected]), "\(range)")
      #expect(
        answer["Content-Range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(end)")
    }
    for range in [
      "bytes=\(end)-", "bytes=\(end)-\(end + 9)", "bytes=-0", "bytes=99999999999999999999-",
    ] {
      let answer = feed.house.get("/ledger/log", key: feed.key, headers: [("range", range)])
      #expect(answer.status == 416, "\(range)")
      #expect(answer["Content-Range"] == "bytes */\(end)")
    }
    for range in [
      "bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "items=0-5", "bytes=0-1,3-4", "bytes=+1-2",
    ] {
      let answer = feed.house.get("/ledger/log", key: feed.key, headers: [("range", range)])
      #expect(answer.status == 200, "\(range)")
      #expect(answer.body == all, "\(range)")
    }
  }

  @Test func `keeps its tag while it grows, and changes it when bytes in its midst change`() throws
  {
    let feed = try FeedHouse()
    func tag() throws -> String {
      try #require(feed.house.get("/ledger/log", key: feed.key)["ETag"])
    }
    let first = try tag()
    try feed.house.shop.create(["eve"])
    #expect(try tag() == first)
    let current = feed.house.get(
      "/ledger/log", key: feed.key, headers: [("range", "bytes=0-9"), ("if-range", first)])
    #expect(current.status == 206)
    _ = try feed.ledger.erase(.externalID("ana"), by: .local)
    let second = try tag()
    #expect(second != first)
    let stale = feed.house.get(
      "/ledger/log", key: feed.key, headers: [("range", "bytes=0-9"), ("if-range", first)])
    #expect(stale.status == 200)
  }

  @Test func `needs the permission to read it, and ends with the key`() throws {
    let feed = try FeedHouse()
    let reader = try feed.house.key(Permissions([.ledgerRead, .ledgerPeople]))
    #expect(feed.house.get("/ledger/log", key: reader).status == 403)
    let key = try feed.house.key(Permissions([.ledgerLog]))
    let reading = try feed.open("/ledger/log", key: key)
    #expect(reading.length == feed.ledger.log.chain.end)
    let last = try #require(feed.ledger.now.state.keys.records.last?.issued.key)
    try feed.house.shop.submit(.invalidateKey(last))
    #expect(reading.drain() == .failed)
    #expect(reading.parts.isEmpty)
  }

  @Test func `is told to be as long for HEAD as for GET`() throws {
    let feed = try FeedHouse()
    let answer = feed.house.send(.head, "/ledger/log", key: feed.key)
    #expect(answer.status == 200)
    #expect(answer["ETag"] != nil)
    #expect(feed.house.get("/ledger/log?after=1", key: feed.key).status == 400)
  }
}
