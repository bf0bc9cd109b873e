import CohortLedger
import CohortModel
import TestSupport
import Testing

@Suite struct `A cohort that was only named` {
  @Test func `has no members, before and after a restart`() throws {
    let shop = try TestShop()
    try shop.submit(
      .nameCohort(
        NameCohort(
          cohort: CohortName(partner: TestShop.partner, cohortID: "vip"), name: "VIP",
          createdAt: Instant(microseconds: 0))))
    #expect(try shop.members("vip").isEmpty)
    try shop.restart()
    #expect(try shop.members("vip").isEmpty)
    #expect(try shop.ledger.now.cohorts(of: UserID(1)).isEmpty)
    try shop.create(["ada"])
    try shop.push("vip", add: ["ada"])
    #expect(try shop.members("vip") == ["ada"])
  }
}
