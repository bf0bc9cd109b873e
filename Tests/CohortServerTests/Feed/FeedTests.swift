import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `The feed` {
  @Test
  func `gives each event once and leaves none out, from every position in pages of every size`()
    throws
  {
    let feed = try FeedHouse()
    let all = try feed.lines()
    #expect(all.count == Int(feed.end))
    for (index, line) in all.enumerated() {
      #expect(line.hasPrefix(#"{"position":\#(index + 1),"#))
    }
    for start in 0...all.count {
      for limit in [1, 2, 5, 100] {
        var (position, read) = (start, [String]())
        while true {
          let answer = feed.house.get(
            "/ledger/events?after=\(position)&limit=\(limit)", key: feed.key)
          #expect(answer.status == 200)
          let page = feed.lines(of: answer.text)
          #expect(page.count <= limit)
          if page.isEmpty { break }
          read += page
          position += page.count
        }
        #expect(read == Array(all[start...]), "after \(start), \(limit) at a time")
      }
    }
  }

  @Test func `shows what the terminal and the exports show`() throws {
    let feed = try FeedHouse()
    let view = feed.ledger.now
    var expected: [String] = []
    try view.forEachEvent(after: .origin) { decoded, epoch in
      var json = JSONWriter()
      json.event(decoded.recorded, epoch: epoch.description, names: Names(view.state))
      expected.append(String(decoding: json.bytes, as: UTF8.self))
      return true
    }
    #expect(try feed.lines() == expected)
  }

  @Test func `goes on behind each checkpoint, and says when history was changed`() throws {
    let feed = try FeedHouse()
    let view = feed.ledger.now
    let all = try feed.lines()
    for position in 1...all.count {
      let checkpoint = try view.checkpoint(at: Position(UInt64(position))).description
      let answer = feed.house.get("/ledger/events?after=\(checkpoint)&limit=1000", key: feed.key)
      #expect(feed.lines(of: answer.text) == Array(all[position...]))

      var other = checkpoint
      other.removeLast()
      other.append(checkpoint.hasSuffix("0") ? "1" : "0")
      let refused = feed.house.get("/ledger/events?after=\(other)", key: feed.key)
      #expect(refused.status == 409)
      #expect(refused.text == #"{"message":"History changed","position":null}"#)
    }
    let epoch = try view.checkpoint(at: view.position).description.drop { $0 != "@" }
    let ahead = feed.house.get("/ledger/events?after=\(all.count + 1)\(epoch)", key: feed.key)
    #expect(ahead.status == 409)
  }

  @Test func `names the restored event to readers of a history that is gone`() throws {
    let feed = try FeedHouse()
    let shop = feed.house.shop
    let cut = Position(6)
    let kept = try feed.ledger.now.checkpoint(at: cut).description
    let lost = try feed.ledger.now.checkpoint(at: cut.advanced(by: 3)).description
    try shop.ledger.close()
    var options = RestoreOptions()
    options.cut = .position(cut)
    options.replaces = true
    _ = try Ledger.restore(
      from: "/ledger", to: "/ledger", options, on: shop.disk, clock: shop.clock,
      random: SeededRandomSource(seed: 77))
    try shop.open()
    let house = try TestHouse(shop: shop)
    let refused = house.get("/ledger/events?after=\(lost)", key: feed.key)
    #expect(refused.status == 409)
    #expect(refused.message == "History changed")
    #expect(refused.number("position") == 7)
    let answer = house.get("/ledger/events?after=\(kept)", key: feed.key)
    #expect(answer.status == 200)
    #expect(answer.text.contains(#""type":"restored""#))
  }

  @Test func `leaves out the types that nobody asked for`() throws {
    let feed = try FeedHouse()
    let all = try feed.lines()
    for types in [["userCreated"], ["membersChanged", "usersMerged"], ["canvasSaved"]] {
      let wanted = all.filter { line in types.contains { line.contains(#""type":"\#($0)""#) } }
      let answer = feed.house.get(
        "/ledger/events?types=\(types.joined(separator: ","))&limit=1000", key: feed.key)
      #expect(feed.lines(of: answer.text) == wanted)
      let one = feed.house.get(
        "/ledger/events?types=\(types.joined(separator: ","))&limit=1", key: feed.key)
      #expect(feed.lines(of: one.text) == Array(wanted.prefix(1)))
    }
    for (types, nearest) in [("userCreate", "userCreated"), ("userCreated,", nil)] {
      let refused = feed.house.get("/ledger/events?types=\(types)", key: feed.key)
      #expect(refused.status == 400)
      if let nearest { #expect(refused.string("nearest") == nearest) }
    }
  }

  @Test func `shows identifiers only to those who may read the log`() throws {
    let feed = try FeedHouse()
    let reader = try feed.house.key(Permissions([.ledgerRead]))
    let refused = feed.house.get("/ledger/events", key: reader)
    #expect(refused.status == 403)
    #expect(refused.string("permission") == "ledger.log")
    let answer = feed.house.get("/ledger/events?identifiers=none&limit=1000", key: reader)
    #expect(answer.status == 200)
    #expect(feed.lines(of: answer.text).count == Int(feed.end))
    for text in ["ana", "bea", "cem", "dan", "nobody"] {
      #expect(!answer.text.contains(#""\#(text)""#))
      #expect(try feed.lines().joined().contains(#""\#(text)""#))
    }
    #expect(feed.house.get("/ledger/events", key: nil).status == 401)
  }

  @Test(arguments: [
    "after=x", "after=-1", "after=4@", "after=4@12", "limit=0", "limit=10001", "wait=61",
    "wait=x", "identifiers=some", "types=", "type=userCreated", "after=1&after=2",
  ])
  func `refuses what it does not understand`(query: String) throws {
    let feed = try FeedHouse()
    let answer = feed.house.get("/ledger/events?\(query)", key: feed.key)
    #expect(answer.status == 400)
    #expect(answer.message?.isEmpty == false)
  }

  @Test func `says where the log is damaged, and gives what stands before`() throws {
    let feed = try FeedHouse()
    let shop = feed.house.shop
    let all = try feed.lines()
    let offset = try feed.ledger.now.log.frame(containing: Position(8)).header.fileOffset
    try shop.disk.rot("/ledger/events.log", bit: (Int(offset) + 120) * 8)
    let reading = try feed.open("/ledger/events?limit=1000")
    #expect(reading.drain() == .failed)
    let read = feed.lines(of: reading.text)
    #expect(read == Array(all.prefix(read.count)))
    #expect(!read.isEmpty && read.count < 8)
    let refused = feed.house.get("/ledger/events?after=\(read.count)", key: feed.key)
    #expect(refused.status == 500)
    #expect(refused.message == "Log damaged")
  }
}
