// CONTRACT part 1: the keys stand in the body.

extension Operation {
  private static let keys: [JSONText.Member] = [
    JSONText.Member("partner_api_key", "pk-3f6c"), JSONText.Member("client_secret", "dik-9a41"),
  ]

  private static let keyDetail =
    "The keys stand in the body: `partner_api_key` says which partner calls, `client_secret` (a "
    + "data import key) for which workspace. Fields that are not named here are ignored."

  static let nameCohort = Operation(
    "Name a cohort", "Makes the cohort, or gives it another name. " + keyDetail,
    body: .json(
      .open([
        "partner_api_key": .string, "client_secret": .string, "cohort_id": .named(.cohortID),
        "name": .text(1...1_024), "created_at": .string.described("ISO 8601."),
      ]),
      example: .object(
        keys + [
          JSONText.Member("cohort_id", "vip"), JSONText.Member("name", "Our best"),
          JSONText.Member("created_at", "2026-11-21T00:41:59Z"),
        ])),
    fields: [.idempotencyKey],
    answers: [limited(.written("The cohort bears this name."))])

  static let changeMembers = Operation(
    "Add and remove members",
    "Applies the changes in order, all of them or none. Users are never created; each identifier "
      + "has an outcome. At most 1,000 identifiers. " + keyDetail,
    body: .json(
      .open([
        "partner_api_key": .string, "client_secret": .string, "cohort_id": .named(.cohortID),
        "cohort_changes": .array(of: .named(.cohortChange)),
      ]),
      example: .object(
        keys + [
          JSONText.Member("cohort_id", "vip"),
          JSONText.Member(
            "cohort_changes",
            [
              ["user_ids": ["customer-42", "customer-43"]],
              ["device_ids": ["5f4dcc3b"], "should_remove": true],
              ["aliases": [["alias_name": "ana@shop.example", "alias_label": "email"]]],
            ]),
        ])),
    fields: [.idempotencyKey, .prefer],
    answers: [
      limited(
        .written(
          "The changes are durable.", ["outcomes": .named(.outcomes)],
          optional: ["results": results],
          example: [
            JSONText.Member(
              "outcomes",
              [
                "added": 2, "already_member": 0, "removed": 1, "not_member": 0, "unknown": 1,
                "identified": 0, "merged": 0,
              ])
          ]))
    ])

  private static let results = Schema.array(
    of: .object(
      ["change": .count, "outcome": .named(.outcome)],
      optional: [
        "user_id": .string, "device_id": .string, "alias": .named(.alias),
        "survivor": .named(.user),
      ])
  ).described("For `Prefer: return=representation`: each identifier, in order.")

  private static func limited(_ answer: Answer) -> Answer {
    var answer = answer
    answer.headers = [.rateLimit, .rateRemaining, .rateReset]
    return answer
  }
}
