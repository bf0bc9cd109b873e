import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Segments and launches over HTTP` {
  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `list the members that the ledger finds, in pages of any size`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    try shop.addDefinitions()
    let first = shop.now.end
    for _ in 0..<20 { try shop.step() }
    for position in [first, shop.now.end, Position(first.rawValue + 7)] {
      let view = try shop.ledger.view(asOf: .position(position))
      let users = try #require(try view.users(SegmentID(1)))
      for identity in IdentityTime.allCases {
        let whole = view.page(of: users, identity: identity, limit: 10_000)
        let target =
          "/segments/members?segment_id=segment:1&as_of=\(position.rawValue)"
          + "&identity=\(identity)"
        let expected = view.listed(whole.members.map(\.user), identity: identity)
        for limit in [1, 3, 10_000] {
          #expect(try shop.pages(target, "members", limit: limit) == expected)
        }
        #expect(shop.lines(target) == expected)
      }
    }
    let early = "/segments/members?segment_id=segment:1&as_of=20"
    #expect(shop.get(early).status == 404)
    #expect(shop.get(early + "&definition=now").status == 200)
  }

  @Test func `page through one definition of now, or say that there is another`() throws {
    let shop = try ReadingHouse(seed: 4, steps: 0)
    try shop.house.shop.push("vip", remove: ["customer-0"])
    try shop.house.shop.submit(
      .saveSegment(
        SaveSegment(name: "V", filter: .includes(partner: TestShop.partner, ["vip", "lost"]))))
    let past =
      "/segments/members?segment_id=segment:1&definition=now&as_of=\(shop.now.end.rawValue)"
    let early = shop.get(past).number("count")
    let target = "/segments/members?segment_id=segment:1&definition=now&limit=2"
    let next = try #require(shop.get(target).string("next"))
    #expect(shop.get("\(target)&next=\(next)").status == 200)
    try shop.house.shop.submit(
      .saveSegment(
        SaveSegment(
          segment: SegmentID(1), filter: .includes(partner: TestShop.partner, ["lost"]))))
    #expect(shop.get("\(target)&next=\(next)").status == 409)
    // What was found by the definition of before is not found again.
    try shop.house.shop.push("lost", remove: ["customer-1"])
    try shop.house.shop.submit(
      .saveSegment(
        SaveSegment(
          segment: SegmentID(1),
          filter: .not(.includes(partner: TestShop.partner, ["vip", "lost"])))))
    #expect(shop.get(past).number("count") == 12 - (early ?? 0))
  }

  @Test func `describe segments, their versions and how they grew`() throws {
    let shop = try ReadingHouse(seed: 5)
    try shop.addDefinitions()
    try shop.house.shop.submit(.saveSegment(SaveSegment(segment: SegmentID(1), name: "Second")))
    let details = shop.get("/segments/details?segment_id=segment:1")
    #expect(details.string("name") == "Second" && details.number("version") == 2)
    #expect(details.number("size") == (try shop.now.users(SegmentID(1))?.count))
    #expect(details.string("text_description") == "of both")
    #expect(details.string("description")?.contains("vip") == true)
    let first = try #require(shop.now.state.segments[SegmentID(1)].versions.all.first)
    let before = shop.get("/segments/details?segment_id=segment:1&as_of=\(first.position.rawValue)")
    #expect(before.string("name") == "Both" && before.number("version") == 1)
    let ahead = shop.get("/segments/details?segment_id=segment:1&as_of=9&definition=now")
    #expect(ahead.string("name") == "Second")

    let versions = try shop.pages("/segments/versions?segment_id=segment:1", "versions", limit: 1)
    #expect(versions.count == 2)
    #expect(versions[0].hasPrefix("{\"version\":1,\"position\":\(first.position.rawValue),"))
    #expect(shop.get("/segments/list").json?["segments"]?.count == 1)

    let series = shop.get("/segments/data_series?segment_id=segment:1&length=3")
    let data = try #require(series.json?["data"]).elements.map { $0 }
    #expect(data.count == 1)
    #expect(
      data[0]["size"]?.unsignedInteger
        == (try shop.now.users(SegmentID(1))).map { UInt64($0.count) })
  }

  @Test func `list a hundred a page, archived ones left out, in either order`() throws {
    let shop = try ReadingHouse(seed: 6, steps: 0)
    for number in 1...205 {
      try shop.house.shop.submit(
        .saveSegment(
          SaveSegment(
            name: Text("s\(number)"), filter: .includes(partner: TestShop.partner, ["vip"]))))
    }
    try shop.house.shop.submit(.archiveSegment(SegmentID(3)))
    func names(_ query: String) -> [String] {
      shop.get("/segments/list?\(query)").json?["segments"]?.elements
        .compactMap { $0["name"]?.source } ?? []
    }
    let expected = (1...205).filter { $0 != 3 }.map { "\"s\($0)\"" }
    #expect(names("") == Array(expected[0..<100]))
    #expect(names("page=1") == Array(expected[100..<200]))
    #expect(names("page=2") == Array(expected[200...]))
    #expect(names("page=3").isEmpty && names("page=18446744073709551615").isEmpty)
    #expect(names("sort_direction=desc") == Array(expected.reversed()[0..<100]))
    let early = shop.now.state.segments[SegmentID(5)].versions.all[0].position.rawValue
    #expect(names("as_of=\(early)").count == 5)
  }

  @Test func `count a filter and its leaves, of any moment`() throws {
    let shop = try ReadingHouse(seed: 7)
    let body =
      #"{"filter":{"or":[{"cohorts":{"partner":"hightouch","includes":["vip"]}},{"cohorts":{"partner":"hightouch","includes":["lost"]}}]}"#
    for position in [shop.somePosition(), shop.now.end] {
      let view = try shop.ledger.view(asOf: .position(position))
      let sizes = try ["vip", "lost"].map { try view.size(of: shop.house.shop.cohort(Text($0))) }
      let both = try view.users(
        view.resolve(
          .or([
            .includes(partner: "hightouch", ["vip"]), .includes(partner: "hightouch", ["lost"]),
          ]))
      ).count
      for answer in [
        shop.house.post("/segments/preview", body + ",\"as_of\":\"\(position)\"}", key: shop.all),
        shop.house.post("/segments/preview?as_of=\(position.rawValue)", body + "}", key: shop.all),
      ] {
        #expect(answer.number("size") == both, "\(answer.text)")
        let leaves = answer.json?["leaves"]?.elements.compactMap { $0["size"]?.unsignedInteger }
        #expect(leaves == sizes.map { UInt64($0) })
      }
    }
    let missing = body.replacingOccurrence(of: "vip", with: "vib")
    #expect(shop.house.post("/segments/preview", missing + "}", key: shop.all).status == 400)
    #expect(
      shop.house.post(
        "/segments/preview?as_of=3", body + ",\"as_of\":\"4\"}", key: shop.all
      ).status == 400)
  }

  @Test func `show campaigns with their launches, and a launch for ever as it was`() throws {
    let shop = try ReadingHouse(seed: 8)
    try shop.addDefinitions()
    #expect(shop.get("/campaigns/details?campaign_id=campaign:1").json?["draft"]?.bool == true)
    let send = try shop.launch()
    let frozen = try #require(shop.now.state.campaigns[send]?.frozen)
    let target = "/audiences/\(send)"
    let members = shop.lines(target)
    let numbers = members.map { $0.prefix { $0 != "," } }
    #expect(members.count == Int(frozen.size) && !members.isEmpty)
    for _ in 0..<30 { try shop.step() }
    #expect(try shop.pages(target, "members", limit: 2).map { $0.prefix { $0 != "," } } == numbers)
    #expect(shop.lines(target).map { $0.prefix { $0 != "," } } == numbers)
    let answer = shop.get(target + "?verify=true")
    #expect(answer.json?["verified"]?.bool == true)
    #expect(answer.string("digest") == frozen.digest.description)
    #expect(answer.number("as_of", "position") == Int(frozen.position.rawValue))

    let details = shop.get("/campaigns/details?campaign_id=campaign:1")
    #expect(details.json?["draft"]?.bool == false && details.json?["sends"]?.count == 1)
    #expect(details.json?["first_sent"]?.isNull == false)
    #expect(shop.get("/campaigns/list").json?["campaigns"]?.count == 1)
    #expect(shop.get("/canvas/list").json?["canvases"]?.count == 0)
    try shop.house.shop.submit(
      .archiveCampaign(CampaignReference(kind: .campaign, number: 1)))
    #expect(shop.get("/campaigns/list").json?["campaigns"]?.count == 0)
    #expect(
      shop.get("/campaigns/list?include_archived=true").json?["campaigns"]?.count == 1)
  }
}

extension String {
  fileprivate func replacingOccurrence(of word: String, with other: String) -> String {
    guard let range = ranges(of: word).first else { return self }
    return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
