extension LedgerState {
  /// What a change of a cohort cannot name; `nil` if it can be.
  ///
  /// Of who comes or goes it takes the least and the greatest; `nil` if nobody does.
  ///
  /// - Complexity: O(1).
  @inline(__always)
  package func objection(
    toChangeOf cohort: CohortID, _ users: ClosedRange<UInt32>?
  ) -> String? {
    guard cohorts.contains(cohort) else { return "\(cohort) does not exist" }
    guard let users else { return nil }
    guard users.lowerBound > 0 else { return "\(UserID(0)) does not exist" }
    return directory.contains(UserID(users.upperBound))
      ? nil : "\(UserID(users.upperBound)) does not exist"
  }

  /// What an event says of members that is not so.
  func objection(toMembersOf event: Event) -> String? {
    switch event {
    case .membersChanged(let event): return objection(to: event)
    case .usersMerged(let event):
      for cohort in event.cohortsEntered where memberships.contains(event.into, in: cohort) {
        return "\(event.into) enters \(cohort) a second time"
      }
      return objection(toLeaving: event.cohortsLeft, event.user)
    case .userDeleted(let event): return objection(toLeaving: event.cohortsLeft, event.user)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored,
      .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived,
      .campaignRestored, .audienceFrozen, .recovered, .restored:
      return nil
    }
  }

  private func objection(toLeaving left: [CohortID], _ user: UserID) -> String? {
    for cohort in left where !memberships.contains(user, in: cohort) {
      return "\(user) is not in \(cohort)"
    }
    return nil
  }

  private func objection(to event: MembersChanged) -> String? {
    for number in event.users.users {
      let user = UserID(number)
      switch event.direction {
      case .leaving:
        if !memberships.contains(user, in: event.cohort) {
          return "\(user) leaves \(event.cohort) without being in it"
        }
      case .entering:
        if memberships.contains(user, in: event.cohort) {
          return "\(user) enters \(event.cohort) a second time"
        }
        if !isActive(user) { return "\(user) is no more, and enters \(event.cohort)" }
      }
    }
    return nil
  }
}

extension LedgerState {
  /// What a filter names that is not there, or why no answer could be found to it: it leads back to
  /// its segment, or is deeper than anybody may ask.
  func objection(to filter: Filter, of segment: SegmentID?) -> String? {
    for cohort in filter.cohorts where !cohorts.contains(cohort) {
      return "\(cohort) does not exist"
    }
    for named in filter.segments where !segments.contains(named) && named != segment {
      return "\(named) does not exist"
    }
    do throws(Refusal) {
      if let segment { try requireNoCycle(from: segment, filter) }
    } catch { return "the filter of \(segment.map(\.description) ?? "it") cannot be asked" }
    var known: [SegmentID: Int] = [:]
    return depth(of: filter, &known, Filter.depthMax) <= Filter.depthMax
      ? nil : "a filter is too deep"
  }

  func objection(to audience: Audience) -> String? {
    for segment in audience.segments where !segments.contains(segment) {
      return "\(segment) does not exist"
    }
    return audience.filter.flatMap { objection(to: $0, of: nil) }
  }
}
