import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `People over HTTP` {
  private static let selectors =
    (0..<14).map { "external_id=customer-\($0)" }
    + (1...14).map { "user=\($0)" } + ["alias_label=email&alias_name=mail-20", "device_id=none"]

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `are shown as of any position, with the identities of then and of now`(
    _ seed: UInt64
  ) throws {
    let shop = try ReadingHouse(seed: seed)
    try shop.addDefinitions()
    for selector in Self.selectors {
      for position in [shop.somePosition(), shop.now.end] {
        for identity in IdentityTime.allCases {
          let view = try shop.ledger.view(asOf: .position(position))
          let query = "\(selector)&as_of=\(position.rawValue)&identity=\(identity)"
          let name = try Query(Array(selector.utf8), for: .user).userName()
          let answer = shop.get("/ledger/users?\(query)")
          guard let user = view.user(name, identity: identity) else {
            #expect(answer.status == 404)
            let bearers = try #require(answer.json?["bearers"]).elements
              .compactMap { $0["user"]?.unsignedInteger }
            #expect(
              bearers
                == view.earlierBearers(of: name).filter { $0.from <= position || !view.isNow }
                .map { UInt64($0.user.rawValue) })
            #expect(shop.get("/ledger/users/history?\(query)").status == 404)
            continue
          }
          #expect(answer.number("user") == Int(user.rawValue), "\(query): \(answer.text)")
          #expect(
            answer.json?["cohorts"]?.count == (try view.cohorts(of: user).count), "\(query)")
          let external = (identity == .now ? view.identityNow(of: user) : view.identity(of: user))
            .externalID
          #expect(answer.string("external_id") == external.map { $0.description })
          let isIn = try view.users(SegmentID(1))?.contains(user.rawValue) ?? false
          #expect(answer.json?["segments"]?.count == (isIn ? 1 : 0))

          let history = try view.history(of: user)
          for limit in [1, 5, 1_000] {
            let found = try shop.pages("/ledger/users/history?\(query)", "history", limit: limit)
            let positions = try found.map {
              try JSONDocument(parsing: Array($0.utf8)).root["position"]?.unsignedInteger
            }
            #expect(positions == history.map { $0.position.rawValue })
          }
        }
      }
    }
  }

  @Test(arguments: 4...5 as ClosedRange<UInt64>)
  func `are told why, of cohorts, segments and launches`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    try shop.addDefinitions()
    let send = try shop.launch()
    for _ in 0..<20 { try shop.step() }
    let frozen = try #require(shop.now.state.campaigns[send]?.frozen)
    let launch = try shop.ledger.view(asOf: .position(frozen.position), at: frozen.instant)
    let recipients = try launch.users(frozen.audience)
    var (members, told) = (0, 0)
    for number in 1...14 {
      let user = UserID(UInt32(number))
      guard shop.now.state.directory.contains(user) else { continue }
      let position = shop.somePosition()
      let view = try shop.ledger.view(asOf: .position(position))
      for cohort in ReadingHouse.cohorts {
        let answer = shop.get(
          "/ledger/why?user=\(number)&partner=hightouch&cohort_id=\(cohort.escaped)"
            + "&as_of=\(position.rawValue)")
        guard view.user(.number(user)) != nil else {
          #expect(answer.status == 404)
          continue
        }
        let isIn = try view.contains(user, in: shop.house.shop.cohort(cohort))
        #expect(answer.json?["holds"]?.bool == isIn, "\(answer.text)")
        let finding = try #require(answer.json?["tree"]?["reasons"]).elements.map { $0 }
        #expect(finding.count == 1)
        #expect((finding[0]["finding"]?.source == "\"member\"") == isIn)
        members += isIn ? 1 : 0
        told += 1
      }
      let ofSegment = shop.get("/ledger/why?user=\(number)&segment_id=segment:1")
      let inSegment = try shop.now.users(SegmentID(1))?.contains(user.rawValue)
      #expect(ofSegment.json?["holds"]?.bool == inSegment, "\(ofSegment.text)")
      let ofSend = shop.get("/ledger/why?user=\(number)&send_id=\(send)")
      #expect(ofSend.json?["holds"]?.bool == recipients.contains(user.rawValue))
      #expect(ofSend.number("as_of", "position") == Int(frozen.position.rawValue))
    }
    #expect(members > 0 && told > members)
    let stranger = shop.get("/ledger/why?external_id=stranger-12&partner=hightouch&cohort_id=vip")
    #expect(stranger.status == 200 && stranger.json?["user"]?.isNull == true)
    #expect(shop.get("/ledger/why?external_id=stranger-12&segment_id=segment:1").status == 404)
  }

  @Test func `are exported by their names, each once, with the names of nobody beside`() throws {
    let shop = try ReadingHouse(seed: 6, steps: 0)
    try shop.addDefinitions()
    let answer = shop.house.post(
      "/users/export/ids",
      """
      {"external_ids":["customer-1","nobody","customer-1","customer-9"],\
      "user_aliases":[{"alias_name":"n","alias_label":"l"}]}
      """, key: shop.all)
    #expect(answer.status == 200 && answer.message == "success")
    let users = try #require(answer.json?["users"]).elements.map { $0 }
    #expect(users.map { $0["external_id"]?.source } == ["\"customer-1\"", "\"customer-9\""])
    #expect(users[0]["cohorts"]?.count == 3 && users[1]["cohorts"]?.count == 0)
    #expect(users[0]["segments"]?.count == 0)
    #expect(
      answer.json?["invalid_user_ids"]?.source
        == "[\"nobody\",{\"alias_name\":\"n\",\"alias_label\":\"l\"}]")
    #expect(shop.house.post("/users/export/ids", "{}", key: shop.all).status == 400)
    #expect(shop.house.post("/users/export/ids", "{", key: shop.all).status == 400)
  }

  @Test func `are named in a request only to who may see them`() throws {
    let shop = try ReadingHouse(seed: 7)
    for number in 1...shop.now.end.rawValue {
      let expected = try shop.now.request(of: Position(number))
      let answer = shop.get("/ledger/requests/\(number)")
      #expect(answer.number("request") == expected.last.map { Int($0.request.rawValue) })
      #expect(shop.get("/ledger/requests/%23\(number)").text == answer.text)
      let changes = expected.compactMap { recorded -> MembersChanged? in
        if case .membersChanged(let change) = recorded.event { change } else { nil }
      }
      let added = changes.filter { $0.direction == .entering }.reduce(0) { $0 + $1.users.count }
      #expect(answer.json?["added"]?.count == (changes.isEmpty ? nil : added))
      let unmatched = changes.reduce(0) { $0 + $1.unmatched.count }
      #expect(answer.json?["unmatched"]?.count == (changes.isEmpty ? nil : unmatched))
    }
  }

  @Test func `that nobody can have are explained by the imports that named them`() throws {
    let shop = try ReadingHouse(seed: 7)
    // What is kept of it ends before the character that does not fit.
    let long = String(repeating: "x", count: 1_023) + "é" + String(repeating: "y", count: 500)
    for name in ["", long] {
      let pushed = try shop.house.shop.push("vip", add: [name])
      let why = "/ledger/why?external_id=\(Text(name).escaped)&partner=hightouch&cohort_id=vip"
      let answer = shop.get(why)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.text.contains("\"position\":\(pushed.position.rawValue)"), "\(answer.text)")
    }
    #expect(shop.get("/ledger/users?external_id=").status == 400)
    #expect(shop.get("/ledger/users?external_id=\(Text(long).escaped)").status == 400)
  }

  @Test func `come in a request page by page, each once and in order`() throws {
    let shop = try ReadingHouse(seed: 7)
    let count = 250
    let made = try shop.house.shop.create((0..<count).map { "paged-\($0)" })
    let path = "/ledger/requests/\(made.position.rawValue)"
    for limit in [1, 7, 100, 249, 250, 251] {
      var (found, next): ([Int], String?) = ([], nil)
      repeat {
        let answer = shop.get(path + "?limit=\(limit)" + (next.map { "&next=\($0)" } ?? ""))
        #expect(answer.status == 200 && answer.number("request") == Int(made.position.rawValue))
        let page = (answer.json?["events"]?.elements).map { Array($0) } ?? []
        #expect(page.count <= limit)
        found += page.compactMap { $0["position"]?.integer.map { Int($0) } }
        next = answer.string("next")
      } while next != nil
      let last = Int(made.position.rawValue)
      #expect(found == Array(last - count + 1...last), "\(limit)")
    }
    #expect(shop.get(path).json?["events"]?.count == 100)
    #expect(shop.get(path + "?limit=10001").status == 400)
  }
}
