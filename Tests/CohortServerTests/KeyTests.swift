import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

@Suite struct `A REST key` {
  /// Every route that asks for a permission, as a path that somebody would send.
  private static func guarded(_ house: TestHouse) throws -> [Route] {
    let key = try house.key()
    return Routes.all.filter { $0.permission != nil && gate(house, $0, key) != 404 }
  }

  static func path(_ route: Route) -> String {
    route.pattern.replacing("{", with: "").replacing("}", with: "")
  }

  /// The status of what is answered before a body is read; `nil` if it would be read.
  private static func gate(_ house: TestHouse, _ route: Route, _ key: String) -> Int? {
    let method: RequestMethod = route.method == .get ? .get : .post
    let head = house.head(
      method, path(route), key: key, headers: [("idempotency-key", "once")])
    guard case .answer(let response) = house.service.plan(head) else { return nil }
    return response.status
  }

  @Test func `opens exactly the routes of its permissions`() throws {
    let house = try TestHouse()
    let guarded = try Self.guarded(house)
    #expect(guarded.count == Routes.all.count { $0.permission != nil }, "some are not served")
    for permission in Permission.allCases {
      let alone = try house.key(Permissions([permission]))
      let allBut = try house.key(Permissions(Permission.allCases.filter { $0 != permission }))
      for route in guarded {
        // Either of two opens some routes: then neither is missed alone.
        let opening = [route.permission, route.alternative].compactMap { $0 }
        let opens = opening.contains(permission)
        let isMissed = opening == [permission]
        #expect(
          Self.gate(house, route, alone) == (opens ? nil : 403), "\(route.pattern) \(permission)")
        #expect(
          Self.gate(house, route, allBut) == (isMissed ? 403 : nil),
          "\(route.pattern) \(permission)")
      }
    }
  }

  @Test func `issues none that is less limited than itself`() throws {
    let house = try TestHouse()
    let key = try house.key(
      networks: ["10.0.0.0/8", "203.0.113.0/24"].compactMap { Network($0) },
      expiresAt: Instant(microseconds: 4_000_000_000_000_000))
    func issue(_ more: String) -> TestAnswer {
      house.post(
        "/ledger/keys", #"{"kind":"rest","label":"l","permissions":["keys.manage"]\#(more)}"#,
        key: key)
    }
    let expiry = #","expires_at":"2050-01-01T00:00:00Z""#
    let unlimited = issue("")
    #expect(unlimited.status == 403 && unlimited.text.contains("valid for longer than yours"))
    let everywhere = issue(expiry)
    #expect(everywhere.status == 403 && everywhere.text.contains("addresses that yours does not"))
    #expect(issue(expiry + #","networks":["10.1.0.0/16"]"#).status == 201)
  }

  @Test func `is told of its reads and refusals since the start`() throws {
    let house = try TestHouse()
    let manager = try house.key()
    let key = try house.key([.ledgerRead])
    let id = house.shop.ledger.now.state.keys.records.count
    for _ in 0..<3 { #expect(house.get("/ledger/status", key: key).status == 200) }
    #expect(house.post("/users/track", "{}", key: key).status == 403)
    let answer = house.get("/ledger/keys/key:\(id)/activity", key: manager)
    #expect(answer.number("since_start", "reads") == 3)
    #expect(answer.number("since_start", "refusals") == 1)
    #expect(answer.string("since_start", "last_read") != nil)
  }

  @Test func `is a bearer's, in one header that makes sense`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let path = "/ledger/status"
    let good = ["Bearer \(key)", "bearer \(key)", "BEARER   \(key)"]
    for value in good {
      #expect(house.get(path, headers: [("authorization", value)]).status == 200, "\(value)")
    }
    let bad = [
      "", "Bearer", "Bearer ", "Basic \(key)", key, "Bearer \(key) x", "Bearer \(key)\u{E9}",
      "Bearer \(key.dropLast())", "Bearer \(key)=", "Token \(key)", "Bearer,\(key)",
      "Bearer " + String(repeating: "k", count: 10 << 10), "Bearer dik-1",
    ]
    for value in bad {
      let answer = house.get(path, headers: [("authorization", value)])
      #expect(answer.status == 401, "\(value)")
      #expect(answer.message == "Invalid API Key")
      #expect(answer["WWW-Authenticate"] == "Bearer")
    }
    #expect(house.get(path).status == 401)
    let twice = [("authorization", good[0]), ("authorization", good[0])]
    #expect(house.get(path, headers: twice).status == 401)
  }

  @Test func `is refused in a query, and not repeated`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let made = String(decoding: Secret.make(.rest), as: UTF8.self)
    for query in [
      "api_key=\(key)", "Access_Token=\(key)", "a=b&token=\(key)", "external_id=\(made)",
      "client_secret=x", "authorization=",
    ] {
      let answer = house.get("/ledger/status?\(query)", key: key)
      #expect(answer.status == 401, "\(query)")
      #expect(!answer.text.contains(key) && !answer.text.contains(made))
    }
  }

  @Test func `opens nothing from elsewhere, or after its time`() throws {
    let house = try TestHouse()
    let office = try house.key(networks: [#require(Network("203.0.113.0/24"))])
    let elsewhere = try house.key(networks: [#require(Network("10.0.0.0/8"))])
    let end = Instant(microseconds: house.shop.ledger.now.instant.microseconds + 1_000_000)
    let brief = try house.key(expiresAt: end)
    #expect(house.get("/ledger/status", key: office).status == 200)
    #expect(house.get("/ledger/status", key: elsewhere).status == 401)
    #expect(house.get("/ledger/status", key: brief).status == 200)
    house.shop.clock.advance(by: 2_000_000)
    #expect(house.get("/ledger/status", key: brief).status == 401)
  }

  @Test func `that ends between check and sequencing is refused`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let last = house.shop.ledger.now.state.keys.records.count
    let head = house.head(.post, "/users/track", key: key)
    guard case .collect(_, _, let handler) = house.service.plan(head) else {
      Issue.record("a good key was refused")
      return
    }
    try house.shop.submit(.invalidateKey(KeyID(UInt32(last))))
    let outcome = Monitor<Response?>(nil)
    handler(
      Request(head: head, body: Array(#"{"attributes":[{"external_id":"x"}]}"#.utf8)),
      Exchange { response in outcome.change { $0 = response } })
    #expect(outcome.wait(for: { $0 })?.status == 401)
    #expect(house.shop.ledger.now.state.directory.userCount == 0)
  }

  @Test func `escapes with nothing that stands behind its end`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let id = KeyID(UInt32(house.shop.ledger.now.state.keys.records.count))
    let visitor = house.visitor
    let statuses = Monitor<[(status: Int, position: Int)]>([])
    let threads = try (0..<100).map { number in
      try Thread("client-\(number)") {
        for round in 0..<4 {
          let answer = visitor.send(
            .post, "/users/track", key: key,
            body: Array(#"{"attributes":[{"external_id":"\#(number)-\#(round)"}]}"#.utf8))
          let position = answer.number("position") ?? 0
          statuses.change { $0.append((answer.status, position)) }
        }
      }
    }
    _ = statuses.wait { $0.count > 50 ? true : nil }
    let end = try house.shop.submit(.invalidateKey(id)).position
    for thread in threads { thread.join() }
    let all = statuses.look { $0 }
    #expect(all.count == 400)
    for (status, position) in all {
      // Whoever goes on with a wrong key is slowed down.
      let isRefused = status == 401 || status == 429
      #expect(isRefused || status == 201 && position < Int(end.rawValue), "\(status)")
    }
    #expect(all.count { $0.status == 201 } == house.shop.ledger.now.state.directory.userCount)
  }
}
