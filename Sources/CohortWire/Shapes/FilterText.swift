package import CohortModel

extension JSONWriter {
  /// Writes a filter as it is sent.
  package mutating func filter(_ filter: NamedFilter) {
    object { json in
      switch filter {
      case .and(let parts): json.filters("and", parts)
      case .or(let parts): json.filters("or", parts)
      case .not(let part):
        json.key("not")
        json.filter(part)
      case .includes(let partner, let ids): json.cohorts("includes", partner, ids)
      case .excludes(let partner, let ids): json.cohorts("excludes", partner, ids)
      case .segment(let id): json.member("segment", utf8: id.bytes)
      case .entered(let cohort, let period):
        json.leaf("entered", cohort, "within", period.description)
      case .left(let cohort, let period): json.leaf("left", cohort, "within", period.description)
      case .memberFor(let cohort, let period):
        json.leaf("member_for", cohort, "at_least", period.description)
      case .memberAsOf(let cohort, let moment):
        json.leaf("member_as_of", cohort, "as_of", moment.text)
      }
    }
  }

  private mutating func filters(_ key: String, _ parts: [NamedFilter]) {
    self.key(key)
    array { for part in parts { $0.filter(part) } }
  }

  private mutating func cohorts(_ key: String, _ partner: Text, _ ids: [Text]) {
    self.key("cohorts")
    object {
      $0.member("partner", utf8: partner.bytes)
      $0.member(key, ids)
    }
  }

  private mutating func leaf(
    _ kind: String, _ cohort: CohortName, _ key: String, _ value: String
  ) {
    self.key(kind)
    object {
      $0.cohort(cohort)
      $0.member(key, value)
    }
  }
}

extension NamedFilter {
  /// The filter in the words in which people know its cohorts.
  ///
  /// A filter of the log may list cohorts of several partners in one leaf, which no request can
  /// say: then it is one leaf for each partner.
  package init(_ filter: Filter, cohort: (CohortID) -> CohortName) {
    func parts(_ filters: [Filter]) -> [NamedFilter] {
      filters.map { NamedFilter($0, cohort: cohort) }
    }
    switch filter {
    case .and(let filters): self = .and(parts(filters))
    case .or(let filters): self = .or(parts(filters))
    case .not(let part): self = .not(NamedFilter(part, cohort: cohort))
    case .includes(let ids):
      let leaves = Self.byPartner(ids.map(cohort)).map { NamedFilter.includes(partner: $0, $1) }
      self = leaves.count == 1 ? leaves[0] : .or(leaves)
    case .excludes(let ids):
      let leaves = Self.byPartner(ids.map(cohort)).map { NamedFilter.excludes(partner: $0, $1) }
      self = leaves.count == 1 ? leaves[0] : .and(leaves)
    case .segment(let segment): self = .segment(Text(segment.description))
    case .entered(let id, let period): self = .entered(cohort(id), within: period)
    case .left(let id, let period): self = .left(cohort(id), within: period)
    case .memberFor(let id, let period): self = .memberFor(cohort(id), atLeast: period)
    case .memberAsOf(let id, let moment): self = .memberAsOf(cohort(id), moment)
    }
  }

  /// The ids of each partner, both in the order in which they come.
  private static func byPartner(_ names: [CohortName]) -> [(Text, [Text])] {
    var groups: [(partner: Text, ids: [Text])] = []
    for name in names {
      if let index = groups.firstIndex(where: { $0.partner == name.partner }) {
        groups[index].ids.append(name.cohortID)
      } else {
        groups.append((name.partner, [name.cohortID]))
      }
    }
    return groups.map { ($0.partner, $0.ids) }
  }
}

extension JSONWriter {
  /// Writes the two members that name a cohort.
  package mutating func cohort(_ name: CohortName) {
    member("partner", utf8: name.partner.bytes)
    member("cohort_id", utf8: name.cohortID.bytes)
  }

  package mutating func member(_ key: String, _ texts: [Text]) {
    self.key(key)
    array { for text in texts { $0.string(utf8: text.bytes) } }
  }

  /// Writes a text, or null.
  package mutating func member(_ key: String, _ text: Text?) {
    self.key(key)
    if let text { string(utf8: text.bytes) } else { null() }
  }

  /// Writes a time, or null.
  package mutating func member(_ key: String, _ instant: Instant?) {
    self.key(key)
    if let instant { string(utf8: instant.rfc3339Bytes) } else { null() }
  }

  package mutating func member(_ key: String, _ position: Position) {
    member(key, position.rawValue)
  }

  package mutating func member(_ key: String, _ digest: Digest) {
    member(key, digest.description)
  }
}
