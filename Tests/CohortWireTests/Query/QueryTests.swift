import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `A query` {
  private func read(
    _ text: String?, _ known: [QueryParameter] = QueryParameter.allCases
  ) throws(WireError) -> Query {
    try Query(text.map { Array($0.utf8) }, known: known)
  }

  private func refusal(_ body: () throws(WireError) -> Void) -> WireError? {
    do throws(WireError) {
      try body()
      return nil
    } catch { return error }
  }

  @Test func `is decoded once, and a plus is a space`() throws {
    for (raw, text) in [
      ("a%20b", "a b"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("a%2bb", "a+b"), ("%2520", "%20"),
      ("a=b", "a=b"), ("a%26b", "a&b"), ("%C3%A9", "\u{E9}"), ("", ""), ("%00", "\0"), ("#", "#"),
    ] {
      #expect(try read("external_id=\(raw)")[.externalID] == Text(text), "\(raw)")
    }
    #expect(try read("external%5Fid=a")[.externalID] == "a")
    #expect(try read(nil)[.externalID] == nil)
    #expect(try read("&&user=17&")[.user] == "17")
    #expect(try read("user")[.user] == "")
  }

  @Test func `brings every text back that was encoded byte by byte`() throws {
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      let text = String(
        String.UnicodeScalarView(
          (0..<random.below(12)).compactMap { _ in Unicode.Scalar(UInt32(random.below(0x3000))) }))
      let raw = text.utf8.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      #expect(try read("device_id=\(raw.joined())")[.deviceID] == Text(text))
    }
  }

  @Test(arguments: ["%", "%4", "%GG", "%4G", "a%", "%FF", "%C3", "%ED%A0%80", "%C0%AF", "%+1"])
  func `has no escapes but those of two hex digits, and is UTF-8`(_ raw: String) {
    for query in ["user=\(raw)", "\(raw)=1", "at=1&user=\(raw)"] {
      let error = refusal { () throws(WireError) in _ = try read(query) }
      #expect(error?.status == 400 && error?.message.contains("escape") == true, "\(query)")
    }
  }

  @Test func `names the nearest parameter for one that the route does not take`() {
    let error = refusal { () throws(WireError) in
      _ = try Query(Array("asof=41".utf8), for: .cohortMembers)
    }
    #expect(error?.status == 400)
    #expect(error?.members == [JSONText.Member("nearest", "as_of")])
    #expect(
      error?.message
        == "There is no parameter 'asof'; the nearest is 'as_of'. Correct it or leave it out.")
    let none = refusal { () throws(WireError) in
      _ = try Query(Array("limit=1".utf8), for: .status)
    }
    #expect(none?.message == "There is no parameter 'limit' here. Leave it out.")
  }

  @Test func `has each parameter once`() {
    let error = refusal { () throws(WireError) in _ = try read("user=1&at=2&us%65r=1") }
    #expect(error?.message == "'user' is given twice. Give it once.")
  }

  @Test func `has values of types, and says what they should be`() throws {
    #expect(try read("as_of=41").moment(.asOf) == .position(Position(41)))
    #expect(try read("as_of=%2341").moment(.asOf) == .position(Position(41)))
    let time = try #require(Instant(text: "2026-11-21T00:41:59+01:00"))
    for raw in ["2026-11-21T00:41:59+01:00", "2026-11-21T00:41:59%2B01:00", "2026-11-20T23:41:59Z"]
    {
      #expect(try read("as_of=\(raw)").moment(.asOf) == .instant(time), "\(raw)")
      #expect(try read("at=\(raw)").instant(.at) == time, "\(raw)")
    }
    #expect(
      try read("ending_at=2026-11-21").instant(.endingAt, .lenient)
        == Instant(text: "2026-11-21T00:00:00Z"))
    #expect(try read("").limit() == 100)
    #expect(try read("limit=10000").limit() == 10_000)
    #expect(try read("identity=now").isNow(.identity))
    #expect(try !read("").isNow(.identity))
    #expect(try read("verify=true").flag(.verify))
    #expect(try read("segment_id=segment:3").id(.segmentID, of: Segment.self) == SegmentID(3))

    for (raw, ask): (String, (Query) throws(WireError) -> Void) in [
      ("limit=0", { q throws(WireError) in _ = try q.limit() }),
      ("limit=10001", { q throws(WireError) in _ = try q.limit() }),
      ("limit=-1", { q throws(WireError) in _ = try q.limit() }),
      ("limit=01", { q throws(WireError) in _ = try q.limit() }),
      ("limit=99999999999999999999", { q throws(WireError) in _ = try q.limit() }),
      ("limit=", { q throws(WireError) in _ = try q.limit() }),
      ("as_of=yesterday", { q throws(WireError) in _ = try q.moment(.asOf) }),
      ("at=41", { q throws(WireError) in _ = try q.instant(.at) }),
      ("identity=Now", { q throws(WireError) in _ = try q.isNow(.identity) }),
      ("verify=1", { q throws(WireError) in _ = try q.flag(.verify) }),
      ("sort_direction=up", { q throws(WireError) in _ = try q.isDescending() }),
      ("segment_id=3", { q throws(WireError) in _ = try q.id(.segmentID, of: Segment.self) }),
      ("cohort=vip", { q throws(WireError) in _ = try q.cohortPath() }),
      ("user=x", { q throws(WireError) in _ = try q.userName() }),
      ("user=4294967296", { q throws(WireError) in _ = try q.userName() }),
      ("external_id=", { q throws(WireError) in _ = try q.userName() }),
    ] {
      let error = refusal { () throws(WireError) in try ask(read(raw)) }
      let name = raw.prefix { $0 != "=" }
      #expect(error?.status == 400 && error?.message.hasPrefix("'\(name)' is not ") == true)
      #expect(error?.hasTwoSentences == true, "\(raw)")
    }
  }

  @Test func `names a user in one way`() throws {
    #expect(try read("external_id=a").userName() == .externalID("a"))
    #expect(try read("device_id=d").userName() == .device("d"))
    #expect(try read("user=17").userName() == .number(UserID(17)))
    #expect(try read("user=user:17").userName() == .number(UserID(17)))
    #expect(
      try read("alias_name=n&alias_label=l").userName() == .alias(label: "l", name: "n"))
    for raw in [
      "", "alias_name=n", "alias_label=l", "external_id=a&user=1", "device_id=d&alias_name=n",
      "external_id=\(String(repeating: "a", count: 1_025))",
    ] {
      #expect(
        refusal { () throws(WireError) in _ = try read(raw).userName() }?.status == 400, "\(raw)")
    }
  }

  @Test func `names a cohort by both parts of its name`() throws {
    #expect(
      try read("partner=hightouch&cohort_id=a/b").cohortName()
        == CohortName(partner: "hightouch", cohortID: "a/b"))
    #expect(try read("user=1").cohortName() == nil)
    for raw in [
      "partner=hightouch", "cohort_id=vip", "partner=High&cohort_id=a", "partner=&cohort_id=a",
    ] {
      #expect(
        refusal { () throws(WireError) in _ = try read(raw).cohortName() }?.status == 400, "\(raw)")
    }
  }

  @Test func `is known by every route that reads, and by no write`() {
    for kind in RouteKind.allCases {
      #expect(Set(kind.parameters).count == kind.parameters.count, "\(kind)")
      if kind.isWrite { #expect(kind.parameters.isEmpty, "\(kind)") }
    }
  }
}
