import CohortModel
import CohortWire
import Testing

@Suite struct `Bodies about segments, campaigns and Canvases` {
  private static let filter = "{\"segment\":\"segment:1\"}"
  private static let audience = "{\"segments\":[\"segment:1\",\"segment:2\"],\"filter\":\(filter)}"

  @Test func `are read as they stand in the contract`() {
    guard
      case .saveSegment(let created) = Shaped(
        "/segments/create",
        "{\"name\":\"N\",\"filter\":\(Self.filter),\"description\":\"D\",\"tags\":[\"a\",\"b\"],\"expected_version\":0}"
      ).wish,
      case .saveSegment(let updated) = Shaped(
        "/segments/update", "{\"segment_id\":\"segment:3\",\"description\":null}"
      ).wish,
      case .archiveSegment(SegmentID(3)) = Shaped(
        "/segments/archive", "{\"segment_id\":\"segment:3\"}"
      ).wish,
      case .restoreSegment(SegmentID(3)) = Shaped(
        "/segments/restore", "{\"segment_id\":\"segment:3\"}"
      ).wish
    else {
      Issue.record("another wish")
      return
    }
    #expect(
      created
        == SaveSegment(
          name: "N", description: "D", tags: ["a", "b"], filter: .segment("segment:1"),
          expectedVersion: 0))
    #expect(updated == SaveSegment(segment: SegmentID(3)))
    for (path, kind) in [("campaigns", CampaignKind.campaign), ("canvas", .canvas)] {
      let key = kind.idKey
      let reference = CampaignReference(kind: kind, number: 2)
      guard
        case .saveCampaign(let created) = Shaped(
          "/\(path)/create", "{\"name\":\"N\",\"audience\":\(Self.audience),\"tags\":[]}"
        ).wish,
        case .saveCampaign(let updated) = Shaped(
          "/\(path)/update", "{\"\(key)\":\"\(reference)\",\"expected_version\":4294967295}"
        ).wish,
        case .archiveCampaign(reference) = Shaped(
          "/\(path)/archive", "{\"\(key)\":\"\(reference)\"}"
        ).wish,
        case .restoreCampaign(reference) = Shaped(
          "/\(path)/restore", "{\"\(key)\":\"\(reference)\"}"
        ).wish,
        case .launch(reference, nil) = Shaped(
          "/\(path)/launch", "{\"\(key)\":\"\(reference)\"}"
        ).action,
        case .launch(reference, 4_294_967_295) = Shaped(
          "/\(path)/launch", "{\"\(key)\":\"\(reference)\",\"expected_version\":4294967295}"
        ).action
      else {
        Issue.record("another wish")
        continue
      }
      #expect(
        created
          == SaveCampaign(
            kind: kind, name: "N", tags: [],
            audience: .init(segments: ["segment:1", "segment:2"], filter: .segment("segment:1"))))
      #expect(updated == SaveCampaign(kind: kind, number: 2, expectedVersion: .max))
    }
  }

  /// Each field with every wrong type; null is as good as absent.
  @Test func `have a message for every field of a wrong type`() {
    let fields: [(paths: [String], field: String, bad: [String], what: String)] = [
      (["segments", "campaigns", "canvas"], "name", ["7", "[]", "{}", "true"], "a string"),
      (["segments", "campaigns", "canvas"], "description", ["7", "[]", "{}", "true"], "a string"),
      (
        ["segments", "campaigns", "canvas"], "tags", ["7", "{}", "\"a\"", "[7]", "[null]"],
        "an array of strings"
      ),
      (
        ["segments", "campaigns", "canvas"], "expected_version",
        ["\"1\"", "-1", "1.5", "4294967296", "[]", "true"], "a whole number from 0 to 4294967295"
      ),
      (["segments"], "filter", ["7", "[]", "\"x\"", "true"], "an object"),
      (["campaigns", "canvas"], "audience", ["7", "[]", "\"x\""], "an object"),
    ]
    for (paths, field, bad, what) in fields {
      for path in paths {
        let idKey =
          path == "segments" ? "segment_id" : path == "canvas" ? "canvas_id" : "campaign_id"
        for (verb, id) in [("create", ""), ("update", "\"\(idKey)\":\"\(idKey.dropLast(3)):1\",")] {
          for json in bad {
            #expect(
              Shaped("/\(path)/\(verb)", "{\(id)\"\(field)\":\(json)}").fault
                == "400 '\(field)' is not \(what). Send \(what) there.", "\(path) \(verb) \(json)")
          }
          #expect(Shaped("/\(path)/\(verb)", "{\(id)\"\(field)\":null}").fault == nil)
        }
      }
    }
    #expect(
      Shaped("/campaigns/create", "{\"audience\":{\"filter\":{}}}").fault
        == "400 'audience.segments' is missing. Send an array of segment ids.")
    #expect(
      Shaped("/canvas/create", "{\"audience\":{\"segments\":[],\"filter\":{\"not\":7}}}").fault
        == "400 'audience.filter.not' is not an object. Send an object there.")
    #expect(
      Shaped("/canvas/create", "{\"audience\":{\"segment\":[]}}").members
        == [JSONText.Member("nearest", "segments")])
  }

  @Test func `refuse what they do not know, with the nearest name`() {
    for (path, field, nearest) in [
      ("segments/create", "segment_id", "name"), ("segments/create", "filters", "filter"),
      ("segments/update", "segmentid", "segment_id"), ("segments/archive", "name", "segment_id"),
      ("campaigns/create", "expected_versoin", "expected_version"),
      ("campaigns/update", "canvas_id", "campaign_id"),
      ("canvas/launch", "campaign_id", "canvas_id"),
      ("canvas/launch", "expected_versoin", "expected_version"),
      ("canvas/create", "segments", "audience"),
    ] {
      let shaped = Shaped("/\(path)", "{\"\(field)\":\"x\"}")
      guard case .refused(let error) = shaped else {
        Issue.record("\(path)")
        continue
      }
      #expect(error.status == 400 && error.hasTwoSentences)
      #expect(error.message.hasPrefix("There is no field '\(field)'"))
      if field != "segment_id", field != "segments" {
        #expect(error.members == [JSONText.Member("nearest", .string(nearest))])
      }
    }
  }

  @Test func `name what does not exist with 404`() {
    for (path, key) in [
      ("segments/update", "segment_id"), ("segments/archive", "segment_id"),
      ("segments/restore", "segment_id"), ("campaigns/update", "campaign_id"),
      ("campaigns/archive", "campaign_id"), ("canvas/restore", "canvas_id"),
      ("canvas/launch", "canvas_id"), ("campaigns/launch", "campaign_id"),
    ] {
      #expect(Shaped("/\(path)", "{}").fault == "400 '\(key)' is missing. Send a string.")
      #expect(
        Shaped("/\(path)", "{\"\(key)\":null}").fault == "400 '\(key)' is missing. Send a string.")
      #expect(Shaped("/\(path)", "{\"\(key)\":3}").fault?.hasPrefix("400 ") == true)
      for text in ["3", "user:3", "segment:03", "", "campaign:-1"] {
        #expect(Shaped("/\(path)", "{\"\(key)\":\"\(text)\"}").fault?.hasPrefix("404 ") == true)
      }
      var house = PartnerHouse()
      guard !path.hasSuffix("launch") else { continue }
      let reply = house.post("/\(path)", "{\"\(key)\":\"\(key.dropLast(3)):77\"}")
      #expect(reply.status == 404, "\(path) \(reply.text)")
    }
    #expect(
      Shaped("/campaigns/update", "{\"campaign_id\":\"canvas:1\"}").fault?.hasPrefix("404 ") == true
    )
  }

  @Test func `say 400 for what a definition only mentions`() {
    var house = PartnerHouse()
    let missing = house.post(
      "/segments/create", "{\"name\":\"N\",\"filter\":{\"segment\":\"segment:9\"}}")
    #expect(missing.status == 400)
    let cohort = house.post(
      "/segments/create",
      "{\"name\":\"N\",\"filter\":{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"archive\"]}}}"
    )
    #expect(cohort.status == 400)
    #expect(
      cohort.text
        == "{\"message\":\"There is no cohort hightouch/archive; the nearest is hightouch/archived. See 'cohort cohorts list'.\",\"nearest\":\"hightouch/archived\"}"
    )
  }
}
