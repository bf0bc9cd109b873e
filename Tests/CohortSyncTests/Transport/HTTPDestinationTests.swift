import CohortModel
import CohortSync
import Testing

@Suite struct `A destination over HTTP` {
  /// 2026-11-21T12:00:00Z.
  private static let now = Instant(microseconds: 1_795_262_400_000_000)

  private func wait(_ status: Int, _ headers: [(name: String, value: String)]) throws -> Duration? {
    let web = WebScript { _ in WebAnswer(status: status, headers: headers) }
    let destination = HTTPDestination("http://ledger", web) { Self.now }
    let request = DestinationRequest(path: "/p", body: [], wantsResults: false)
    return try destination.send(request).retryAfter
  }

  @Test func `sends the keys in the body alone, and asks for results by a header`() throws {
    let web = WebScript { _ in WebAnswer(status: 201, body: [1, 2]) }
    let destination = HTTPDestination("https://ledger/base", web) { Self.now }
    for wantsResults in [false, true] {
      let parcel = parcel(adding: ["a"], wantsResults: wantsResults)
      let request = parcel.request(.changes(isRemoval: false, 0..<1), Keys.both)
      #expect(try destination.send(request).body == [1, 2])
      let sent = try #require(web.seen.last)
      #expect(sent.method == "POST")
      #expect(sent.url == "https://ledger/base/partners/shop/cohorts/users")
      #expect(sent.headers.contains { $0.name == "Prefer" } == wantsResults)
      #expect(sent.headers.allSatisfy { !$0.value.contains("dik-") })
      #expect(
        String(decoding: sent.body, as: UTF8.self)
          == #"{"partner_api_key":"partner-key","client_secret":"dik-import","cohort_id":"vip","#
          + #""cohort_changes":[{"user_ids":["a"]}]}"#)
    }
  }

  @Test func `writes each kind of identifier as the contract has it`() {
    let removal = Letter.changes(isRemoval: true, 0..<2)
    func changes(_ kind: MatchKind) -> String {
      let request = parcel(removing: ["a", "b\""], kind: kind).request(removal, Keys.both)
      let text = String(decoding: request.body, as: UTF8.self)
      return String(text.drop { $0 != "[" }.dropFirst().dropLast(2))
    }
    #expect(changes(.externalID) == #"{"user_ids":["a","b\""],"should_remove":true}"#)
    #expect(changes(.device) == #"{"device_ids":["a","b\""],"should_remove":true}"#)
    #expect(
      changes(.alias(label: "email"))
        == #"{"aliases":[{"alias_name":"a","alias_label":"email"},"#
        + #"{"alias_name":"b\"","alias_label":"email"}],"should_remove":true}"#)
    let naming = parcel(named: true).request(.naming, Keys.both)
    #expect(naming.path == "/partners/shop/cohorts")
    #expect(
      String(decoding: naming.body, as: UTF8.self).hasSuffix(
        #""cohort_id":"vip","name":"Best","created_at":"1970-01-01T00:00:00Z"}"#))
  }

  @Test func `understands how long it is to wait`() throws {
    #expect(try wait(429, []) == nil)
    #expect(try wait(429, [("retry-after", "17")]) == .seconds(17))
    #expect(try wait(503, [("retry-after", "17")]) == .seconds(17))
    #expect(try wait(429, [("retry-after", "Sat, 21 Nov 2026 12:00:30 GMT")]) == .seconds(30))
    #expect(try wait(429, [("retry-after", "Sat, 21 Nov 2026 11:00:00 GMT")]) == .zero)
    #expect(try wait(429, [("x-ratelimit-reset", "1795262460")]) == .seconds(60))
    #expect(try wait(429, [("x-ratelimit-reset", "60")]) == .seconds(60))
    // The clock of the destination is an hour behind ours.
    let date = (name: "date", value: "Sat, 21 Nov 2026 11:00:00 GMT")
    #expect(try wait(429, [date, ("x-ratelimit-reset", "1795258810")]) == .seconds(10))
    // While a rate limit is on, every answer says when it begins anew.
    #expect(try wait(500, [("x-ratelimit-reset", "1795262460")]) == nil)
    for nonsense in ["", "-1", "soon", "1e3", "99999999999999999999", "Sat, 31 Feb 2026 1:1:1 GMT"]
    {
      #expect(try wait(429, [("retry-after", nonsense)]) == nil)
      #expect(try wait(429, [("x-ratelimit-reset", nonsense)]) == nil)
    }
  }
}
