// CONTRACT part 2: batches about users. Public fields: what is unknown is ignored.

extension Operation {
  private static let aliasExample: JSONText = [
    "alias_name": "ana@shop.example", "alias_label": "email",
  ]

  private static func batch(_ item: Schema) -> Schema { .array(of: item, atMost: 50) }

  /// The answer to a batch: how many items stood, and the errors of the others.
  private static func processed(
    _ key: String, status: Int = 201, _ more: KeyValuePairs<String, Schema> = [:]
  ) -> Answer {
    .json(
      status, "The good items are durable; the others stand in `errors`.",
      .allOf([
        .object(["message": .constant("success"), "position": .position]),
        .object(of: .count, under: [key]),
        .object(optional: ["errors": .named(.itemErrors)]), .object([:], optional: more),
      ]),
      example: .object([
        JSONText.Member("message", "success"), JSONText.Member(key, 1),
        JSONText.Member("position", 42),
      ]))
  }

  static let track = Operation(
    "Create users and attach devices",
    "An unknown `external_id` creates a user unless `_update_existing_only` is true. Attributes "
      + "that are not stored, `events` and `purchases` are named once in `ignored`.",
    body: .json(
      .open(optional: [
        "attributes": .array(
          of: .open(optional: [
            "external_id": .string, "user_alias": .named(.alias), "device_id": .string,
            "_update_existing_only": .boolean,
          ]), atMost: 75),
        "events": .array(of: .any, atMost: 75), "purchases": .array(of: .any, atMost: 75),
      ]),
      example: ["attributes": [["external_id": "customer-42", "device_id": "5f4dcc3b"]]]),
    fields: [.idempotencyKey],
    answers: [processed("attributes_processed", ["ignored": .array(of: .string)])])

  static let addAliases = Operation(
    "Give users aliases", "Without an external id an alias-only user is created.",
    body: .json(
      .open([
        "user_aliases": batch(
          .open(
            ["alias_name": .string, "alias_label": .string], optional: ["external_id": .string]))
      ]),
      example: [
        "user_aliases": [
          [
            "external_id": "customer-42", "alias_name": "ana@shop.example",
            "alias_label": "email",
          ]
        ]
      ]),
    fields: [.idempotencyKey], answers: [processed("aliases_processed")])

  static let updateAliases = Operation(
    "Change aliases", "Needs a known old name and a free new one.",
    body: .json(
      .open([
        "alias_updates": batch(
          .open(["alias_label": .string, "old_alias_name": .string, "new_alias_name": .string]))
      ]),
      example: [
        "alias_updates": [
          [
            "alias_label": "email", "old_alias_name": "ana@shop.example",
            "new_alias_name": "ana@home.example",
          ]
        ]
      ]),
    fields: [.idempotencyKey], answers: [processed("aliases_processed")])

  static let identify = Operation(
    "Give alias-only and anonymous users an external id",
    "If somebody has that external id, the profile is merged into that user.",
    body: .json(
      .open(optional: [
        "aliases_to_identify": batch(
          .open(["external_id": .string, "user_alias": .named(.alias)])),
        "devices_to_identify": batch(.open(["external_id": .string, "device_id": .string])),
      ]),
      example: [
        "aliases_to_identify": [["external_id": "customer-42", "user_alias": aliasExample]]
      ]),
    fields: [.idempotencyKey], answers: [processed("aliases_processed")])

  static let merge = Operation(
    "Merge users", "The one to keep is then in every cohort that either was in.",
    body: .json(
      .open([
        "merge_updates": batch(
          .object([
            "identifier_to_merge": .named(.mergeIdentifier),
            "identifier_to_keep": .named(.mergeIdentifier),
          ]).with("additionalProperties", false))
      ]),
      example: [
        "merge_updates": [
          [
            "identifier_to_merge": ["external_id": "customer-42-old"],
            "identifier_to_keep": ["external_id": "customer-42"],
          ]
        ]
      ]),
    fields: [.idempotencyKey], answers: [processed("merges_processed", status: 202)])

  static let renameExternalIDs = Operation(
    "Rename external ids", "The old one is deprecated: both match until it is removed.",
    body: .json(
      .open([
        "external_id_renames": batch(
          .open(["current_external_id": .string, "new_external_id": .string]))
      ]),
      example: [
        "external_id_renames": [
          ["current_external_id": "customer-42", "new_external_id": "c-42"]
        ]
      ]),
    fields: [.idempotencyKey],
    answers: [renamed("external_ids", "rename_errors", "Those that stand; of the others, why not.")]
  )

  static let removeExternalIDs = Operation(
    "Remove deprecated external ids", "Frees those of users merged away, too.",
    body: .json(
      .open(["external_ids": batch(.string)]), example: ["external_ids": ["customer-42"]]),
    fields: [.idempotencyKey],
    answers: [
      renamed("removed_ids", "removal_errors", "Those that are gone; of the others, why not.")
    ])

  /// Lists are null in the answer to a repeated request, of which only numbers were kept.
  private static func renamed(_ key: String, _ errors: String, _ detail: String) -> Answer {
    .json(
      201, detail,
      .allOf([
        .object(["message": .constant("success"), "position": .position]),
        .object(of: .array(of: .string).orNull, under: [key]),
        .object(
          of: .array(of: .array(of: .any, atLeast: 2, atMost: 2)).orNull, under: [errors]),
      ]))
  }

  static let deleteUsers = Operation(
    "Delete users",
    "They leave every cohort, and their identifiers are free at once. `erase` destroys their "
      + "texts as well, and adds the receipt.",
    body: .json(
      .closed(optional: [
        "external_ids": batch(.string), "user_aliases": batch(.named(.alias)), "erase": .boolean,
      ]),
      example: ["external_ids": ["customer-42"]]),
    fields: [.idempotencyKey],
    answers: [
      .written(
        "These users are gone.",
        [
          "deleted": .count,
          "users": .array(
            of: .object(["user": .count, "external_id": Schema.string.orNull])
          ).orNull,
        ], optional: ["receipt": .named(.receipt), "errors": .named(.itemErrors)],
        example: [
          JSONText.Member("deleted", 1),
          JSONText.Member("users", [["user": 17, "external_id": "customer-42"]]),
        ])
    ])

  static let exportUsers = Operation(
    "Export users", "At most 50 by external id and alias, or one by device.",
    body: .json(
      .open(optional: [
        "external_ids": batch(.string), "user_aliases": batch(.named(.alias)),
        "device_id": .string,
      ]),
      example: ["external_ids": ["customer-42"]]),
    answers: [
      .json(
        200, "Everything that is known of them.",
        .object(
          [
            "message": .constant("success"), "users": .array(of: .exportedUser),
            "as_of": .named(.asOf),
          ], optional: ["invalid_user_ids": .array(of: .any)]))
    ])
}
