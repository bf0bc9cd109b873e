import CohortModel
import CohortWire
import Testing

@Suite struct `Answers to questions` {
  private static let cohort = CohortName(partner: "hightouch", cohortID: "v/ip")
  private static let named = "\"partner\":\"hightouch\",\"cohort_id\":\"v/ip\""
  private static let zero = Instant(microseconds: 0)
  private static let epoch = "1970-01-01T00:00:00Z"
  private static let at = AsOfShape(Position(41), zero)
  private static let atText = "{\"position\":41,\"time\":\"1970-01-01T00:00:00Z\"}"

  private static let users = [
    UserShape(
      user: UserID(17), externalID: PersonalText("customer-42"),
      aliases: [Alias(label: "email", name: "a@b")], devices: ["d1", "d2"]),
    UserShape(user: UserID(18), externalID: nil, aliases: [Alias](), devices: [Text]()),
    UserShape(user: UserID(19), externalID: .erased, isErased: true),
    UserShape(hidden: UserID(20)),
  ]
  private static let usersText = """
    [{"user":17,"external_id":"customer-42","aliases":[{"alias_label":"email","alias_name":"a@b"}],\
    "device_ids":["d1","d2"]},{"user":18,"external_id":null,"aliases":[],"device_ids":[]},\
    {"user":19,"external_id":null,"aliases":[],"device_ids":[],"erased":true},{"user":20}]
    """

