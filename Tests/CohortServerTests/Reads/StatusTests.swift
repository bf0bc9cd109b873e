import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `The status of a ledger` {
  @Test func `tells of texts that cannot be read, and is sound without them`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob"])
    let house = try TestHouse(shop: shop)
    let key = try house.key()
    func condition(of house: TestHouse) -> String? {
      house.get("/ledger/status", key: key).json?["condition"]?.source
    }
    #expect(condition(of: house) == "\"sound\"")
    try shop.ledger.close()
    let log = try #require(shop.disk.contents(of: "/ledger/events.log"))
    let ada = try #require(log.indices.first { log[$0...].starts(with: "ada".utf8) })
    try shop.disk.rot("/ledger/events.log", bit: ada * 8)
    let damaged = try TestHouse(shop: TestShop(disk: shop.disk))
    let event = try #require(damaged.shop.ledger.unreadTexts.first?.position)
    #expect(
      condition(of: damaged) == "\"1 text cannot be read, the first that of event \(event)\"")
  }
}
