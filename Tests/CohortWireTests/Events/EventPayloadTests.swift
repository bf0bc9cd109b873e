import CohortModel
import CohortWire
import Testing

@Suite struct `An event in JSON` {
  /// User n is known by `e<n>`; those from 50 have an alias and a device instead, 99 was erased.
  private static func names(showsPersonalTexts: Bool = true) -> Names {
    Names(
      at: .never, showsPersonalTexts: showsPersonalTexts,
      user: { user, position in
        let number = user.rawValue
        if number == 99 { return UserShape(user: user, externalID: .erased, isErased: true) }
        guard number >= 50 else {
          return UserShape(user: user, externalID: PersonalText("e\(number)@\(position.rawValue)"))
        }
        return UserShape(
          user: user,
          aliases: [Alias(label: "crm", name: Text("n\(number)"))].map {
            AliasShape(label: $0.label, name: PersonalText($0.name.bytes))
          }, devices: [PersonalText("d\(number)")])
      },
      identifier: {
        switch $0.rawValue {
        case 1: .externalID(PersonalText("old"))
        case 2: .alias(label: "crm", name: PersonalText("n"))
        case 3: .device(PersonalText("d"))
        case 4: .alias(label: "crm", name: .erased)
        default: nil
        }
      },
      partner: { $0 == PartnerID(1) ? "hightouch" : "segment" },
      cohort: { CohortName(partner: "hightouch", cohortID: Text("c\($0.rawValue)")) },
      segment: { _, _ in nil }, campaign: { _, _ in nil })
  }

