extension LedgerState {
  /// Looks up every cohort and segment that a filter names, and checks its shape.
  ///
  /// RULES §6.
  ///
  /// - Throws: ``Refusal`` for an empty group or list, a depth over 64 counted through included
  ///   segments or over 60 brackets in JSON, and for a cohort or segment that does not exist, with
  ///   the nearest name.
  public func resolve(_ filter: NamedFilter, at now: Instant) throws(Refusal) -> Filter {
    var known: [SegmentID: Int] = [:]
    let resolved = try resolve(filter, now, depth: 1, &known)
    guard resolved.brackets <= Filter.bracketsMax else { throw .filterTooDeep }
    return resolved
  }

  private func resolve(
    _ filter: NamedFilter, _ now: Instant, depth: Int, _ known: inout [SegmentID: Int]
  ) throws(Refusal) -> Filter {
    guard depth <= Filter.depthMax else { throw .filterTooDeep }
    switch filter {
    case .and(let parts): return .and(try resolve(parts, now, depth, &known))
    case .or(let parts): return .or(try resolve(parts, now, depth, &known))
    case .not(let part): return .not(try resolve(part, now, depth: depth + 1, &known))
    case .includes(let partner, let ids): return .includes(try find(ids, of: partner))
    case .excludes(let partner, let ids): return .excludes(try find(ids, of: partner))
    case .segment(let text):
      let segment = try find(segment: text)
      guard depth + self.depth(of: segment, &known, Filter.depthMax) <= Filter.depthMax else {
        throw .filterTooDeep
      }
      return .segment(segment)
    case .entered(let cohort, let period): return .entered(try find(cohort), within: period)
    case .left(let cohort, let period): return .left(try find(cohort), within: period)
    case .memberFor(let cohort, let period): return .memberFor(try find(cohort), atLeast: period)
    case .memberAsOf(let cohort, let moment):
      switch moment {
      case .position(let position): guard position <= self.position else { throw .laterThanNow }
      case .instant(let instant): guard instant <= now else { throw .laterThanNow }
      }
      return .memberAsOf(try find(cohort), moment)
    }
  }

  private func resolve(
    _ parts: [NamedFilter], _ now: Instant, _ depth: Int, _ known: inout [SegmentID: Int]
  ) throws(Refusal) -> [Filter] {
    guard !parts.isEmpty else { throw .emptyFilter }
    var resolved: [Filter] = []
    for part in parts { resolved.append(try resolve(part, now, depth: depth + 1, &known)) }
    return resolved
  }

  private func find(_ ids: [Text], of partner: Text) throws(Refusal) -> [CohortID] {
    guard !ids.isEmpty else { throw .emptyFilter }
    var found: [CohortID] = []
    for id in ids { found.append(try find(CohortName(partner: partner, cohortID: id))) }
    return found
  }

  /// The segment with that id, as `segment:3`.
  func find(segment text: Text) throws(Refusal) -> SegmentID {
    if let segment = SegmentID(text.description), segments.contains(segment) { return segment }
    let known = segments.records.lazy.map { Text($0.current.segment.description) }
    throw .unknownSegment(text, nearest: NearestText.alike(to: text.description, in: known))
  }

  /// How deep a segment's filter goes, counted through the segments it includes.
  ///
  /// - Complexity: O(size of all included filters), each segment once as long as `known` is kept.
  private func depth(of segment: SegmentID, _ known: inout [SegmentID: Int], _ limit: Int) -> Int {
    if let depth = known[segment] { return depth }
    guard limit > 0 else { return 1 }
    let depth = depth(of: segments[segment].current.filter, &known, limit - 1)
    known[segment] = depth
    return depth
  }

  func depth(of filter: Filter, _ known: inout [SegmentID: Int], _ limit: Int) -> Int {
    switch filter {
    case .and(let parts), .or(let parts):
      var deepest = 0
      for part in parts { deepest = max(deepest, depth(of: part, &known, limit)) }
      return deepest + 1
    case .not(let part): return depth(of: part, &known, limit) + 1
    case .segment(let segment): return depth(of: segment, &known, limit) + 1
    case .includes, .excludes, .entered, .left, .memberFor, .memberAsOf: return 1
    }
  }

  /// Refuses a filter of `segment` that would come back to it, and one that would make another
  /// segment which includes it too deep.
  func requireNoCycle(from segment: SegmentID, _ filter: Filter) throws(Refusal) {
    var path: [SegmentID] = [segment]
    var seen: Set<SegmentID> = []
    if leads(filter, to: segment, &path, &seen) { throw .filterCycle(path + [segment]) }
    guard segments.contains(segment) else { return }
    var known: [SegmentID: Int] = [:]
    known[segment] = depth(of: filter, &known, Filter.depthMax)
    for record in segments.records {
      guard depth(of: record.current.segment, &known, Filter.depthMax) <= Filter.depthMax else {
        throw .filterTooDeep
      }
    }
  }

  private func leads(
    _ filter: Filter, to goal: SegmentID, _ path: inout [SegmentID], _ seen: inout Set<SegmentID>
  ) -> Bool {
    for next in filter.segments {
      if next == goal { return true }
      guard seen.insert(next).inserted else { continue }
      path.append(next)
      if leads(segments[next].current.filter, to: goal, &path, &seen) { return true }
      path.removeLast()
    }
    return false
  }
}

extension Filter {
  /// The segments that the filter itself includes, each once, ascending.
  public var segments: [SegmentID] {
    var found: Set<SegmentID> = []
    visit { if case .segment(let segment) = $0 { found.insert(segment) } }
    return found.sorted()
  }

  /// The cohorts that the filter itself names, each once, ascending.
  public var cohorts: [CohortID] {
    var found: Set<CohortID> = []
    visit { filter in
      switch filter {
      case .includes(let cohorts), .excludes(let cohorts): found.formUnion(cohorts)
      case .entered(let cohort, _), .left(let cohort, _), .memberFor(let cohort, _),
        .memberAsOf(let cohort, _):
        found.insert(cohort)
      case .and, .or, .not, .segment: break
      }
    }
    return found.sorted()
  }

  /// Calls `body` with the filter and everything inside it, outermost first.
  public func visit(_ body: (Filter) -> Void) {
    body(self)
    switch self {
    case .and(let parts), .or(let parts): for part in parts { part.visit(body) }
    case .not(let part): part.visit(body)
    case .includes, .excludes, .segment, .entered, .left, .memberFor, .memberAsOf: break
    }
  }
}
