internal import CohortModel

// Cohorts, keys, partners, definitions and the log, as answers show them.

extension Schema {
  static let cohort = object(
    [
      "partner": .string, "cohort_id": .string, "name": .string,
      "created_at": Schema.time.orNull.described("As the partner said it."), "size": .count,
      "last_change": Schema.position.orNull, "last_change_time": Schema.time.orNull,
      "archived": .boolean,
    ],
    optional: ["exists": constant(false).described("It did not exist at that moment.")])

  static let key = object([
    "key_id": .named(.keyID), "kind": .named(.keyKind), "partner": Schema.string.orNull,
    "label": .string, "permissions": array(of: .named(.permission)),
    "networks": array(of: .string), "expires_at": Schema.time.orNull,
    "status": choice(["live", "expired", "invalidated"]), "issued": .happened,
    "issued_by": .named(.keyID), "invalidated_at": Schema.position.orNull, "writes": .count,
    "last_write": .happened,
  ]).described("A key, without its secret.")

  static let partner = object([
    "partner": .string, "display_name": Schema.string.orNull, "enabled": .boolean,
    "learns": .boolean, "endpoint": .string, "keys": array(of: .named(.keyID)),
    "cohorts": .count,
  ])

  static let segmentItem = object([
    "id": .string, "name": .string, "analytics_tracking_enabled": constant(false),
    "tags": .tags,
  ])

  static let segmentDetails = object([
    "message": .constant("success"), "segment_id": .string, "created_at": .time,
    "updated_at": .time, "name": .string,
    "description": string.described("A sentence made from the filter."),
    "text_description": .string, "tags": .tags, "teams": array(of: .string),
    "filter": .named(.filter), "size": .count, "version": .version, "archived": .boolean,
    "as_of": .named(.asOf),
  ])

  static let segmentVersion = object([
    "version": .version, "position": .position, "time": .time, "name": .string,
    "text_description": .string, "tags": .tags, "filter": .named(.filter),
  ])

  static let campaignItem = object([
    "id": .string, "name": .string, "last_edited": .time, "is_api_campaign": constant(false),
    "tags": .tags,
  ])

  private static let sends = array(
    of: object(["send_id": .string, "time": .time, "size": .count]))

  private static let campaignBase = object([
    "message": .constant("success"), "created_at": .time, "updated_at": .time,
    "archived": .boolean, "draft": .boolean, "enabled": constant(true), "name": .string,
    "description": .string, "schedule_type": constant("time_based"), "tags": .tags,
    "teams": array(of: .string), "audience": .named(.audience), "version": .version,
    "sends": sends, "as_of": .named(.asOf),
  ])

  static let campaignDetails = allOf([
    campaignBase,
    object([
      "campaign_id": .string, "channels": array(of: .string), "messages": .object(),
      "conversion_behaviors": array(of: .any), "first_sent": Schema.time.orNull,
      "last_sent": Schema.time.orNull,
    ]),
  ])

  static let canvasDetails = allOf([
    campaignBase,
    object([
      "canvas_id": .string, "variants": array(of: .any), "steps": array(of: .any),
      "first_entry": Schema.time.orNull, "last_entry": Schema.time.orNull,
    ]),
  ])

  /// Of `/ledger/requests/{position}`.
  static let unmatched = object([
    "identifier": .named(.identifier), "outcome": .named(.outcome),
  ])

  static let status = object([
    "condition": string.described("`sound`, or what is wrong."), "ledger": .string,
    "as_of": .named(.asOf), "epoch": Schema.string.orNull, "requests": .count, "users": .count,
    "cohorts": .count, "tree": .named(.treeHead), "log_bytes": .count,
    "free_bytes": Schema.count.orNull, "last_verify": check.orNull, "last_scrub": check.orNull,
    "clock_lead_microseconds": Schema(integer),
    "replicas": array(
      of: object([
        "key": .named(.keyID), "name": string.described("The label of the key."),
        "position": .position, "last_seen": .time,
      ])
    ).described(
      "Who has pulled `/ledger/log` since the server's start, the last seen first, at most 64; and "
        + "what each holds."),
    "replica": following.orNull, "sync_runs": array(of: syncRun),
  ])

  private static let following = object([
    "leader": .string, "leader_position": .position, "lag_positions": .count,
    "lag_seconds": .count, "heard": .time,
  ]).described("Of a replica: its leader, and how far it is behind what that last said.")

  private static let syncRun = object([
    "sync": .string, "run": .count, "started": .time, "finished": .time, "entered": .count,
    "left": .count, "unchanged": .count, "sent": .count, "rejected": .count, "refused": .count,
    "stopped": choice(["guard", "empty", "destination"]).orNull, "failed": .boolean,
    "key": .named(.keyID), "reported": .time,
  ]).described(
    "The last run of a sync that has reported in, with its `read_key`, since the server's start.")

  private static let check = object([
    "time": .time, "position": Schema.position.orNull, "findings": .count,
  ]).described("A look through the whole log since the server's start.")

  private static let integer = [JSONText.Member("type", "integer")]
}
