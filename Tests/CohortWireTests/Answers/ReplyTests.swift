import CohortModel
import CohortWire
import Testing

@Suite struct `The answer to a write` {
  private func request(_ path: String, _ body: String) throws -> WriteRequest {
    try WriteRequest(
      Routes.find(.post, path).get(), body: JSONValue(body: Array(body.utf8)), wantsResults: true)
  }

  private func reply(
    _ path: String, _ body: String, _ answer: Answer, secret: String? = nil,
    frozen: FreezeAudience? = nil, erasure: ErasureShape? = nil
  ) throws -> String {
    let names = Names(
      user: { user, _ in UserShape(user: user, externalID: PersonalText("id-\(user.rawValue)")) },
      identifier: { _ in nil }, partner: { Text($0.description) },
      cohort: { CohortName(partner: "p", cohortID: Text($0.description)) },
      segment: { segment, _ in segment == SegmentID(1) ? "One" : nil },
      campaign: { campaign, _ in Text("Campaign \(campaign.number)") })
    let reply = try request(path, body).reply(
      answer, at: Position(41),
      ReplyContext(
        names: names, secret: secret.map { Array($0.utf8) }, frozen: frozen, erasure: erasure))
    let text = "\(reply.status) \(reply.text)\(reply.isReplayed ? " again" : "")"
    #expect((try? JSONValue(body: reply.body)) != nil, "\(text)")
    return text
  }

  private static let imported = """
    {"cohort_id":"vip","cohort_changes":[{"user_ids":["a","b\\"\\u00e9"],"device_ids":["d"]},{"user_ids":[]},
    {"aliases":{"alias_name":"n","alias_label":"l"},"should_remove":true}]}
    """