  private func text(_ write: (inout JSONWriter) -> Void) throws -> String {
    var json = JSONWriter()
    write(&json)
    _ = try JSONDocument(parsing: json.bytes)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func `list members`() throws {
    let shape = MembersShape(cohort: Self.cohort, asOf: Self.at, count: 9, members: Self.users)
    let head = "{\(Self.named),\"as_of\":\(Self.atText),\"count\":9,\"members\":"
    #expect(try text { $0.members(shape) } == "\(head)\(Self.usersText)}")
    var page = shape
    (page.gone, page.next, page.members) = (2, "abc", [])
    #expect(try text { $0.members(page) } == "\(head)[],\"gone\":2,\"next\":\"abc\"}")
    page.asOf.cutsRequest = true
    #expect(try text { $0.members(page) }.contains("\"cuts_request\":true"))
  }

  @Test func `show differences and cohorts`() throws {
    let difference = DifferenceShape(
      cohort: Self.cohort, from: AsOfShape(Position(1), Self.zero), to: Self.at,
      added: Self.users, removed: [], gone: 0)
    #expect(
      try text { $0.difference(difference) }
        == "{\(Self.named),\"from\":{\"position\":1,\"time\":\"\(Self.epoch)\"},\"to\":\(Self.atText),\"added\":\(Self.usersText),\"removed\":[],\"gone\":0}"
    )
    var cohort = CohortShape(
      cohort: Self.cohort, name: "VIP", createdAt: nil, size: 3, lastChange: Position(9),
      isArchived: true)
    #expect(
      try text { $0.cohort(cohort) }
        == "{\(Self.named),\"name\":\"VIP\",\"created_at\":null,\"size\":3,\"last_change\":9,\"last_change_time\":null,\"archived\":true}"
    )
    (cohort.createdAt, cohort.lastChange, cohort.exists) = (Self.zero, nil, false)
    #expect(
      try text { $0.cohort(cohort) }
        == "{\(Self.named),\"name\":\"VIP\",\"created_at\":\"\(Self.epoch)\",\"size\":3,\"last_change\":null,\"last_change_time\":null,\"archived\":true,\"exists\":false}"
    )
  }

  @Test func `show a user with all it was in, and all it became`() throws {
    var user = Self.users[0]
    user.deprecatedIDs = [PersonalText("old")]
    let rows: [(UserStatus, String)] = [
      (.active, "\"status\":\"active\""), (.absent, "\"status\":\"absent\""),
      (.deleted(at: Position(7)), "\"status\":\"deleted\",\"until\":7"),
      (
        .merged(into: UserID(3), at: Position(7)),
        "\"status\":\"merged\",\"merged_into\":3,\"until\":7"
      ),
    ]
    for (status, shown) in rows {
      let shape = UserAsOfShape(
        user: user, status: status, asOf: Self.at, cohorts: [(Self.cohort, "VIP")],
        segments: [(SegmentID(3), "Buyers")], merged: [UserID(2)])
      #expect(
        try text { $0.user(shape) } == """
          {"as_of":\(Self.atText),"user":17,"external_id":"customer-42","deprecated_external_ids":["old"],\
          "aliases":[{"alias_label":"email","alias_name":"a@b"}],"device_ids":["d1","d2"],\(shown),\
          "merged_users":[2],"cohorts":[{\(Self.named),"name":"VIP"}],\
          "segments":[{"segment_id":"segment:3","name":"Buyers"}]}
          """)
    }
    #expect(
      try text { json in
        json.object {
          $0.bearers([
            BearerShape(user: UserID(1), role: .primary, from: Position(2), until: Position(3)),
            BearerShape(user: UserID(4), role: .merged, from: Position(5), until: nil),
          ])
        }
      }
        == "{\"bearers\":[{\"user\":1,\"role\":\"primary\",\"from\":2,\"until\":3},{\"user\":4,\"role\":\"merged\",\"from\":5,\"until\":null}]}"
    )
  }

  @Test func `tell a history`() throws {
    var house = PartnerHouse()
    let names = Names(house.state)
    let entry = { (what: HistoryEntryShape.What) in
      HistoryEntryShape(
        position: Position(9), time: Self.zero, key: KeyID(0), user: UserID(4), what: what)
    }
    let head = "{\"position\":9,\"time\":\"\(Self.epoch)\",\"key\":\"key:0\",\"subject\":4,"
    for (direction, type) in [(Direction.entering, "entered"), (.leaving, "left")] {
      let shape = entry(.membership(Self.cohort, kind: "merge", direction))
      #expect(
        try text { $0.historyEntry(shape, names) }
          == "\(head)\"type\":\"\(type)\",\(Self.named),\"by\":\"merge\"}")
    }
    house.submit(.addAliases([AddAlias(externalID: "u1", alias: Alias(label: "l", name: "n"))]))
    let event = Event.identifierAdded(
      IdentifierAdded(user: UserID(2), identifier: .alias(label: "l", name: PersonalText("n"))))
    let position = house.state.position
    var shape = entry(.identity(event))
    shape.position = position
    #expect(
      try text { $0.historyEntry(shape, Names(house.state)) } == """
        {"position":\(position.rawValue),"time":"\(Self.epoch)","key":"key:0","subject":4,"type":"identifierAdded",\
        "user":{"user":2,"external_id":"u1","aliases":[{"alias_label":"l","alias_name":"n"}]},\
        "identifier":{"alias_label":"l","alias_name":"n"}}
        """)
  }

  @Test func `give a reason for every leaf`() throws {
    let event = ReasonEventShape(
      position: Position(5), request: Position(6), time: Self.zero, key: KeyID(3), user: UserID(17))
    var anonymous = event
    anonymous.user = nil
    let shown = "\"position\":5,\"request\":6,\"time\":\"\(Self.epoch)\",\"key\":\"key:3\""
    let shownUser = "{\(shown),\"user\":17}"
    let rows: [(ReasonShape.Finding, String)] = [
      (
        .member(merges: [event], origins: [event, event]),
        "\"finding\":\"member\",\"merges\":[\(shownUser)],\"origins\":[\(shownUser),\(shownUser)]"
      ),
      (.neverSent, "\"finding\":\"never_sent\""), (.unmatched, "\"finding\":\"unmatched\""),
      (.removed(event), "\"finding\":\"removed\",\"by\":[\(shownUser)]"),
      (.leftByDeletion(event), "\"finding\":\"left_by_deletion\",\"by\":[\(shownUser)]"),
      (
        .mergedInto(UserID(3), event),
        "\"finding\":\"merged_into\",\"merged_into\":3,\"by\":[\(shownUser)]"
      ),
      (.cohortDidNotExist, "\"finding\":\"cohort_did_not_exist\""),
    ]
    let names = Names(LedgerState(hashSeed: 1))
    for (finding, text) in rows {
      let reason = ReasonShape(cohort: Self.cohort, finding: finding)
      #expect(
        try self.text { $0.reason(reason, names) } == "{\(Self.named),\(text),\"mentions\":[]}")
    }
    let mention = ReasonShape.Mention(
      event: anonymous, identifier: .externalID(PersonalText("x")), reason: .identified,
      direction: .leaving)
    let reason = ReasonShape(cohort: Self.cohort, finding: .unmatched, mentions: [mention])
    let reasonText =
      "{\(Self.named),\"finding\":\"unmatched\",\"mentions\":[{\(shown),\"identifier\":{\"external_id\":\"x\"},\"outcome\":\"identified\",\"should_remove\":true}]}"
    #expect(try text { $0.reason(reason, names) } == reasonText)

    let leaf = WhyShape.leaf(false, .includes(partner: "hightouch", ["v/ip"]), [reason])
    let leafText =
      "{\"kind\":\"leaf\",\"filter\":{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"v/ip\"]}},\"reasons\":[\(reasonText)],\"holds\":false}"
    let tree = WhyShape.and(
      false,
      [
        .not(true, leaf), .or(false, [leaf]), .segment(false, SegmentID(3), name: "N", leaf),
        .segment(false, SegmentID(3), name: "N", nil),
      ])
    let answer = WhyAnswerShape(user: Self.users[1], asOf: Self.at, tree: tree)
    #expect(
      try text { $0.why(answer, names) } == """
        {"user":{"user":18,"external_id":null,"aliases":[],"device_ids":[]},"as_of":\(Self.atText),"holds":false,\
        "tree":{"kind":"and","parts":[{"kind":"not","parts":[\(leafText)],"holds":true},\
        {"kind":"or","parts":[\(leafText)],"holds":false},\
        {"kind":"segment","segment_id":"segment:3","name":"N","parts":[\(leafText)],"holds":false},\
        {"kind":"segment","segment_id":"segment:3","name":"N","parts":[],"holds":false}],"holds":false}}
        """)
    let nobody = WhyAnswerShape(user: nil, asOf: Self.at, tree: leaf)
    #expect(try text { $0.why(nobody, names) }.hasPrefix("{\"user\":null,"))
  }

  @Test func `list keys and partners`() throws {
    let house = PartnerHouse()
    let state = house.state
    let names = Names(state)
    func key(_ label: String, _ number: Int) throws -> String {
      let id = KeyID(UInt32(number))
      return try text {
        $0.key(state.keys[id], usage: state.keys.usage[number], now: PartnerHouse.now, names)
      }
    }
    let all = try (1...state.keys.records.count).map { try key("", $0) }
    #expect(
      all[1] == """
        {"key_id":"key:2","kind":"data-import","partner":"hightouch","label":"warehouse","permissions":[],\
        "networks":[],"expires_at":null,"status":"live","issued":{"position":3,"time":"1970-01-01T00:16:40Z"},\
        "issued_by":"key:0","invalidated_at":null,"writes":0,"last_write":null}
        """)
    #expect(
      all.contains {
        $0.contains("\"status\":\"invalidated\"") && !$0.contains("\"invalidated_at\":null")
      })
    #expect(
      all.contains {
        $0.contains("\"status\":\"expired\",")
          && $0.contains("\"expires_at\":\"1970-01-01T00:16:40Z\"")
      })
    #expect(all.contains { $0.contains("\"networks\":[\"10.0.0.0/8\"]") })
    #expect(
      all.contains {
        $0.contains("\"partner\":null") && $0.contains("\"permissions\":[\"users.track\",")
      })
    let operators = try text {
      $0.partner(state.partners[PartnerID(1)], keys: [KeyID(1), KeyID(2)], cohortCount: 1)
    }
    #expect(
      operators == """
        {"partner":"hightouch","display_name":"Hightouch","enabled":true,"learns":false,\
        "endpoint":"/partners/hightouch/cohorts","keys":["key:1","key:2"],"cohorts":1}
        """)
    let closed = try text { $0.partner(state.partners[PartnerID(3)], keys: [], cohortCount: 0) }
    #expect(closed.contains("\"enabled\":false"))
  }

  @Test func `show a request as it was recorded`() throws {
    var house = PartnerHouse()
    let cohort = CohortName(partner: "hightouch", cohortID: "c")
    let buffer = Array("u1u2no".utf8)
    let range = { (start: UInt32) in TextRange(start: start, count: 2) }
    house.submit(
      .changeMembers(
        ChangeMembers(
          cohort: cohort, buffer: buffer,
          changes: [
            .init(shouldRemove: false, userIDs: [range(0), range(2), range(4)]),
            .init(shouldRemove: true, userIDs: [range(2), range(2)]),
          ])))
    let last = house.state.position
    let first = Position(last.rawValue - UInt64(house.draft.events.count) + 1)
    let recorded = house.draft.events.enumerated().map { offset, event in
      Recorded(
        position: first.advanced(by: offset), time: Self.zero, key: KeyID(0), request: last,
        event: event)
    }
    let json = try text { json in
      json.object { $0.requestHead(recorded, Names(house.state)) }
    }
    #expect(
      json == """
        {"request":\(last.rawValue),"time":"\(Self.epoch)","key":"key:0","partner":"hightouch","cohort_id":"c",\
        "counts":{"added":2,"already_member":0,"removed":1,"not_member":1,"unknown":1,"identified":0,"merged":0},\
        "added":[{"user":2,"external_id":"u1"},{"user":3,"external_id":"u2"}],"removed":[{"user":3,"external_id":"u2"}],\
        "unmatched":[{"identifier":{"external_id":"no"},"outcome":"unknown"}]}
        """)
  }

  @Test func `report the state of the house`() throws {
    var status = StatusShape(
      condition: "writable", ledger: "0a", asOf: Self.at, requests: 9, users: 3, cohorts: 2,
      treeSize: 41, root: .zero, logBytes: 8192)
    let root = String(repeating: "0", count: 64)
    #expect(
      try text { $0.status(status) } == """
        {"condition":"writable","ledger":"0a","as_of":\(Self.atText),"epoch":null,"requests":9,"users":3,"cohorts":2,\
        "tree":{"size":41,"root":"\(root)"},"log_bytes":8192,"free_bytes":null,"last_verify":null,"last_scrub":null,\
        "clock_lead_microseconds":0,"replicas":[],"replica":null,"sync_runs":[]}
        """)
    status.epoch = "1-ff"
    status.freeBytes = 7
    status.lastVerify = .init(time: Self.zero, position: Position(41), findings: 0)
    status.lastScrub = .init(time: Self.zero, position: nil, findings: 2)
    status.replicas = [
      .init(key: KeyID(3), name: "b", position: Position(40), lastSeen: Self.zero)
    ]
    status.replica = .init(
      leader: "http://a", leaderPosition: Position(44), lagPositions: 3,
      lagMicroseconds: 2_600_000, heard: Self.zero)
    status.syncRuns = [["run": 1]]
    let full = try text { $0.status(status) }
    #expect(
      full.contains(
        """
        "last_verify":{"time":"\(Self.epoch)","position":41,"findings":0},\
        "last_scrub":{"time":"\(Self.epoch)","position":null,"findings":2}
        """))
    #expect(full.contains("\"epoch\":\"1-ff\"") && full.contains("\"free_bytes\":7"))
    #expect(
      full.contains(
        """
        "replicas":[{"key":"key:3","name":"b","position":40,"last_seen":"\(Self.epoch)"}],\
        "replica":{"leader":"http://a","leader_position":44,"lag_positions":3,"lag_seconds":2,\
        "heard":"\(Self.epoch)"},"sync_runs":[{"run":1}]
        """))
  }
}