  private func text(
    _ event: Event, showsPersonalTexts: Bool = true, request: Position = Position(43)
  ) -> String {
    var json = JSONWriter()
    json.event(
      Recorded(
        position: Position(42), time: Instant(microseconds: 1_500_000), key: KeyID(3),
        request: request, event: event,
        receipt: Receipt(
          key: PersonalText("secret-key"), fingerprint: PersonalText("secret-print"), status: 201,
          answer: "done")),
      epoch: "1-0a", names: Self.names(showsPersonalTexts: showsPersonalTexts))
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func expected(_ type: String, _ payload: String) -> String {
    "{\"position\":42,\"time\":\"1970-01-01T00:00:01.500000Z\",\"epoch\":\"1-0a\",\"request\":43,\"key\":\"key:3\",\"type\":\"\(type)\",\(payload)}"
  }

  private static let digest = Digest(0, 0, 0, 255)
  private static let digestText = String(repeating: "0", count: 62) + "ff"
  private static let filter = Filter.and([
    .includes([CohortID(1)]), .not(.memberAsOf(CohortID(2), .position(Position(7)))),
  ])
  private static let filterText =
    "{\"and\":[{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"c1\"]}},{\"not\":{\"member_as_of\":{\"partner\":\"hightouch\",\"cohort_id\":\"c2\",\"as_of\":\"#7\"}}}]}"
  private static let campaign = CampaignReference(kind: .campaign, number: 2)
  private static let canvas = CampaignReference(kind: .canvas, number: 5)
  private static let c1 = "\"partner\":\"hightouch\",\"cohort_id\":\"c1\""

  private static func saved(_ campaign: CampaignReference) -> Event {
    .campaignSaved(
      CampaignSaved(
        campaign: campaign, version: 2, name: "N", description: "D", tags: [],
        audience: Audience(segments: [SegmentID(1)], filter: filter)))
  }

  private static let savedText =
    "\"version\":2,\"name\":\"N\",\"description\":\"D\",\"tags\":[],\"audience\":{\"segments\":[\"segment:1\"],\"filter\":\(filterText)}"

  private static let rows: [(Event, String, String)] = [
    (
      .partnerEnabled(
        PartnerEnabled(
          partner: PartnerID(1), code: "hightouch", displayName: "High\u{E9}", learns: true)),
      "partnerEnabled", "\"partner\":\"hightouch\",\"display_name\":\"High\u{E9}\",\"learns\":true"
    ),
    (.partnerDisabled(PartnerID(2)), "partnerDisabled", "\"partner\":\"segment\""),
    (
      .keyIssued(
        KeyIssued(
          key: KeyID(4), kind: .rest, partner: nil, label: "L",
          permissions: Permissions([.ledgerRead, .usersTrack]),
          networks: [Network("10.0.0.0/8")].compactMap { $0 },
          expiresAt: Instant(microseconds: 0), digest: digest)),
      "keyIssued",
      "\"key_id\":\"key:4\",\"kind\":\"rest\",\"partner\":null,\"label\":\"L\",\"permissions\":[\"users.track\",\"ledger.read\"],\"networks\":[\"10.0.0.0/8\"],\"expires_at\":\"1970-01-01T00:00:00Z\""
    ),
    (
      .keyIssued(
        KeyIssued(
          key: KeyID(5), kind: .dataImport, partner: PartnerID(1), label: "L", permissions: [],
          networks: [], expiresAt: nil, digest: digest)),
      "keyIssued",
      "\"key_id\":\"key:5\",\"kind\":\"data-import\",\"partner\":\"hightouch\",\"label\":\"L\",\"permissions\":[],\"networks\":[],\"expires_at\":null"
    ),
    (.keyInvalidated(KeyID(4)), "keyInvalidated", "\"key_id\":\"key:4\""),
    (
      .userCreated(
        UserCreated(
          user: UserID(17),
          identifiers: [
            .externalID(PersonalText("a\"b")), .alias(label: "crm", name: PersonalText("n")),
            .device(.erased),
          ])),
      "userCreated",
      "\"user\":{\"user\":17,\"external_id\":\"e17@42\"},\"identifiers\":[{\"external_id\":\"a\\\"b\"},{\"alias_label\":\"crm\",\"alias_name\":\"n\"},{\"device_id\":null,\"erased\":true}]"
    ),
    (
      .identifierAdded(IdentifierAdded(user: UserID(51), identifier: .device(PersonalText("d51")))),
      "identifierAdded",
      "\"user\":{\"user\":51,\"aliases\":[{\"alias_label\":\"crm\",\"alias_name\":\"n51\"}],\"device_ids\":[\"d51\"]},\"identifier\":{\"device_id\":\"d51\"}"
    ),
    (
      .identifierRemoved(IdentifierRemoved(user: UserID(17), identifier: IdentifierID(4))),
      "identifierRemoved",
      "\"user\":{\"user\":17,\"external_id\":\"e17@42\"},\"identifier\":{\"alias_label\":\"crm\",\"alias_name\":null,\"erased\":true}"
    ),
    (
      .externalIDRenamed(
        ExternalIDRenamed(
          user: UserID(17), deprecated: IdentifierID(1), primary: PersonalText("new"))),
      "externalIdRenamed",
      "\"user\":{\"user\":17,\"external_id\":\"e17@42\"},\"deprecated\":{\"external_id\":\"old\"},\"identifier\":{\"external_id\":\"new\"}"
    ),
    (
      .userIdentified(UserIdentified(user: UserID(99), externalID: .erased)), "userIdentified",
      "\"user\":{\"user\":99,\"external_id\":null,\"erased\":true},\"identifier\":{\"external_id\":null,\"erased\":true}"
    ),
    (
      .usersMerged(
        UsersMerged(
          user: UserID(17), into: UserID(18), cohortsLeft: [CohortID(1), CohortID(2)],
          cohortsEntered: [CohortID(1)], moved: [IdentifierID(3)], dropped: [IdentifierID(2)],
          retired: [IdentifierID(1)])),
      "usersMerged",
      "\"user\":{\"user\":17,\"external_id\":\"e17@41\"},\"into\":{\"user\":18,\"external_id\":\"e18@42\"},\"cohorts_left\":[{\(c1)},{\"partner\":\"hightouch\",\"cohort_id\":\"c2\"}],\"cohorts_entered\":[{\(c1)}],\"identifiers_moved\":[{\"device_id\":\"d\"}],\"aliases_dropped\":[{\"alias_label\":\"crm\",\"alias_name\":\"n\"}],\"external_ids_merged\":[{\"external_id\":\"old\"}]"
    ),
    (
      .userDeleted(
        UserDeleted(
          user: UserID(17), cohortsLeft: [CohortID(1)], freed: [IdentifierID(1), IdentifierID(9)])),
      "userDeleted",
      "\"user\":{\"user\":17,\"external_id\":\"e17@41\"},\"cohorts_left\":[{\(c1)}],\"identifiers_freed\":[{\"external_id\":\"old\"},null]"
    ),
    (
      .userErased(
        UserErased(
          user: UserID(99), identifiers: [IdentifierID(1)],
          texts: [TextName(position: Position(3), item: 1)])),
      "userErased",
      "\"user\":{\"user\":99,\"erased\":true},\"texts\":[{\"position\":3,\"item\":1}]"
    ),
    (
      .userErased(UserErased(user: nil, identifiers: [], texts: [])), "userErased",
      "\"user\":null,\"texts\":[]"
    ),
    (.erasureFinished(ErasureFinished(erasure: Position(40))), "erasureFinished", "\"erasure\":40"),
    (
      .unmatchedForgotten(
        UnmatchedForgotten(before: Instant(microseconds: 1), through: Position(39))),
      "unmatchedForgotten", "\"before\":\"1970-01-01T00:00:00.000001Z\",\"through\":39"
    ),
    (
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "c1", name: "N\n",
          createdAt: Instant(microseconds: 0))),
      "cohortNamed", "\(c1),\"name\":\"N\\n\",\"created_at\":\"1970-01-01T00:00:00Z\""
    ),
    (
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "c1", name: "c1", createdAt: nil)),
      "cohortNamed", "\(c1),\"name\":\"c1\",\"created_at\":null"
    ),
    (.cohortArchived(CohortID(1)), "cohortArchived", c1),
    (.cohortRestored(CohortID(1)), "cohortRestored", c1),
    (
      .membersChanged(
        MembersChanged(
          cohort: CohortID(1), direction: .entering,
          users: PackedUsers(sorted: ([17, 18] as [UInt32]).span),
          unchanged: 4,
          unmatched: [
            Unmatched(identifier: .externalID(PersonalText("x")), reason: .unknown),
            Unmatched(identifier: .device(PersonalText("d")), reason: .identified),
            Unmatched(identifier: .alias(label: "crm", name: .erased), reason: .merged),
          ])),
      "membersChanged",
      "\(c1),\"added\":[{\"user\":17,\"external_id\":\"e17@42\"},{\"user\":18,\"external_id\":\"e18@42\"}],\"removed\":[],\"counts\":{\"added\":2,\"already_member\":4,\"removed\":0,\"not_member\":0,\"unknown\":1,\"identified\":1,\"merged\":1},\"unmatched\":[{\"identifier\":{\"external_id\":\"x\"},\"outcome\":\"unknown\"},{\"identifier\":{\"device_id\":\"d\"},\"outcome\":\"identified\"},{\"identifier\":{\"alias_label\":\"crm\",\"alias_name\":null,\"erased\":true},\"outcome\":\"merged\"}]"
    ),
    (
      .membersChanged(
        MembersChanged(
          cohort: CohortID(1), direction: .leaving,
          users: PackedUsers(sorted: ([17] as [UInt32]).span),
          unchanged: 2, unmatched: [])),
      "membersChanged",
      "\(c1),\"added\":[],\"removed\":[{\"user\":17,\"external_id\":\"e17@42\"}],\"counts\":{\"added\":0,\"already_member\":0,\"removed\":1,\"not_member\":2,\"unknown\":0,\"identified\":0,\"merged\":0},\"unmatched\":[]"
    ),
    (
      .segmentSaved(
        SegmentSaved(
          segment: SegmentID(3), version: 2, name: "N", description: "D", tags: ["a", "b"],
          filter: filter)),
      "segmentSaved",
      "\"segment_id\":\"segment:3\",\"version\":2,\"name\":\"N\",\"description\":\"D\",\"tags\":[\"a\",\"b\"],\"filter\":\(filterText)"
    ),
    (.segmentArchived(SegmentID(3)), "segmentArchived", "\"segment_id\":\"segment:3\""),
    (.segmentRestored(SegmentID(3)), "segmentRestored", "\"segment_id\":\"segment:3\""),
    (saved(campaign), "campaignSaved", "\"campaign_id\":\"campaign:2\",\(savedText)"),
    (saved(canvas), "canvasSaved", "\"canvas_id\":\"canvas:5\",\(savedText)"),
    (.campaignArchived(campaign), "campaignArchived", "\"campaign_id\":\"campaign:2\""),
    (.campaignArchived(canvas), "canvasArchived", "\"canvas_id\":\"canvas:5\""),
    (.campaignRestored(campaign), "campaignRestored", "\"campaign_id\":\"campaign:2\""),
    (.campaignRestored(canvas), "canvasRestored", "\"canvas_id\":\"canvas:5\""),
    (
      .audienceFrozen(
        AudienceFrozen(
          send: SendID(6), campaign: canvas, version: 2, position: Position(41),
          instant: Instant(microseconds: 0),
          segments: [SegmentVersion(segment: SegmentID(1), version: 3)],
          audience: Audience(segments: [SegmentID(1)], filter: nil), size: 7, digest: digest)),
      "audienceFrozen",
      "\"send_id\":\"send:6\",\"canvas_id\":\"canvas:5\",\"version\":2,\"as_of\":{\"position\":41,\"time\":\"1970-01-01T00:00:00Z\"},\"segments\":[{\"segment_id\":\"segment:1\",\"version\":3}],\"audience\":{\"segments\":[\"segment:1\"]},\"size\":7,\"digest\":\"\(digestText)\""
    ),
    (
      .recovered(Recovered(offset: 4096, size: 9, digest: digest, mayHaveBeenAcknowledged: false)),
      "recovered",
      "\"offset\":4096,\"size\":9,\"digest\":\"\(digestText)\",\"may_have_been_acknowledged\":false"
    ),
    (
      .restored(Restored(cut: Position(5), head: Position(9), root: digest, acceptedLoss: true)),
      "restored", "\"cut\":5,\"head\":9,\"root\":\"\(digestText)\",\"accepted_loss\":true"
    ),
  ]

  @Test func `of every kind has its envelope and payload`() throws {
    for (event, type, payload) in Self.rows {
      let text = text(event)
      #expect(text == expected(type, payload))
      _ = try JSONDocument(parsing: Array(text.utf8))
    }
    #expect(Set(Self.rows.map(\.1)) == Set(Event.typeNames))
    #expect(Event.typeNames.count == Set(Event.typeNames).count)
  }

  /// Without the right to personal texts there are none, and nobody learns which were erased.
  @Test func `shows numbers only where identifiers are not wanted`() throws {
    for (event, type, _) in Self.rows {
      let text = text(event, showsPersonalTexts: false)
      let document = try JSONDocument(parsing: Array(text.utf8))
      #expect(PersonalMembers.given(in: document.root).isEmpty, "\(text)")
      for word in ["e17", "e18", "n51", "d51", "\"old\"", "\"new\"", "secret"] {
        #expect(!text.contains(word), "\(text)")
      }
      #expect(type == "userErased" || !text.contains("erased\":true"), "\(text)")
      #expect(text.contains("\"type\":\"\(type)\""))
    }
    let merged = Self.rows.first { $0.1 == "usersMerged" }
    if let merged {
      #expect(
        text(merged.0, showsPersonalTexts: false).contains(
          "\"user\":{\"user\":17},\"into\":{\"user\":18}"))
    }
  }
}

/// The members that hold identifiers, wherever they stand.
enum PersonalMembers {
  /// Those that are not null.
  static func given(in value: JSONValue) -> [String] {
    var found: [String] = []
    for (key, member) in value.members {
      let name = String(decoding: value.bytes[key], as: UTF8.self)
      if ["external_id", "alias_name", "device_id"].contains(name), !member.isNull {
        found.append(name)
      }
      found += given(in: member)
    }
    for element in value.elements { found += given(in: element) }
    return found
  }
}
