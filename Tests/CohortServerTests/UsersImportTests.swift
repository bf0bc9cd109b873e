import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

@Suite struct `A users import over HTTP` {
  private static let path = "/ledger/users/import"

  private static func lines(_ range: Range<Int>) -> String {
    range.map { #"{"external_id":"c-\#($0)"}"# + "\n" }.joined()
  }

  @Test(arguments: [1, 7, 4_096, 1 << 20])
  func `is taken in pieces of any size`(_ pieces: Int) throws {
    let house = try TestHouse()
    let key = try house.key()
    let count = pieces == 1 ? 300 : 10_500
    let answer = house.send(
      .post, Self.path, key: key, body: Array(Self.lines(0..<count).utf8), pieces: pieces)
    #expect(answer.status == 201)
    #expect(answer.number("created") == count)
    #expect(answer.number("refused_count") == 0)
    #expect(answer.number("position") == Int(house.shop.ledger.now.end.rawValue))
    let again = house.send(
      .post, Self.path, key: key, body: Array(Self.lines(0..<count).utf8), pieces: pieces)
    #expect(again.number("unchanged") == count)
    #expect(again.number("position") == answer.number("position"))
  }

  @Test func `names the lines that it refuses`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let body =
      #"{"external_id":"a"}"# + "\n\n" + "{]\n" + #"{"external_id":7}"# + "\n"
      + #"{"device_ids":["d"],"external_id":"b"}"# + "\n" + "{}\n" + #"{"external_id":"c"}"#
    let answer = house.send(.post, Self.path, key: key, body: Array(body.utf8))
    #expect(answer.status == 201)
    #expect(answer.number("created") == 3)
    let refused = try #require(answer.json?["refused"])
    #expect(refused.elements.map { $0["line"]?.unsignedInteger } == [3, 4, 6])
    #expect(answer.number("refused_count") == 3)
  }

  @Test func `of nothing is a success`() throws {
    let house = try TestHouse()
    let answer = house.send(.post, Self.path, key: try house.key())
    #expect(answer.status == 201)
    #expect(answer.number("created") == 0)
  }

  @Test func `ends at a line that is too long, and says what is done`() throws {
    let house = try TestHouse()
    let body =
      Self.lines(0..<10_000) + #"{"external_id":""# + String(repeating: "x", count: 1 << 20)
    let answer = house.send(.post, Self.path, key: try house.key(), body: Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.number("created") == 10_000)
    #expect(answer.closes)
    #expect(house.shop.ledger.now.state.directory.userCount == 10_000)
  }

  @Test func `ends with its key`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let head = house.head(.post, Self.path, key: key)
    guard case .receive(let receiver) = house.service.plan(head) else {
      Issue.record("a stream is taken as it comes")
      return
    }
    #expect(receiver.take(Array(Self.lines(0..<10_000).utf8)) == nil)
    try house.shop.submit(
      .invalidateKey(KeyID(UInt32(house.shop.ledger.now.state.keys.records.count))))
    var answer: TestAnswer?
    for unit in 1..<8 where answer == nil {
      let lines = Self.lines(unit * 10_000..<(unit + 1) * 10_000)
      answer = receiver.take(Array(lines.utf8)).map { TestAnswer($0) }
    }
    #expect(answer?.status == 401)
    #expect(answer?.number("created") == 10_000)
    #expect(house.shop.ledger.now.state.directory.userCount == 10_000)
  }
  @Test func `ends when whoever sends it from the console signs out`() throws {
    let house = try TestHouse()
    let (browser, other) = (try Browser(house), try Browser(house))
    func receiver(_ browser: Browser) throws -> any BodyReceiver {
      let head = house.head(.post, Self.path, headers: [("cookie", browser.cookie)] + Browser.own)
      guard case .receive(let receiver) = house.service.plan(head) else { throw Unexpected.plan }
      return receiver
    }
    let (first, second) = (try receiver(browser), try receiver(other))
    #expect(first.take(Array(Self.lines(0..<10_500).utf8)) == nil)
    #expect(second.take(Array(Self.lines(30_000..<30_500).utf8)) == nil)
    #expect(browser.signOut().status == 200)
    let answer = first.take(Array(Self.lines(10_500..<20_000).utf8)).map { TestAnswer($0) }
    #expect(answer?.status == 401 && answer?.closes == true)
    #expect(answer?.number("created") == 10_000)
    // The end of a stream is no way around it either.
    #expect(other.signOut().status == 200)
    let outcome = Monitor<Response?>(nil)
    second.finish(Exchange { response in outcome.change { $0 = response } })
    #expect(outcome.wait(for: { $0 })?.status == 401)
    #expect(house.shop.ledger.now.state.directory.userCount == 10_000)
  }

  private enum Unexpected: Error { case plan }
}
