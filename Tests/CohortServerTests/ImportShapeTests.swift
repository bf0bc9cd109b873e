import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `What real partners send` {
  static let changing = "/partners/hightouch/cohorts/users"
  static let naming = "/partners/hightouch/cohorts"

  static let shapes = [
    #"[{"user_ids":["a","b"]}]"#,
    #"[{"user_ids":["a"],"device_ids":[],"aliases":[]}]"#,
    #"[{"user_ids":[],"device_ids":[],"aliases":[]}]"#,
    #"[{"user_ids":["a"],"device_ids":["d"],"aliases":[{"alias_name":"n","alias_label":"l"}]}]"#,
    #"[{"aliases":{"alias_name":"n","alias_label":"l"}}]"#,
    #"[{"user_ids":["a"],"aliases":null,"should_remove":null}]"#,
    #"[{"user_ids":["a"],"should_remove":true},{"user_ids":["a"],"should_remove":false}]"#,
    "[]",
    #"[{"user_ids":["\u0061"],"not_ours":{"deep":[1,2]}}]"#,
  ]

  @Test(arguments: shapes)
  func `is taken`(_ changes: String) throws {
    let house = try TestHouse()
    try house.shop.create(["a", "b"])
    let request = PartnerRequest.changing.with("cohort_changes", changes)
      .with("client_version", #""2.4""#)
    let answer = house.post(Self.changing, request.body)
    #expect(answer.status == 201, "\(answer.text)")
    #expect(answer.message == "success")
    #expect(answer["Ledger-Position"] == answer.number("position").map(String.init))
    #expect(answer.number("position") == Int(house.shop.ledger.now.end.rawValue))
  }

  @Test func `may have any type of an application, or none`() throws {
    let house = try TestHouse()
    let body = PartnerRequest.changing.body
    let types: [(String?, Int)] = [
      (nil, 201), ("application/json", 201), ("application/json; charset=utf-8", 201),
      (#"Application/JSON;Charset="UTF-8""#, 201), ("application/x-www-form-urlencoded", 201),
      ("application/octet-stream", 201), ("application/json; charset=utf-16", 415),
      ("application/json; charset=iso-8859-1", 415), ("text/plain", 415), ("json", 415),
      ("", 415),
    ]
    for (type, status) in types {
      let headers = type.map { [("content-type", $0)] } ?? []
      let answer = house.post(Self.changing, body, headers: headers)
      #expect(answer.status == status, "\(type ?? "none")")
    }
    for coding in ["gzip", "identity", ""] {
      let answer = house.post(Self.changing, body, headers: [("content-encoding", coding)])
      #expect(answer.status == 415)
    }
  }

  @Test func `names a cohort again and again`() throws {
    let house = try TestHouse()
    let first = house.post(Self.naming, PartnerRequest.naming.body)
    #expect(first.status == 201)
    let again = PartnerRequest.naming.with("created_at", #""2026-11-22 01:00:00""#)
    let second = house.post(Self.naming, again.body)
    #expect(second.status == 201)
    #expect(second.number("position") == first.number("position"))
    let other = house.post(Self.naming, again.with("name", #""Other""#).body)
    #expect(other.number("position") == first.number("position").map { $0 + 1 })
  }

  @Test func `is answered with outcomes, and with results where they are preferred`() throws {
    let house = try TestHouse()
    try house.shop.create(["a", "b"])
    let request = PartnerRequest.changing.with(
      "cohort_changes",
      #"[{"user_ids":["a","a","nobody"]},{"user_ids":["a","b"],"should_remove":true}]"#)
    let plain = house.post(Self.changing, request.body)
    #expect(plain.json?["results"] == nil)
    #expect(plain.number("outcomes", "added") == 1)
    #expect(plain.number("outcomes", "already_member") == 1)
    #expect(plain.number("outcomes", "unknown") == 1)
    #expect(plain.number("outcomes", "removed") == 1)
    #expect(plain.number("outcomes", "not_member") == 1)
    for preference in ["return=representation", "respond-async, return=\"representation\"; x=1"] {
      let answer = house.post(
        Self.changing, request.body, headers: [("prefer", preference)])
      let results = try #require(answer.json?["results"])
      #expect(results.count == 5)
      let names = results.elements.map {
        $0["outcome"]?.string.map { String(decoding: $0, as: UTF8.self) }
      }
      #expect(names == ["added", "already_member", "unknown", "removed", "not_member"])
    }
  }

  @Test func `is applied whole or not at all`() throws {
    let house = try TestHouse()
    try house.shop.create(["a"])
    let end = house.shop.ledger.now.end
    let bad = PartnerRequest.changing.with(
      "cohort_changes", #"[{"user_ids":["a"]},{"user_ids":[1]}]"#)
    #expect(house.post(Self.changing, bad.body).status == 400)
    #expect(house.shop.ledger.now.end == end)
  }

  @Test func `lets a partner's key be learned once`() throws {
    let house = try TestHouse()
    try house.shop.submit(
      .enablePartner(EnablePartner(code: TestShop.partner, displayName: nil, key: .learned)))
    let first = PartnerRequest.changing.with("partner_api_key", #""their-own""#)
    #expect(house.post(Self.changing, first.body).status == 201)
    let other = PartnerRequest.changing.with("partner_api_key", #""another""#)
    #expect(house.post(Self.changing, other.body).status == 401)
    #expect(house.post(Self.changing, first.body).status == 201)
  }
}
