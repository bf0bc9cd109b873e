package import CohortModel

// Filters as JSON. CONTRACT part 2; what they mean: RULES §6.
//
//     {"and":[F,…]}   {"or":[F,…]}   {"not":F}
//     {"cohorts":{"partner":"hightouch","includes":["vip",…]}}        or "excludes"
//     {"segment":"segment:3"}
//     {"entered":{"partner":"hightouch","cohort_id":"vip","within":"7d"}}      also "left"
//     {"member_for":{…,"at_least":"30d"}}
//     {"member_as_of":{…,"as_of":"#41"}}

extension NamedFilter {
  private static let kinds = [
    "and", "or", "not", "cohorts", "segment", "entered", "left", "member_for", "member_as_of",
  ]

  /// Reads a filter.
  ///
  /// Whether its cohorts and segments exist is for `decide` to find.
  ///
  /// - Parameters:
  ///   - json: The object.
  ///   - place: What messages call it, such as `audience.filter`.
  /// - Throws: ``WireError`` for wrong types, unknown fields, and none or several kinds.
  /// - Complexity: Recurses as deep as the JSON, of which no reader takes more than 64 levels.
  package init(json: JSONValue, at place: String = "filter") throws(WireError) {
    let fields = try Fields(json, at: place, known: Self.kinds)
    guard json.count == 1, let kind = Self.kinds.first(where: { json[$0] != nil }),
      let value = json[kind]
    else {
      throw WireError(
        400,
        "'\(place)' is an object with \(json.count == 0 ? "nothing" : "several kinds of filter") "
          + "in it. Send one of \(Self.kinds.joined(separator: ", ")); 'and' and 'or' take several."
      )
    }
    let inside = fields.name(kind)
    switch kind {
    case "and": self = .and(try Self.list(value, inside))
    case "or": self = .or(try Self.list(value, inside))
    case "not": self = .not(try NamedFilter(json: value, at: inside))
    case "cohorts": try self.init(cohorts: value, inside)
    case "segment": self = .segment(try fields.requiredText("segment"))
    default: try self.init(kind, leaf: value, inside)
    }
  }

  private static func list(
    _ value: JSONValue, _ place: String
  ) throws(WireError) -> [NamedFilter] {
    guard value.kind == .array else { throw .notA("an array of filters", place) }
    var parts: [NamedFilter] = []
    for (index, element) in value.elements.enumerated() {
      parts.append(try NamedFilter(json: element, at: "\(place)[\(index)]"))
    }
    return parts
  }

  private init(cohorts value: JSONValue, _ place: String) throws(WireError) {
    let fields = try Fields(value, at: place, known: ["partner", "includes", "excludes"])
    let partner = try fields.requiredText("partner")
    switch (try fields.texts("includes"), try fields.texts("excludes")) {
    case (let ids?, nil): self = .includes(partner: partner, ids)
    case (nil, let ids?): self = .excludes(partner: partner, ids)
    case (nil, nil), (_?, _?):
      throw WireError(
        400, "'\(place)' needs either 'includes' or 'excludes'. Send one array of cohort ids.")
    }
  }

  private init(_ kind: String, leaf value: JSONValue, _ place: String) throws(WireError) {
    let key = kind == "member_for" ? "at_least" : kind == "member_as_of" ? "as_of" : "within"
    let fields = try Fields(value, at: place, known: ["partner", "cohort_id", key])
    let cohort = CohortName(
      partner: try fields.requiredText("partner"), cohortID: try fields.requiredText("cohort_id"))
    switch kind {
    case "entered": self = .entered(cohort, within: try fields.period(key))
    case "left": self = .left(cohort, within: try fields.period(key))
    case "member_for": self = .memberFor(cohort, atLeast: try fields.period(key))
    default: self = .memberAsOf(cohort, try fields.requiredMoment(key))
    }
  }
}

extension Fields {
  func period(_ key: String) throws(WireError) -> Period {
    let what = "a period such as \"7d\", from 1 s to 3650 d"
    let value = try require(key, what)
    guard let period = value.string.flatMap({ Period(text: $0.span) }) else {
      throw .notA(what, name(key))
    }
    return period
  }

  func requiredMoment(_ key: String) throws(WireError) -> Moment {
    guard let moment = try moment(key) else { throw .missing(name(key), Self.moment) }
    return moment
  }

  /// A position as a number or a text, or a time.
  func moment(_ key: String) throws(WireError) -> Moment? {
    guard let value = self[key] else { return nil }
    let text = value.string ?? value.unsignedInteger.map { ArraySlice("\($0)".utf8) }
    guard let moment = text.flatMap({ Moment(text: $0.span) }) else {
      throw .notA(Self.moment, name(key))
    }
    return moment
  }

  private static let moment = "a position such as \"#41\", or a time"
}
