import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `A filter in JSON` {
  private static let period = "a period such as \"7d\", from 1 s to 3650 d"
  private static let moment = "a position such as \"#41\", or a time"

  private func read(_ json: String) throws(WireError) -> NamedFilter {
    let document: JSONDocument
    do { document = try JSONDocument(parsing: Array(json.utf8)) } catch { throw WireError(error) }
    return try NamedFilter(json: document.root)
  }

  private func fault(_ json: String) -> String? {
    do {
      _ = try read(json)
      return nil
    } catch { return error.message }
  }

  private func text(_ filter: NamedFilter) -> String {
    var writer = JSONWriter()
    writer.filter(filter)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The model refuses filters by this count, so that what is saved can be read again.
  @Test func `opens as many brackets as the model counts`() throws {
    let day = try #require(Period(seconds: 86_400))
    let vip = CohortName(partner: "p", cohortID: "vip")
    let leaves: [(NamedFilter, Filter)] = [
      (.includes(partner: "p", ["vip"]), .includes([CohortID(1)])),
      (.excludes(partner: "p", ["vip"]), .excludes([CohortID(1)])),
      (.segment("segment:1"), .segment(SegmentID(1))),
      (.entered(vip, within: day), .entered(CohortID(1), within: day)),
      (.left(vip, within: day), .left(CohortID(1), within: day)),
      (.memberFor(vip, atLeast: day), .memberFor(CohortID(1), atLeast: day)),
      (
        .memberAsOf(vip, .position(Position(1))),
        .memberAsOf(CohortID(1), .position(Position(1)))
      ),
    ]
    for leaf in leaves {
      for shape in 0..<256 {
        var (named, filter) = leaf
        for level in 0..<8 where shape >> level & 1 == 1 {
          let isGroup = level.isMultiple(of: 2)
          named = isGroup ? .and([leaf.0, named]) : level == 3 ? .or([named]) : .not(named)
          filter = isGroup ? .and([leaf.1, filter]) : level == 3 ? .or([filter]) : .not(filter)
        }
        var (open, most) = (0, 0)
        for byte in text(named).utf8 {
          if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { open += 1 }
          if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { open -= 1 }
          most = max(most, open)
        }
        #expect(filter.brackets == most, "\(text(named))")
      }
    }
  }

  @Test func `is read as it stands in the contract`() throws {
    let vip = CohortName(partner: "hightouch", cohortID: "vip")
    let day = try #require(Period(seconds: 86_400 * 7))
    let at = try #require(Instant(text: "2026-11-21T00:41:59Z"))
    let leaf = "\"partner\":\"hightouch\",\"cohort_id\":\"vip\""
    let rows: [(String, NamedFilter)] = [
      (
        "{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"vip\",\"a\"]}}",
        .includes(partner: "hightouch", ["vip", "a"])
      ),
      (
        "{\"cohorts\":{\"partner\":\"hightouch\",\"excludes\":[\"vip\"]}}",
        .excludes(partner: "hightouch", ["vip"])
      ),
      ("{\"segment\":\"segment:3\"}", .segment("segment:3")),
      ("{\"entered\":{\(leaf),\"within\":\"1w\"}}", .entered(vip, within: day)),
      ("{\"left\":{\(leaf),\"within\":\"1w\"}}", .left(vip, within: day)),
      ("{\"member_for\":{\(leaf),\"at_least\":\"1w\"}}", .memberFor(vip, atLeast: day)),
      ("{\"member_as_of\":{\(leaf),\"as_of\":\"#41\"}}", .memberAsOf(vip, .position(Position(41)))),
      (
        "{\"member_as_of\":{\(leaf),\"as_of\":\"2026-11-21T00:41:59Z\"}}",
        .memberAsOf(vip, .instant(at))
      ),
      ("{\"and\":[]}", .and([])), ("{\"or\":[{\"not\":{\"or\":[]}}]}", .or([.not(.or([]))])),
    ]
    for (json, filter) in rows {
      #expect(try read(json) == filter)
      #expect(text(filter) == json)
    }
    for json in ["41", "\"41\"", "4.1e1"] {
      let filter = try read("{\"member_as_of\":{\(leaf),\"as_of\":\(json)}}")
      #expect(filter == .memberAsOf(vip, .position(Position(41))))
    }
    #expect(try read("{\"entered\":{\(leaf),\"within\":\"168h\"}}") == .entered(vip, within: day))
  }

  @Test func `comes back from JSON as it was, whatever it is`() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      let filter = NamedFilter(from: &random, depth: random.once(in: 100) ? 80 : 5)
      guard filter.jsonDepth <= 64 else {
        #expect(fault(text(filter))?.contains("Nest at most 64 levels") == true)
        continue
      }
      #expect(try read(text(filter)) == filter)
    }
  }

  @Test func `of the log is told in names, and means the same when it is sent back`() throws {
    let names = [
      CohortID(1): CohortName(partner: "p", cohortID: "a"),
      CohortID(2): CohortName(partner: "q", cohortID: "b"),
      CohortID(3): CohortName(partner: "p", cohortID: "c"),
    ]
    let name = { (id: CohortID) in names[id] ?? CohortName(partner: "", cohortID: "") }
    let all = names.keys.sorted()
    #expect(
      NamedFilter(.includes([CohortID(1), CohortID(3)]), cohort: name)
        == .includes(partner: "p", ["a", "c"]))
    #expect(
      NamedFilter(.includes(all), cohort: name)
        == .or([.includes(partner: "p", ["a", "c"]), .includes(partner: "q", ["b"])]))
    #expect(
      NamedFilter(.excludes(all), cohort: name)
        == .and([.excludes(partner: "p", ["a", "c"]), .excludes(partner: "q", ["b"])]))
    let period = try #require(Period(seconds: 90))
    let filter = Filter.and([
      .or([.segment(SegmentID(4)), .not(.includes([CohortID(2)]))]),
      .entered(CohortID(1), within: period), .left(CohortID(2), within: period),
      .memberFor(CohortID(3), atLeast: period), .memberAsOf(CohortID(1), .position(Position(9))),
    ])
    let named = NamedFilter(filter, cohort: name)
    #expect(
      text(named) == """
        {"and":[{"or":[{"segment":"segment:4"},{"not":{"cohorts":{"partner":"q","includes":["b"]}}}]},\
        {"entered":{"partner":"p","cohort_id":"a","within":"90s"}},\
        {"left":{"partner":"q","cohort_id":"b","within":"90s"}},\
        {"member_for":{"partner":"p","cohort_id":"c","at_least":"90s"}},\
        {"member_as_of":{"partner":"p","cohort_id":"a","as_of":"#9"}}]}
        """)
    #expect(try read(text(named)) == named)
  }

  @Test func `is refused in two sentences that name the place`() {
    let leaf = "\"partner\":\"p\",\"cohort_id\":\"c\""
    let rows: [(String, String)] = [
      ("7", "'filter' is not an object. Send an object there."),
      ("[]", "'filter' is not an object. Send an object there."),
      (
        "{\"nad\":[]}", "There is no field 'nad'; the nearest is 'and'. Correct it or leave it out."
      ),
      (
        "{\"and\":[],\"xor\":[]}",
        "There is no field 'xor'; the nearest is 'or'. Correct it or leave it out."
      ),
      ("{\"and\":{}}", "'filter.and' is not an array of filters. Send an array of filters there."),
      ("{\"or\":null}", "'filter.or' is not an array of filters. Send an array of filters there."),
      ("{\"not\":[]}", "'filter.not' is not an object. Send an object there."),
      ("{\"and\":[{\"or\":[]},7]}", "'filter.and[1]' is not an object. Send an object there."),
      (
        "{\"not\":{\"and\":[{\"or\":[{\"segment\":3}]}]}}",
        "'filter.not.and[0].or[0].segment' is not a string. Send a string there."
      ),
      ("{\"segment\":null}", "'filter.segment' is missing. Send a string."),
      ("{\"cohorts\":{}}", "'filter.cohorts.partner' is missing. Send a string."),
      (
        "{\"cohorts\":{\"partner\":\"p\"}}",
        "'filter.cohorts' needs either 'includes' or 'excludes'. Send one array of cohort ids."
      ),
      (
        "{\"cohorts\":{\"partner\":\"p\",\"includes\":[],\"excludes\":[]}}",
        "'filter.cohorts' needs either 'includes' or 'excludes'. Send one array of cohort ids."
      ),
      (
        "{\"cohorts\":{\"partner\":\"p\",\"includes\":\"vip\"}}",
        "'filter.cohorts.includes' is not an array of strings. Send an array of strings there."
      ),
      (
        "{\"cohorts\":{\"partner\":\"p\",\"include\":[]}}",
        "There is no field 'include'; the nearest is 'includes'. Correct it or leave it out."
      ),
      ("{\"entered\":{\(leaf)}}", "'filter.entered.within' is missing. Send \(Self.period)."),
      (
        "{\"entered\":{\(leaf),\"within\":7}}",
        "'filter.entered.within' is not \(Self.period). Send \(Self.period) there."
      ),
      (
        "{\"left\":{\(leaf),\"within\":\"3651d\"}}",
        "'filter.left.within' is not \(Self.period). Send \(Self.period) there."
      ),
      (
        "{\"left\":{\(leaf),\"at_least\":\"1d\"}}",
        "There is no field 'at_least'; the nearest is 'partner'. Correct it or leave it out."
      ),
      (
        "{\"member_for\":{\"partner\":\"p\"}}",
        "'filter.member_for.cohort_id' is missing. Send a string."
      ),
      (
        "{\"member_as_of\":{\(leaf)}}",
        "'filter.member_as_of.as_of' is missing. Send \(Self.moment)."
      ),
      (
        "{\"member_as_of\":{\(leaf),\"as_of\":-1}}",
        "'filter.member_as_of.as_of' is not \(Self.moment). Send \(Self.moment) there."
      ),
      (
        "{\"member_as_of\":{\(leaf),\"as_of\":\"yesterday\"}}",
        "'filter.member_as_of.as_of' is not \(Self.moment). Send \(Self.moment) there."
      ),
    ]
    for (json, message) in rows { #expect(fault(json) == message, "\(json)") }
    for json in ["{}", "{\"and\":[],\"or\":[]}"] {
      #expect(fault(json)?.hasPrefix("'filter' is an object with ") == true)
    }
  }

  @Test func `stays within the depth of JSON`() {
    let nested = { (count: Int) in
      String(repeating: "{\"not\":", count: count) + "{\"segment\":\"s\"}"
        + String(repeating: "}", count: count)
    }
    #expect(fault(nested(63)) == nil)
    #expect(fault(nested(64))?.contains("Nest at most 64 levels") == true)
    #expect(fault(nested(100_000))?.contains("Nest at most 64 levels") == true)
  }
}

