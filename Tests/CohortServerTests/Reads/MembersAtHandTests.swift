import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import TestSupport
import Testing

@Suite struct `Members at hand` {
  private let path = "/ledger/cohorts/hightouch/vip/members"

  /// Whether the loop answers a question itself.
  private func isAnswered(
    _ shop: ReadingHouse, _ target: String, key: String? = nil, headers: [(String, String)] = []
  ) -> Bool {
    let head = shop.house.head(.get, target, key: key ?? shop.reader, headers: headers)
    if case .answer = shop.house.service.plan(head) { return true }
    return false
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `are answered on the loop as a worker does`(seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    var (isAtHand, pages) = (0, 0)
    for number in 0..<60 {
      if number % 20 == 19 { try shop.step() }
      let target =
        path + "?as_of=\(shop.somePosition().rawValue)&limit=\(1 + number % 9)"
        + (number % 7 == 6 ? "&identity=now" : "")
      for key in [shop.all, shop.reader] {
        let quick = shop.house.send(.get, target, key: key)
        // Whoever announces a body is answered by a worker.
        let slow = shop.house.send(.get, target, key: key, headers: [("content-length", "0")])
        #expect(quick.status == 200 && quick.body == slow.body)
        #expect(quick.headers.map(\.name) == slow.headers.map(\.name))
        #expect(quick.headers.map(\.value) == slow.headers.map(\.value))
        if isAnswered(shop, target, key: key) { isAtHand += 1 }
        guard let next = quick.string("next") else { continue }
        let more = shop.house.send(.get, "\(target)&next=\(next)", key: key)
        let slowMore = shop.house.send(
          .get, "\(target)&next=\(next)", key: key, headers: [("content-length", "0")])
        #expect(more.status == 200 && more.body == slowMore.body)
        pages += 1
      }
      #expect(shop.house.get(target).status == 401)
    }
    #expect(isAtHand > 30 && pages > 30)
  }

  @Test func `are those that were asked for before, and only a page of them`() throws {
    let shop = try ReadingHouse(seed: 9)
    let target = path + "?as_of=\(shop.somePosition().rawValue)"
    #expect(!isAnswered(shop, target))
    #expect(shop.house.get(target, key: shop.reader).status == 200)
    #expect(isAnswered(shop, target))
    // A person may have any number of identifiers.
    #expect(!isAnswered(shop, target, key: shop.all))
    #expect(isAnswered(shop, target + "&limit=1000"))
    #expect(!isAnswered(shop, target + "&limit=1001"))
    #expect(!isAnswered(shop, target, headers: [("accept", "application/x-ndjson")]))
    #expect(!isAnswered(shop, target, headers: [("content-length", "2")]))
    // What is wrong is told by a worker.
    for wrong in ["&limit=0", "&of=now", "&next=abc"] {
      #expect(!isAnswered(shop, target + wrong))
      #expect(shop.house.get(target + wrong, key: shop.all).status == 400)
    }
    #expect(!isAnswered(shop, "/ledger/cohorts/hightouch/nobody/members"))
  }
}
