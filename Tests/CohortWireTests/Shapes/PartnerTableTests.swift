import CohortModel
import CohortWire
import Testing

/// One thing that a part 1 request can have right or wrong.
///
/// The choices are JSON values for a member, the path or the address; `answer` is what the
/// contract's table says of that choice, `nil` if it is right.
private struct Row {
  let field: String
  let choices: [Choice]

  struct Choice {
    /// `nil`: the member is left out.
    let json: String?
    let answer: Answered?
  }

  init(_ field: String, _ choices: [(String?, Answered?)]) {
    self.field = field
    self.choices = choices.map { Choice(json: $0.0, answer: $0.1) }
  }
}

private struct Answered: Hashable {
  let status: Int
  let message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}

private let invalidPartner = Answered(401, "Invalid Partner API key")
private let invalidSecret = Answered(401, "Invalid client secret")
private let cohortID = Answered(400, "cohort_id must be a valid string")
private let name = Answered(400, "name must be a non-empty string")
private let createdAt = Answered(400, "created_at must be a valid time as an ISO-8601 string")
private let changes = Answered(
  400,
  "cohort_changes must be an array of objects each with key user_ids and/or device_ids mapping to an array of strings, or an aliases object"
)
private let tooMany = Answered(
  400, "Only 1,000 user_ids, device_ids, and aliases are allowed per request")
private let locked = Answered(423, "Resource locked")

private let elsewhere = Answered(
  401, "Partner not enabled for client with client secret: dik-…")

private let keyRows = [
  Row("path", [("hightouch", nil), ("nobody", invalidPartner), ("HIGHTOUCH", invalidPartner)]),
  Row(
    "partner_api_key",
    [
      ("\"pk-hightouch\"", nil), (nil, invalidPartner), ("null", invalidPartner),
      ("\"\"", invalidPartner), ("7", invalidPartner), ("[\"pk-hightouch\"]", invalidPartner),
      ("\"pk-segment\"", invalidPartner), ("\"pk-HIGHTOUCH\"", invalidPartner),
      ("\"dik-hightouch\"", invalidPartner),
    ]),
  Row(
    "client_secret",
    [
      ("\"dik-hightouch\"", nil), (nil, invalidSecret), ("null", invalidSecret),
      ("\"\"", invalidSecret), ("true", invalidSecret), ("\"dik-none\"", invalidSecret),
      ("\"dik-dead\"", invalidSecret), ("\"dik-old\"", invalidSecret),
      ("\"rk-all\"", invalidSecret), ("\"pk-hightouch\"", invalidSecret),
      ("\"dik-segment\"", elsewhere),
      ("\"dik-far\"", Answered(401, "Unauthorized access")),
    ]),
]

private func long(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }

private let cohortIDRow = Row(
  "cohort_id",
  [
    ("\"vip\"", nil), (long(1024), nil), ("\"\u{E9}/%2F \"", nil), (nil, cohortID),
    ("null", cohortID), ("\"\"", cohortID), ("1", cohortID), ("[\"vip\"]", cohortID),
    ("{}", cohortID), (long(1025), cohortID), ("\"a\\u0000\"", cohortID),
  ])

private let nameRow = Row(
  "name",
  [
    ("\"VIP\"", nil), (long(1024), nil), (nil, name), ("null", name), ("\"\"", name), ("0", name),
    ("false", name), (long(1025), name), ("\"\\u0000\"", name),
  ])

private let createdAtRow = Row(
  "created_at",
  [
    ("\"2026-11-21T00:41:59Z\"", nil), ("\"2026-11-21\"", nil), ("\"2026-11-21 00:41:59\"", nil),
    ("\"2026-11-21T24:00:00+01:00\"", nil), ("\"2026-12-31T23:59:60.123456789Z\"", nil),
    (nil, createdAt), ("null", createdAt), ("\"\"", createdAt), ("1763682119", createdAt),
    ("\"today\"", createdAt), ("\"2026-02-30\"", createdAt),
    ("\"2026-11-21T25:00:00Z\"", createdAt),
  ])

private func ids(_ count: Int) -> String {
  "[" + (0..<count).map { "\"i\($0)\"" }.joined(separator: ",") + "]"
}

private let alias = "{\"alias_name\":\"a\",\"alias_label\":\"crm\"}"

