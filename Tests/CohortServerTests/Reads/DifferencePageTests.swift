import CohortLedger
import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `The pages of a difference` {
  @Test func `all name the moments that were asked for`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a", "b", "c"])
    house.shop.clock.advance(by: 1_000_000)
    let asked = house.shop.ledger.now.instant.rfc3339
    try house.shop.push("vip", add: ["a", "b", "c"])
    let target = "/ledger/cohorts/hightouch/vip/diff?from=\(asked)&limit=1"
    var page = house.get(target, key: key)
    let to = page.string("to", "time")
    var seen = 0
    while true {
      #expect(page.status == 200, "\(page.text)")
      #expect(page.string("from", "time") == asked)
      #expect(page.string("to", "time") == to)
      seen += page.json?["added"]?.count ?? 0
      guard let next = page.string("next") else { break }
      try house.shop.push("vip", remove: ["a"])
      page = house.get("\(target)&next=\(next)", key: key)
    }
    #expect(seen == 3)
  }
}
