internal import CohortModel

// What requests are made of, and what their answers tell of it.

extension Schema {
  static let cohortChange = allOf([
    open(optional: [
      "user_ids": array(of: .string), "device_ids": array(of: .string),
      "aliases": oneOf([array(of: .named(.alias)), .named(.alias)]),
      "should_remove": boolean.with("default", false),
    ]),
    anyOf([
      object(["user_ids": array(of: .string)]), object(["device_ids": array(of: .string)]),
      object(["aliases": oneOf([array(of: .named(.alias)), .named(.alias)])]),
    ]),
  ]).described("Who enters or leaves; at least one of the three kinds of identifiers.")

  static let mergeIdentifier = oneOf([
    open(["external_id": .string]), open(["user_alias": .named(.alias)]),
  ])

  private static let period = pattern("^[1-9][0-9]{0,8}[smhdw]$").example("7d")

  private static func leaf(_ key: String, _ value: Schema) -> Schema {
    Schema.object(of: .any, under: ["partner", "cohort_id", key])
      .with(
        "properties",
        .object([
          JSONText.Member("partner", Schema.string.json),
          JSONText.Member("cohort_id", Schema.string.json), JSONText.Member(key, value.json),
        ])
      )
      .with("additionalProperties", false)
  }

  static let filter = oneOf([
    closed(["and": array(of: .named(.filter), atLeast: 1)]),
    closed(["or": array(of: .named(.filter), atLeast: 1)]),
    closed(["not": .named(.filter)]),
    closed([
      "cohorts": oneOf([
        closed(["partner": .string, "includes": array(of: .string, atLeast: 1)]),
        closed(["partner": .string, "excludes": array(of: .string, atLeast: 1)]),
      ])
    ]),
    closed(["segment": .string.example("segment:3")]),
    closed(["entered": leaf("within", period)]), closed(["left": leaf("within", period)]),
    closed(["member_for": leaf("at_least", period)]),
    closed(["member_as_of": leaf("as_of", oneOf([.string, .count]))]),
  ]).described(
    "Who is meant. Every cohort and segment in it must exist; `not` is relative to all users.")

  static let audience = closed(
    ["segments": array(of: .string.example("segment:3"), atLeast: 1)],
    optional: ["filter": .named(.filter)]
  ).described("Those who are in all of the segments, and whom the filter lets through.")

  private static let dependant = object(["id": .string, "name": Schema.string.orNull])

  static let dependants = object([
    "segments": array(of: dependant), "campaigns": array(of: dependant),
    "canvases": array(of: dependant),
  ]).described("What uses a cohort or a segment.")

  static let receipt = object([
    "user": Schema.count.orNull, "position": .position, "time": .time,
    "texts": .count.described("How many texts are zero now."), "tree": .named(.treeHead),
    "earlier_bearers": array(of: .count), "repeated": .boolean,
    "does_not_reach": array(of: .string),
  ]).described("What an erasure did, and where the person may still be found.")

  /// One line of a users import.
  static let importLine = closed(optional: [
    "external_id": .string, "aliases": oneOf([array(of: .named(.alias)), .named(.alias)]),
    "device_ids": array(of: .string),
  ])

  /// What a new segment, campaign or Canvas may say of itself.
  static let description = string
  static let tags = array(of: .string)
  static let version = integer(from: 0, to: Int64(UInt32.max))
}
