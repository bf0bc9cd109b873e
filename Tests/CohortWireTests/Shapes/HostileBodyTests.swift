import CohortModel
import CohortWire
import TestSupport
import Testing

/// Bodies that somebody spoilt: whatever they are, they are answered.
@Suite struct `Hostile bodies` {
  private static let alias = "{\"alias_name\":\"a\",\"alias_label\":\"crm\"}"

  private static let requests: [(path: String, body: String)] = [
    (
      "/partners/hightouch/cohorts",
      "{\"partner_api_key\":\"pk-hightouch\",\"client_secret\":\"dik-hightouch\",\"cohort_id\":\"v\\u00e9\",\"name\":\"N\",\"created_at\":\"2026-11-21\"}"
    ),
    (
      "/partners/hightouch/cohorts/users",
      "{\"partner_api_key\":\"pk-hightouch\",\"client_secret\":\"dik-hightouch\",\"cohort_id\":\"v\",\"cohort_changes\":[{\"user_ids\":[\"u1\",\"\u{E9}\"],\"aliases\":[\(alias)],\"should_remove\":true}]}"
    ),
    (
      "/users/track",
      "{\"attributes\":[{\"external_id\":\"a\",\"user_alias\":\(alias),\"_update_existing_only\":true}]}"
    ),
    (
      "/users/identify",
      "{\"aliases_to_identify\":[{\"external_id\":\"e\",\"user_alias\":\(alias)}]}"
    ),
    (
      "/users/merge",
      "{\"merge_updates\":[{\"identifier_to_merge\":{\"external_id\":\"u1\"},\"identifier_to_keep\":{\"user_alias\":\(alias)}}]}"
    ),
    (
      "/users/external_ids/rename",
      "{\"external_id_renames\":[{\"current_external_id\":\"u1\",\"new_external_id\":\"n\"}]}"
    ),
    ("/users/delete", "{\"external_ids\":[\"u1\"],\"user_aliases\":[\(alias)],\"erase\":false}"),
    (
      "/segments/create",
      "{\"name\":\"N\",\"filter\":{\"and\":[{\"not\":{\"entered\":{\"partner\":\"hightouch\",\"cohort_id\":\"archived\",\"within\":\"7d\"}}},{\"member_as_of\":{\"partner\":\"hightouch\",\"cohort_id\":\"archived\",\"as_of\":3}}]},\"tags\":[\"t\"],\"expected_version\":0}"
    ),
    (
      "/canvas/create",
      "{\"name\":\"N\",\"audience\":{\"segments\":[\"segment:1\"],\"filter\":{\"segment\":\"segment:1\"}}}"
    ),
    (
      "/ledger/keys",
      "{\"kind\":\"rest\",\"label\":\"x\",\"permissions\":[\"users.track\"],\"networks\":[\"10.0.0.0/8\"],\"expires_at\":\"2027-01-01T00:00:00Z\"}"
    ),
    ("/ledger/erase", "{\"user_alias\":\(alias)}"),
    ("/ledger/cohorts/hightouch/archived/restore", "{}"),
  ]

  /// Every answer is JSON, has a message, and a status that the contract has.
  private func check(_ reply: Reply, _ body: [UInt8]) {
    let statuses: Set = [201, 202, 400, 401, 404, 409, 423]
    if !statuses.contains(reply.status) || reply.message == nil {
      Issue.record("\(reply.status) \(reply.text) to \(String(decoding: body, as: UTF8.self))")
    }
  }

  @Test(arguments: requests.indices) func `are answered for every byte changed, left out or put in`(
    _ index: Int
  ) {
    let (path, text) = Self.requests[index]
    let house = PartnerHouse()
    let body = Array(text.utf8)
    func send(_ body: [UInt8]) {
      var house = house
      check(house.post(path, body), body)
    }
    send(body)
    for at in body.indices {
      for byte in Array("[]{},:\"\\ 0-enu\u{0}".utf8) + [0x80, 0xC3, 0xFF] {
        var changed = body
        changed[at] = byte
        send(changed)
        changed = body
        changed.insert(byte, at: at)
        send(changed)
      }
      var shorter = body
      shorter.remove(at: at)
      send(shorter)
      send(Array(body[..<at]))
    }
  }

