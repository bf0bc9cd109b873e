import CohortModel
import CohortWire
import Testing

@Suite struct `The table of refusals` {
  private static let cohort = CohortName(partner: "hightouch", cohortID: "vip")
  private static let campaign = CampaignReference(kind: .canvas, number: 2)

  /// Every refusal there is: status, the literal of the contract if it has one, further members.
  private static let rows: [(Refusal, Int, String?, String)] = [
    (.invalidPartnerKey, 401, "Invalid Partner API key", ""),
    (.invalidClientSecret, 401, "Invalid client secret", ""),
    (
      .partnerNotEnabled, 401,
      "Partner not enabled for client with client secret: dik-…", ""
    ),
    (.unauthorizedNetwork, 401, "Unauthorized access", ""),
    (.cohortArchived(cohort), 423, "Resource locked", ""),
    (.invalidAPIKey, 401, "Invalid API Key", ""),
    (.accessDenied(.usersTrack), 403, "Access Denied", "\"permission\":\"users.track\""),
    (.idempotencyKeyReused, 409, nil, ""),
    (
      .tooMany(limit: 1000, what: .identifiers), 400,
      "Only 1,000 user_ids, device_ids, and aliases are allowed per request", ""
    ),
    (.tooMany(limit: 75, what: .track), 400, "Max Input Length Exceeded", ""),
    (
      .tooMany(limit: 50, what: .externalIDsAndAliases), 400,
      "The max number of external_ids and aliases per request was exceeded", ""
    ),
    (.tooMany(limit: 50, what: .ids), 400, "The max number of ids per request was exceeded", ""),
    (
      .tooMany(limit: 50, what: .merges), 400,
      "a single request may not contain more than 50 merge updates", ""
    ),
    (.tooMany(limit: 10_000, what: .lines), 400, nil, ""),
    (
      .noValidItem, 400,
      "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.", ""
    ),
    (.unknownPartner("x"), 400, nil, ""), (.invalidPartnerCode("X"), 400, nil, ""),
    (.unknownKey(KeyID(9)), 404, nil, ""), (.keyNeedsPartner(.rest), 400, nil, ""),
    (.cannotGrant(.keysManage), 403, nil, "\"permission\":\"keys.manage\""),
    (
      .cannotOutlive(Instant(microseconds: 0)), 403, nil,
      "\"expires_at\":\"1970-01-01T00:00:00Z\""
    ),
    (
      .alreadyExpired(Instant(microseconds: 0)), 400, nil,
      "\"expires_at\":\"1970-01-01T00:00:00Z\""
    ),
    (.cannotAdmit([]), 403, nil, "\"networks\":[]"),
    (.keyDigestTaken, 409, nil, ""),
    (.unknownCohort(cohort, nearest: nil), 400, nil, ""),
    (.unknownCohort(cohort, nearest: cohort), 400, nil, "\"nearest\":\"hightouch/vip\""),
    (.unknownSegment("s", nearest: "segment:1"), 400, nil, "\"nearest\":\"segment:1\""),
    (.unknownCampaign(campaign), 404, nil, ""),
    (.invalidName("cohort_id"), 400, "cohort_id must be a valid string", ""),
    (.invalidName("label"), 400, nil, ""), (.emptyFilter, 400, nil, ""),
    (.filterTooDeep, 400, nil, ""),
    (
      .filterCycle([SegmentID(1), SegmentID(2), SegmentID(1)]), 400, nil,
      "\"path\":[\"segment:1\",\"segment:2\",\"segment:1\"]"
    ),
    (.versionConflict(expected: 1, current: 3), 409, nil, "\"version\":3"),
    (
      .archivedInAudience(campaign: campaign, segments: [SegmentID(4)]), 400, nil,
      "\"archived\":[\"segment:4\",\"canvas:2\"]"
    ),
    (.needsFilter, 400, nil, ""), (.needsAudience, 400, nil, ""),
    (.unknownUser(.externalID("a")), 404, nil, ""),
    (.mergedAway(into: UserID(17)), 409, nil, "\"survivor\":17"), (.laterThanNow, 400, nil, ""),
    (.unknownErasure(Position(3)), 404, nil, ""),
  ]

  @Test func `gives a status, a message and what programs can use`() {
    for (refusal, status, literal, members) in Self.rows {
      let error = WireError(refusal)
      #expect(error.status == status, "\(refusal)")
      #expect(error.message == literal ?? refusal.description)
      #expect(literal != nil || error.hasTwoSentences, "\(error.message)")
      let message = JSONText.string(error.message).bytes
      let expected =
        "{\"message\":\(String(decoding: message, as: UTF8.self))\(members.isEmpty ? "" : ",")\(members)}"
      #expect(error.reply.text == expected)
      #expect(error.reply.status == status)
    }
  }

  @Test func `tells what a request is about from what it mentions`() {
    let rows: [(Refusal, WriteRequest.Subject)] = [
      (.unknownPartner("x"), .partner("x")),
      (.unknownCohort(Self.cohort, nearest: nil), .cohort(Self.cohort)),
      (.unknownSegment("segment:9", nearest: nil), .segment("segment:9")),
    ]
    for (refusal, subject) in rows {
      for (_, other) in rows {
        #expect(WireError(refusal, subject: other).status == (other == subject ? 404 : 400))
      }
    }
    #expect(WireError(.unknownPartner("x"), subject: .partner("y")).status == 400)
  }

  /// The literals of item errors, and a sentence for each of the others.
  @Test func `has a text for every item that fails`() {
    let rows: [(ItemRefusal, String?)] = [
      (
        .identifierRequired,
        "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
      ),
      (.identifierNotSupported, "this identifier is not supported"), (.twoIdentifiers, nil),
      (.invalidIdentifier, nil), (.unknownUser, nil), (.unknownAlias, nil),
      (.unknownExternalID, nil), (.labelTaken("crm"), nil), (.aliasTaken, nil),
      (.deviceTaken, nil), (.externalIDTaken, nil), (.takenByMerged(survivor: UserID(17)), nil),
      (.mergedAway(survivor: UserID(17)), nil), (.alreadyIdentified, nil),
      (.severalUsers([UserID(1), UserID(17)]), nil), (.survivorNotIdentified, nil),
      (.notPrimary, nil), (.notDeprecated, nil),
    ]
    #expect(Set(rows.map(\.0.description)).count == rows.count)
    for (refusal, literal) in rows {
      if let literal { #expect(refusal.description == literal) }
      switch refusal {
      case .takenByMerged, .mergedAway, .severalUsers:
        #expect(refusal.description.contains("user:17"))
      case .deviceTaken: #expect(refusal.description.contains("devices_to_identify"))
      default: break
      }
    }
  }
}
