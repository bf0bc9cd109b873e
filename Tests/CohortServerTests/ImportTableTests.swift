import CohortFormat
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// A request of part 1, as a partner sends it, with things that are wrong with it.
struct PartnerRequest {
  var fields: [(key: String, value: String)] = [
    ("partner_api_key", #""pk-1""#), ("client_secret", #""dik-1""#), ("cohort_id", #""vip""#),
  ]
  var suffix = ""

  static let naming = PartnerRequest().with("name", #""Very important""#)
    .with("created_at", #""2026-11-21T00:41:59Z""#)
  static let changing = PartnerRequest().with(
    "cohort_changes", #"[{"user_ids":["a"]}]"#)

  /// The same with another value, or without the field.
  func with(_ key: String, _ value: String?) -> PartnerRequest {
    var request = self
    request.fields.removeAll { $0.key == key }
    if let value { request.fields.append((key, value)) }
    return request
  }

  var body: String {
    "{" + fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}" + suffix
  }
}

@Suite struct `The table of partner answers` {
  typealias Defect = (
    name: String, status: Int, message: String, make: @Sendable (PartnerRequest) -> PartnerRequest
  )

  static let paths = (
    naming: "/partners/hightouch/cohorts", changing: "/partners/hightouch/cohorts/users"
  )

  /// What can be wrong with a request to change members, in the order in which it is told.
  static let changing: [Defect] = [
    (
      "not JSON", 400, "",
      {
        var it = $0; it.suffix = "x"; return it
      }
    ),
    (
      "no partner key", 401, "Invalid Partner API key", { $0.with("partner_api_key", nil) }
    ),
    (
      "another partner key", 401, "Invalid Partner API key",
      { $0.with("partner_api_key", #""pk-2""#) }
    ),
    ("no secret", 401, "Invalid client secret", { $0.with("client_secret", nil) }),
    ("a number as secret", 401, "Invalid client secret", { $0.with("client_secret", "7") }),
    (
      "a partner key as secret", 401, "Invalid client secret",
      { $0.with("client_secret", #""pk-1""#) }
    ),
    (
      "an expired secret", 401, "Invalid client secret",
      { $0.with("client_secret", #""dik-expired""#) }
    ),
    (
      "an invalidated secret", 401, "Invalid client secret",
      { $0.with("client_secret", #""dik-invalid""#) }
    ),
    (
      "a secret of another partner", 401,
      "Partner not enabled for client with client secret: dik-…",
      { $0.with("client_secret", #""dik-segment""#) }
    ),
    (
      "from elsewhere", 401, "Unauthorized access",
      { $0.with("client_secret", #""dik-office""#) }
    ),
    (
      "no cohort", 400, "cohort_id must be a valid string", { $0.with("cohort_id", nil) }
    ),
    (
      "an empty cohort", 400, "cohort_id must be a valid string",
      { $0.with("cohort_id", #""""#) }
    ),
    (
      "no changes", 400, WireError.changes, { $0.with("cohort_changes", nil) }
    ),
    (
      "changes without identifiers", 400, WireError.changes,
      { $0.with("cohort_changes", #"[{"should_remove":true}]"#) }
    ),
    (
      "a number as identifier", 400, WireError.changes,
      { $0.with("cohort_changes", #"[{"user_ids":["a",7]}]"#) }
    ),
    (
      "too many", 400, "Only 1,000 user_ids, device_ids, and aliases are allowed per request",
      {
        let ids = (0...1_000).map { "\"\($0)\"" }.joined(separator: ",")
        return $0.with("cohort_changes", #"[{"user_ids":[\#(ids)]}]"#)
      }
    ),
    ("an archived cohort", 423, "Resource locked", { $0.with("cohort_id", #""old""#) }),
  ]

  /// A house with keys of every kind, and an archived cohort.
  static func house(_ settings: ServiceSettings = ServiceSettings()) throws -> TestHouse {
    let shop = try TestShop()
    func dataImport(
      _ secret: String, _ partner: Text = TestShop.partner, expiresAt: Instant? = nil,
      networks: [Network] = []
    ) throws {
      try shop.submit(
        .issueKey(
          IssueKey(
            kind: .dataImport, partner: partner, label: "test", networks: networks,
            expiresAt: expiresAt, digest: SHA256.digest(Array(secret.utf8).span))))
    }
    try shop.submit(
      .enablePartner(
        EnablePartner(
          code: "segment", displayName: nil,
          key: .digest(SHA256.digest(Array("pk-segment".utf8).span)))))
    try dataImport("dik-segment", "segment")
    try dataImport("dik-office", networks: [#require(Network("10.0.0.0/8"))])
    try dataImport("dik-expired", expiresAt: Instant(microseconds: shop.clock.wall + 1_000))
    shop.clock.advance(by: 2_000)
    try dataImport("dik-invalid")
    let last = shop.ledger.now.state.keys.records.count
    try shop.submit(.invalidateKey(KeyID(UInt32(last))))
    try shop.create(["a", "b", "c"])
    try shop.push("old", add: ["a"])
    try shop.submit(
      .archiveCohort(CohortName(partner: TestShop.partner, cohortID: "old")))
    return try TestHouse(shop: shop, settings)
  }

  @Test(arguments: changing.indices)
  func `tells the first fault of two`(_ first: Int) throws {
    let house = try Self.house()
    for second in Self.changing.indices[first...] {
      let (told, other) = (Self.changing[first], Self.changing[second])
      let request = told.make(other.make(.changing))
      let answer = house.post(Self.paths.changing, request.body)
      #expect(answer.status == told.status, "\(told.name), \(other.name): \(answer.text)")
      if !told.message.isEmpty {
        #expect(answer.message == told.message, "\(told.name), \(other.name)")
      }
    }
  }

  @Test func `has rows for naming too`() throws {
    let house = try Self.house()
    let rows: [(PartnerRequest, Int, String)] = [
      (.naming.with("cohort_id", "7"), 400, "cohort_id must be a valid string"),
      (.naming.with("name", #""""#), 400, "name must be a non-empty string"),
      (.naming.with("name", nil), 400, "name must be a non-empty string"),
      (
        .naming.with("created_at", #""soon""#), 400,
        "created_at must be a valid time as an ISO-8601 string"
      ),
      (
        .naming.with("created_at", nil), 400,
        "created_at must be a valid time as an ISO-8601 string"
      ),
      (.naming.with("cohort_id", #""old""#), 423, "Resource locked"),
    ]
    for (request, status, message) in rows {
      let answer = house.post(Self.paths.naming, request.body)
      #expect(answer.status == status)
      #expect(answer.message == message)
    }
  }

  @Test func `does not tell unknown partners from wrong keys`() throws {
    let house = try Self.house()
    let answer = house.post(
      "/partners/nobody/cohorts/users", PartnerRequest.changing.body)
    #expect(answer.status == 401)
    #expect(answer.message == "Invalid Partner API key")
  }

  @Test func `says where a body is no JSON`() throws {
    let house = try Self.house()
    let answer = house.post(Self.paths.changing, #"{"a":1,}"#)
    #expect(answer.status == 400)
    #expect(answer.number("offset") == 7)
    #expect(house.post(Self.paths.changing, "[]").status == 400)
    #expect(house.post(Self.paths.changing, "").status == 400)
  }

  @Test func `refuses the keys of a partner that is disabled`() throws {
    let house = try Self.house()
    try house.shop.submit(.disablePartner(TestShop.partner))
    let answer = house.post(Self.paths.changing, PartnerRequest.changing.body)
    #expect(answer.status == 401)
    #expect(answer.message == "Partner not enabled for client with client secret: dik-…")
  }
}

extension WireError {
  fileprivate static let changes =
    "cohort_changes must be an array of objects each with key user_ids and/or device_ids mapping "
    + "to an array of strings, or an aliases object"
}