private let changesRow = Row(
  "cohort_changes",
  [
    ("[{\"user_ids\":[\"u1\",\"nobody\"]}]", nil), ("[]", nil),
    ("[{\"user_ids\":[],\"device_ids\":[],\"aliases\":[]}]", nil),
    ("[{\"user_ids\":[\"u1\"],\"device_ids\":[],\"aliases\":[],\"should_remove\":true}]", nil),
    ("[{\"aliases\":\(alias)}]", nil), ("[{\"aliases\":[\(alias),\(alias)],\"x\":1}]", nil),
    ("[{\"user_ids\":null,\"device_ids\":[\"d1\"],\"should_remove\":null}]", nil),
    ("[{\"user_ids\":[\"\",\"a\\u0000\"]}]", nil),
    ("[{\"user_ids\":\(ids(400)),\"device_ids\":\(ids(400))},{\"user_ids\":\(ids(200))}]", nil),
    ("[{\"user_ids\":\(ids(999)),\"aliases\":\(alias)}]", nil),
    (nil, changes), ("null", changes), ("{}", changes), ("\"u1\"", changes), ("7", changes),
    ("[7]", changes), ("[[]]", changes), ("[{}]", changes), ("[null]", changes),
    ("[{\"should_remove\":true}]", changes), ("[{\"user_ids\":null}]", changes),
    ("[{\"user_ids\":\"u1\"}]", changes), ("[{\"user_ids\":{}}]", changes),
    ("[{\"user_ids\":[1]}]", changes), ("[{\"user_ids\":[null]}]", changes),
    ("[{\"user_ids\":[[\"u1\"]]}]", changes), ("[{\"device_ids\":[true]}]", changes),
    ("[{\"device_ids\":7}]", changes), ("[{\"aliases\":\"a\"}]", changes),
    ("[{\"aliases\":{}}]", changes), ("[{\"aliases\":[[]]}]", changes),
    ("[{\"aliases\":[{\"alias_name\":\"a\"}]}]", changes),
    ("[{\"aliases\":[{\"alias_label\":\"crm\"}]}]", changes),
    ("[{\"aliases\":[{\"alias_name\":1,\"alias_label\":\"crm\"}]}]", changes),
    ("[{\"aliases\":{\"alias_name\":\"a\",\"alias_label\":null}}]", changes),
    ("[{\"user_ids\":[],\"should_remove\":\"true\"}]", changes),
    ("[{\"user_ids\":[],\"should_remove\":1}]", changes),
    ("[{\"user_ids\":[\"u1\"]},{\"user_ids\":[3]}]", changes),
    ("[{\"user_ids\":\(ids(1001))},{\"user_ids\":[3]}]", changes),
    ("[{\"user_ids\":\(ids(1001))}]", tooMany), ("[{\"device_ids\":\(ids(1001))}]", tooMany),
    ("[{\"user_ids\":\(ids(500)),\"device_ids\":\(ids(500)),\"aliases\":\(alias)}]", tooMany),
    ("[{\"user_ids\":\(ids(1000))},{\"user_ids\":[\"u1\"],\"should_remove\":true}]", tooMany),
  ])

/// What the table says of a request with these choices: its first row that applies.
private func expected(_ rows: [Row], _ picks: [Int]) -> Answered? {
  for (row, pick) in zip(rows, picks) {
    if let answer = row.choices[pick].answer { return answer }
  }
  return nil
}

/// Calls `body` with every combination in which at most two rows are not at their first choice.
private func forEachPair(_ rows: [Row], _ body: ([Int]) -> Void) {
  let none = rows.map { _ in 0 }
  for first in rows.indices {
    for second in rows.indices.dropFirst(first + 1) {
      for one in rows[first].choices.indices {
        for other in rows[second].choices.indices {
          var picks = none
          (picks[first], picks[second]) = (one, other)
          body(picks)
        }
      }
    }
  }
}

private func request(_ rows: [Row], _ picks: [Int]) -> (partner: String, body: String) {
  var partner = ""
  var members: [String] = ["\"unknown\":[{}]"]
  for (row, pick) in zip(rows, picks) {
    guard let json = row.choices[pick].json else { continue }
    if row.field == "path" { partner = json } else { members.append("\"\(row.field)\":\(json)") }
  }
  // The order of members means nothing.
  return (partner, "{\(members.reversed().joined(separator: ", "))}")
}

@Suite struct `The table of part 1` {
  @Test func `holds for any two faults when a cohort is named`() {
    let rows = keyRows + [cohortIDRow, nameRow, createdAtRow]
    check(rows, path: "/cohorts")
  }

  @Test func `holds for any two faults when members are changed`() {
    check(keyRows + [cohortIDRow, changesRow], path: "/cohorts/users")
  }

