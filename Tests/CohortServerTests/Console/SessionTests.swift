import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

@Suite struct `A session of the console` {
  @Test func `that a link began is the operator's`() throws {
    let house = try TestHouse()
    let browser = try Browser(house)
    let answer = browser.get("/session")
    #expect(answer.status == 200)
    #expect(answer.string("key") == "key:0" && answer.string("label") == "operator")
    #expect(answer.json?["permissions"]?.count == Permission.allCases.count)
    #expect(answer.json?["takes_writes"]?.bool == true)
    #expect(answer["Cache-Control"] == "no-store")
    for route in Routes.all where route.permission != nil && route.method == .get {
      let status = browser.get(`A REST key`.path(route)).status
      #expect(status != 401 && status != 403, "\(route.pattern)")
    }
    let issued = browser.post("/ledger/keys", #"{"kind":"rest","label":"x"}"#)
    #expect(issued.status == 201)
    let keys = house.shop.ledger.now.state.keys.records
    #expect(keys.last?.issuer == KeyID(0))
    let preview = browser.post(
      "/ledger/preview",
      #"{"path":"/users/track","body":{"attributes":[{"external_id":"zoe"}]}}"#)
    #expect(preview.number("status") == 201)
  }

  @Test func `that a key began has the permissions of that key, for every route`() throws {
    let house = try TestHouse()
    for permission in Permission.allCases {
      let key = try house.key([permission])
      let browser = try Browser(house, key: key)
      #expect(browser.get("/session").json?["permissions"]?.count == 1)
      for route in Routes.all {
        guard let needed = route.permission else { continue }
        let (method, path): (RequestMethod, String) = (
          route.method == .get ? .get : .post, `A REST key`.path(route)
        )
        let head = house.head(
          method, path,
          headers: [("cookie", browser.cookie), ("idempotency-key", "once")] + Browser.own)
        var status: Int?
        if case .answer(let response) = house.service.plan(head) { status = response.status }
        #expect(status == (needed == permission ? nil : 403), "\(route.pattern) \(permission)")
      }
    }
  }

  @Test func `acts in the name of its key`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let id = KeyID(UInt32(house.shop.ledger.now.state.keys.records.count))
    let browser = try Browser(house, key: key)
    #expect(browser.get("/session").string("key") == id.description)
    #expect(browser.post("/ledger/keys", #"{"kind":"rest","label":"y"}"#).status == 201)
    #expect(house.shop.ledger.now.state.keys.records.last?.issuer == id)
    // Who shows a key is whose key it is, whatever cookie comes with it.
    let other = try house.key([.ledgerRead])
    let both = house.get("/session", key: other, headers: [("cookie", browser.cookie)])
    #expect(both.json?["permissions"]?.count == 1)
    #expect(both.json?["expires_at"]?.isNull == true)
    let wrong = house.get("/ledger/status", key: "rk-wrong", headers: [("cookie", browser.cookie)])
    #expect(wrong.status == 401)
  }

  @Test func `ends with its key, at once`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let id = house.shop.ledger.now.state.keys.records.count
    let (browser, second) = (try Browser(house, key: key), try Browser(house, key: key))
    let operators = try Browser(house)
    #expect(browser.get("/ledger/status").status == 200)
    #expect(operators.post("/ledger/keys/key:\(id)/invalidate", "{}").status == 201)
    #expect(browser.get("/ledger/status").status == 401)
    #expect(house.service.sessions.count == 1, "both sessions of the key are gone")
    #expect(second.get("/session").status == 401)
    #expect(second.post("/users/track", "{}").status == 401)
    #expect(operators.get("/session").status == 200)
    #expect(house.signIn(#"{"key":"\#(key)"}"#).status == 401)
  }

