extension LedgerState {
  mutating func perform(_ wish: SaveCampaign, _ draft: inout Draft) throws(Refusal) -> Answer {
    let campaign =
      wish.number.map { CampaignReference(kind: wish.kind, number: $0) }
      ?? campaigns.next(wish.kind)
    var current: CampaignSaved?
    if wish.number != nil {
      guard campaigns.contains(campaign) else { throw .unknownCampaign(campaign) }
      current = campaigns[campaign].current
    }
    try Self.require(expected: wish.expectedVersion, current: current?.version ?? 0)
    guard let name = wish.name ?? current?.name, Self.isName(name) else {
      throw .invalidName("name")
    }
    try Self.require(description: wish.description, tags: wish.tags)
    let audience: Audience
    if let named = wish.audience {
      audience = try resolve(named, at: draft.time)
    } else if let current {
      audience = current.audience
    } else {
      throw .needsAudience
    }
    let saved = CampaignSaved(
      campaign: campaign, version: (current?.version ?? 0) + 1, name: name,
      description: wish.description ?? current?.description ?? "",
      tags: wish.tags ?? current?.tags ?? [], audience: audience)
    if let current, current.isSame(as: saved) {
      return .savedCampaign(campaign, version: current.version)
    }
    record(.campaignSaved(saved), in: &draft)
    return .savedCampaign(campaign, version: saved.version)
  }

  private func resolve(
    _ named: SaveCampaign.NamedAudience, at now: Instant
  ) throws(Refusal) -> Audience {
    guard !named.segments.isEmpty else { throw .needsAudience }
    var found: [SegmentID] = []
    for text in named.segments {
      let segment = try find(segment: text)
      if !found.contains(segment) { found.append(segment) }
    }
    var filter: Filter?
    if let named = named.filter { filter = try resolve(named, at: now) }
    return Audience(segments: found, filter: filter)
  }

  mutating func perform(
    archiving campaign: CampaignReference, _ archive: Bool, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    guard campaigns.contains(campaign) else { throw .unknownCampaign(campaign) }
    if campaigns.isArchived(campaign) != archive {
      record(archive ? .campaignArchived(campaign) : .campaignRestored(campaign), in: &draft)
    }
    return .done
  }

  mutating func perform(_ wish: FreezeAudience, _ draft: inout Draft) throws(Refusal) -> Answer {
    try requireLaunchable(wish.campaign, expecting: wish.expectedVersion)
    let send = campaigns.nextSend
    record(
      .audienceFrozen(
        AudienceFrozen(
          send: send, campaign: wish.campaign, version: wish.version, position: wish.position,
          instant: wish.instant, segments: wish.segments, audience: wish.audience,
          size: wish.size, digest: wish.digest)), in: &draft)
    return .frozeAudience(send)
  }

  /// Refuses a launch of another version than expected, with an archived campaign, or with archived
  /// segments in its audience.
  public func requireLaunchable(
    _ campaign: CampaignReference, expecting version: UInt32? = nil
  ) throws(Refusal) {
    guard campaigns.contains(campaign) else { throw .unknownCampaign(campaign) }
    let saved = campaigns[campaign].current
    try Self.require(expected: version, current: saved.version)
    let archived = saved.audience.segments.filter { segments.isArchived($0) }
    let isArchived = campaigns.isArchived(campaign)
    guard archived.isEmpty, !isArchived else {
      throw .archivedInAudience(campaign: isArchived ? campaign : nil, segments: archived)
    }
  }
}

extension CampaignSaved {
  fileprivate func isSame(as other: CampaignSaved) -> Bool {
    name == other.name && description == other.description && tags == other.tags
      && audience == other.audience
  }
}
