import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Guessing keys` {
  @Test func `is slowed down, and locks nobody out`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let wrong = PartnerRequest.changing.with("client_secret", #""dik-wrong""#).body
    var (refused, slowed) = (0, 0)
    for number in 0..<2_000 {
      let answer =
        number.isMultiple(of: 2)
        ? house.get("/ledger/status", key: "rk-\(number)")
        : house.post("/partners/hightouch/cohorts/users", wrong)
      switch answer.status {
      case 401: refused += 1
      case 429:
        slowed += 1
        #expect(answer.closes)
        #expect(answer["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
      default: Issue.record("\(answer.status)")
      }
      if number.isMultiple(of: 100) {
        #expect(house.get("/ledger/status", key: key).status == 200)
        let right = house.post(
          "/partners/hightouch/cohorts/users", PartnerRequest.changing.body)
        #expect(right.status == 201)
      }
    }
    #expect(refused == WrongKeyBuckets.burst)
    #expect(slowed == 2_000 - refused)
  }

  @Test func `a hundred thousand times in a minute tries no more than forty keys`() throws {
    let clock = SimulatedClock()
    let house = try TestHouse(clock: clock)
    let key = try house.key()
    let (visitor, count) = (house.visitor, 100_000)
    let (right, wrong) = (
      visitor.head(.get, "/ledger/status", key: key), visitor.head(.get, "/ledger/status", key: "x")
    )
    func status(_ head: RequestHead) -> Int {
      switch house.service.plan(head) {
      case .answer(let response): response.status
      default: 200
      }
    }
    var tried = 0
    for number in 0..<count {
      clock.advance(by: 60_000_000 / Int64(count))
      switch status(wrong) {
      case 401: tried += 1
      case 429: break
      case let other: Issue.record("\(other)")
      }
      if number.isMultiple(of: 100) { #expect(status(right) == 200) }
    }
    let elapsed = 60_000_000 - 60_000_000 / Int64(count)
    #expect(tried == WrongKeyBuckets.burst + Int(elapsed / WrongKeyBuckets.interval))
  }

  @Test func `elsewhere is not slowed down by a neighbour`() throws {
    let house = try TestHouse()
    for number in 0..<100 { house.get("/ledger/status", key: "rk-\(number)") }
    house.peer = .address([198, 51, 100, 9], port: 1)
    #expect(house.get("/ledger/status", key: "rk-x").status == 401)
  }

  @Test func `has a bucket that fills up again`() {
    var buckets = WrongKeyBuckets(seed: 7)
    let address = NetworkAddress(ipv4: 0x0A00_0001)
    var now: Int64 = 1_000_000_000
    for _ in 0..<WrongKeyBuckets.burst { #expect(buckets.take(address, at: now) == nil) }
    #expect(buckets.take(address, at: now) == 3)
    now += WrongKeyBuckets.interval - 1
    #expect(buckets.take(address, at: now) == 1)
    now += 1
    #expect(buckets.take(address, at: now) == nil)
    #expect(buckets.take(address, at: now) != nil)
    now += 1_000 * WrongKeyBuckets.interval
    for _ in 0..<WrongKeyBuckets.burst { #expect(buckets.take(address, at: now) == nil) }
    #expect(buckets.take(address, at: now) != nil)
  }

  @Test func `from one IPv6 network is one guesser`() {
    var buckets = WrongKeyBuckets(seed: 7)
    for host in 0..<UInt64(WrongKeyBuckets.burst) {
      let address = NetworkAddress(high: 0x2001_0DB8_0000_0001, low: host &* 0x9E37_79B9_7F4A_7C15)
      #expect(buckets.take(address, at: 0) == nil)
    }
    #expect(buckets.take(NetworkAddress(high: 0x2001_0DB8_0000_0001, low: 5), at: 0) != nil)
    #expect(buckets.take(NetworkAddress(high: 0x2001_0DB8_0000_0002, low: 5), at: 0) == nil)
  }
}

@Suite struct `The rate limit` {
  private static let path = "/partners/hightouch/cohorts/users"

  @Test func `counts authenticated requests of an hour`() throws {
    var settings = ServiceSettings()
    settings.rateLimit = 3
    let house = try TestHouse(settings)
    let good = PartnerRequest.changing.body
    let wrong = PartnerRequest.changing.with("partner_api_key", #""pk-x""#).body
    func expect(_ body: String, _ status: Int, remaining: Int) {
      let answer = house.post(Self.path, body)
      #expect(answer.status == status)
      #expect(answer["x-ratelimit-limit"] == "3")
      #expect(answer["x-ratelimit-remaining"] == String(remaining))
      let reset = answer["x-ratelimit-reset"].flatMap { Int64($0) } ?? 0
      #expect(reset % 3_600 == 0)
      #expect(reset * 1_000_000 > house.shop.clock.wall)
    }
    expect(wrong, 401, remaining: 3)
    expect(good, 201, remaining: 2)
    expect(PartnerRequest.changing.with("cohort_id", nil).body, 400, remaining: 1)
    expect("{", 400, remaining: 1)
    expect(good, 201, remaining: 0)
    expect(good, 429, remaining: 0)
    expect(wrong, 401, remaining: 0)
    let over = house.post(Self.path, good)
    #expect(over.message == "Rate Limited")
    let seconds = try #require(over["Retry-After"].flatMap { Int64($0) })
    #expect((1...3_600).contains(seconds))
    expect(String(repeating: " ", count: 4 << 20) + good, 413, remaining: 0)
    house.shop.clock.advance(by: seconds * 1_000_000)
    expect(good, 201, remaining: 2)
  }

  @Test func `says nothing while it is off`() throws {
    let house = try TestHouse()
    let answer = house.post(Self.path, PartnerRequest.changing.body)
    #expect(answer["x-ratelimit-limit"] == nil)
  }
}

@Suite struct `The caller's address` {
  @Test func `is the peer's, unless that is a trusted proxy`() throws {
    var settings = ServiceSettings()
    settings.trustedProxies = [
      try #require(Network("203.0.113.0/24")), try #require(Network("192.0.2.0/24")),
    ]
    let house = try TestHouse(settings)
    let key = try house.key(networks: [#require(Network("10.1.2.3"))])
    func status(_ forwarded: [String]) -> Int {
      house.get(
        "/ledger/status", key: key, headers: forwarded.map { ("x-forwarded-for", $0) }
      ).status
    }
    #expect(status([]) == 401)
    #expect(status(["10.1.2.3"]) == 200)
    #expect(status(["10.9.9.9, 10.1.2.3"]) == 200)
    #expect(status(["10.1.2.3, 10.9.9.9"]) == 401)
    #expect(status(["10.1.2.3 , 192.0.2.1,203.0.113.9"]) == 200)
    #expect(status(["10.9.9.9", "10.1.2.3, 192.0.2.1"]) == 200)
    #expect(status(["10.1.2.3, garbage"]) == 401)
    #expect(status(["10.1.2.3,"]) == 401)
    // The address of a proxy is no caller's: neither if it says nothing, nor if it names proxies.
    let ofProxies = try house.key(networks: settings.trustedProxies)
    for forwarded in [[], [""], ["203.0.113.7"], ["192.0.2.1, 203.0.113.9"], ["192.0.2.1", ""]] {
      let answer = house.get(
        "/ledger/status", key: ofProxies, headers: forwarded.map { ("x-forwarded-for", $0) })
      #expect(answer.status == 401, "\(forwarded)")
    }
    house.peer = .address([198, 51, 100, 9], port: 1)
    #expect(status(["10.1.2.3"]) == 401)
    house.peer = .address([10, 1, 2, 3], port: 1)
    #expect(status([]) == 200)
    house.peer = .local
    #expect(status([]) == 401)
  }
}
