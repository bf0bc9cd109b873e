import CohortModel

extension LedgerState {
  /// What a whole, well-formed event says that cannot have happened in this state; `nil` if it can.
  ///
  /// `decide` never makes such an event, and `apply` relies on that. Whoever edits a log and
  /// recomputes every checksum is found out by this, or by the root.
  ///
  /// - Complexity: O(users named), one look-up each.
  func objection(to recorded: Recorded) -> String? {
    guard recorded.position == position.advanced(by: 1) else {
      return "its position does not follow \(position)"
    }
    guard recorded.key.rawValue == 0 || keys.contains(recorded.key) else {
      return "\(recorded.key) does not exist"
    }
    switch recorded.event {
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated:
      return objection(toKeys: recorded.event)
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted:
      return objection(toUsers: recorded.event)
    case .userErased, .erasureFinished, .unmatchedForgotten:
      return objection(toErasing: recorded.event, at: recorded.position)
    case .cohortNamed, .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived,
      .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen:
      return objection(toDefining: recorded.event, at: recorded.position)
    case .membersChanged(let event): return objection(to: event)
    case .recovered: return nil
    case .restored(let event):
      return event.cut < recorded.position ? nil : "it continues a position that was not there"
    }
  }

  private func exists(_ partner: PartnerID) -> Bool {
    partner.rawValue > 0 && Int(partner.rawValue) <= partners.records.count
  }

  private func isActive(_ user: UserID) -> Bool {
    guard directory.contains(user), case .active = directory.status(of: user) else { return false }
    return true
  }

  private func objection(toKeys event: Event) -> String? {
    switch event {
    case .partnerEnabled(let event):
      if exists(event.partner) {
        return partners[event.partner].code == event.code
          ? nil : "\(event.partner) has another code"
      }
      return Int(event.partner.rawValue) == partners.records.count + 1
        && partners[event.code] == nil ? nil : "\(event.partner) is not the next partner"
    case .partnerDisabled(let partner):
      return exists(partner) ? nil : "\(partner) does not exist"
    case .keyIssued(let event):
      guard Int(event.key.rawValue) == keys.records.count + 1 else {
        return "\(event.key) is not the next key"
      }
      if let partner = event.partner, !exists(partner) { return "\(partner) does not exist" }
      return nil
    case .keyInvalidated(let key):
      guard keys.contains(key) else { return "\(key) does not exist" }
      return keys[key].invalidatedAt == nil ? nil : "\(key) was invalid already"
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten, .cohortNamed,
      .cohortArchived, .cohortRestored, .membersChanged, .segmentSaved, .segmentArchived,
      .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen,
      .recovered, .restored:
      return nil
    }
  }

  private func objection(toUsers event: Event) -> String? {
    switch event {
    case .userCreated(let event):
      guard Int(event.user.rawValue) == directory.userCount + 1 else {
        return "\(event.user) is not the next user"
      }
      return event.identifiers.isEmpty ? "\(event.user) has no identifier" : nil
    case .identifierAdded(let event):
      return isActive(event.user) ? nil : "\(event.user) does not exist"
    case .identifierRemoved(let event):
      return directory.bearer(of: event.identifier) == nil
        ? "\(event.identifier) is borne by nobody" : nil
    case .externalIDRenamed(let event):
      guard isActive(event.user) else { return "\(event.user) does not exist" }
      return directory.bearer(of: event.deprecated)?.user == event.user
        ? nil : "\(event.deprecated) is not borne by \(event.user)"
    case .userIdentified(let event):
      guard isActive(event.user) else { return "\(event.user) does not exist" }
      return directory.isIdentified(event.user) ? "\(event.user) was identified already" : nil
    case .usersMerged(let event):
      guard event.user != event.into, isActive(event.user), isActive(event.into) else {
        return "\(event.user) cannot be merged into \(event.into)"
      }
      for identifier in event.moved + event.dropped + event.retired
      where directory.bearer(of: identifier) == nil {
        return "\(identifier) is borne by nobody"
      }
      for cohort in event.cohortsEntered {
        guard event.cohortsLeft.contains(cohort), cohorts.contains(cohort),
          !memberships.contains(event.into, in: cohort)
        else { return "\(event.into) cannot enter \(cohort)" }
      }
      return objection(toLeaving: event.cohortsLeft, event.user)
    case .userDeleted(let event):
      guard isActive(event.user) else { return "\(event.user) does not exist" }
      for identifier in event.freed where directory.bearer(of: identifier) == nil {
        return "\(identifier) is borne by nobody"
      }
      return objection(toLeaving: event.cohortsLeft, event.user)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored,
      .membersChanged, .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved,
      .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      return nil
    }
  }