  private func check(_ rows: [Row], path: String) {
    let house = PartnerHouse()
    forEachPair(rows) { picks in
      var house = house
      let before = house.state.position
      let (partner, body) = request(rows, picks)
      let reply = house.post("/partners/\(partner)\(path)", Array(body.utf8))
      let answer = expected(rows, picks) ?? Answered(201, "success")
      if Answered(reply.status, reply.message ?? "") != answer {
        Issue.record("\(body.prefix(300)) was answered \(reply.status) \(reply.text)")
      }
      #expect(answer.status == 201 || house.state.position == before)
    }
  }

  @Test func `holds for every combination of fields when a cohort is named`() {
    let rows = [cohortIDRow, nameRow, createdAtRow]
    for one in cohortIDRow.choices.indices {
      for two in nameRow.choices.indices {
        for three in createdAtRow.choices.indices {
          let body = request(rows, [one, two, three]).body
          let answer: Answered?
          do {
            _ = try NameCohort(body: JSONValue(body: Array(body.utf8)), partner: "p")
            answer = nil
          } catch { answer = Answered(error.status, error.message) }
          #expect(answer == expected(rows, [one, two, three]), "\(body.prefix(300))")
        }
      }
    }
  }

  @Test func `ends with the archived cohort`() {
    var house = PartnerHouse()
    let keys = "\"partner_api_key\":\"pk-hightouch\",\"client_secret\":\"dik-hightouch\","
    let archived = "{\(keys)\"cohort_id\":\"archived\","
    for (path, rest, answer) in [
      ("", "\"name\":\"N\",\"created_at\":\"2026-11-21\"}", locked),
      ("", "\"name\":\"N\",\"created_at\":\"never\"}", createdAt),
      ("/users", "\"cohort_changes\":[{\"user_ids\":[\"u1\"]}]}", locked),
      (
        "/users", "\"cohort_changes\":[{\"user_ids\":[\"nobody\"],\"should_remove\":true}]}", locked
      ),
      ("/users", "\"cohort_changes\":[{\"user_ids\":\(ids(1001))}]}", tooMany),
      ("/users", "\"cohort_changes\":[{\"user_ids\":[]}]}", Answered(201, "success")),
      ("/users", "\"cohort_changes\":[]}", Answered(201, "success")),
    ] {
      let reply = house.post("/partners/hightouch/cohorts\(path)", archived + rest)
      #expect(Answered(reply.status, reply.message ?? "") == answer)
    }
  }

  @Test func `begins with the JSON, and tells its reason and byte offset`() {
    var house = PartnerHouse()
    for (body, offset) in [
      ("", 0), ("{", 1), ("{\"a\":1,\"a\":2}", 7), ("[]", 0), ("  7", 2), ("null", 0), ("\"x\"", 0),
      ("{\"cohort_id\":\"\u{1}\"}", 14), ("{}x", 2), ("{\"client_secret\":\"\\ud800\"}", 18),
    ] {
      let reply = house.post("/partners/nobody/cohorts/users", body)
      #expect(reply.status == 400)
      #expect(reply.message?.hasPrefix("Byte \(offset) ") == true, "\(body): \(reply.text)")
    }
  }

  @Test func `names a partner that was disabled, and a key of another partner, by the secret`() {
    var house = PartnerHouse()
    let body = "{\"partner_api_key\":\"pk-closed\",\"client_secret\":\"dik-closed\"}"
    let reply = house.post("/partners/closed/cohorts", body)
    #expect(reply.status == 401)
    #expect(reply.message == elsewhere.message)
  }

  @Test func `learns a partner key, but never an empty one`() {
    var house = PartnerHouse()
    for key in ["\"\"", "null", "5"] {
      let body = "{\"partner_api_key\":\(key),\"client_secret\":\"dik-learner\"}"
      #expect(house.post("/partners/learner/cohorts", body).message == invalidPartner.message)
    }
    let fields = "\"cohort_id\":\"c\",\"cohort_changes\":[{\"user_ids\":[\"u1\"]}]}"
    let keys = "{\"partner_api_key\":\"theirs\",\"client_secret\":\"dik-learner\","
    #expect(house.post("/partners/learner/cohorts/users", keys + fields).status == 201)
    let others = "{\"partner_api_key\":\"other\",\"client_secret\":\"dik-learner\","
    let reply = house.post("/partners/learner/cohorts/users", others + fields)
    #expect(reply.message == invalidPartner.message)
  }
}
