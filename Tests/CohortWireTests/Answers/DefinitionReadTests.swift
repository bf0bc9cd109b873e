import CohortModel
import CohortWire
import Testing

@Suite struct `Definitions as they are described` {
  private static let cohort = CohortName(partner: "hightouch", cohortID: "v/ip")
  private static let named = "\"partner\":\"hightouch\",\"cohort_id\":\"v/ip\""
  private static let zero = Instant(microseconds: 0)
  private static let epoch = "1970-01-01T00:00:00Z"
  private static let at = AsOfShape(Position(41), zero)
  private static let atText = "{\"position\":41,\"time\":\"1970-01-01T00:00:00Z\"}"
  private static let users = [
    UserShape(
      user: UserID(17), externalID: PersonalText("customer-42"),
      aliases: [Alias(label: "email", name: "a@b")], devices: ["d1", "d2"])
  ]

  private func text(_ write: (inout JSONWriter) -> Void) throws -> String {
    var json = JSONWriter()
    write(&json)
    _ = try JSONDocument(parsing: json.bytes)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func `describe segments, campaigns and Canvases`() throws {
    let filter = NamedFilter.segment("segment:1")
    let segment = SegmentSaved(
      segment: SegmentID(3), version: 2, name: "N", description: "D", tags: ["t"],
      filter: .segment(SegmentID(1)))
    #expect(
      try text { $0.listed(segment) }
        == "{\"id\":\"segment:3\",\"name\":\"N\",\"analytics_tracking_enabled\":false,\"tags\":[\"t\"]}"
    )
    let shape = SegmentShape(
      segment: segment, filter: filter, sentence: "in it", createdAt: Self.zero,
      updatedAt: Self.zero, size: 5, isArchived: false, asOf: Self.at)
    #expect(
      try text { $0.details(shape) } == """
        {"message":"success","segment_id":"segment:3","created_at":"\(Self.epoch)","updated_at":"\(Self.epoch)",\
        "name":"N","description":"in it","text_description":"D","tags":["t"],"teams":[],\
        "filter":{"segment":"segment:1"},"size":5,"version":2,"archived":false,"as_of":\(Self.atText)}
        """)
    #expect(
      try text { $0.version(segment, at: Position(4), Self.zero, filter) }
        == "{\"version\":2,\"position\":4,\"time\":\"\(Self.epoch)\",\"name\":\"N\",\"text_description\":\"D\",\"tags\":[\"t\"],\"filter\":{\"segment\":\"segment:1\"}}"
    )
    for kind in CampaignKind.allCases {
      let isCanvas = kind == .canvas
      let saved = CampaignSaved(
        campaign: CampaignReference(kind: kind, number: 2), version: 1, name: "N",
        description: "D", tags: [], audience: Audience(segments: [SegmentID(1)], filter: nil))
      var campaign = CampaignShape(
        campaign: saved, audience: .init(segments: ["segment:1"], filter: nil),
        createdAt: Self.zero, updatedAt: Self.zero, isArchived: false, sends: [], asOf: Self.at)
      #expect(
        try text { $0.listed(campaign) }
          == "{\"id\":\"\(kind.name):2\",\"name\":\"N\",\"last_edited\":\"\(Self.epoch)\",\"is_api_campaign\":false,\"tags\":[]}"
      )
      let fields =
        isCanvas
        ? "\"variants\":[],\"steps\":[],\"first_entry\":null,\"last_entry\":null"
        : "\"channels\":[],\"messages\":{},\"conversion_behaviors\":[],\"first_sent\":null,\"last_sent\":null"
      #expect(
        try text { $0.details(campaign) } == """
          {"message":"success","\(kind.idKey)":"\(kind.name):2","created_at":"\(Self.epoch)","updated_at":"\(Self.epoch)",\
          "archived":false,"draft":true,"enabled":true,"name":"N","description":"D","schedule_type":"time_based",\(fields),\
          "tags":[],"teams":[],"audience":{"segments":["segment:1"]},"version":1,"sends":[],"as_of":\(Self.atText)}
          """)
      campaign.sends = [.init(id: SendID(4), time: Self.zero, size: 7)]
      let sent = try text { $0.details(campaign) }
      #expect(sent.contains("\"draft\":false"))
      #expect(sent.contains("\"\(isCanvas ? "first_entry" : "first_sent")\":\"\(Self.epoch)\""))
      #expect(
        sent.contains("\"sends\":[{\"send_id\":\"send:4\",\"time\":\"\(Self.epoch)\",\"size\":7}]"))
    }
    #expect(
      try text { $0.exported(Self.users[0], cohorts: [Self.cohort], segments: [SegmentID(3)]) }
        == """
        {"user":17,"external_id":"customer-42","user_aliases":[{"alias_label":"email","alias_name":"a@b"}],\
        "devices":[{"device_id":"d1"},{"device_id":"d2"}],"cohorts":[{\(Self.named)}],"segments":["segment:3"]}
        """)
  }

  @Test func `say a filter as a sentence`() throws {
    let period = try #require(Period(seconds: 86_400 * 3))
    let vip = CohortName(partner: "hightouch", cohortID: "vip")
    let filter = NamedFilter.and([
      .includes(partner: "hightouch", ["vip", "gold"]),
      .or([.entered(vip, within: period), .left(vip, within: period)]),
      .not(.and([.memberFor(vip, atLeast: period)])),
      .excludes(partner: "hightouch", ["vip"]), .segment("segment:1"),
      .memberAsOf(vip, .position(Position(4))),
    ])
    let sentence = filter.sentence(
      partner: { _ in "Hightouch" }, cohort: { $0.cohortID == "vip" ? "VIP" : $0.cohortID },
      segment: { _ in "Buyers" })
    #expect(
      sentence == """
        in Hightouch Cohorts “VIP” or “gold” and (entered Hightouch Cohort “VIP” within 3d or \
        left Hightouch Cohort “VIP” within 3d) and not (in Hightouch Cohort “VIP” for at least 3d) and \
        not in Hightouch Cohorts “VIP” and in segment “Buyers” and was in Hightouch Cohort “VIP” as of #4
        """)
    #expect(
      NamedFilter.and([]).sentence(partner: { $0 }, cohort: { $0.cohortID }, segment: { $0 }) == "")
  }
}
