import CohortHTTP
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// Requests that a page from elsewhere makes somebody's browser send.
@Suite struct `A page from elsewhere` {
  private enum Shown: CaseIterable { case nothing, right, wrong }

  private static let marks: [[String]] = [[], ["1"], ["0"], ["1", "1"], [""], ["1, 1"]]
  private static let sites: [[String]] = [
    [], ["same-origin"], ["same-site"], ["cross-site"], ["none"], [""], ["Same-Origin"],
    ["same-origin", "same-origin"], ["same-origin", "cross-site"],
  ]
  private static let origins: [[String]] = [
    [], ["http://ledger.example"], ["https://ledger.example"], ["HTTP://Ledger.Example"],
    ["http://ledger.example:81"], ["http://ledger.example.evil"], ["http://evil.example"],
    ["http://ledger.example/"], ["http://x@ledger.example"], ["ledger.example"], ["null"], [""],
    ["ftp://ledger.example"], ["http://ledger.example", "http://ledger.example"],
    ["http://ledger.example", "http://evil.example"],
  ]
  private static let requests: [(RequestMethod, String, String)] = [
    (.get, "/ledger/status", ""), (.head, "/ledger/status", ""), (.get, "/session", ""),
    (.post, "/ledger/preview", #"{"path":"/users/track","body":{"attributes":[]}}"#),
    (.post, "/users/track", #"{"attributes":[{"external_id":"a"}]}"#),
  ]

  /// Said again in other words than the server's: which of the lists' entries are our own page's.
  private static func isOwn(
    _ method: RequestMethod, _ mark: [String], _ site: [String], _ origin: [String]
  ) -> Bool {
    let reads = [RequestMethod.get, .head].contains(method)
    let sites: [[String]] = reads ? [[], ["same-origin"], ["none"]] : [[], ["same-origin"]]
    return sites.contains(site) && origins[0...3].contains(origin) && (reads || mark == ["1"])
  }

  private static func headers(
    _ mark: [String], _ site: [String], _ origin: [String]
  ) -> [(String, String)] {
    mark.map { ("cohort-console", $0) } + site.map { ("sec-fetch-site", $0) }
      + origin.map { ("origin", $0) }
  }

  private static func each(_ body: ([String], [String], [String]) throws -> Void) rethrows {
    for mark in marks {
      for site in sites { for origin in origins { try body(mark, site, origin) } }
    }
  }

  @Test func `cannot use a session, and a key needs none of what it is asked for`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let browser = try Browser(house)
    for (method, target, body) in Self.requests {
      for cookie in Shown.allCases {
        for authorization in Shown.allCases {
          Self.each { mark, site, origin in
            // Wrong keys are slowed down; each is shown from a place of its own.
            house.peer = .address((0..<4).map { _ in UInt8.random(in: 1...223) }, port: 1)
            var headers = Self.headers(mark, site, origin)
            switch cookie {
            case .nothing: break
            case .right: headers.append(("cookie", browser.cookie))
            case .wrong: headers.append(("cookie", "\(house.cookieName)=wrong"))
            }
            let shown: String? =
              switch authorization {
              case .nothing: nil
              case .right: key
              case .wrong: "rk-wrong"
              }
            let isIn: Bool
            let expected: [Int]
            if authorization != .nothing {
              isIn = authorization == .right
              expected = isIn ? [200, 201] : [401, 429]
            } else if cookie == .nothing {
              (isIn, expected) = (false, [401])
            } else if !Self.isOwn(method, mark, site, origin) {
              (isIn, expected) = (false, [403])
            } else {
              isIn = cookie == .right
              expected = isIn ? [200, 201] : [401]
            }
            let head = house.head(method, target, key: shown, headers: headers)
            let status: Int
            switch house.service.plan(head) {
            case .answer(let response): status = response.status
            default: status = 201
            }
            #expect(
              expected.contains(status),
              "\(method) \(target) \(cookie) \(authorization) \(headers) \(body.count)")
          }
        }
      }
    }
  }

  @Test func `can neither sign somebody in nor out`() throws {
    let house = try TestHouse()
    let browser = try Browser(house)
    let signs: [(RequestMethod, String)] = [(.post, #"{"code":"none"}"#), (.delete, "")]
    for (method, body) in signs {
      Self.each { mark, site, origin in
        house.peer = .address((0..<4).map { _ in UInt8.random(in: 1...223) }, port: 1)
        let answer = house.send(
          method, "/session", headers: Self.headers(mark, site, origin), body: Array(body.utf8))
        let own = method == .post ? [401, 429] : [200]
        let expected = Self.isOwn(method, mark, site, origin) ? own : [403]
        #expect(expected.contains(answer.status), "\(method) \(mark) \(site) \(origin)")
        #expect((answer["Set-Cookie"] != nil) == (answer.status == 200))
      }
    }
    #expect(browser.get("/session").status == 200)
  }

  @Test func `is known behind a proxy by what the proxy says of the browser's own words`() throws {
    var settings = ServiceSettings()
    settings.trustedProxies = [try #require(Network("203.0.113.0/24"))]
    let house = try TestHouse(settings)
    let browser = try Browser(house)
    func status(_ origin: String, _ headers: [(String, String)]) -> Int {
      browser.get("/ledger/status", [("origin", origin)] + headers).status
    }
    let outside = [("x-forwarded-host", "console.example"), ("x-forwarded-proto", "https")]
    #expect(status("https://console.example", outside) == 200)
    #expect(status("http://console.example", outside) == 403)
    #expect(status("https://ledger.example", outside) == 403)
    #expect(status("https://console.example", outside + [("x-forwarded-host", "b")]) == 403)
    #expect(status("https://ledger.example", []) == 200)
    house.peer = .address([198, 51, 100, 9], port: 1)
    #expect(status("https://console.example", outside) == 403)
    #expect(status("http://ledger.example", outside) == 200)
  }
}