extension NamedFilter {
  private static let texts: [Text] = [
    "vip", "", "segment:3", "\u{E9}\"\\\n\0", "e\u{301}", "hightouch", "\u{1F600}/%2F",
  ]

  fileprivate init(from random: inout SeededRandom, depth: Int) {
    let text = { (random: inout SeededRandom) in Self.texts[random.below(Self.texts.count)] }
    let name = CohortName(partner: text(&random), cohortID: text(&random))
    let period = Period(seconds: UInt64(1 + random.below(Int(Period.secondsMax))))
    guard let period = random.once(in: 9) ? Period(seconds: Period.secondsMax) : period else {
      preconditionFailure("a period within its bounds is one")
    }
    let isGroup = depth > 20 || depth > 1 && random.once(in: 2)
    switch isGroup ? random.below(3) : 3 + random.below(7) {
    case 0: self = .not(NamedFilter(from: &random, depth: depth - 1))
    case 1, 2:
      let count = depth > 20 ? 1 : random.below(4)
      let parts = (0..<count).map { _ in NamedFilter(from: &random, depth: depth - 1) }
      self = random.once(in: 2) ? .and(parts) : .or(parts)
    case 3:
      self = .includes(partner: name.partner, (0..<random.below(3)).map { _ in text(&random) })
    case 4:
      self = .excludes(partner: name.partner, (0..<random.below(3)).map { _ in text(&random) })
    case 5: self = .segment(text(&random))
    case 6: self = .entered(name, within: period)
    case 7: self = .left(name, within: period)
    case 8: self = .memberFor(name, atLeast: period)
    default:
      let number = random.next() >> UInt64(1 + random.below(63))
      self = .memberAsOf(
        name,
        random.once(in: 2)
          ? .position(Position(number))
          : .instant(Instant(microseconds: Int64(number % 253_402_300_800_000_000))))
    }
  }

  /// How many objects and arrays lie inside one another.
  fileprivate var jsonDepth: Int {
    switch self {
    case .and(let parts), .or(let parts): 2 + (parts.map(\.jsonDepth).max() ?? 0)
    case .not(let part): 1 + part.jsonDepth
    case .includes, .excludes: 3
    case .segment: 1
    case .entered, .left, .memberFor, .memberAsOf: 2
    }
  }
}
