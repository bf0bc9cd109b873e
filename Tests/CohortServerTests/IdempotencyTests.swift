import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `An idempotency key` {
  private static let once = [("idempotency-key", "once")]

  @Test func `makes two requests one, also of part 1`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a", "b"])
    let requests: [(String, String)] = [
      ("/partners/hightouch/cohorts/users", PartnerRequest.changing.body),
      ("/users/track", #"{"attributes":[{"external_id":"c"}]}"#),
      (
        "/users/merge",
        #"{"merge_updates":[{"identifier_to_merge":{"external_id":"a"},"identifier_to_keep":"#
          + #"{"external_id":"b"}}]}"#
      ),
      (
        "/segments/create",
        #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#
      ),
      ("/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#),
      ("/campaigns/launch", #"{"campaign_id":"campaign:1"}"#),
      ("/ledger/cohorts/hightouch/vip/archive", "{}"),
      ("/ledger/partners", #"{"partner":"segment"}"#),
      ("/users/delete", #"{"external_ids":["c"],"erase":true}"#),
      ("/ledger/erase", #"{"external_id":"b"}"#),
    ]
    for (number, (path, body)) in requests.enumerated() {
      let headers = [("idempotency-key", "key \(number)")]
      let bearer = path.hasPrefix("/partners") ? nil : key
      let first = house.post(path, body, key: bearer, headers: headers)
      #expect((201...202).contains(first.status), "\(path): \(first.text)")
      #expect(first["Idempotency-Replayed"] == nil)
      let end = house.shop.ledger.now.end
      let second = house.post(path, body, key: bearer, headers: headers)
      #expect(second.status == first.status, "\(path)")
      #expect(second["Idempotency-Replayed"] == "true", "\(path)")
      #expect(second.number("position") == first.number("position"), "\(path)")
      #expect(house.shop.ledger.now.end == end)
      // An erasure leaves nothing of its request to compare with.
      if path == "/ledger/erase" || path == "/users/delete" { continue }
      let other = house.post(path, body + " ", key: bearer, headers: headers)
      #expect(other.status == 409, "\(path)")
    }
  }

  @Test func `issues one key, whose secret is shown once`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let body = #"{"kind":"rest","label":"app","permissions":["users.track"]}"#
    let first = house.post("/ledger/keys", body, key: key, headers: Self.once)
    let secret = try #require(first.string("secret"))
    #expect(secret.hasPrefix("rk-"))
    let second = house.post("/ledger/keys", body, key: key, headers: Self.once)
    #expect(second.status == 201)
    #expect(second.string("key_id") == first.string("key_id"))
    #expect(second.json?["secret"]?.isNull == true)
    #expect(
      house.post("/users/track", #"{"attributes":[{"external_id":"x"}]}"#, key: secret).status
        == 201)
  }

  @Test func `belongs to the key that it came with`() throws {
    let house = try TestHouse()
    let (one, two) = (try house.key(), try house.key())
    let body = #"{"attributes":[{"external_id":"x"}]}"#
    let other = #"{"attributes":[{"external_id":"y"}]}"#
    #expect(house.post("/users/track", body, key: one, headers: Self.once).status == 201)
    let answer = house.post("/users/track", other, key: two, headers: Self.once)
    #expect(answer.status == 201)
    #expect(answer["Idempotency-Replayed"] == nil)
  }

  @Test func `is 1 to 255 printable characters, once`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let body = #"{"attributes":[{"external_id":"x"}]}"#
    let longest = String(repeating: "k", count: 255)
    #expect(
      house.post("/users/track", body, key: key, headers: [("idempotency-key", longest)]).status
        == 201)
    for bad in ["", longest + "k", "caf\u{E9}", "a\u{7F}"] {
      let answer = house.post("/users/track", body, key: key, headers: [("idempotency-key", bad)])
      #expect(answer.status == 400, "\(bad)")
    }
    #expect(
      house.post("/users/track", body, key: key, headers: Self.once + Self.once).status == 400)
  }

  @Test func `is refused for another request that would record nothing`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let (body, nothing) = (#"{"attributes":[{"external_id":"x"}]}"#, #"{"events":[{}]}"#)
    #expect(house.post("/users/track", nothing, key: key, headers: Self.once).status == 201)
    #expect(house.post("/users/track", body, key: key, headers: Self.once).status == 201)
    #expect(house.post("/users/track", nothing, key: key, headers: Self.once).status == 409)
    let again = house.post("/users/track", body, key: key, headers: Self.once)
    #expect(again["Idempotency-Replayed"] == "true")
  }

  @Test func `answers a double click on a launch as the first`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a"])
    try house.shop.push("vip", add: ["a"])
    for (path, body) in [
      (
        "/segments/create",
        #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#
      ), ("/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#),
    ] { #expect(house.post(path, body, key: key).status == 201) }
    func launch(_ name: String) -> TestAnswer {
      house.post(
        "/campaigns/launch", #"{"campaign_id":"campaign:1"}"#, key: key,
        headers: [("idempotency-key", name)])
    }
    let first = launch("1")
    #expect(first.number("size") == 1)
    try house.shop.push("vip", remove: ["a"])
    #expect(launch("2").number("size") == 0)
    let again = launch("1")
    #expect(again["Idempotency-Replayed"] == "true")
    #expect(again.text == first.text)
  }

  @Test func `of a launch that expected another version is still unused`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a"])
    try house.shop.push("vip", add: ["a"])
    let segment =
      #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#
    #expect(house.post("/segments/create", segment, key: key).status == 201)
    for (area, id) in [("campaigns", "campaign"), ("canvas", "canvas")] {
      func post(_ verb: String, _ more: String, _ headers: [(String, String)] = []) -> TestAnswer {
        house.post(
          "/\(area)/\(verb)", #"{"\#(id)_id":"\#(id):1",\#(more)}"#, key: key, headers: headers)
      }
      func launch(_ version: Int) -> TestAnswer {
        post("launch", #""expected_version":\#(version)"#, [("idempotency-key", id)])
      }
      let made = #"{"name":"C","audience":{"segments":["segment:1"]}}"#
      #expect(house.post("/\(area)/create", made, key: key).status == 201)
      #expect(post("update", #""name":"D""#).number("version") == 2)
      let end = house.shop.ledger.now.end
      for stale in [0, 1, 3] {
        let refused = launch(stale)
        #expect(refused.status == 409 && refused.number("version") == 2)
        #expect(
          refused.message
            == "Version \(stale) was expected, but 2 is current. Look at it, then try again.")
      }
      #expect(house.shop.ledger.now.end == end)
      let launched = launch(2)
      #expect(launched.status == 201 && launched.number("size") == 1)
      // Once it has gone out, what it was is answered again, whatever is current since.
      #expect(post("update", #""name":"E""#).number("version") == 3)
      let again = launch(2)
      #expect(again["Idempotency-Replayed"] == "true" && again.text == launched.text)
      #expect(launch(3).status == 409)
    }
  }

  @Test func `is needed to launch`() throws {
    let house = try TestHouse()
    let key = try house.key()
    for path in ["/campaigns/launch", "/canvas/launch"] {
      let answer = house.post(path, #"{"campaign_id":"campaign:1"}"#, key: key)
      #expect(answer.status == 400)
      #expect(answer.message?.contains("Idempotency-Key") == true)
    }
  }
}
