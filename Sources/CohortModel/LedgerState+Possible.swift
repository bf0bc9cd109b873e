extension LedgerState {
  /// What a whole, well-formed event says that cannot have happened in this state; `nil` if it can.
  ///
  /// `decide` never makes such an event, and `apply` relies on that. Whoever edits a log and
  /// recomputes every checksum is found out by this, or by the root.
  ///
  /// - Complexity: O(users named), one look-up each.
  package func objection(to recorded: Recorded) -> String? {
    guard recorded.position == position.advanced(by: 1) else {
      return "its position does not follow \(position)"
    }
    return objectionButMemberships(to: recorded) ?? objection(toMembersOf: recorded.event)
  }

  /// The same, but for who is in which cohort: all that ``applyButMemberships(_:at:_:by:)`` relies
  /// on, and whoever reads what it has made.
  ///
  /// - Complexity: O(things named), one look-up each; of a set of users, its least and greatest.
  package func objectionButMemberships(to recorded: Recorded) -> String? {
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
      return objection(toDefining: recorded.event, at: recorded.position, recorded.time)
    case .membersChanged(let event):
      return objection(toChangeOf: event.cohort, event.users.bounds)
    case .restored(let event):
      return event.cut < recorded.position ? nil : "it continues a position that was not there"
    case .recovered: return nil
    }
  }

  private func exists(_ partner: PartnerID) -> Bool {
    partner.rawValue > 0 && Int(partner.rawValue) <= partners.records.count
  }

  func isActive(_ user: UserID) -> Bool {
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
      if event.identifiers.isEmpty { return "\(event.user) has no identifier" }
      for case .alias(let label, _) in event.identifiers {
        if let objection = objection(toLabel: label) { return objection }
      }
      return nil
    case .identifierAdded(let event):
      guard isActive(event.user) else { return "\(event.user) does not exist" }
      if case .alias(let label, _) = event.identifier { return objection(toLabel: label) }
      return nil
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
      for cohort in event.cohortsEntered where !event.cohortsLeft.contains(cohort) {
        return "\(event.into) cannot enter \(cohort)"
      }
      return objection(toNaming: event.cohortsEntered) ?? objection(toNaming: event.cohortsLeft)
    case .userDeleted(let event):
      guard isActive(event.user) else { return "\(event.user) does not exist" }
      for identifier in event.freed where directory.bearer(of: identifier) == nil {
        return "\(identifier) is borne by nobody"
      }
      return objection(toNaming: event.cohortsLeft)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored,
      .membersChanged, .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved,
      .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      return nil
    }
  }

  /// Cohorts that are named in one event stand there once, ascending.
  private func objection(toNaming named: [CohortID]) -> String? {
    for (index, cohort) in named.enumerated() {
      guard cohorts.contains(cohort) else { return "\(cohort) does not exist" }
      guard index == 0 || named[index - 1] < cohort else { return "\(cohort) is out of order" }
    }
    return nil
  }

  private func objection(toLabel label: Text) -> String? {
    label.bytes.count <= Directory.maximumTextBytes ? nil : "a label is too long"
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

  private func objection(
    toDefining event: Event, at position: Position, _ time: Instant
  ) -> String? {
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
      guard next(event.segment.rawValue, segments.records.count),
        Int(event.version) == versions + 1
      else { return "\(event.segment) has no version \(event.version) to come" }
      return objection(to: event.filter, of: event.segment)
    case .segmentArchived(let segment), .segmentRestored(let segment):
      return segments.contains(segment) ? nil : "\(segment) does not exist"
    case .campaignSaved(let event):
      let versions =
        campaigns.contains(event.campaign) ? campaigns[event.campaign].versions.all.count : 0
      guard next(event.campaign.number, campaigns.records(of: event.campaign.kind).count),
        Int(event.version) == versions + 1
      else { return "\(event.campaign) has no version \(event.version) to come" }
      return objection(to: event.audience)
    case .campaignArchived(let campaign), .campaignRestored(let campaign):
      return campaigns.contains(campaign) ? nil : "\(campaign) does not exist"
    case .audienceFrozen(let event):
      guard campaigns.contains(event.campaign), event.position < position else {
        return "\(event.campaign) cannot be sent"
      }
      guard Int(event.send.rawValue) == campaigns.sends.count + 1 else {
        return "\(event.send) is not the next send"
      }
      guard event.instant <= time, event.instant.microseconds >= 0 else {
        return "\(event.send) was seen at no time before it"
      }
      return objection(to: event.audience)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten, .membersChanged,
      .recovered, .restored:
      return nil
    }
  }
}