  @Test(arguments: requests.indices) func `are answered for every value put in place of another`(
    _ index: Int
  ) throws {
    let (path, text) = Self.requests[index]
    let house = PartnerHouse()
    let document = try JSONDocument(parsing: Array(text.utf8))
    let values = [
      "null", "true", "0", "-1", "1e400", "\"\"", "\"\\u0000\"", "[]", "[[]]", "[null]", "{}",
      "{\"\":{}}", "[{\"external_id\":\"\"}]", "\"\(String(repeating: "x", count: 1025))\"",
    ]
    for place in Places(document.root).all {
      for value in values {
        var house = house
        let body = Places.replacing(document.root, at: place, with: value)
        check(house.post(path, body), body)
      }
    }
  }

  @Test func `are answered for soup of all words`() {
    var random = SeededRandom(seed: 3)
    let words = Self.requests.flatMap { $0.body.split(separator: "\"").map(String.init) }
    let house = PartnerHouse()
    func value(_ depth: Int, _ random: inout SeededRandom) -> String {
      switch random.below(depth > 0 ? 8 : 5) {
      case 0: "\(random.below(9))"
      case 1: ["null", "true", "false"][random.below(3)]
      case 2, 3, 4:
        "\"\(words[random.below(words.count)].filter { $0.isLetter || $0.isNumber || "_-:".contains($0) })\""
      case 5: list(random.below(4)) { _ in value(depth - 1, &random) }
      default: object(depth, &random)
      }
    }
    func object(_ depth: Int, _ random: inout SeededRandom) -> String {
      var keys: Set<String> = []
      for _ in 0..<random.below(5) {
        keys.insert(words[random.below(words.count)].filter { $0.isLetter || $0 == "_" })
      }
      return "{"
        + keys.sorted().map { "\"\($0)\":\(value(depth - 1, &random))" }.joined(separator: ",")
        + "}"
    }
    for round in 0..<20_000 {
      var house = house
      let body = Array(object(4, &random).utf8)
      check(house.post(Self.requests[round % Self.requests.count].path, body), body)
    }
  }
}

/// Every value of a document by its path.
private struct Places {
  var all: [[Int]] = []

  init(_ root: JSONValue) { visit(root, []) }

  private mutating func visit(_ value: JSONValue, _ path: [Int]) {
    all.append(path)
    for (index, child) in Places.children(of: value).enumerated() { visit(child, path + [index]) }
  }

  private static func children(of value: JSONValue) -> [JSONValue] {
    value.kind == .array ? Array(value.elements) : value.members.map(\.value)
  }

  /// The document with another value at a path.
  static func replacing(_ value: JSONValue, at path: [Int], with text: String) -> [UInt8] {
    guard let first = path.first else { return Array(text.utf8) }
    let rest = Array(path.dropFirst())
    let children = children(of: value).enumerated().map { index, child in
      index == first ? replacing(child, at: rest, with: text) : replacing(child, at: [-1], with: "")
    }
    var json = JSONWriter()
    switch value.kind {
    case .array: json.array { json in for child in children { json.json(child) } }
    case .object:
      json.object { json in
        for (member, child) in zip(value.members, children) {
          json.key(String(decoding: value.bytes[member.key], as: UTF8.self))
          json.json(child)
        }
      }
    case .string: value.string.map { json.string(utf8: $0) }
    case .number: json.json(value.numberText.map(Array.init) ?? [])
    case .true, .false: json.bool(value.bool ?? false)
    case .null: json.null()
    }
    return json.bytes
  }
}
