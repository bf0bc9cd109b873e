import CohortFormat
import CohortLog
public import CohortModel

extension Ledger {
  /// Launches a campaign or Canvas: its audience is evaluated on durable state, outside the writer,
  /// and frozen by an event.
  ///
  /// RULES §7.
  ///
  /// - `version`: What the campaign is to be launched as; `nil`: as it is.
  /// - `idempotency`: A double click is one send.
  /// - Throws: ``LedgerError/refused(_:at:)`` if another version is current, or the campaign or a
  ///   segment of it is archived.
  public func launch(
    _ campaign: CampaignReference, expecting version: UInt32? = nil, by author: Author,
    _ idempotency: Idempotency
  ) throws(LedgerError) -> Committed {
    let view = now
    do throws(Refusal) {
      let key = try view.state.check(author, at: view.instant)
      // If it was answered before, the writer repeats that, whatever has become of the campaign.
      if view.state.receipts.find(idempotency.key, of: key) == nil {
        try view.state.requireLaunchable(campaign, expecting: version)
      } else if !view.state.campaigns.contains(campaign) {
        throw .unknownCampaign(campaign)
      }
    } catch { throw .refused(error, at: view.end) }
    let wish = try freezing(campaign, expecting: version, in: view)
    return try submit(
      Command(author: author, wish: .freezeAudience(wish), idempotency: idempotency))
  }

  /// What a launch of a campaign would freeze.
  ///
  /// - Throws: ``LedgerError/refused(_:at:)`` if there is no such campaign, another version is
  ///   current, or it or a segment of it is archived.
  package func audience(
    of campaign: CampaignReference, expecting version: UInt32? = nil, in view: View
  ) throws(LedgerError) -> FreezeAudience {
    do throws(Refusal) {
      try view.state.requireLaunchable(campaign, expecting: version)
    } catch { throw .refused(error, at: view.end) }
    return try freezing(campaign, expecting: version, in: view)
  }

  private func freezing(
    _ campaign: CampaignReference, expecting version: UInt32?, in view: View
  ) throws(LedgerError) -> FreezeAudience {
    let saved = view.state.campaigns[campaign].current
    let users = try view.users(saved.audience)
    return FreezeAudience(
      campaign: campaign, version: saved.version, position: view.position, instant: view.instant,
      segments: view.versions(of: saved.audience), audience: saved.audience,
      size: UInt64(users.count), digest: users.audienceDigest, expectedVersion: version)
  }

  /// The recipients of a launch, computed again at its position, and whether that gives the digest
  /// that was frozen.
  ///
  /// - Returns: `nil` if there is no such send.
  public func audience(
    of send: SendID
  ) throws(LedgerError) -> (view: View, record: SendRecord, users: LiveUsers, isAsFrozen: Bool)? {
    guard let record = now.state.campaigns[send] else { return nil }
    let view = try view(asOf: .position(record.frozen.position), at: record.frozen.instant)
    let users = try view.users(record.frozen.audience)
    return (view, record, users, users.audienceDigest == record.frozen.digest)
  }
}

extension View {
  /// Who an audience means: in all of its segments, and in its filter if there is one.
  public func users(_ audience: Audience) throws(LedgerError) -> LiveUsers {
    var evaluation = evaluation(.then)
    return try asking { () throws(LogError) in try evaluation.users(audience) }
  }

  /// The versions in force of an audience's segments and of all they include, ascending.
  func versions(of audience: Audience) -> [SegmentVersion] {
    var found: [SegmentID: UInt32] = [:]
    var work = audience.segments + (audience.filter?.segments ?? [])
    while let segment = work.popLast() {
      guard found[segment] == nil, let saved = definition(of: segment) else { continue }
      found[segment] = saved.version
      work += saved.filter.segments
    }
    return found.map { SegmentVersion(segment: $0.key, version: $0.value) }
      .sorted { $0.segment < $1.segment }
  }
}

extension LiveUsers {
  /// SHA-256 of the user numbers, ascending, eight bytes little-endian each.
  ///
  /// RULES §7.
  package var audienceDigest: Digest {
    var hash = SHA256()
    var bytes: [UInt8] = []
    forEach { user in
      bytes.append(littleEndian: UInt64(user))
      if bytes.count >= 1 << 16 {
        hash.update(bytes.span)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    hash.update(bytes.span)
    return hash.digest()
  }
}
