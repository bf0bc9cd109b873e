internal import CohortModel

// Users and what names them. A text that was erased is null, with `"erased":true` beside it.

extension Schema {
  private static let personal = string.orNull
  private static let isErased = constant(true)
  private static let number = integer(from: 0).described("The number of a user.").example(17)

  /// As requests name one.
  static let alias = open(["alias_name": .string, "alias_label": .string])
    .example(["alias_name": "ana@shop.example", "alias_label": "email"])

  /// As answers show one.
  private static let shownAlias = object(
    ["alias_label": .string, "alias_name": personal], optional: ["erased": isErased])

  static let identifier = object(optional: [
    "external_id": personal, "device_id": personal, "alias_label": .string,
    "alias_name": personal, "erased": isErased,
  ]).described("An external id, a device id, or the two parts of an alias.")

  static let userName = oneOf([
    closed(["external_id": .string]), closed(["user_alias": .named(.alias)]),
    closed(["alias_label": .string, "alias_name": .string]), closed(["device_id": .string]),
    closed(["user": oneOf([integer(from: 0, to: Int64(UInt32.max)), pattern("^user:[0-9]+$")])]),
  ]).described("Names one user, in one way.")

  static let user = object(
    ["user": number],
    optional: [
      "external_id": personal, "aliases": array(of: shownAlias), "device_ids": array(of: personal),
      "erased": isErased,
    ]
  ).described("A user with the identifiers of that moment, as far as it has any.")

  static let member = object(
    ["user": number],
    optional: [
      "external_id": personal, "aliases": array(of: shownAlias), "device_ids": array(of: personal),
      "erased": isErased,
    ]
  ).described("A member of a list; without `ledger.people` only the number.")

  static let bearers = array(
    of: object([
      "user": number, "role": .string, "from": .position, "until": Schema.position.orNull,
    ])
  ).described("Who bore an identifier, and when.")

  /// Of `/ledger/users`.
  static let userAsOf = object(
    [
      "as_of": .named(.asOf), "user": number, "external_id": personal,
      "deprecated_external_ids": array(of: personal), "aliases": array(of: shownAlias),
      "device_ids": array(of: personal),
      "status": choice(["absent", "active", "deleted", "merged"]),
      "merged_users": array(of: number),
      "cohorts": array(
        of: object(["partner": .string, "cohort_id": .string, "name": .string])),
      "segments": array(of: object(["segment_id": .string, "name": .string])),
    ],
    optional: ["until": .position, "merged_into": number, "erased": isErased])

  /// Of `/users/export/ids`.
  static let exportedUser = object([
    "user": number, "external_id": personal, "user_aliases": array(of: shownAlias),
    "devices": array(of: .named(.identifier)), "cohorts": array(of: .named(.cohortName)),
    "segments": array(of: .string),
  ])

  static let historyEntry = oneOf(
    [
      "userCreated", "identifierAdded", "identifierRemoved", "externalIdRenamed",
      "userIdentified", "usersMerged", "userDeleted", "userErased",
    ].map { history($0, payload(of: $0)) }
      + ["entered", "left"].map {
        history($0, object(["partner": .string, "cohort_id": .string, "by": .changeKind]))
      }
  ).described(
    "Something that happened to a user or to someone merged into it: an event as feeds show it, "
      + "or `entered` and `left` with the cohort.")

  private static func history(_ type: String, _ payload: Schema) -> Schema {
    allOf([
      object([
        "position": .position, "time": .time, "key": .named(.keyID), "subject": number,
        "type": constant(.string(type)),
      ]), payload,
    ])
  }

  /// What moved members of a cohort.
  static let changeKind = choice(["import", "merge", "deletion"])

  static let reasonEvent = object(
    ["position": .position, "request": .position, "time": .time, "key": .named(.keyID)],
    optional: ["user": number])

  static let reason = object(
    [
      "partner": .string, "cohort_id": .string,
      "finding": choice([
        "member", "never_sent", "unmatched", "removed", "left_by_deletion", "merged_into",
        "cohort_did_not_exist",
      ]),
      "mentions": array(
        of: allOf([
          .named(.reasonEvent),
          object([
            "identifier": .named(.identifier), "outcome": .named(.outcome),
            "should_remove": .boolean,
          ]),
        ])),
    ],
    optional: [
      "merges": array(of: .named(.reasonEvent)), "origins": array(of: .named(.reasonEvent)),
      "by": array(of: .named(.reasonEvent)), "merged_into": number,
    ]
  ).described("Why somebody is in a cohort, or is not.")

  static let whyTree = object(
    ["kind": choice(["and", "or", "not", "segment", "leaf"]), "holds": .boolean],
    optional: [
      "parts": array(of: .named(.whyTree)), "segment_id": .string, "name": .string,
      "filter": .named(.filter), "reasons": array(of: .named(.reason)),
    ]
  ).described(
    "A filter with the truth of each of its parts for one person. A segment that is included more "
      + "than once has its parts where it stands first, and none where it stands again.")
}
