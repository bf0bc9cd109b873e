extension Event {
  /// How many personal texts the event holds, those of its request's receipt not counted.
  ///
  /// Storage/FORMAT.md, section 5: they have the items below this number, and the receipt's follow.
  package var textCount: Int {
    switch self {
    case .userCreated(let event): event.identifiers.count
    case .identifierAdded, .externalIDRenamed, .userIdentified: 1
    case .membersChanged(let event): event.unmatched.count
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .identifierRemoved,
      .usersMerged, .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten, .cohortNamed,
      .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived, .segmentRestored,
      .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      0
    }
  }
}
