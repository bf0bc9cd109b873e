// CONTRACT part 2: segments. Unknown fields are refused.

extension Operation {
  private static let filterExample: JSONText = [
    "and": [
      ["cohorts": ["partner": "hightouch", "includes": ["vip"]]],
      ["not": ["left": ["partner": "hightouch", "cohort_id": "vip", "within": "7d"]]],
    ]
  ]

  private static let saved = Answer.written(
    "The definition is durable.", ["segment_id": .string, "version": .version],
    example: [JSONText.Member("segment_id", "segment:3"), JSONText.Member("version", 1)])

  static let createSegment = Operation(
    "Create a segment", "Every cohort and segment in the filter must exist.",
    body: .json(
      .closed(
        ["name": .text(1...1_024), "filter": .named(.filter)],
        optional: [
          "description": .description, "tags": .tags, "expected_version": .version,
        ]),
      example: ["name": "Recent and loyal", "filter": filterExample]),
    fields: [.idempotencyKey], answers: [saved])

  static let updateSegment = Operation(
    "Change a segment",
    "What is not named stays. With `expected_version`, only if nobody was faster.",
    body: .json(
      .closed(
        ["segment_id": .string],
        optional: [
          "name": .text(1...1_024), "filter": .named(.filter), "description": .description,
          "tags": .tags, "expected_version": .version,
        ]),
      example: ["segment_id": "segment:3", "name": "Loyal", "expected_version": 1]),
    fields: [.idempotencyKey], answers: [saved], failures: [.notFound])

  static let archiveSegment = archiving("Archive a segment", "It still counts where it is used.")
  static let restoreSegment = archiving("Restore an archived segment", "")

  private static func archiving(_ summary: String, _ detail: String) -> Operation {
    Operation(
      summary, detail,
      body: .json(.closed(["segment_id": .string]), example: ["segment_id": "segment:3"]),
      fields: [.idempotencyKey],
      answers: [
        .written(
          "It is so.", optional: ["dependants": Schema.named(.dependants).orNull])
      ],
      failures: [.notFound])
  }

  static let previewSegment = Operation(
    "Count whom a filter means", "Nothing is saved.",
    body: .json(
      .closed(
        ["filter": .named(.filter)],
        optional: ["as_of": .oneOf([.string, .count])]),
      example: ["filter": filterExample]),
    answers: [
      .json(
        200, "How many, and how many for each leaf of the filter.",
        .object([
          "message": .constant("success"), "as_of": .named(.asOf), "size": .count,
          "leaves": .array(of: .object(["filter": .named(.filter), "size": .count])),
        ]))
    ], failures: [.notFound])

  static let listSegments = Operation(
    "List segments",
    "100 a page; archived ones only with `include_archived`. `search` finds a text in names, ids "
      + "and tags.",
    answers: [
      .json(
        200, "A page of them.",
        .object([
          "message": .constant("success"), "segments": .array(of: .segmentItem),
          "as_of": .named(.asOf),
        ]))
    ])

  static let segmentDetails = Operation(
    "Show a segment", answers: [.json(200, "Its definition and exact size.", .segmentDetails)],
    failures: [.notFound])

  static let segmentVersions = Operation(
    "List the versions of a segment",
    answers: [
      .list(
        "Oldest first.", "versions", of: .segmentVersion,
        ["message": .constant("success"), "segment_id": .string])
    ], failures: [.notFound])

  static let segmentSeries = Operation(
    "Show the size of a segment day by day", "Exact, oldest first.",
    answers: [
      .json(
        200, "Days before the first version are left out.",
        .object([
          "message": .constant("success"), "segment_id": .string,
          "data": .array(of: .object(["time": .time, "size": .count])),
          "as_of": .named(.asOf),
        ]))
    ], failures: [.notFound])

  static let segmentMembers = Operation(
    "List the members of a segment", "In the order of their numbers.",
    answers: [
      .list(
        "Members at that moment.", "members", of: .named(.member), ["count": .count],
        optional: ["segment_id": .string, "gone": .count])
    ], failures: [.notFound])
}
