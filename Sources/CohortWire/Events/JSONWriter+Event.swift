package import CohortModel

extension JSONWriter {
  /// Writes an event as feeds, logs and exports show it (CONTRACT part 6).
  ///
  ///     {"position":42,"time":"…","epoch":"…","request":42,"key":"key:3","type":"userCreated",…}
  ///
  /// Users are objects with the identifiers they had at the event's position; one whom the event
  /// ends, with those of just before. Without personal texts users are numbers, and the texts of
  /// identifiers are null. An erased text is null too, with `"erased":true` beside it.
  ///
  /// - Parameters:
  ///   - recorded: The event.
  ///   - epoch: Of the event's frame, as checkpoints name it.
  ///   - names: Moved to the event's position here.
  package mutating func event(_ recorded: Recorded, epoch: String, names: Names) {
    var names = names
    names.position = recorded.position
    object { json in
      json.member("position", recorded.position)
      json.member("time", recorded.time)
      json.member("epoch", epoch)
      json.member("request", recorded.request)
      json.member("key", recorded.key.description)
      json.member("type", recorded.event.typeName)
      json.payload(recorded.event, names)
    }
  }

  mutating func payload(_ event: Event, _ names: Names) {
    switch event {
    case .partnerEnabled(let event): payload(event)
    case .partnerDisabled(let partner): member("partner", names.code(of: partner))
    case .keyIssued(let event): payload(event, names)
    case .keyInvalidated(let key): member("key_id", key.description)

    case .userCreated(let event): payload(event, names)
    case .identifierAdded(let event):
      user("user", event.user, names)
      identifier("identifier", event.identifier, names)
    case .identifierRemoved(let event):
      user("user", event.user, names)
      identifier("identifier", event.identifier, names)
    case .externalIDRenamed(let event): payload(event, names)
    case .userIdentified(let event):
      user("user", event.user, names)
      identifier("identifier", .externalID(event.externalID), names)
    case .usersMerged(let event): payload(event, names)
    case .userDeleted(let event): payload(event, names)
    case .userErased(let event): payload(event)
    case .erasureFinished(let event): member("erasure", event.erasure)
    case .unmatchedForgotten(let event):
      member("before", event.before)
      member("through", event.through)

    case .cohortNamed(let event): payload(event, names)
    case .cohortArchived(let id), .cohortRestored(let id): cohort(names.name(of: id))
    case .membersChanged(let event): payload(event, names)

    case .segmentSaved(let event): payload(event, names)
    case .segmentArchived(let segment), .segmentRestored(let segment):
      member("segment_id", segment.description)
    case .campaignSaved(let event): payload(event, names)
    case .campaignArchived(let campaign), .campaignRestored(let campaign):
      member(campaign.kind.idKey, campaign.description)
    case .audienceFrozen(let event): payload(event, names)

    case .recovered(let event): payload(event)
    case .restored(let event): payload(event)
    }
  }
}

// MARK: - Keys and the log

extension JSONWriter {
  private mutating func payload(_ event: PartnerEnabled) {
    member("partner", utf8: event.code.bytes)
    member("display_name", utf8: event.displayName.bytes)
    member("learns", event.learns)
  }

  /// The digest of the secret stays in the log: a partner's own key may be easy to guess.
  private mutating func payload(_ event: KeyIssued, _ names: Names) {
    member("key_id", event.key.description)
    member("kind", event.kind.name)
    member("partner", event.partner.map(names.code))
    member("label", utf8: event.label.bytes)
    permissions(event.permissions)
    networks(event.networks)
    member("expires_at", event.expiresAt)
  }

  mutating func permissions(_ permissions: Permissions) {
    key("permissions")
    array { for permission in permissions.list { $0.string(permission.name) } }
  }

  mutating func networks(_ networks: [Network]) {
    key("networks")
    array { for network in networks { $0.string(network.description) } }
  }

  private mutating func payload(_ event: Recovered) {
    member("offset", event.offset)
    member("size", event.size)
    member("digest", event.digest)
    member("may_have_been_acknowledged", event.mayHaveBeenAcknowledged)
  }

  private mutating func payload(_ event: Restored) {
    member("cut", event.cut)
    member("head", event.head)
    member("root", event.root)
    member("accepted_loss", event.acceptedLoss)
  }
}

// MARK: - Cohorts and what is made of them

extension JSONWriter {
  private mutating func payload(_ event: CohortNamed, _ names: Names) {
    member("partner", names.code(of: event.partner))
    member("cohort_id", utf8: event.cohortID.bytes)
    member("name", utf8: event.name.bytes)
    member("created_at", event.createdAt)
  }

  private mutating func payload(_ event: MembersChanged, _ names: Names) {
    cohort(names.name(of: event.cohort))
    users("added", event.direction == .entering ? event.users : PackedUsers(), names)
    users("removed", event.direction == .leaving ? event.users : PackedUsers(), names)
    var counts = OutcomeCounts()
    counts.add(event)
    key("counts")
    outcomes(counts)
    key("unmatched")
    array { json in
      for unmatched in event.unmatched { json.unmatched(unmatched, names) }
    }
  }

  private mutating func users(_ key: String, _ users: PackedUsers, _ names: Names) {
    self.key(key)
    array { json in
      guard names.showsPersonalTexts else { return json.numbers(users.users.span) }
      for user in users.users { json.user(UserID(user), names) }
    }
  }

  private mutating func payload(_ event: SegmentSaved, _ names: Names) {
    member("segment_id", event.segment.description)
    member("version", event.version)
    member("name", utf8: event.name.bytes)
    member("description", utf8: event.description.bytes)
    member("tags", event.tags)
    key("filter")
    filter(NamedFilter(event.filter, cohort: names.name))
  }

  private mutating func payload(_ event: CampaignSaved, _ names: Names) {
    member(event.campaign.kind.idKey, event.campaign.description)
    member("version", event.version)
    member("name", utf8: event.name.bytes)
    member("description", utf8: event.description.bytes)
    member("tags", event.tags)
    key("audience")
    audience(SaveCampaign.NamedAudience(event.audience, cohort: names.name))
  }

  private mutating func payload(_ event: AudienceFrozen, _ names: Names) {
    member("send_id", event.send.description)
    member(event.campaign.kind.idKey, event.campaign.description)
    member("version", event.version)
    asOf(AsOfShape(event.position, event.instant))
    key("segments")
    array { json in
      for segment in event.segments {
        json.object {
          $0.member("segment_id", segment.segment.description)
          $0.member("version", segment.version)
        }
      }
    }
    key("audience")
    audience(SaveCampaign.NamedAudience(event.audience, cohort: names.name))
    member("size", event.size)
    member("digest", event.digest)
  }
}