  @Test func `of part 1 counts outcomes, and lists them if they are wanted`() throws {
    var counts = OutcomeCounts()
    for (index, outcome) in Outcome.allCases.enumerated() { counts[outcome] = index + 1 }
    let outcomes =
      "{\"added\":1,\"already_member\":2,\"removed\":3,\"not_member\":4,\"unknown\":5,\"identified\":6,\"merged\":7}"
    let results = [
      IdentifierResult(change: 0, outcome: .added, survivor: nil),
      IdentifierResult(change: 0, outcome: .merged, survivor: UserID(17)),
      IdentifierResult(change: 0, outcome: .identified, survivor: nil),
      IdentifierResult(change: 2, outcome: .notMember, survivor: nil),
    ]
    let path = "/partners/p/cohorts/users"
    #expect(
      try reply(path, Self.imported, .changedMembers(counts, results))
        == """
        201 {"message":"success","outcomes":\(outcomes),"results":[\
        {"change":0,"user_id":"a","outcome":"added"},\
        {"change":0,"user_id":"b\\"\u{E9}","outcome":"merged","survivor":{"user":17,"external_id":"id-17"}},\
        {"change":0,"device_id":"d","outcome":"identified"},\
        {"change":2,"alias":{"alias_name":"n","alias_label":"l"},"outcome":"not_member"}],"position":41}
        """)
    let unwanted = try WriteRequest(
      Routes.find(.post, path).get(), body: JSONValue(body: Array(Self.imported.utf8)))
    #expect(
      unwanted.reply(
        .changedMembers(counts, []), at: Position(41),
        ReplyContext(names: Names(LedgerState(hashSeed: 1)))
      )
      .text == "{\"message\":\"success\",\"outcomes\":\(outcomes),\"position\":41}")
    #expect(
      try reply(
        "/partners/p/cohorts", "{\"cohort_id\":\"c\",\"name\":\"N\",\"created_at\":\"2026-11-21\"}",
        .done)
        == "201 {\"message\":\"success\",\"position\":41}")
  }

  @Test func `of part 1 spells every outcome of every change behind its external id`() throws {
    let ids = ["a", "b\\\"", "\\u0001", "\u{E9}", "a longer one, of thirty-two bytes"]
    let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
    let changes = Outcome.allCases.map { _ in "{\"user_ids\":[\(list)]}" }
    let body = "{\"cohort_id\":\"vip\",\"cohort_changes\":[\(changes.joined(separator: ","))]}"
    let results = Outcome.allCases.enumerated().flatMap { change, outcome in
      ids.map { _ in IdentifierResult(change: change, outcome: outcome, survivor: nil) }
    }
    let expected = Outcome.allCases.enumerated().flatMap { change, outcome in
      ids.map { "{\"change\":\(change),\"user_id\":\"\($0)\",\"outcome\":\"\(outcome.name)\"}" }
    }
    let text = try reply(
      "/partners/p/cohorts/users", body, .changedMembers(OutcomeCounts(), results))
    #expect(text.contains("\"results\":[\(expected.joined(separator: ","))],\"position\":41}"))
  }

  @Test func `of batches has the name of its endpoint`() throws {
    let errors = [ItemError(index: 1, refusal: .aliasTaken)]
    let error = "{\"type\":\"the new alias is taken\",\"input_array\":\"ARRAY\",\"index\":1}"
    let alias = "{\"alias_name\":\"a\",\"alias_label\":\"l\"}"
    let identifiers =
      "{\"identifier_to_merge\":{\"external_id\":\"a\"},\"identifier_to_keep\":{\"external_id\":\"b\"}}"
    for (path, array, item, status, key) in [
      ("/users/track", "attributes", "{\"external_id\":\"a\"}", 201, "attributes_processed"),
      ("/users/alias/new", "user_aliases", alias, 201, "aliases_processed"),
      (
        "/users/alias/update", "alias_updates",
        "{\"alias_label\":\"l\",\"old_alias_name\":\"a\",\"new_alias_name\":\"b\"}", 201,
        "aliases_processed"
      ),
      (
        "/users/identify", "aliases_to_identify", "{\"external_id\":\"e\",\"user_alias\":\(alias)}",
        201, "aliases_processed"
      ),
      ("/users/merge", "merge_updates", identifiers, 202, "merges_processed"),
    ] {
      let body = "{\"\(array)\":[\(item),\(item),\(item)]}"
      #expect(
        try reply(path, body, .items(processed: 3, errors: []))
          == "\(status) {\"message\":\"success\",\"\(key)\":3,\"position\":41}")
      #expect(
        try reply(path, body, .items(processed: 2, errors: errors))
          == "\(status) {\"message\":\"success\",\"\(key)\":2,\"errors\":[\(error.replacing("ARRAY", with: array))],\"position\":41}"
      )
    }
  }

  @Test func `of renames and removals lists what was done and what was not`() throws {
    let renames = """
      {"external_id_renames":[{"current_external_id":"a","new_external_id":"b"},{"new_external_id":7},
      {"current_external_id":"c","new_external_id":"d"},{"current_external_id":"e","new_external_id":"f"}]}
      """
    #expect(
      try reply(
        "/users/external_ids/rename", renames,
        .items(processed: 2, errors: [ItemError(index: 1, refusal: .externalIDTaken)]))
          == """
          201 {"message":"success","external_ids":["b","f"],"rename_errors":[\
          [1,"'current_external_id' is required"],[2,"the external id is taken"]],"position":41}
          """)
    #expect(
      try reply(
        "/users/external_ids/remove", "{\"external_ids\":[\"a\",\"b\",\"c\"]}",
        .items(processed: 2, errors: [ItemError(index: 0, refusal: .notDeprecated)]))
          == """
          201 {"message":"success","removed_ids":["b","c"],\
          "removal_errors":[[0,"the external id is primary; rename it first"]],"position":41}
          """)
  }

  @Test func `of deletions says who went`() throws {
    let users = [
      DeletedUser(user: UserID(3), externalID: "a"), DeletedUser(user: UserID(4), externalID: nil),
    ]
    let body =
      "{\"external_ids\":[\"a\",\"x\"],\"user_aliases\":[{\"alias_name\":\"n\",\"alias_label\":\"l\"}]}"
    #expect(
      try reply(
        "/users/delete", body,
        .deletedUsers(users, errors: [ItemError(index: 1, refusal: .unknownUser)]))
          == """
          201 {"message":"success","deleted":2,"users":[{"user":3,"external_id":"a"},{"user":4,"external_id":null}],\
          "errors":[{"type":"no user bears this identifier","input_array":"external_ids","index":1}],"position":41}
          """)
    let receipt = ErasureShape(
      user: UserID(3), position: Position(40), time: Instant(microseconds: 1), textCount: 2,
      treeSize: 41, root: Digest(0, 0, 0, 1), earlierBearers: [UserID(1)], notReached: ["backups"])
    let shown = """
      "receipt":{"user":3,"position":40,"time":"1970-01-01T00:00:00.000001Z","texts":2,\
      "tree":{"size":41,"root":"\(String(repeating: "0", count: 63))1"},"earlier_bearers":[1],\
      "repeated":false,"does_not_reach":["backups"]}
      """
    #expect(
      try reply(
        "/users/delete", "{\"external_ids\":[\"a\"],\"erase\":true}",
        .deletedUsers([users[0]], errors: []),
        erasure: receipt)
        == "201 {\"message\":\"success\",\"deleted\":1,\"users\":[{\"user\":3,\"external_id\":\"a\"}],\(shown),\"position\":41}"
    )
    #expect(
      try reply(
        "/ledger/erase", "{\"external_id\":\"a\"}",
        .erasedUser(UserID(3), texts: [], earlierBearers: [UserID(1)]), erasure: receipt)
        == "201 {\"message\":\"success\",\(shown),\"position\":41}")
  }

  @Test func `of keys and partners shows a secret once`() throws {
    let key = "{\"kind\":\"rest\",\"label\":\"x\"}"
    #expect(
      try reply("/ledger/keys", key, .issuedKey(KeyID(3)), secret: "rk-1")
        == "201 {\"message\":\"success\",\"key_id\":\"key:3\",\"secret\":\"rk-1\",\"position\":41}")
    #expect(
      try reply("/ledger/keys", key, .issuedKey(KeyID(3)))
        == "201 {\"message\":\"success\",\"key_id\":\"key:3\",\"secret\":null,\"position\":41}")
    let partner = "{\"partner\":\"hightouch\"}"
    #expect(
      try reply(
        "/ledger/partners", partner, .enabledPartner(PartnerID(1), KeyID(4)), secret: "pk-1")
        == "201 {\"message\":\"success\",\"partner\":\"hightouch\",\"key_id\":\"key:4\",\"partner_api_key\":\"pk-1\",\"position\":41}"
    )
    #expect(
      try reply("/ledger/partners", partner, .enabledPartner(PartnerID(1), nil))
        == "201 {\"message\":\"success\",\"partner\":\"hightouch\",\"key_id\":null,\"partner_api_key\":null,\"position\":41}"
    )
  }

  @Test func `of definitions and launches names them`() throws {
    let filter = "{\"segment\":\"segment:1\"}"
    #expect(
      try reply(
        "/segments/create", "{\"name\":\"N\",\"filter\":\(filter)}",
        .savedSegment(SegmentID(3), version: 2))
        == "201 {\"message\":\"success\",\"segment_id\":\"segment:3\",\"version\":2,\"position\":41}"
    )
    for (path, kind) in [("campaigns", CampaignKind.campaign), ("canvas", .canvas)] {
      let reference = CampaignReference(kind: kind, number: 2)
      #expect(
        try reply("/\(path)/create", "{\"name\":\"N\"}", .savedCampaign(reference, version: 5))
          == "201 {\"message\":\"success\",\"\(kind.idKey)\":\"\(reference)\",\"version\":5,\"position\":41}"
      )
      let frozen = FreezeAudience(
        campaign: reference, version: 5, position: Position(40), instant: Instant(microseconds: 0),
        segments: [], audience: Audience(segments: [SegmentID(1)], filter: nil), size: 7,
        digest: Digest(1, 0, 0, 0))
      #expect(
        try reply(
          "/\(path)/launch", "{\"\(kind.idKey)\":\"\(reference)\"}", .frozeAudience(SendID(4)),
          frozen: frozen)
          == "201 {\"message\":\"success\",\"send_id\":\"send:4\",\"size\":7,\"digest\":\"\(Digest(1, 0, 0, 0))\",\"position\":41}"
      )
    }
    #expect(
      try reply(
        "/ledger/cohorts/p/c/archive", "{}",
        .archived(
          Dependants(
            segments: [SegmentID(1), SegmentID(2)],
            campaigns: [
              CampaignReference(kind: .canvas, number: 1),
              CampaignReference(kind: .campaign, number: 2),
            ])))
          == """
          201 {"message":"success","dependants":{"segments":[{"id":"segment:1","name":"One"},{"id":"segment:2","name":null}],\
          "campaigns":[{"id":"campaign:2","name":"Campaign 2"}],"canvases":[{"id":"canvas:1","name":"Campaign 1"}]},"position":41}
          """)
  }

  @Test func `of a users import has line numbers`() throws {
    let request = WriteRequest.usersImport
    let answer = Answer.importedUsers(
      created: 2, completed: 1, unchanged: 3,
      refused: [ItemError(index: 7, refusal: .severalUsers([UserID(1), UserID(2)]))])
    #expect(
      request.reply(answer, at: Position(41), ReplyContext(names: Names(LedgerState(hashSeed: 1))))
        .text
          == """
          {"message":"success","created":2,"completed":1,"unchanged":3,"refused":[\
          {"line":7,"type":"the identifiers belong to different users: user:1, user:2"}],"position":41}
          """)
  }

  // MARK: Repeated idempotency keys

  private func again(_ path: String, _ body: String, _ answer: Answer, status: UInt16 = 201) throws
    -> String
  {
    let receipt = Receipt(
      key: PersonalText("k"), fingerprint: PersonalText("f"), status: status,
      answer: answer.receiptText)
    return try reply(path, body, .repeated(receipt, Position(9)), secret: "never")
  }

  @Test func `that was given before holds the same counts, and no secret and no text`() throws {
    var counts = OutcomeCounts()
    counts[.added] = 5
    counts[.merged] = 2
    #expect(
      try again("/partners/p/cohorts/users", Self.imported, .changedMembers(counts, []))
        == "201 {\"message\":\"success\",\"outcomes\":{\"added\":5,\"already_member\":0,\"removed\":0,\"not_member\":0,\"unknown\":0,\"identified\":0,\"merged\":2},\"position\":9} again"
    )
    let alias = "{\"user_aliases\":[{\"alias_name\":\"a\",\"alias_label\":\"l\"}]}"
    #expect(
      try again("/users/alias/new", alias, .items(processed: 1, errors: []))
        == "201 {\"message\":\"success\",\"aliases_processed\":1,\"position\":9} again")
    let merge =
      "{\"merge_updates\":[{\"identifier_to_merge\":{\"external_id\":\"a\"},\"identifier_to_keep\":{\"external_id\":\"b\"}}]}"
    #expect(
      try again("/users/merge", merge, .items(processed: 1, errors: []), status: 202)
        == "202 {\"message\":\"success\",\"merges_processed\":1,\"position\":9} again")
    // All of them stood, so the body says which.
    #expect(
      try again(
        "/users/external_ids/remove", "{\"external_ids\":[\"a\",\"b\"]}",
        .items(processed: 2, errors: []))
        == "201 {\"message\":\"success\",\"removed_ids\":[\"a\",\"b\"],\"removal_errors\":[],\"position\":9} again"
    )
    for body in ["{\"external_ids\":[\"a\",\"b\",\"c\"]}", "{\"external_ids\":[\"a\",\"b\",7]}"] {
      #expect(
        try again(
          "/users/external_ids/remove", body,
          .items(processed: body.contains("7") ? 2 : 1, errors: []))
          == "201 {\"message\":\"success\",\"removed_ids\":null,\"removal_errors\":null,\"position\":9} again"
      )
    }
    #expect(
      try again(
        "/users/delete", "{\"external_ids\":[\"a\"]}",
        .deletedUsers([DeletedUser(user: UserID(1), externalID: "a")], errors: []))
        == "201 {\"message\":\"success\",\"deleted\":1,\"users\":null,\"position\":9} again")
    #expect(
      try again("/ledger/keys", "{\"kind\":\"rest\",\"label\":\"x\"}", .issuedKey(KeyID(3)))
        == "201 {\"message\":\"success\",\"key_id\":\"key:3\",\"secret\":null,\"position\":9} again"
    )
    for (key, shown) in [(KeyID(4), "\"key:4\""), (nil, "null")] {
      #expect(
        try again("/ledger/partners", "{\"partner\":\"p\"}", .enabledPartner(PartnerID(1), key))
          == "201 {\"message\":\"success\",\"partner\":\"p\",\"key_id\":\(shown),\"partner_api_key\":null,\"position\":9} again"
      )
    }
    #expect(
      try again("/segments/create", "{}", .savedSegment(SegmentID(3), version: 2))
        == "201 {\"message\":\"success\",\"segment_id\":\"segment:3\",\"version\":2,\"position\":9} again"
    )
    for kind in CampaignKind.allCases {
      let reference = CampaignReference(kind: kind, number: 7)
      #expect(
        try again("/canvas/create", "{}", .savedCampaign(reference, version: 2))
          == "201 {\"message\":\"success\",\"\(kind.idKey)\":\"\(reference)\",\"version\":2,\"position\":9} again"
      )
    }
    #expect(
      try again("/canvas/launch", "{\"canvas_id\":\"canvas:1\"}", .frozeAudience(SendID(4)))
        == "201 {\"message\":\"success\",\"send_id\":\"send:4\",\"size\":null,\"digest\":null,\"position\":9} again"
    )
    #expect(
      try again("/ledger/cohorts/p/c/archive", "{}", .archived(Dependants()))
        == "201 {\"message\":\"success\",\"dependants\":null,\"position\":9} again")
    for answer in [Answer.done, .erasedUser(UserID(1), texts: [], earlierBearers: [])] {
      #expect(
        try again("/ledger/erase", "{\"user\":1}", answer)
          == "201 {\"message\":\"success\",\"position\":9} again")
    }
  }

  @Test func `is given from whatever words a log holds`() throws {
    for words in [
      "", " ", "changed", "changed -1 x", "items", "key 99999999999999999999", "campaign 7",
      "unheard of",
    ] {
      let receipt = Receipt(
        key: .erased, fingerprint: .erased, status: 201, answer: Text(words))
      let text = try reply("/users/track", "{\"events\":[{}]}", .repeated(receipt, Position(9)))
      #expect(text.hasPrefix("201 {\"message\":\"success\""))
    }
  }
}
