extension Event {
  /// Calls `body` with each change that the event makes in a cohort, in order: the cohort, why,
  /// who, and how many identifiers were unmatched.
  package func forEachMembershipChange(
    _ body: (CohortID, HistoryKind, PackedUsers, UInt32) -> Void
  ) {
    switch self {
    case .membersChanged(let event):
      body(
        event.cohort, HistoryKind(event.direction), event.users, UInt32(event.unmatched.count))
    case .usersMerged(let event):
      let (user, survivor) = (PackedUsers(one: event.user), PackedUsers(one: event.into))
      for cohort in event.cohortsLeft { body(cohort, .mergedAway, user, 0) }
      for cohort in event.cohortsEntered { body(cohort, .mergedIn, survivor, 0) }
    case .userDeleted(let event):
      let user = PackedUsers(one: event.user)
      for cohort in event.cohortsLeft { body(cohort, .deleted, user, 0) }
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored,
      .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived,
      .campaignRestored, .audienceFrozen, .recovered, .restored:
      break  // These change no membership. Listed, so that a new event cannot be forgotten.
    }
  }
}

extension PackedUsers {
  init(one user: UserID) { self.init(sorted: [user.rawValue].span) }
}
