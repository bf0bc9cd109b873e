import CohortLedger
import CohortModel
import TestSupport
import Testing

@Suite struct `What a key has done` {
  @Test func `comes page by page, each request once and whole`() throws {
    let shop = try TestShop()
    for round in 0..<5 { try shop.create((0...round).map { "user-\(round)-\($0)" }) }
    let view = shop.ledger.now
    let all = try view.activity(of: KeyID(0))
    #expect(all.map(\.events.count) == [5, 4, 3, 2, 1, 1, 2])
    for limit in 1...7 {
      var pages: [KeyAction] = []
      var before = Position.never
      while true {
        let page = try view.activity(of: KeyID(0), before: before, limit: limit)
        pages += page
        guard let last = page.last else { break }
        before = last.request
      }
      #expect(pages == all)
    }
  }
}
