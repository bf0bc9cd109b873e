import CohortModel

/// RULES §6, saving.
extension NaiveLedger {
  mutating func save(_ wish: SaveSegment) throws(Refusal) -> Answer {
    let last = try wish.segment.map { id throws(Refusal) in try existing(id) }?.versions.last
    // silent: a new segment is at version 0.
    if let expected = wish.expectedVersion, expected != last?.version ?? 0 {
      throw .versionConflict(expected: expected, current: last?.version ?? 0)
    }
    guard let name = wish.name ?? last?.name, isValidName(name.bytes) else {
      throw .invalidName("name")
    }
    guard
      let filter = try wish.filter.map({ named throws(Refusal) in try resolve(named) })
        ?? last?.filter
    else { throw .needsFilter }
    let saved = SegmentSaved(
      segment: last?.segment ?? SegmentID(UInt32(now.segments.count + 1)),
      version: (last?.version ?? 0) + 1, name: name,
      description: wish.description ?? last?.description ?? Text(""),
      tags: wish.tags ?? last?.tags ?? [], filter: filter)
    try check(saved)
    // silent: an update that changes nothing makes no version.
    if let last, last.name == saved.name, last.description == saved.description,
      last.tags == saved.tags, last.filter == saved.filter
    {
      return .savedSegment(last.segment, version: last.version)
    }
    now.segments[saved.segment, default: NaiveSegment(versions: [])].versions.append(saved)
    record(.segmentSaved(saved))
    return .savedSegment(saved.segment, version: saved.version)
  }

  private func existing(_ id: SegmentID) throws(Refusal) -> NaiveSegment {
    guard let segment = now.segments[id] else {
      let text = Text(id.description)
      throw .unknownSegment(text, nearest: nearestSegment(to: text))
    }
    return segment
  }

  /// Looks up every cohort and segment.
  ///
  /// silent: where several things are wrong, the first from the left is said.
  func resolve(_ filter: NamedFilter) throws(Refusal) -> Filter {
    switch filter {
    case .and(let filters): return .and(try resolve(filters))
    case .or(let filters): return .or(try resolve(filters))
    case .not(let filter): return .not(try resolve(filter))
    case .includes(let partner, let ids): return .includes(try resolve(partner, ids))
    case .excludes(let partner, let ids): return .excludes(try resolve(partner, ids))
    case .segment(let text): return .segment(try segment(named: text))
    case .entered(let name, let within): return .entered(try existing(name), within: within)
    case .left(let name, let within): return .left(try existing(name), within: within)
    case .memberFor(let name, let period):
      return .memberFor(try existing(name), atLeast: period)
    case .memberAsOf(let name, let moment):
      // silent: a moment to come is said before a cohort that does not exist.
      guard !isToCome(moment) else { throw .laterThanNow }
      return .memberAsOf(try existing(name), moment)
    }
  }

  private func isToCome(_ moment: Moment) -> Bool {
    switch moment {
    case .position(let position): position > end
    case .instant(let instant): instant > time
    }
  }

  private func resolve(_ filters: [NamedFilter]) throws(Refusal) -> [Filter] {
    guard !filters.isEmpty else { throw .emptyFilter }
    var resolved: [Filter] = []
    for filter in filters { resolved.append(try resolve(filter)) }
    return resolved
  }

  private func resolve(_ partner: Text, _ ids: [Text]) throws(Refusal) -> [CohortID] {
    guard !ids.isEmpty else { throw .emptyFilter }
    var cohorts: [CohortID] = []
    for id in ids { cohorts.append(try existing(CohortName(partner: partner, cohortID: id))) }
    return cohorts
  }

  func segment(named text: Text) throws(Refusal) -> SegmentID {
    guard let id = SegmentID(text.description), now.segments[id] != nil else {
      throw .unknownSegment(text, nearest: nearestSegment(to: text))
    }
    return id
  }

  /// No cycle through the new version, and no segment deeper than 64 with it.
  private func check(_ saved: SegmentSaved) throws(Refusal) {
    if let path = path(from: saved.filter, to: saved.segment) {
      throw .filterCycle([saved.segment] + path)
    }
    // silent: a group and the inclusion of a segment are one level each, a leaf is one.
    var filters = now.segments.compactMapValues { $0.versions.last?.filter }
    filters[saved.segment] = saved.filter
    guard filters.values.allSatisfy({ depth($0, with: filters) <= Filter.depthMax }),
      isReadable(saved.filter)
    else { throw .filterTooDeep }
  }

  /// Whether nowhere in it more than 60 brackets are open.
  func isReadable(_ filter: Filter) -> Bool {
    var open = 0
    return brackets(of: filter).allSatisfy { bracket in
      open += bracket == "{" || bracket == "[" ? 1 : -1
      return open <= 60
    }
  }

  /// What CONTRACT part 2 writes, without what stands between the brackets.
  private func brackets(of filter: Filter) -> String {
    switch filter {
    case .and(let inner), .or(let inner): "{[" + inner.map(brackets).joined() + "]}"
    case .not(let inner): "{" + brackets(of: inner) + "}"
    case .includes, .excludes: "{{[]}}"
    case .segment: "{}"
    case .entered, .left, .memberFor, .memberAsOf: "{{}}"
    }
  }

  /// The segments by which a filter comes to one, that one last.
  private func path(from filter: Filter, to goal: SegmentID) -> [SegmentID]? {
    for next in filter.segments {
      if next == goal { return [goal] }
      if let inner = now.segments[next]?.versions.last?.filter,
        let rest = path(from: inner, to: goal)
      {
        return [next] + rest
      }
    }
    return nil
  }

  func depth(_ filter: Filter, with filters: [SegmentID: Filter]) -> Int {
    switch filter {
    case .and(let inner), .or(let inner):
      1 + (inner.map { depth($0, with: filters) }.max() ?? 0)
    case .not(let inner): 1 + depth(inner, with: filters)
    case .segment(let id): 1 + (filters[id].map { depth($0, with: filters) } ?? 0)
    case .includes, .excludes, .entered, .left, .memberFor, .memberAsOf: 1
    }
  }

  mutating func archive(_ id: SegmentID) throws(Refusal) -> Answer {
    if try !existing(id).isArchived {
      now.segments[id]?.isArchived = true
      record(.segmentArchived(id))
    }
    return .archived(dependants(of: id))
  }

  mutating func restore(_ id: SegmentID) throws(Refusal) -> Answer {
    if try existing(id).isArchived {
      now.segments[id]?.isArchived = false
      record(.segmentRestored(id))
    }
    // silent: for segments; as CONTRACT part 3 has it for cohorts.
    return .archived(dependants(of: id))
  }
}

extension Filter {
  /// Those it names itself.
  var segments: [SegmentID] {
    switch self {
    case .and(let filters), .or(let filters): filters.flatMap(\.segments)
    case .not(let filter): filter.segments
    case .segment(let id): [id]
    case .includes, .excludes, .entered, .left, .memberFor, .memberAsOf: []
    }
  }

  /// Those it names itself.
  var cohorts: [CohortID] {
    switch self {
    case .and(let filters), .or(let filters): filters.flatMap(\.cohorts)
    case .not(let filter): filter.cohorts
    case .segment: []
    case .includes(let cohorts), .excludes(let cohorts): cohorts
    case .entered(let cohort, _), .left(let cohort, _), .memberFor(let cohort, _),
      .memberAsOf(let cohort, _):
      [cohort]
    }
  }
}
