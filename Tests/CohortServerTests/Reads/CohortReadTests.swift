import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Cohorts over HTTP` {
  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `are listed and described as the ledger has them`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed, steps: 30)
    try shop.house.shop.submit(
      .nameCohort(
        NameCohort(
          cohort: CohortName(partner: "hightouch", cohortID: "vip"), name: "Very important",
          createdAt: Instant(microseconds: 5))))
    for position in [shop.somePosition(), shop.now.end, Position(1)] {
      let view = try shop.ledger.view(asOf: .position(position))
      let ids = (1...3).map { CohortID($0) }
      let expected = try ids.filter { view.exists($0) }.map { id in
        let shape = CohortShape(try view.standing(of: id))
        return JSONWriter.text { $0.cohort(shape) }
      }
      for limit in [1, 2, 100] {
        let target = "/ledger/cohorts?as_of=\(position.rawValue)"
        #expect(try shop.pages(target, "cohorts", limit: limit) == expected)
        #expect(try shop.pages(target + "&partner=hightouch", "cohorts", limit: limit) == expected)
        #expect(shop.lines(target) == expected)
      }
      for id in ids {
        let name = view.state.cohorts[id].name
        let answer = shop.get(
          "/ledger/cohorts/hightouch/\(name.cohortID.escaped)?as_of=\(position.rawValue)")
        #expect(answer.number("size") == (try view.size(of: id)))
        #expect(answer.json?["exists"]?.bool == (view.exists(id) ? nil : false))
        #expect(answer.number("as_of", "position") == Int(position.rawValue))
      }
    }
    #expect(shop.get("/ledger/cohorts/hightouch/vip").string("name") == "Very important")
  }

  @Test(arguments: 4...6 as ClosedRange<UInt64>)
  func `change as the ledger says, from either end`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    for cohort in ReadingHouse.cohorts {
      let id = try shop.house.shop.cohort(cohort)
      for position in [shop.somePosition(), shop.now.end] {
        let view = try shop.ledger.view(asOf: .position(position))
        let whole = try view.changes(of: id, limit: 10_000)
        let target =
          "/ledger/cohorts/hightouch/\(cohort.escaped)/changes?as_of=\(position.rawValue)"
        for limit in [1, 2, 5, 10_000] {
          let found = try shop.pages(target, "changes", limit: limit)
          #expect(found.count == whole.count)
          for (text, change) in zip(found, whole) {
            let json = try JSONDocument(parsing: Array(text.utf8)).root
            #expect(json["position"]?.unsignedInteger == change.position.rawValue)
            #expect(json["size"]?.unsignedInteger == UInt64(change.size))
            #expect(json["unmatched"]?.unsignedInteger == UInt64(change.unmatched))
            #expect(json["kind"]?.source == "\"\(change.kind.rawValue)\"")
            let users = json[change.direction == .entering ? "added" : "removed"]
            #expect(
              users?.elements.compactMap { $0["user"]?.unsignedInteger }
                == change.users.users.map(UInt64.init))
          }
          let back = try shop.pages(
            target + "&sort_direction=desc", "changes", limit: limit)
          #expect(Set(back) == Set(found) && back.count == found.count, "\(limit)")
          #expect(shop.lines(target) == found)
        }
      }
    }
  }

  @Test func `have a size at every instant asked for, both ends included`() throws {
    let shop = try ReadingHouse(seed: 7)
    let id = try shop.house.shop.cohort("vip")
    let (first, last) = (Position(6), Position(shop.now.end.rawValue - 3))
    for points in [1, 2, 7, 50] {
      let answer = shop.get(
        "/ledger/cohorts/hightouch/vip/sizes?from=\(first.rawValue)&to=\(last.rawValue)&points=\(points)"
      )
      let sizes = try #require(answer.json?["sizes"]).elements.map { $0 }
      #expect(sizes.count == points)
      for size in sizes {
        let time = try #require(size["time"]?.string.flatMap { Instant(text: $0.span) })
        let view = try shop.ledger.view(asOf: .instant(time))
        #expect(size["size"]?.unsignedInteger == UInt64(try view.size(of: id)))
      }
      let time = try shop.ledger.view(asOf: .position(last)).instant
      #expect(sizes.last?["time"]?.source == "\"\(time.rfc3339)\"")
      if points > 1 {
        let time = try shop.ledger.view(asOf: .position(first)).instant
        #expect(sizes.first?["time"]?.source == "\"\(time.rfc3339)\"")
      }
    }
    #expect(shop.get("/ledger/cohorts/hightouch/vip/sizes").json?["sizes"]?.count == 100)
  }

  @Test(arguments: [
    ("/ledger/cohorts/hightouch/vip/members?limit=0", 400, "limit"),
    ("/ledger/cohorts/hightouch/vip/members?limit=10001", 400, "limit"),
    ("/ledger/cohorts/hightouch/vip/members?asof=4", 400, "as_of"),
    ("/ledger/cohorts/hightouch/vip/members?as_of=4&as_of=5", 400, "twice"),
    ("/ledger/cohorts/hightouch/vip/members?as_of=99999", 400, "#99999"),
    ("/ledger/cohorts/hightouch/vip/members?as_of=9999-01-01T00:00:00Z", 400, "later than now"),
    ("/ledger/cohorts/hightouch/vip/members?at=9999-01-01T00:00:00Z", 400, "later than now"),
    ("/ledger/cohorts/hightouch/vip/members?identity=both", 400, "identity"),
    ("/ledger/cohorts/hightouch/vip/members?next=AAAA", 400, "next"),
    ("/ledger/cohorts/hightouch/vip/members?as_of=%zz", 400, "escape"),
    ("/ledger/cohorts/hightouch/vib/members", 404, "vip"),
    ("/ledger/cohorts/hightuch/vip", 404, "hightouch/vip"),
    ("/ledger/cohorts?partner=hightuch", 404, "hightuch"),
    ("/ledger/cohorts/hightouch/vip/diff", 400, "from"),
    ("/ledger/cohorts/hightouch/vip/diff?from=9&to=5", 400, "Exchange"),
    ("/ledger/cohorts/hightouch/vip/sizes?points=0", 400, "points"),
    ("/ledger/cohorts/hightouch/vip/sizes?points=10001", 400, "points"),
    ("/ledger/cohorts/hightouch/vip/sizes?from=9&to=5", 400, "Exchange"),
    ("/ledger/cohorts/hightouch/vip/changes?sort_direction=up", 400, "sort_direction"),
    ("/ledger/requests/0", 404, "request"), ("/ledger/requests/99999", 404, "#"),
    ("/ledger/requests/x", 404, "'x'"), ("/ledger/requests/5?as_of=3", 400, "as_of"),
    ("/ledger/dependants", 400, "cohort"), ("/ledger/dependants?cohort=vip", 400, "cohort"),
    ("/ledger/dependants?cohort=hightouch/vib", 404, "vip"),
    ("/ledger/dependants?segment=segment:9", 404, "segment:9"),
    ("/ledger/dependants?segment=segment:1&cohort=hightouch/vip", 400, "both"),
    ("/ledger/keys/key:99/activity", 404, "key:99"),
    ("/segments/members?segment_id=segment:9", 404, "segment:9"),
    ("/segments/members", 400, "segment_id"), ("/segments/details?segment_id=9", 400, "segment_id"),
    ("/segments/members?segment_id=segment:1&as_of=3", 404, "did not exist yet"),
    ("/segments/data_series?segment_id=segment:1", 400, "length"),
    ("/segments/data_series?segment_id=segment:1&length=101", 400, "length"),
    ("/campaigns/details?campaign_id=campaign:9", 404, "campaign:9"),
    ("/campaigns/details?campaign_id=canvas:1", 400, "campaign_id"),
    ("/campaigns/details?campaign_id=campaign:1&as_of=3", 404, "did not exist yet"),
    ("/canvas/details?canvas_id=canvas:1", 404, "canvas:1"),
    ("/audiences/send:9", 404, "send:9"), ("/audiences/send:1?verify=yes", 400, "verify"),
    ("/ledger/users", 400, "external_id"), ("/ledger/users?user=1&external_id=a", 400, "one"),
    ("/ledger/users?external_id=nobody", 404, "no such user"),
    ("/ledger/users?user=9999", 404, "no such user"),
    ("/ledger/why?user=1", 400, "partner"),
    ("/ledger/why?user=1&partner=hightouch", 400, "cohort_id"),
    ("/ledger/why?user=1&send_id=send:1&segment_id=segment:1", 400, "send_id"),
    ("/ledger/why?user=1&send_id=send:1&as_of=5", 400, "as_of"),
    ("/ledger/why?user=1&send_id=send:7", 404, "send:7"),
    ("/ledger/prove?user=1", 400, "partner"),
  ])
  func `refuse what makes no sense, and say what would`(
    _ target: String, _ status: Int, _ word: String
  ) throws {
    let shop = try ReadingHouse(seed: 8, steps: 10)
    try shop.addDefinitions()
    _ = try shop.launch()
    let answer = shop.get(target)
    #expect(answer.status == status, "\(answer.text)")
    #expect(answer.text.contains(word), "\(answer.text)")
    #expect(answer.message.map { $0.contains(". ") && $0.hasSuffix(".") } == true)
  }

  @Test func `go on with the same list of the same log only`() throws {
    let shop = try ReadingHouse(seed: 9)
    let target = "/ledger/cohorts/hightouch/vip/members?limit=1"
    let next = try #require(shop.get(target).string("next"))
    #expect(shop.get("\(target)&next=\(next)").status == 200)
    #expect(shop.get("\(target)&identity=now&next=\(next)").status == 400)
    #expect(shop.get("/ledger/cohorts/hightouch/lost/members?next=\(next)").status == 400)

    // Another history: as after a restore, the position is there, but of another epoch.
    var cursor = try #require(PageCursor(Array(next.utf8)))
    cursor.history.low ^= 1
    #expect(shop.get("\(target)&next=\(cursor.text)").status == 409)
    cursor.history.low ^= 1
    cursor.position = Position(shop.now.end.rawValue + 1)
    #expect(shop.get("\(target)&next=\(cursor.text)").status == 409)
  }
}
