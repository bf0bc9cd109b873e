// CONTRACT part 3: the log itself.

extension Operation {
  static let preview = Operation(
    "Say what a write would answer now",
    "By the same decisions; nothing is written. The lines of a users import stand in an array.",
    body: .json(
      .closed(
        ["path": .string], optional: ["body": .anyOf([.object(), .array(of: .object())])]),
      example: [
        "path": "/users/merge",
        "body": [
          "merge_updates": [
            [
              "identifier_to_merge": ["external_id": "customer-42-old"],
              "identifier_to_keep": ["external_id": "customer-42"],
            ]
          ]
        ],
      ]),
    answers: [
      .json(
        200, "The status and body that the write would get.",
        .object([
          "as_of": .named(.asOf), "status": .integer(from: 200, to: 599), "body": .object(),
        ]))
    ], failures: [.notFound])

  static let request = Operation(
    "Show a request as it was recorded",
    "Of an import: who was added and removed, and what matched nobody, with the reasons. With "
      + "`members=none` those who were added and removed are only counted. What else it recorded are "
      + "`events`, page by page.",
    answers: [
      .list(
        "What it recorded.", "events", of: .named(.event),
        ["request": .position, "time": .time, "key": .named(.keyID)],
        optional: [
          "partner": .string, "cohort_id": .string, "counts": .named(.outcomes),
          "added": .array(of: .named(.user)), "removed": .array(of: .named(.user)),
          "unmatched": .array(of: .unmatched),
        ])
    ])

  static let events = Operation(
    "Follow the events",
    "Lines of JSON behind a checkpoint. With `wait` the answer to a question at the end of the log "
      + "comes as soon as something is durable. With `Accept: text/event-stream` the answer goes "
      + "on for ever, and resumes from `Last-Event-ID`. A checkpoint is `position@epoch`; if that "
      + "event is no longer part of this log, the answer is 409 `History changed`.",
    fields: [.lastEventID],
    answers: [
      Answer(
        status: 200,
        detail: "Events, oldest first. Identifiers need `ledger.log`; `identifiers=none` does not.",
        contents: [
          Content(type: "application/x-ndjson", schema: .named(.event)),
          Content(
            type: "text/event-stream",
            schema: .string.described("`id:` a checkpoint, `data:` the event.")),
        ])
    ], failures: [.conflict])

  static let log = Operation(
    "Read the bytes of the log", "Up to its durable end, whole or one range of it.",
    fields: [.range, .ifRange, .held],
    answers: [bytes(200, "All of it.", []), bytes(206, "The range.", [.contentRange])],
    failures: [.rangeNotSatisfiable])

  private static func bytes(_ status: Int, _ detail: String, _ more: [AnswerField]) -> Answer {
    Answer(
      status: status, detail: detail,
      contents: [
        Content(
          type: "application/octet-stream",
          schema: Schema([JSONText.Member("contentMediaType", "application/octet-stream")]))
      ], headers: [.acceptRanges, .entityTag] + more)
  }

  private static let path = Schema.array(of: .named(.digest))

  static let treeHead = Operation(
    "Show the head of the tree",
    answers: [
      .json(
        200, "Size and root.",
        .allOf([
          .object(["as_of": .named(.asOf), "ledger": .string, "checkpoint": .string]),
          .named(.treeHead),
        ]))
    ], failures: [.notFound])

  static let treeInclusion = Operation(
    "Prove that an event is in the tree", "RFC 6962, section 2.1.1.",
    answers: [
      .json(
        200, "The path from its leaf to the root.",
        .object([
          "as_of": .named(.asOf), "position": .position, "index": .count,
          "leaf": .named(.digest), "size": .count, "root": .named(.digest), "path": path,
        ]))
    ], failures: [.notFound])

  static let treeConsistency = Operation(
    "Prove that nothing was taken from the tree", "RFC 6962, section 2.1.2.",
    answers: [
      .json(
        200, "The proof.",
        .object([
          "as_of": .named(.asOf), "from": .named(.treeHead), "to": .named(.treeHead),
          "path": path,
        ]))
    ],
    failures: [.notFound])

  static let status = Operation(
    "Show the state of the house",
    "Who follows the log is in `replicas`; of a replica, `replica` says how far it is behind.",
    fields: [.held, .syncRun], answers: [.json(200, "As it is now.", .status)])
}
