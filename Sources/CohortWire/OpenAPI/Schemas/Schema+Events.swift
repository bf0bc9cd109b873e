internal import CohortModel

// Events as feeds show them: an envelope, and what each type adds (CONTRACT part 6).

extension Schema {
  static let event = oneOf(Event.typeNames.map { eventSchema($0) })
    .described(
      "An event. With `identifiers=none` users have only numbers, and identifiers no texts.")

  private static func eventSchema(_ type: String) -> Schema {
    allOf([
      object([
        "position": .position, "time": .time,
        "epoch": pattern("^[0-9a-f]{32}$").described("With the position it is a checkpoint."),
        "request": position.described("The position of the last event of the same request."),
        "key": .named(.keyID), "type": constant(.string(type)),
      ]),
      payload(of: type),
    ])
  }

  /// Of `/ledger/keys/{id}/activity`: an import is told by its counts.
  static let activityEvent = oneOf(
    Event.typeNames.map { type in
      allOf([
        object(["position": .position, "type": constant(.string(type))]),
        type == "membersChanged"
          ? object(["partner": .string, "cohort_id": .string, "counts": .named(.outcomes)])
          : payload(of: type),
      ])
    })

  /// Of `/ledger/prove`: bytes in hexadecimal digits.
  static let provenEvent = object([
    "position": .position, "time_us": .count, "event": hexadecimal,
    "path": array(of: .named(.digest)),
    "openings": array(of: object(["item": .count, "nonce": hexadecimal, "text": hexadecimal])),
  ])

  private static let hexadecimal = pattern("^([0-9a-f]{2})*$")

  /// What an event of a type adds to the envelope.
  static func payload(of type: String) -> Schema {
    switch type {
    case "partnerEnabled":
      object(["partner": .string, "display_name": .string, "learns": .boolean])
    case "partnerDisabled": object(["partner": .string])
    case "keyIssued":
      object([
        "key_id": .named(.keyID), "kind": .named(.keyKind), "partner": string.orNull,
        "label": .string, "permissions": array(of: .named(.permission)),
        "networks": array(of: .string), "expires_at": time.orNull,
      ])
    case "keyInvalidated": object(["key_id": .named(.keyID)])
    case "userCreated":
      object(["user": .named(.user), "identifiers": array(of: .named(.identifier))])
    case "identifierAdded", "identifierRemoved", "userIdentified":
      object(["user": .named(.user), "identifier": identified])
    case "externalIdRenamed":
      object(["user": .named(.user), "deprecated": identified, "identifier": identified])
    case "usersMerged":
      object([
        "user": .named(.user), "into": .named(.user), "cohorts_left": cohortNames,
        "cohorts_entered": cohortNames, "identifiers_moved": identifiers,
        "aliases_dropped": identifiers, "external_ids_merged": identifiers,
      ])
    case "userDeleted":
      object([
        "user": .named(.user), "cohorts_left": cohortNames, "identifiers_freed": identifiers,
      ])
    case "userErased":
      object([
        "user": Schema.named(.user).orNull,
        "texts": array(of: object(["position": .position, "item": .count])),
      ])
    case "erasureFinished": object(["erasure": .position])
    case "unmatchedForgotten": object(["before": .time, "through": .position])
    default: definitionPayload(of: type)
    }
  }

  private static func definitionPayload(of type: String) -> Schema {
    switch type {
    case "cohortNamed":
      object([
        "partner": .string, "cohort_id": .string, "name": .string, "created_at": time.orNull,
      ])
    case "cohortArchived", "cohortRestored": .named(.cohortName)
    case "membersChanged":
      object([
        "partner": .string, "cohort_id": .string, "added": array(of: .named(.user)),
        "removed": array(of: .named(.user)), "counts": .named(.outcomes),
        "unmatched": array(of: unmatched),
      ])
    case "segmentSaved":
      object([
        "segment_id": .string, "version": .version, "name": .string, "description": .string,
        "tags": .tags, "filter": .named(.filter),
      ])
    case "segmentArchived", "segmentRestored": object(["segment_id": .string])
    case "campaignSaved", "canvasSaved":
      allOf([
        object(of: .string, under: [idKey(type)]),
        object([
          "version": .version, "name": .string, "description": .string, "tags": .tags,
          "audience": .named(.audience),
        ]),
      ])
    case "campaignArchived", "campaignRestored", "canvasArchived", "canvasRestored":
      object(of: .string, under: [idKey(type)])
    case "audienceFrozen":
      object(
        [
          "send_id": .string, "version": .version, "as_of": .named(.asOf),
          "segments": array(of: object(["segment_id": .string, "version": .version])),
          "audience": .named(.audience), "size": .count, "digest": .named(.digest),
        ], optional: ["campaign_id": .string, "canvas_id": .string])
    case "recovered":
      object([
        "offset": .count, "size": .count, "digest": .named(.digest),
        "may_have_been_acknowledged": .boolean,
      ])
    case "restored":
      object([
        "cut": .position, "head": .position, "root": .named(.digest), "accepted_loss": .boolean,
      ])
    default: .object()
    }
  }

  private static func idKey(_ type: String) -> String {
    type.hasPrefix("canvas") ? "canvas_id" : "campaign_id"
  }

  /// Null for a number that no identifier has.
  private static let identified = Schema.named(.identifier).orNull
  private static let identifiers = array(of: identified)
  private static let cohortNames = array(of: .named(.cohortName))
}
