import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `A preview` {
  private static let writes: [(String, String)] = [
    ("/partners/hightouch/cohorts", PartnerRequest.naming.body),
    ("/partners/hightouch/cohorts/users", PartnerRequest.changing.body),
    ("/partners/hightouch/cohorts/users", PartnerRequest.changing.with("cohort_id", nil).body),
    ("/users/track", #"{"attributes":[{"external_id":"c"},{"nothing":1}]}"#),
    ("/users/track", #"{"events":[{}]}"#),
    (
      "/users/alias/new",
      #"{"user_aliases":[{"external_id":"a","alias_name":"n","alias_label":"l"}]}"#
    ),
    (
      "/users/merge",
      #"{"merge_updates":[{"identifier_to_merge":{"external_id":"a"},"identifier_to_keep":"#
        + #"{"external_id":"b"}}]}"#
    ),
    ("/users/delete", #"{"external_ids":["b"]}"#),
    (
      "/segments/create",
      #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#
    ),
    (
      "/segments/create",
      #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vpi"]}}}"#
    ),
    ("/ledger/cohorts/hightouch/vip/archive", "{}"),
    ("/ledger/cohorts/hightouch/none/archive", "{}"),
    ("/ledger/partners/hightouch/disable", "{}"),
  ]

  @Test(arguments: writes.indices)
  func `is what the write then answers, and writes nothing`(_ index: Int) throws {
    let (path, body) = Self.writes[index]
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a", "b"])
    try house.shop.push("vip", add: ["b"])
    let end = house.shop.ledger.now.end
    let previewed = house.post(
      "/ledger/preview", #"{"path":"\#(path)","body":\#(body)}"#, key: key)
    #expect(previewed.status == 200, "\(previewed.text)")
    #expect(house.shop.ledger.now.end == end)
    let done = house.post(path, body, key: path.hasPrefix("/partners") ? nil : key)
    #expect(previewed.number("status") == done.status, "\(previewed.text) \(done.text)")
    // The same but for the position, which a preview does not have.
    func compared(_ value: JSONValue?) -> [String] {
      value?.members.compactMap { key, member in
        let name = value.map { String(decoding: $0.bytes[key], as: UTF8.self) } ?? ""
        return name == "position" ? nil : "\(name) \(member.kind) \(member.count)"
      } ?? []
    }
    #expect(compared(previewed.json?["body"]) == compared(done.json))
    #expect(previewed.number("as_of", "position") == Int(end.rawValue))
  }

  @Test func `of a users import takes its lines in an array`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a", "b"])
    let lines = [
      #"{"external_id":"a"}"#, #"{"external_id":"c"}"#, #"{"external_id":7}"#,
      #"{"external_id":"b","device_ids":["d"]}"#, "{}",
    ]
    func preview(_ body: String) -> TestAnswer {
      house.post("/ledger/preview", #"{"path":"/ledger/users/import","body":\#(body)}"#, key: key)
    }
    let end = house.shop.ledger.now.end
    let previewed = preview("[\(lines.joined(separator: ","))]")
    #expect(house.shop.ledger.now.end == end)
    let done = house.post("/ledger/users/import", lines.joined(separator: "\n"), key: key)
    #expect(previewed.number("status") == done.status)
    for count in ["created", "completed", "unchanged", "refused_count"] {
      #expect(previewed.number("body", count) == done.number(count), "\(count)")
    }
    #expect(previewed.json?["body"]?["refused"]?.source == done.json?["refused"]?.source)
    #expect(preview(#"{"external_id":"a"}"#).number("status") == 400)
    let many = Array(repeating: "{}", count: 10_001).joined(separator: ",")
    #expect(preview("[\(many)]").number("status") == 400)
    #expect(preview("[]").number("status") == 201)
  }

  @Test func `needs what the write in it needs`() throws {
    let house = try TestHouse()
    let reader = try house.key([.ledgerRead])
    let both = try house.key([.ledgerRead, .usersTrack])
    let body = #"{"path":"/users/track","body":{"attributes":[{"external_id":"c"}]}}"#
    #expect(house.post("/ledger/preview", body, key: reader).status == 403)
    #expect(house.post("/ledger/preview", body, key: both).status == 200)
    let wrong = PartnerRequest.changing.with("client_secret", #""dik-x""#).body
    let answer = house.post(
      "/ledger/preview",
      #"{"path":"/partners/hightouch/cohorts/users","body":\#(wrong)}"#, key: both)
    #expect(answer.status == 401)
    #expect(answer.message == "Invalid client secret")
    #expect(
      house.post("/ledger/preview", #"{"path":"/ledger/status","body":{}}"#, key: both).status
        == 405)
    #expect(house.post("/ledger/preview", #"{"path":"/x","body":{}}"#, key: both).status == 404)
  }

  @Test func `of a key, an erasure and a launch shows no secret and does nothing`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a"])
    try house.shop.push("vip", add: ["a", "nobody"])
    house.post(
      "/segments/create",
      #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#, key: key)
    house.post(
      "/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#, key: key)
    let end = house.shop.ledger.now.end
    func preview(_ path: String, _ body: String) -> TestAnswer {
      house.post("/ledger/preview", #"{"path":"\#(path)","body":\#(body)}"#, key: key)
    }
    let issued = preview("/ledger/keys", #"{"kind":"rest","label":"app"}"#)
    #expect(issued.json?["body"]?["secret"]?.isNull == true)
    #expect(preview("/ledger/partners", #"{"partner":"segment"}"#).number("status") == 201)
    #expect(preview("/ledger/erase", #"{"external_id":"nobody"}"#).number("status") == 201)
    #expect(preview("/ledger/erase", #"{"external_id":"no one"}"#).number("status") != 201)
    #expect(
      preview("/users/delete", #"{"external_ids":["a"],"erase":true}"#)
        .number("body", "deleted") == 1)
    #expect(
      preview("/ledger/forget-unmatched", #"{"before":"2020-01-01T00:00:00Z"}"#)
        .number("status") == 201)
    #expect(
      preview("/campaigns/launch", #"{"campaign_id":"campaign:1"}"#).number("body", "size") == 1)
    #expect(
      preview("/campaigns/launch", #"{"campaign_id":"campaign:1","expected_version":2}"#)
        .number("status") == 409)
    #expect(
      preview("/campaigns/launch", #"{"campaign_id":"campaign:9"}"#).number("status") == 404)
    #expect(house.shop.ledger.now.end == end)
  }
}
