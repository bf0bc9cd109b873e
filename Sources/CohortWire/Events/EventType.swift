package import CohortModel

extension Event {
  /// The type that a feed calls it by, and that `types=` names (CONTRACT part 6).
  package var typeName: String {
    switch self {
    case .partnerEnabled: "partnerEnabled"
    case .partnerDisabled: "partnerDisabled"
    case .keyIssued: "keyIssued"
    case .keyInvalidated: "keyInvalidated"
    case .userCreated: "userCreated"
    case .identifierAdded: "identifierAdded"
    case .identifierRemoved: "identifierRemoved"
    case .externalIDRenamed: "externalIdRenamed"
    case .userIdentified: "userIdentified"
    case .usersMerged: "usersMerged"
    case .userDeleted: "userDeleted"
    case .userErased: "userErased"
    case .erasureFinished: "erasureFinished"
    case .unmatchedForgotten: "unmatchedForgotten"
    case .cohortNamed: "cohortNamed"
    case .cohortArchived: "cohortArchived"
    case .cohortRestored: "cohortRestored"
    case .membersChanged: "membersChanged"
    case .segmentSaved: "segmentSaved"
    case .segmentArchived: "segmentArchived"
    case .segmentRestored: "segmentRestored"
    case .campaignSaved(let event): event.campaign.kind.name + "Saved"
    case .campaignArchived(let campaign): campaign.kind.name + "Archived"
    case .campaignRestored(let campaign): campaign.kind.name + "Restored"
    case .audienceFrozen: "audienceFrozen"
    case .recovered: "recovered"
    case .restored: "restored"
    }
  }

  /// Every type there is, for the check of `types=` and the nearest name.
  package static let typeNames = [
    "partnerEnabled", "partnerDisabled", "keyIssued", "keyInvalidated", "userCreated",
    "identifierAdded", "identifierRemoved", "externalIdRenamed", "userIdentified", "usersMerged",
    "userDeleted", "userErased", "erasureFinished", "unmatchedForgotten", "cohortNamed",
    "cohortArchived", "cohortRestored", "membersChanged", "segmentSaved", "segmentArchived",
    "segmentRestored", "campaignSaved", "campaignArchived", "campaignRestored", "canvasSaved",
    "canvasArchived", "canvasRestored", "audienceFrozen", "recovered", "restored",
  ]
}
