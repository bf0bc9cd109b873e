package import CohortModel

/// RULES §7, and what uses what.
extension NaiveLedger {
  mutating func save(_ wish: SaveCampaign) throws(Refusal) -> Answer {
    let last = try wish.number.map { number throws(Refusal) in
      try existing(CampaignReference(kind: wish.kind, number: number))
    }?.versions.last
    if let expected = wish.expectedVersion, expected != last?.version ?? 0 {
      throw .versionConflict(expected: expected, current: last?.version ?? 0)
    }
    guard let name = wish.name ?? last?.name, isValidName(name.bytes) else {
      throw .invalidName("name")
    }
    guard
      let audience = try wish.audience.map({ named throws(Refusal) in try resolve(named) })
        ?? last?.audience
    else { throw .needsAudience }
    let count = now.campaigns.keys.filter { $0.kind == wish.kind }.count
    let saved = CampaignSaved(
      campaign: last?.campaign
        ?? CampaignReference(kind: wish.kind, number: UInt32(count + 1)),
      version: (last?.version ?? 0) + 1, name: name,
      description: wish.description ?? last?.description ?? Text(""),
      tags: wish.tags ?? last?.tags ?? [], audience: audience)
    if let last, last.name == saved.name, last.description == saved.description,
      last.tags == saved.tags, last.audience == saved.audience
    {
      return .savedCampaign(last.campaign, version: last.version)
    }
    now.campaigns[saved.campaign, default: NaiveCampaign(versions: [])].versions.append(saved)
    record(.campaignSaved(saved))
    return .savedCampaign(saved.campaign, version: saved.version)
  }

  private func resolve(_ audience: SaveCampaign.NamedAudience) throws(Refusal) -> Audience {
    // silent: an audience without a segment is no audience.
    guard !audience.segments.isEmpty else { throw .needsAudience }
    var segments: [SegmentID] = []
    for text in audience.segments {
      let segment = try segment(named: text)
      // silent: naming a segment twice is naming it once.
      if !segments.contains(segment) { segments.append(segment) }
    }
    let filter = try audience.filter.map { named throws(Refusal) in try resolve(named) }
    if let filter {
      let filters = now.segments.compactMapValues { $0.versions.last?.filter }
      guard depth(filter, with: filters) <= Filter.depthMax, isReadable(filter) else {
        throw .filterTooDeep
      }
    }
    return Audience(segments: segments, filter: filter)
  }

  func existing(_ reference: CampaignReference) throws(Refusal) -> NaiveCampaign {
    guard let campaign = now.campaigns[reference] else { throw .unknownCampaign(reference) }
    return campaign
  }

  mutating func archive(_ reference: CampaignReference) throws(Refusal) -> Answer {
    if try !existing(reference).isArchived {
      now.campaigns[reference]?.isArchived = true
      record(.campaignArchived(reference))
    }
    return .done
  }

  mutating func restore(_ reference: CampaignReference) throws(Refusal) -> Answer {
    if try existing(reference).isArchived {
      now.campaigns[reference]?.isArchived = false
      record(.campaignRestored(reference))
    }
    return .done
  }

  mutating func freeze(_ wish: FreezeAudience) throws(Refusal) -> Answer {
    let campaign = try existing(wish.campaign)
    guard wish.position <= end, wish.instant <= time else { throw .laterThanNow }
    let current = campaign.versions.last?.version ?? 0
    if let expected = wish.expectedVersion, expected != current {
      throw .versionConflict(expected: expected, current: current)
    }
    // silent: archived is looked at when the launch is sequenced, and only the segments that
    // the audience names; those inside them "still count".
    let archived = Set(wish.audience.segments.filter { now.segments[$0]?.isArchived == true })
    guard !campaign.isArchived, archived.isEmpty else {
      throw .archivedInAudience(
        campaign: campaign.isArchived ? wish.campaign : nil, segments: archived.sorted())
    }
    let send = SendID(UInt32(now.sends.count + 1))
    let frozen = AudienceFrozen(
      send: send, campaign: wish.campaign, version: wish.version, position: wish.position,
      instant: wish.instant, segments: wish.segments, audience: wish.audience, size: wish.size,
      digest: wish.digest)
    now.sends[send] = frozen
    record(.audienceFrozen(frozen))
    return .frozeAudience(send)
  }

  /// Segments that use the cohort, and what uses those, in their last versions: also by way of
  /// archived ones, which still count, but are not listed themselves.
  package func dependants(of cohort: CohortID) -> Dependants {
    dependants(
      directly: { $0.cohorts.contains(cohort) }, segments: [])
  }

  package func dependants(of segment: SegmentID) -> Dependants {
    dependants(directly: { $0.segments.contains(segment) }, segments: [segment])
  }

  private func dependants(
    directly uses: (Filter) -> Bool, segments start: Set<SegmentID>
  ) -> Dependants {
    let filters = now.segments.compactMapValues { $0.versions.last?.filter }
    var found: Set<SegmentID> = Set(filters.filter { uses($0.value) }.keys)
    while true {
      let more = filters.filter { !found.isDisjoint(with: $0.value.segments) }.keys
      if found.isSuperset(of: more) { break }
      found.formUnion(more)
    }
    let campaigns = now.campaigns.filter { _, campaign in
      guard !campaign.isArchived, let audience = campaign.versions.last?.audience else {
        return false
      }
      let named = Set(audience.segments + (audience.filter?.segments ?? []))
      return audience.filter.map(uses) ?? false || !named.isDisjoint(with: found.union(start))
    }
    return Dependants(
      segments: found.filter { now.segments[$0]?.isArchived == false }.sorted(),
      campaigns: campaigns.keys.sorted {
        ($0.kind.rawValue, $0.number) < ($1.kind.rawValue, $1.number)
      })
  }
}