  private func objection(toLeaving left: [CohortID], _ user: UserID) -> String? {
    for cohort in left
    where !cohorts.contains(cohort) || !memberships.contains(user, in: cohort) {
      return "\(user) is not in \(cohort)"
    }
    return nil
  }

  private func objection(toErasing event: Event, at position: Position) -> String? {
    switch event {
    case .userErased(let event):
      if let user = event.user, !directory.contains(user) { return "\(user) does not exist" }
      for identifier in event.identifiers where !directory.contains(identifier) {
        return "\(identifier) does not exist"
      }
      let isLater = event.texts.contains { $0.position >= position }
      return isLater ? "it erases a text that came later" : nil
    case .erasureFinished(let event):
      return erasures.pending.contains(event.erasure)
        ? nil : "no erasure at \(event.erasure) is open"
    case .unmatchedForgotten(let event):
      return event.through < position ? nil : "it forgets what came later"
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .cohortNamed, .cohortArchived, .cohortRestored, .membersChanged, .segmentSaved,
      .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored,
      .audienceFrozen, .recovered, .restored:
      return nil
    }
  }

  private func objection(toDefining event: Event, at position: Position) -> String? {
    func next(_ number: UInt32, _ count: Int) -> Bool { number > 0 && Int(number) <= count + 1 }
    switch event {
    case .cohortNamed(let event):
      guard exists(event.partner) else { return "\(event.partner) does not exist" }
      guard next(event.cohort.rawValue, cohorts.count) else {
        return "\(event.cohort) is not the next cohort"
      }
      let name = CohortName(
        partner: partners[event.partner].code, cohortID: event.cohortID)
      return (cohorts[name] ?? event.cohort) == event.cohort
        && (!cohorts.contains(event.cohort) || cohorts[event.cohort].name == name)
        ? nil : "\(event.cohort) has another name"
    case .cohortArchived(let cohort), .cohortRestored(let cohort):
      return cohorts.contains(cohort) ? nil : "\(cohort) does not exist"
    case .segmentSaved(let event):
      let versions =
        segments.contains(event.segment) ? segments[event.segment].versions.all.count : 0
      return next(event.segment.rawValue, segments.records.count)
        && Int(event.version) == versions + 1
        ? nil : "\(event.segment) has no version \(event.version) to come"
    case .segmentArchived(let segment), .segmentRestored(let segment):
      return segments.contains(segment) ? nil : "\(segment) does not exist"
    case .campaignSaved(let event):
      let versions =
        campaigns.contains(event.campaign) ? campaigns[event.campaign].versions.all.count : 0
      return next(event.campaign.number, campaigns.records(of: event.campaign.kind).count)
        && Int(event.version) == versions + 1
        ? nil : "\(event.campaign) has no version \(event.version) to come"
    case .campaignArchived(let campaign), .campaignRestored(let campaign):
      return campaigns.contains(campaign) ? nil : "\(campaign) does not exist"
    case .audienceFrozen(let event):
      guard campaigns.contains(event.campaign), event.position < position else {
        return "\(event.campaign) cannot be sent"
      }
      return Int(event.send.rawValue) == campaigns.sends.count + 1
        ? nil : "\(event.send) is not the next send"
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten, .membersChanged,
      .recovered, .restored:
      return nil
    }
  }

  private func objection(to event: MembersChanged) -> String? {
    guard cohorts.contains(event.cohort) else { return "\(event.cohort) does not exist" }
    let users = event.users.users
    if let last = users.last, !directory.contains(UserID(last)) || users.first == 0 {
      return "\(UserID(users.first == 0 ? 0 : last)) does not exist"
    }
    for number in users {
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
