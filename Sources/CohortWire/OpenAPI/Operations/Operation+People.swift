// CONTRACT part 3: what is asked of one user, and how many are brought at once.

extension Operation {
  static let importUsers = Operation(
    "Import users",
    "A stream of lines, of any length. A line creates a user or completes the one it names; each "
      + "10,000 lines are one unit, and sent again they change nothing.",
    body: Body(
      type: "application/x-ndjson", schema: .importLine,
      example: ["external_id": "customer-42", "device_ids": ["5f4dcc3b"]], isOptional: true),
    answers: [
      .written(
        "What became of the lines.",
        [
          "created": .count, "completed": .count, "unchanged": .count, "refused_count": .count,
          "refused": .array(of: .object(["line": .count, "type": .string])).orNull,
        ],
        example: [
          JSONText.Member("created", 1), JSONText.Member("completed", 0),
          JSONText.Member("unchanged", 0), JSONText.Member("refused_count", 0),
          JSONText.Member("refused", []),
        ])
    ])

  static let user = Operation(
    "Show a user", "With its identifiers, cohorts and segments at that moment.",
    answers: [.json(200, "The user.", .userAsOf)], failures: [.notFound])

  static let userHistory = Operation(
    "Show what happened to a user", "And to everyone merged into it.",
    answers: [
      .list(
        "Oldest first.", "history", of: .named(.historyEntry),
        optional: ["user": .named(.member), "bearers": .named(.bearers)])
    ], failures: [.notFound])

  static let why = Operation(
    "Tell why somebody is in, or is not",
    "About a cohort, a segment, or a send as of its launch. An identifier of nobody is answered "
      + "from the imports that named it.",
    answers: [
      .json(
        200, "The filter with every part's truth, and a reason for each cohort in it.",
        .object([
          "user": Schema.named(.member).orNull, "as_of": .named(.asOf), "holds": .boolean,
          "tree": .named(.whyTree),
        ]))
    ], failures: [.notFound])

  static let prove = Operation(
    "Prove what the log says of somebody and a cohort",
    "Every event of the reason, with its bytes and its path to the tree head, and what opens the "
      + "person's texts. Needs nothing but a tree head to be checked.",
    answers: [
      .json(
        200, "The proof. `reveals` names the other users whose numbers the events show.",
        .object([
          "as_of": .named(.asOf), "ledger": .string, "partner": .string, "cohort_id": .string,
          "cohort": .count, "users": .array(of: .count), "is_member": .boolean,
          "tree_head": .named(.treeHead), "events": .array(of: .provenEvent),
          "reveals": .array(of: .count),
        ]))
    ], failures: [.notFound])
}
