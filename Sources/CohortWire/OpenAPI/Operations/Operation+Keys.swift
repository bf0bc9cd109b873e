// CONTRACT part 3: keys, partners and what may no longer be known.

extension Operation {
  static let issueKey = Operation(
    "Issue a key",
    "The secret is shown this once. A key can grant only permissions it has, to keys that expire no "
      + "later than itself and admit no address that it does not.",
    body: .json(
      .closed(
        ["kind": .named(.keyKind), "label": .text(1...1_024)],
        optional: [
          "partner": .named(.partnerCode), "permissions": .array(of: .named(.permission)),
          "networks": .array(of: .string.example("10.0.0.0/8")), "expires_at": .time,
        ]),
      example: ["kind": "data-import", "partner": "hightouch", "label": "warehouse"]),
    fields: [.idempotencyKey],
    answers: [
      .written(
        "The key is live.", ["key_id": .named(.keyID), "secret": Schema.string.orNull],
        example: [JSONText.Member("key_id", "key:3"), JSONText.Member("secret", "dik-9a41")])
    ])

  static let invalidateKey = Operation(
    "Invalidate a key", "No request that is sequenced later escapes.", body: Body.none,
    fields: [.idempotencyKey], answers: [.written("The key opens nothing any more.")])

  static let listKeys = Operation(
    "List keys",
    answers: [
      .list("Without their secrets.", "keys", of: .named(.key), ["writes_as_of": .position])
    ])

  static let keyActivity = Operation(
    "Show what a key did",
    answers: [
      .list(
        "The requests that it recorded, newest first.", "activity",
        of: .object([
          "request": .position, "time": .time, "events": .array(of: .named(.activityEvent)),
        ]),
        [
          "key_id": .named(.keyID),
          "since_start": Schema.object([
            "reads": .count, "refusals": .count, "last_read": Schema.time.orNull,
          ]).described("What leaves no event, since the server's start."),
        ])
    ])

  static let enablePartner = Operation(
    "Enable a partner",
    "Takes the partner's own key, makes one, or learns it from the first request that comes with "
      + "a valid data import key.",
    body: .json(
      .closed(
        ["partner": .named(.partnerCode)],
        optional: [
          "partner_api_key": .text(1...1_024), "learn": .boolean, "display_name": .text(1...1_024),
        ]),
      example: ["partner": "hightouch", "display_name": "Hightouch"]),
    fields: [.idempotencyKey],
    answers: [
      .written(
        "The partner may push cohorts.",
        [
          "partner": .string, "key_id": Schema.named(.keyID).orNull,
          "partner_api_key": Schema.string.orNull,
        ],
        optional: [
          "other_keys": Schema.array(of: .named(.keyID))
            .described("Live keys that open the same door.")
        ],
        example: [
          JSONText.Member("partner", "hightouch"), JSONText.Member("key_id", "key:2"),
          JSONText.Member("partner_api_key", "pk-3f6c"),
        ])
    ])

  static let disablePartner = Operation(
    "Disable a partner", "Its cohorts stay.", body: Body.none, fields: [.idempotencyKey],
    answers: [.written("The partner may push no more.")])

  static let listPartners = Operation(
    "List partners",
    answers: [.list("With endpoints, keys and cohorts.", "partners", of: .named(.partner))])

  static let erase = Operation(
    "Erase a person",
    "Destroys every text that names the person, in every file of the ledger; numbers and proofs "
      + "stay. Erasing again gives the same receipt. A name of more than 1,024 bytes reaches what "
      + "imports kept of it.",
    body: .json(.named(.userName), example: ["external_id": "customer-42"]),
    fields: [.idempotencyKey],
    answers: [
      .written(
        "It is done, and this is where the person may still be found.",
        optional: ["receipt": .named(.receipt)])
    ], failures: [.notFound, .conflict])

  static let forgetUnmatched = Operation(
    "Forget unmatched identifiers",
    "Those of imports before that time; counts and reasons stay.",
    body: .json(.closed(["before": .time]), example: ["before": "2026-11-21T00:41:59Z"]),
    fields: [.idempotencyKey],
    answers: [.written("They are gone.", optional: ["receipt": .named(.receipt)])])
}
