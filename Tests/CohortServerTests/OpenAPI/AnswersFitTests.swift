import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// Every answer of the house is held against the description of the interface.
@Suite struct `The house as it is described` {
  private let checker: SchemaChecker

  init() throws {
    checker = SchemaChecker(document: try JSONDocument(parsing: OpenAPI.document).root)
  }

  @Test func `answers every question as it is described`() throws {
    let feed = try FeedHouse()
    try describe(feed)
    for route in Routes.all where route.method == .get {
      for (target, status) in Self.questions(of: route) {
        let answer = feed.house.get(target, key: route.permission == nil ? nil : feed.key)
        #expect(answer.status == status, "\(target) \(answer.text.prefix(200))")
        try check(answer, route, target)
        let lines = feed.house.get(
          target, key: feed.key, headers: [("accept", "application/x-ndjson")])
        try check(lines, route, "\(target) as lines")
        guard status == 200, route.kind.parameters.contains(.identity) else { continue }
        let now = feed.house.get(
          "\(target)\(target.contains("?") ? "&" : "?")identity=now", key: feed.key)
        try check(now, route, "\(target) with the identities of now")
      }
      let keyless = feed.house.get(Self.path(of: route))
      try check(keyless, route, "without a key")
      let unknown = feed.house.get(Self.path(of: route) + "?no_such_thing=1", key: feed.key)
      try check(unknown, route, "with an unknown parameter")
    }
  }

  @Test func `answers every write as it is described, with and without success`() throws {
    for route in Routes.all where route.method == .post {
      let feed = try FeedHouse()
      try describe(feed)
      let body = try example(route)
      let key = route.permission == nil ? nil : feed.key
      let path = Self.path(of: route)
      let launches = [("idempotency-key", "once")]
      for attempt in 1...2 {
        let answer = feed.house.post(path, body, key: key, headers: launches)
        try check(answer, route, "\(path) \(attempt)")
      }
      for bad in ["", "{", "[]", "{}", #"{"external_ids":7,"filter":7,"kind":7,"name":7}"#] {
        try check(feed.house.post(path, bad, key: key), route, "\(path) \(bad)")
      }
      try check(feed.house.post(path, body), route, "\(path) without a key")
      let charset = [("content-type", "application/json; charset=utf-16")]
      try check(
        feed.house.post(path, body, key: key, headers: charset), route, "\(path) in UTF-16")
    }
  }

  // MARK: The story

  private func describe(_ feed: FeedHouse) throws {
    let shop = feed.house.shop
    try shop.submit(
      .saveSegment(
        SaveSegment(name: "Second", filter: .segment("segment:1"))))
    try shop.submit(
      .saveSegment(
        SaveSegment(
          name: "Third",
          filter: .entered(
            CohortName(partner: TestShop.partner, cohortID: "vip"),
            within: try #require(Period(seconds: 60))))))
    for _ in 1...3 {
      for kind in [CampaignKind.campaign, .canvas] {
        try shop.submit(
          .saveCampaign(
            SaveCampaign(
              kind: kind, name: "Hello",
              audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil))))
      }
    }
    for number in 1...3 {
      let launched = feed.house.post(
        "/campaigns/launch", #"{"campaign_id":"campaign:3"}"#, key: feed.key,
        headers: [("idempotency-key", "send-\(number)")])
      #expect(launched.status == 201)
    }
  }

  private static func path(of route: Route) -> String {
    route.pattern.replacing("{partner}", with: "hightouch").replacing("{cohort_id}", with: "vip")
      .replacing("{id}", with: "key:3").replacing("{send_id}", with: "send:3")
      .replacing("{position}", with: "8").replacing("{path}", with: "index.html")
  }

  /// Targets, with the status that each is answered with.
  private static func questions(of route: Route) -> [(String, Int)] {
    let path = path(of: route)
    func with(_ queries: [String]) -> [(String, Int)] { queries.map { (path + "?" + $0, 200) } }
    switch route.kind {
    case .segmentDetails, .segmentVersions, .segmentMembers:
      return with(["segment_id=segment:3"]) + [(path, 400), (path + "?segment_id=segment:9", 404)]
    case .segmentSeries: return with(["segment_id=segment:1&length=3"]) + [(path, 400)]
    case .campaignDetails: return with(["campaign_id=campaign:3"]) + [(path, 400)]
    case .canvasDetails: return with(["canvas_id=canvas:3"]) + [(path, 400)]
    case .cohortDiff: return with(["from=4&to=9"]) + [(path, 400)]
    case .cohortSizes:
      return with(["from=2026-01-01T00:00:00Z&points=2"])
    case .user, .userHistory:
      return with(["external_id=cem", "user=1"]) + [(path, 400), (path + "?external_id=x", 404)]
    case .why, .prove:
      let cohort = "partner=hightouch&cohort_id=vip"
      return with(["external_id=cem&\(cohort)"]) + [(path, 400)]
    case .dependants: return with(["cohort=hightouch/vip", "segment=segment:1"]) + [(path, 400)]
    case .treeInclusion: return with(["position=3", "position=3&size=5"]) + [(path, 400)]
    case .treeConsistency: return with(["from=3&to=9"]) + [(path, 400)]
    case .session: return [(path, 401)]
    case .events: return with(["limit=1000", "identifiers=none"])
    default: return [(path, 200)]
    }
  }

  // MARK: Holding an answer against its description

  private func example(_ route: Route) throws -> String {
    let content = try #require(
      operation(route)["requestBody"]?["content"]?.members.first { _ in true }?.value)
    let example = try #require(content["example"])
    return String(decoding: example.plain.bytes, as: UTF8.self)
  }

  private func operation(_ route: Route) throws -> JSONValue {
    try #require(
      checker.document["paths"]?[route.pattern]?[route.method.rawValue.lowercased()])
  }

  private func check(_ answer: TestAnswer, _ route: Route, _ what: String) throws {
    guard let described = try operation(route)["responses"]?["\(answer.status)"] else {
      Issue.record("\(route.kind), \(what): \(answer.status) is not described. \(answer.text)")
      return
    }
    let response = checker.resolved(described)
    let type = try #require(answer["Content-Type"]).prefix { $0 != ";" }
    let content = try #require(
      response["content"]?[String(type)], "\(route.kind), \(what): \(type)")
    let schema = try #require(content["schema"])
    let values: [[UInt8]] =
      switch type {
      case "application/json": [answer.body]
      case "application/x-ndjson": answer.body.split(separator: 0x0A).map(Array.init)
      default: []
      }
    for value in values {
      let json = try JSONDocument(parsing: value).root
      let faults = checker.faults(json, schema) + checker.unnamed(json, [schema])
      #expect(
        faults.isEmpty,
        "\(route.kind), \(what): \(faults) in \(String(decoding: value.prefix(600), as: UTF8.self))"
      )
    }
    for name in response["headers"]?.names ?? [] where name == "Ledger-Position" {
      #expect(answer[name] != nil)
    }
  }
}
