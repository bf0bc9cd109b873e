import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Writes over HTTP` {
  @Test func `erase the whole of a name of which imports kept the beginning`() throws {
    let house = try TestHouse()
    let key = try house.key()
    for (sent, name) in [
      (String(repeating: "é", count: 900), String(repeating: "é", count: 900)),
      ("nul\u{0}l", #"nul\u0000l"#),
    ] {
      for field in [
        #""external_id":"\#(name)""#, #""device_id":"\#(name)""#,
        #""alias_label":"l","alias_name":"\#(name)""#,
      ] {
        try house.shop.push("vip", add: [sent])
        #expect(house.post("/ledger/erase", "{\(field)}", key: key).status == 201, "\(field)")
        #expect(house.post("/ledger/erase", "{\(field)}", key: key).status == 404, "\(field)")
      }
    }
  }

  @Test func `take no parameter in silence but from partners and public callers`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a"])
    let end = house.shop.ledger.now.end
    for (path, body) in [
      ("/users/delete", #"{"external_ids":["a"]}"#), ("/ledger/erase", #"{"external_id":"a"}"#),
      ("/segments/create", "{}"), ("/ledger/users/import", #"{"external_id":"b"}"#),
      ("/ledger/preview", #"{"path":"/users/track","body":{}}"#),
    ] {
      let answer = house.post(path + "?preview=true", body, key: key)
      #expect(answer.status == 400, "\(path)")
      #expect(answer.message?.contains("preview") == true, "\(path)")
    }
    #expect(house.shop.ledger.now.end == end)
    let tracked = house.post(
      "/users/track?source=app", #"{"attributes":[{"external_id":"c"}]}"#, key: key)
    #expect(tracked.status == 201)
    let pushed = house.post(
      "/partners/hightouch/cohorts/users?source=app", PartnerRequest.changing.body)
    #expect(pushed.status == 201)
    for target in ["/ledger/status", "/metrics"] {
      #expect(house.get(target + "?x=1", key: key).status == 400)
    }
  }

  /// What somebody does to every part of the contract, in an order that works.
  static let story: [(path: String, body: String, status: Int, position: Bool)] = [
    ("/users/track", #"{"attributes":[{"external_id":"a"},{"device_id":"d"}]}"#, 201, true),
    (
      "/users/alias/new",
      #"{"user_aliases":[{"alias_name":"n","alias_label":"l","external_id":"a"}]}"#, 201, true
    ),
    (
      "/users/alias/update",
      #"{"alias_updates":[{"alias_label":"l","old_alias_name":"n","new_alias_name":"m"}]}"#, 201,
      true
    ),
    (
      "/users/identify", #"{"devices_to_identify":[{"external_id":"b","device_id":"d"}]}"#, 201,
      true
    ),
    (
      "/users/merge",
      #"{"merge_updates":[{"identifier_to_merge":{"external_id":"b"},"identifier_to_keep":"#
        + #"{"external_id":"a"}}]}"#, 202, true
    ),
    (
      "/users/external_ids/rename",
      #"{"external_id_renames":[{"current_external_id":"a","new_external_id":"c"}]}"#, 201, true
    ),
    ("/users/external_ids/remove", #"{"external_ids":["a"]}"#, 201, true),
    ("/ledger/partners", #"{"partner":"segment","learn":true}"#, 201, true),
    (
      "/ledger/keys", #"{"kind":"data-import","partner":"segment","label":"x"}"#, 201, true
    ),
    ("/ledger/keys/key:4/invalidate", "", 201, true),
    ("/ledger/keys/key:99/invalidate", "{}", 404, false),
    ("/ledger/keys/three/invalidate", "{}", 404, false),
    ("/ledger/partners/segment/disable", "", 201, true),
    ("/ledger/partners/nobody/disable", "", 404, false),
    (
      "/segments/create",
      #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#, 201, true
    ),
    (
      "/segments/update", #"{"segment_id":"segment:1","name":"T","expected_version":7}"#, 409, false
    ),
    ("/segments/update", #"{"segment_id":"segment:9","name":"T"}"#, 404, false),
    ("/segments/archive", #"{"segment_id":"segment:1"}"#, 201, true),
    ("/segments/restore", #"{"segment_id":"segment:1"}"#, 201, true),
    ("/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#, 201, true),
    ("/canvas/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#, 201, true),
    ("/canvas/create", #"{"name":"C","audiense":{}}"#, 400, false),
    ("/ledger/cohorts/hightouch/vip/archive", "", 201, true),
    ("/ledger/cohorts/hightouch/vip/restore", "", 201, true),
    ("/ledger/cohorts/hightouch/none/restore", "", 404, false),
    ("/ledger/erase", #"{"external_id":"c"}"#, 201, true),
    ("/ledger/erase", #"{"external_id":"nobody"}"#, 404, false),
    ("/ledger/forget-unmatched", #"{"before":"2020-01-01T00:00:00Z"}"#, 201, true),
    ("/users/track", #"{"attributes":[{"external_id":"z"}]}"#, 201, true),
    ("/users/delete", #"{"external_ids":["z"],"erase":true}"#, 201, true),
    ("/users/delete", #"{"external_ids":["z"],"unknown":true}"#, 400, false),
    ("/users/track", "{", 400, false),
    ("/users/track", "[]", 400, false),
  ]

  @Test func `are answered as the contract has it, when they are durable`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.push("vip", add: ["x", "y"])
    for (path, body, status, hasPosition) in Self.story {
      let answer = house.post(path, body, key: key)
      #expect(answer.status == status, "\(path) \(body): \(answer.text)")
      let end = Int(house.shop.ledger.now.end.rawValue)
      #expect(answer["Content-Type"] == "application/json")
      if hasPosition {
        #expect(answer.message == "success")
        let position = try #require(answer.number("position"), "\(path)")
        #expect(position <= end && position > end - 3, "\(path): \(position), \(end)")
        #expect(answer["Ledger-Position"] == String(position))
      } else {
        #expect(answer["Ledger-Position"] == String(end))
      }
    }
  }

  @Test func `name the key that caused them`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let id = KeyID(UInt32(house.shop.ledger.now.state.keys.records.count))
    house.post("/users/track", #"{"attributes":[{"external_id":"z"}]}"#, key: key)
    let end = house.shop.ledger.now.end
    #expect(try house.shop.ledger.event(at: end).recorded.key == id)
  }

  @Test func `show a secret once, and it opens`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let partner = house.post("/ledger/partners", #"{"partner":"segment"}"#, key: key)
    let partnerKey = try #require(partner.string("partner_api_key"))
    let issued = house.post(
      "/ledger/keys", #"{"kind":"data-import","partner":"segment","label":"x"}"#, key: key)
    let secret = try #require(issued.string("secret"))
    #expect(partnerKey.hasPrefix("pk-") && secret.hasPrefix("dik-"))
    let body = PartnerRequest.changing.with("partner_api_key", "\"\(partnerKey)\"")
      .with("client_secret", "\"\(secret)\"").body
    #expect(house.post("/partners/segment/cohorts/users", body).status == 201)
  }

  @Test func `cannot grant more than they have`() throws {
    let house = try TestHouse()
    let key = try house.key([.keysManage, .usersTrack])
    func issue(_ permission: String) -> Int {
      house.post(
        "/ledger/keys", #"{"kind":"rest","label":"x","permissions":["\#(permission)"]}"#, key: key
      ).status
    }
    #expect(issue("users.track") == 201)
    #expect(issue("ledger.people") == 403)
  }

  @Test func `are told when the server ends`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.ledger.close()
    for (path, body, bearer) in [
      ("/users/track", #"{"attributes":[{"external_id":"z"}]}"#, key),
      ("/partners/hightouch/cohorts/users", PartnerRequest.changing.body, nil),
      ("/ledger/erase", #"{"external_id":"z"}"#, key),
      ("/ledger/users/import", #"{"external_id":"z"}"#, key),
    ] as [(String, String, String?)] {
      let answer = house.post(path, body, key: bearer)
      #expect(answer.status == 503, "\(path)")
      #expect(answer.message == "Shutting down", "\(path)")
      #expect(answer["Retry-After"] != nil, "\(path)")
    }
  }

  @Test func `are told when nobody knows, and that nothing is written any more`() throws {
    let house = try TestHouse()
    let (key, body) = (try house.key(), PartnerRequest.changing.body)
    #expect(house.get("/metrics", key: key).text.contains("\ncohort_writable 1\n"))
    house.shop.disk.inject(.syncFailsAndDrops, on: .sync)
    let unknown = house.post("/partners/hightouch/cohorts/users", body)
    #expect(unknown.status == 503)
    #expect(unknown.message == "Outcome unknown")
    #expect(unknown.string("reason") != nil)
    let stopped = house.post("/partners/hightouch/cohorts/users", body)
    #expect(stopped.status == 503)
    #expect(stopped.message == "Writes stopped")
    #expect(house.get("/metrics", key: key).text.contains("\ncohort_writable 0\n"))
    #expect(house.get("/health").status == 503)
  }

  @Test func `are told when the disk is full, and taken when it no longer is`() throws {
    let house = try TestHouse()
    let key = try house.key()
    house.shop.disk.capacity = 1
    var answer = house.get("/health")
    for number in 0..<400 where answer.status != 507 {
      let ids = (0..<50).map { #"{"external_id":"\#(number)-\#($0)"}"# }.joined(separator: ",")
      answer = house.post("/users/track", #"{"attributes":[\#(ids)]}"#, key: key)
    }
    #expect(answer.status == 507)
    #expect(answer["Retry-After"] != nil)
    #expect(house.get("/ledger/status", key: key).status == 200)
    house.shop.disk.capacity = nil
    #expect(
      house.post("/users/track", #"{"attributes":[{"external_id":"z"}]}"#, key: key).status == 201)
  }
}
