import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

/// Many clients at once.
@Suite struct `Fifty clients` {
  /// Sends the same request from fifty threads at once.
  private static func send(_ path: String, _ body: String, _ visitor: Visitor, key: String)
    throws -> [TestAnswer]
  {
    let answers = Monitor<[TestAnswer]>([])
    let hasBegun = Monitor(false)
    let threads = try (1...50).map { _ in
      try Thread("client") {
        _ = hasBegun.wait { $0 ? true : nil }
        let answer = visitor.send(.post, path, key: key, body: Array(body.utf8))
        answers.change { $0.append(answer) }
      }
    }
    hasBegun.change { $0 = true }
    for thread in threads { thread.join() }
    return answers.look { $0 }
  }

  @Test func `that expect one version have one winner, and the others are told`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.push("vip", add: ["a"])
    let filter = #"{"cohorts":{"partner":"hightouch","includes":["vip"]}}"#
    house.post("/segments/create", #"{"name":"S","filter":\#(filter)}"#, key: key)
    house.post(
      "/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#, key: key)
    for version in 1...8 {
      for subject in ["segment", "campaign"] {
        let answers = try Self.send(
          "/\(subject)s/update",
          #"{"\#(subject)_id":"\#(subject):1","name":"N\#(version)","expected_version":\#(version)}"#,
          house.visitor, key: key)
        #expect(answers.count { $0.status == 201 } == 1)
        #expect(answers.count { $0.status == 409 } == 49)
        #expect(answers.allSatisfy { $0.number("version") == version + 1 })
      }
    }
  }

  @Test func `that learn a key have one winner`() throws {
    let house = try TestHouse()
    let key = try house.key()
    house.post("/ledger/partners", #"{"partner":"segment","learn":true}"#, key: key)
    let issued = house.post(
      "/ledger/keys", #"{"kind":"data-import","partner":"segment","label":"x"}"#, key: key)
    let secret = try #require(issued.string("secret"))
    func body(_ partnerKey: String) -> String {
      PartnerRequest.changing.with("partner_api_key", "\"\(partnerKey)\"")
        .with("client_secret", "\"\(secret)\"").body
    }
    let answers = try Self.send(
      "/partners/segment/cohorts/users", body("theirs"), house.visitor, key: key)
    #expect(answers.allSatisfy { $0.status == 201 })
    let learned = house.shop.ledger.now.state.keys.records.filter { $0.issued.label == "learned" }
    #expect(learned.count == 1)
    #expect(house.post("/partners/segment/cohorts/users", body("others")).status == 401)
  }

  @Test func `that send one idempotency key record once`() throws {
    let house = try TestHouse()
    let key = try house.key()
    let (visitor, answers) = (house.visitor, Monitor<[TestAnswer]>([]))
    let body = Array(#"{"kind":"rest","label":"app"}"#.utf8)
    let threads = try (1...50).map { _ in
      try Thread("client") {
        let answer = visitor.send(
          .post, "/ledger/keys", key: key, headers: [("idempotency-key", "once")], body: body)
        answers.change { $0.append(answer) }
      }
    }
    for thread in threads { thread.join() }
    let all = answers.look { $0 }
    #expect(Set(all.map(\.status)) == [201])
    #expect(Set(all.map { $0.string("key_id") }).count == 1)
    #expect(all.count { $0.json?["secret"]?.isNull == false } == 1)
    #expect(all.count { $0["Idempotency-Replayed"] == "true" } == 49)
  }
}