  @Test func `ends when its key expires, and holds only in the key's networks`() throws {
    let clock = SimulatedClock()
    let house = try TestHouse(clock: clock)
    let expiry = house.shop.ledger.now.clock.microseconds + 3_600_000_000
    let key = try house.key(
      networks: [#require(Network("203.0.113.0/24"))],
      expiresAt: Instant(microseconds: expiry))
    let browser = try Browser(house, key: key)
    let here = house.peer
    house.peer = .address([198, 51, 100, 9], port: 1)
    #expect(browser.get("/ledger/status").status == 401)
    #expect(house.signIn(#"{"key":"\#(key)"}"#).status == 401)
    house.peer = here
    #expect(browser.get("/ledger/status").status == 200)
    house.shop.clock.advance(by: 3_600_000_000)
    try house.shop.create(["later"])
    #expect(browser.get("/ledger/status").status == 401)
    #expect(house.service.sessions.count == 0)
  }

  @Test func `ends after twelve hours, whether it is used or not`() throws {
    let clock = SimulatedClock()
    let house = try TestHouse(clock: clock)
    let browser = try Browser(house)
    let hour: Int64 = 3_600_000_000
    for _ in 1...11 {
      clock.advance(by: hour)
      #expect(browser.get("/session").status == 200)
    }
    clock.advance(by: hour - 1)
    #expect(browser.get("/session").status == 200)
    clock.advance(by: 1)
    #expect(browser.get("/session").status == 401)
    #expect(house.service.sessions.count == 0)
  }

  @Test func `ends when somebody signs out, and no other does`() throws {
    let house = try TestHouse()
    let (browser, other) = (try Browser(house), try Browser(house))
    let answer = browser.signOut()
    #expect(answer.status == 200)
    #expect(
      answer["Set-Cookie"]
        == "\(house.cookieName)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
    #expect(browser.get("/session").status == 401)
    #expect(browser.signOut().status == 200)
    #expect(other.get("/session").status == 200)
    #expect(house.send(.delete, "/session", headers: [("cookie", other.cookie)]).status == 403)
    #expect(other.get("/session").status == 200)
  }

  @Test func `ends when its browser signs in anew`() throws {
    let house = try TestHouse()
    let first = try Browser(house)
    let code = String(decoding: house.service.sessions.code(), as: UTF8.self)
    let again = house.signIn(
      #"{"code":"\#(code)"}"#, Browser.own + [("cookie", "a=b; \(first.cookie); c=d")])
    #expect(again.status == 200)
    #expect(again.cookie != first.cookie)
    #expect(first.get("/session").status == 401)
    #expect(house.service.sessions.count == 1)
  }

  @Test func `makes room for newer ones when there are a thousand`() throws {
    let house = try TestHouse()
    let browsers = try (0..<1_000).map { _ in try Browser(house) }
    #expect(house.service.sessions.count == 1_000)
    // The first is used, so the second is the one that nobody has used for longest.
    #expect(browsers[0].get("/session").status == 200)
    let last = try Browser(house)
    #expect(house.service.sessions.count == 1_000)
    #expect(browsers[1].get("/session").status == 401)
    for browser in [browsers[0], browsers[2], browsers[999], last] {
      #expect(browser.get("/session").status == 200)
    }
  }

  @Test func `that has ended ends the feed that it reads`() throws {
    let feed = try FeedHouse()
    let browser = try Browser(feed.house)
    let head = feed.house.head(
      .get, "/ledger/events?after=\(feed.end)&wait=30", headers: [("cookie", browser.cookie)])
    let outcome = Monitor<Response?>(nil)
    let exchange = Exchange { response in outcome.change { $0 = response } }
    guard case .collect(_, _, let handler) = feed.house.service.plan(head) else {
      Issue.record("not planned")
      return
    }
    handler(Request(head: head, body: []), exchange)
    let response = try #require(outcome.look { $0 })
    guard case .source(let source, let length) = response.body else {
      Issue.record("no stream")
      return
    }
    let reading = FeedReading(status: response.status, source: source, length: length)
    #expect(reading.drain() == .waits(30_000))
    #expect(browser.signOut().status == 200)
    #expect(reading.drain() == .ended)
    #expect(reading.parts.isEmpty)
  }

  @Test
  func `has a cookie that only this server's pages send, and over TLS only where there is any`()
    throws
  {
    var settings = ServiceSettings()
    settings.trustedProxies = [try #require(Network("203.0.113.0/24"))]
    let house = try TestHouse(settings)
    func cookie(_ headers: [(String, String)]) -> String? {
      let code = String(decoding: house.service.sessions.code(), as: UTF8.self)
      return house.signIn(#"{"code":"\#(code)"}"#, Browser.own + headers)["Set-Cookie"]
    }
    let plain = try #require(cookie([]))
    let attributes = "; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"
    #expect(plain.hasSuffix(attributes) && plain.hasPrefix("\(house.cookieName)="))
    #expect(plain.count == "\(house.cookieName)=".count + 43 + attributes.count)
    #expect(cookie([("x-forwarded-proto", "https")])?.hasSuffix("\(attributes); Secure") == true)
    #expect(cookie([("x-forwarded-proto", "http")])?.hasSuffix(attributes) == true)
    house.peer = .address([198, 51, 100, 9], port: 1)
    #expect(cookie([("x-forwarded-proto", "https")])?.hasSuffix(attributes) == true)
  }

  @Test func `is shown by one cookie that is whole`() throws {
    let house = try TestHouse()
    let (browser, name) = (try Browser(house), house.cookieName)
    for (cookies, status) in [
      ([browser.cookie], 200), (["a=1; \(browser.cookie); b=2"], 200),
      (["a=1", browser.cookie], 200), (["a=1;\(browser.cookie)"], 200),
      ([browser.cookie, browser.cookie], 401), (["\(browser.cookie); \(name)=x"], 401),
      (["\(browser.cookie)x"], 401), ([String(browser.cookie.dropLast())], 401),
      (["\(name)="], 401), (["C\(browser.cookie.dropFirst())"], 401),
      (["cohort_session=\(browser.cookie.dropFirst(name.count + 1))"], 401),
      (["x\(browser.cookie)"], 401),
      (["\(name)=\(String(repeating: "a", count: 300))"], 401),
      ([], 401),
    ] {
      let answer = house.get("/ledger/status", headers: cookies.map { ("cookie", $0) })
      #expect(answer.status == status, "\(cookies)")
    }
  }
  @Test func `has a cookie for its ledger and its port, beside all others of the host`() throws {
    // A ledger, another, and the first one's replica, which has its id: as one browser knows them.
    let shop = try TestShop()
    let houses = [try TestHouse(shop: shop), try TestHouse(), try TestHouse(shop: shop)]
    let hosts = ["127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8082"]
    let cookies = try zip(houses, hosts).map { house, host in
      let code = String(decoding: house.service.sessions.code(), as: UTF8.self)
      let answer = house.signIn(#"{"code":"\#(code)"}"#, Browser.own + [("host", host)])
      return try #require(answer.cookie)
    }
    let names = cookies.map { $0.prefix { $0 != "=" } }
    #expect(Set(names).count == 3)
    #expect(names[0] == "\(houses[0].cookieName)_8080")
    let all = cookies.joined(separator: "; ")
    for (house, host) in zip(houses, hosts) {
      #expect(house.get("/session", headers: [("host", host), ("cookie", all)]).status == 200)
    }
    let gone = houses[1].send(
      .delete, "/session", headers: Browser.own + [("host", hosts[1]), ("cookie", all)])
    #expect(gone["Set-Cookie"]?.hasPrefix("\(names[1])=;") == true)
    let statuses = zip(houses, hosts).map { house, host in
      house.get("/session", headers: [("host", host), ("cookie", all)]).status
    }
    #expect(statuses == [200, 401, 200])
  }

  @Test func `has the port in its name that the browser knows, if there is one`() throws {
    var settings = ServiceSettings()
    settings.trustedProxies = [try #require(Network("203.0.113.0/24"))]
    let house = try TestHouse(settings)
    for (host, forwarded, port) in [
      ("ledger.example", nil, ""), ("ledger.example:80", nil, "_80"), ("[::1]", nil, ""),
      ("[::1]:8080", nil, "_8080"), ("ledger.example:", nil, ""), ("a:65536", nil, ""),
      ("a:8080; x", nil, ""), ("127.0.0.1:8080", "ledger.example", ""),
      ("127.0.0.1:8080", "ledger.example:8443", "_8443"),
    ] {
      let code = String(decoding: house.service.sessions.code(), as: UTF8.self)
      let at = [("host", host)] + (forwarded.map { [("x-forwarded-host", $0)] } ?? [])
      let answer = house.signIn(#"{"code":"\#(code)"}"#, Browser.own + at)
      let cookie = try #require(answer.cookie)
      #expect(cookie.hasPrefix("\(house.cookieName)\(port)="), "\(host)")
      #expect(house.get("/session", headers: at + [("cookie", cookie)]).status == 200, "\(host)")
    }
  }
}
