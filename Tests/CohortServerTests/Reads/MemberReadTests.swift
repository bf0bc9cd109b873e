import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Members over HTTP` {
  private func path(_ cohort: Text, _ rest: String = "members") -> String {
    "/ledger/cohorts/hightouch/\(cohort.escaped)/\(rest)"
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `are those of the ledger, in pages of any size and as lines`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    for cohort in ReadingHouse.cohorts {
      let id = try shop.house.shop.cohort(cohort)
      for position in [shop.somePosition(), shop.somePosition(), shop.now.end, Position(2)] {
        let view = try shop.ledger.view(asOf: .position(position))
        for identity in IdentityTime.allCases {
          let whole = try view.members(of: id, identity: identity, limit: 10_000)
          let target = path(cohort) + "?as_of=\(position.rawValue)&identity=\(identity)"
          for (key, isSeen) in [(shop.all, true), (shop.reader, false)] {
            let expected = view.listed(
              whole.members.map(\.user), identity: identity, isSeen: isSeen)
            for limit in [1, 3, 10_000] {
              #expect(try shop.pages(target, "members", limit: limit, by: key) == expected)
            }
            #expect(shop.lines(target, key: key) == expected)
          }
          let page = shop.get(target)
          #expect(page.number("count") == whole.count)
          #expect(page.number("gone") == (identity == .now ? whole.gone : nil))
          #expect(page.number("as_of", "position") == Int(position.rawValue))
          #expect(page["Ledger-Position"] == "\(position.rawValue)")
          #expect(page.json?["exists"]?.bool == (view.exists(id) ? nil : false))
        }
      }
    }
  }

  @Test func `have their identifiers as JSON, whatever bytes those have`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let ids = ["plain", "eight888", "a\"b", "\\", "tab\there-and-more", "é€𝄞", "\u{7f}\u{1}"]
    try house.shop.create(ids)
    try house.shop.push("vip", add: ids)
    let view = house.shop.ledger.now
    let expected = view.listed((1...UInt32(ids.count)).map { UserID($0) }, identity: .then)
    let page = house.get(path("vip"), key: key)
    #expect(page.json?["members"]?.elements.map(\.source) == expected)
    let lines = house.get(path("vip"), key: key, headers: [("accept", "application/x-ndjson")])
    #expect(lines.text == expected.map { $0 + "\n" }.joined())
  }

  @Test(arguments: ["", "?identity=now", "?as_of=41&identity=now", "?as_of=60"])
  func `show one moment on all pages, whatever happens between them`(_ query: String) throws {
    for seed in 11...14 as ClosedRange<UInt64> {
      let shop = try ReadingHouse(seed: seed)
      let target = path("vip") + query
      let whole = try shop.pages(target, "members", limit: 10_000)
      let found = try shop.pages(target, "members", limit: 2) {
        for _ in 0..<3 { try shop.step() }
      }
      // What was erased in between is gone at once, whatever was asked as of.
      let numbers = { (members: [String]) in members.map { $0.prefix { $0 != "," && $0 != "}" } } }
      #expect(numbers(found) == numbers(whole))
      #expect(whole.count > 2)
    }
  }

  @Test func `name nobody to a key that may only read`() throws {
    let shop = try ReadingHouse(seed: 5)
    try shop.addDefinitions()
    let send = try shop.launch()
    for target in [
      path("vip"), path("vip") + "?identity=now", path("vip", "diff?from=4"),
      path("vip", "changes"),
      path("vip", "sizes"), "/ledger/cohorts", "/segments/members?segment_id=segment:1",
      "/audiences/\(send)", "/ledger/keys/key:0/activity", "/ledger/keys/key:1/activity",
      "/ledger/keys/key:2/activity", "/ledger/partners", "/ledger/dependants?segment=segment:1",
    ] + (1...shop.now.end.rawValue).map({ "/ledger/requests/\($0)" }) {
      for asLines in [false, true] {
        let answer = shop.get(target, key: shop.reader, asLines: asLines)
        #expect(answer.status == 200, "\(target): \(answer.text)")
        for word in ["customer-", "renamed-", "stranger-", "mail-"] {
          #expect(!answer.text.contains(word), "\(target)")
        }
      }
    }
    for target in [
      "/ledger/users?user=1", "/ledger/users/history?user=1",
      "/ledger/why?user=1&partner=hightouch&cohort_id=vip",
      "/ledger/prove?user=1&partner=hightouch&cohort_id=vip",
    ] {
      #expect(shop.get(target).status == 200, "\(target)")
      let answer = shop.get(target, key: shop.reader)
      #expect(answer.status == 403 && answer.message == "Access Denied", "\(target)")
    }
  }

  @Test(arguments: 21...23 as ClosedRange<UInt64>)
  func `differ as the ledger says, page by page`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    for cohort in ReadingHouse.cohorts {
      let id = try shop.house.shop.cohort(cohort)
      let ends = [shop.somePosition(), shop.somePosition()].sorted()
      let (before, after) = (
        try shop.ledger.view(asOf: .position(ends[0])),
        try shop.ledger.view(asOf: .position(ends[1]))
      )
      for identity in IdentityTime.allCases {
        let expected = try after.difference(from: before, of: id, identity: identity)
        let target = path(
          cohort,
          "diff?from=\(ends[0].rawValue)&to=%23\(ends[1].rawValue)&identity=\(identity)")
        let added = after.listed(expected.added.users.map { UserID($0) }, identity: identity)
        let removed = before.listed(expected.removed.users.map { UserID($0) }, identity: identity)
        for limit in [1, 2, 10_000] {
          #expect(try shop.pages(target, "added", limit: limit) == added)
          #expect(try shop.pages(target, "removed", limit: limit) == removed)
        }
        let page = shop.get(target)
        #expect(page.number("added_count") == added.count)
        #expect(page.number("gone") == (identity == .now ? expected.gone : nil))
        #expect(
          shop.lines(target) == added.map { "{\"change\":\"added\",\"member\":\($0)}" }
            + removed.map { "{\"change\":\"removed\",\"member\":\($0)}" })
      }
    }
  }

  @Test func `stop in the middle of a stream when the key does`() throws {
    let shop = try ReadingHouse(seed: 6, steps: 5)
    let secret = try shop.house.key(Permissions([.ledgerRead, .ledgerPeople]))
    let head = shop.house.head(
      .get, path("vip"), key: secret, headers: [("accept", "application/x-ndjson")])
    guard case .collect(_, _, let handler) = shop.house.service.plan(head) else {
      Issue.record("no plan")
      return
    }
    let source = Received()
    handler(
      Request(head: head, body: []),
      Exchange { response in
        if case .source(let body, _) = response.body { source.keep(body) }
      })
    let key = try #require(shop.now.state.keys.records.last?.issued.key)
    try shop.house.shop.submit(.invalidateKey(key))
    guard case .fail = try #require(source.body).next(Wake {}) else {
      Issue.record("the stream went on")
      return
    }
  }
}
