package import CohortLedger
package import CohortModel
package import CohortWire

// Segments, campaigns and Canvases of a view, in the shapes that the terminal and the endpoint
// print alike.

extension View {
  /// Every segment that exists here, in its version of here.
  package var segments: [SegmentSaved] {
    state.segments.records.indices.compactMap { definition(of: SegmentID(UInt32($0 + 1))) }
  }

  /// The segments that hold a user here.
  package func segments(of user: UserID) throws(LedgerError) -> [SegmentSaved] {
    let holding = Set(try holding(segments.map(\.segment), user))
    return segments.filter { holding.contains($0.segment) }
  }

  package func isArchived(_ segment: SegmentID) -> Bool {
    state.segments.isArchived(segment, at: position)
  }

  /// - Returns: `nil` before the segment's first version.
  package func shape(
    of segment: SegmentID, _ definitions: DefinitionsAsOf = .then
  ) throws(LedgerError) -> SegmentShape? {
    guard let saved = definition(of: segment, definitions) else { return nil }
    let versions = state.segments[segment].versions
    let filter = NamedFilter(saved.filter) { state.cohorts[$0].name }
    let seen = definitions == .now ? Position.never : position
    return SegmentShape(
      segment: saved, filter: filter, sentence: sentence(filter),
      createdAt: versions.all[0].time,
      updatedAt: versions.version(at: seen)?.time ?? versions.all[0].time,
      size: try users(segment, definitions: definitions)?.count ?? 0,
      isArchived: isArchived(segment), asOf: asOfShape)
  }

  /// - Returns: `nil` before the first version.
  package func shape(of campaign: CampaignReference) -> CampaignShape? {
    guard state.campaigns.contains(campaign) else { return nil }
    let record = state.campaigns[campaign]
    guard let version = record.versions.version(at: position) else { return nil }
    let sends = record.sends.compactMap { state.campaigns[$0] }.filter { $0.position <= position }
    return CampaignShape(
      campaign: version.value,
      audience: SaveCampaign.NamedAudience(version.value.audience) { state.cohorts[$0].name },
      createdAt: record.versions.all[0].time, updatedAt: version.time,
      isArchived: record.isArchived.value(at: position) ?? false,
      sends: sends.map {
        CampaignShape.Send(id: $0.frozen.send, time: $0.time, size: $0.frozen.size)
      }, asOf: asOfShape)
  }

  /// A filter in the words that people have given its parts.
  private func sentence(_ filter: NamedFilter) -> String {
    filter.sentence(
      partner: { code in
        state.partners[code].flatMap { state.partners[$0].displayName.value(at: position) } ?? code
      },
      cohort: { name in
        state.cohorts[name].flatMap { state.cohorts[$0].displayName.value(at: position) }
          ?? name.cohortID
      },
      segment: { id in
        SegmentID(id.description).flatMap { state.segments.definition(of: $0)?.name } ?? id
      })
  }
}
