extension LedgerState {
  /// What uses a cohort now, directly or through the segments it includes.
  ///
  /// Archived ones are left out, but not what uses the cohort through them: an archived segment
  /// still counts.
  public func dependants(of cohort: CohortID) -> Dependants {
    dependants(usedBy: segmentsUsing { $0.cohorts.contains(cohort) }) {
      $0.cohorts.contains(cohort)
    }
  }

  /// What uses a segment now, directly or through other segments.
  public func dependants(of segment: SegmentID) -> Dependants {
    dependants(usedBy: segmentsUsing { $0.segments.contains(segment) }, or: segment) {
      $0.segments.contains(segment)
    }
  }

  /// The segments for whose own filter `uses` holds, and all that include one of them.
  private func segmentsUsing(_ uses: (Filter) -> Bool) -> Set<SegmentID> {
    let current = segments.records.map(\.current)
    var found = Set(current.filter { uses($0.filter) }.map(\.segment))
    var isGrowing = !found.isEmpty
    while isGrowing {
      let more = current.filter { saved in
        !found.contains(saved.segment) && saved.filter.segments.contains(where: found.contains)
      }
      found.formUnion(more.map(\.segment))
      isGrowing = !more.isEmpty
    }
    return found
  }

  private func dependants(
    usedBy found: Set<SegmentID>, or segment: SegmentID? = nil, _ uses: (Filter) -> Bool
  ) -> Dependants {
    let all = segment.map { found.union([$0]) } ?? found
    let campaigns = CampaignKind.allCases.flatMap { self.campaigns.records(of: $0) }
      .map(\.current)
      .filter { saved in
        guard !self.campaigns.isArchived(saved.campaign) else { return false }
        if saved.audience.segments.contains(where: all.contains) { return true }
        guard let filter = saved.audience.filter else { return false }
        return uses(filter) || filter.segments.contains(where: all.contains)
      }
    return Dependants(
      segments: found.filter { !segments.isArchived($0) }.sorted(),
      campaigns: campaigns.map(\.campaign))
  }
}
