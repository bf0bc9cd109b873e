package import CohortModel

extension NamedFilter {
  /// The filter as a sentence, for people: `in Hightouch Cohorts “VIP” or “Gold”, and not (…)`.
  ///
  /// - Parameters:
  ///   - partner: The display name of a partner.
  ///   - cohort: The display name of a cohort.
  ///   - segment: The name of a segment.
  /// - Returns: A sentence without a full stop.
  package func sentence(
    partner: (Text) -> Text, cohort: (CohortName) -> Text, segment: (Text) -> Text
  ) -> String {
    func group(_ parts: [NamedFilter], _ word: String) -> String {
      guard parts.count != 1 else { return sentence(parts[0]) }
      return parts.map { $0.isGroup ? "(\(sentence($0)))" : sentence($0) }
        .joined(separator: " \(word) ")
    }
    func sentence(_ filter: NamedFilter) -> String {
      filter.sentence(partner: partner, cohort: cohort, segment: segment)
    }
    func listed(_ code: Text, _ ids: [Text]) -> String {
      ids.map { "“\(cohort(CohortName(partner: code, cohortID: $0)))”" }
        .joined(separator: " or ")
    }
    func single(_ name: CohortName) -> String {
      "\(partner(name.partner)) Cohort “\(cohort(name))”"
    }
    switch self {
    case .and(let parts): return group(parts, "and")
    case .or(let parts): return group(parts, "or")
    case .not(let part): return "not (\(sentence(part)))"
    case .includes(let code, let ids): return "in \(partner(code)) Cohorts \(listed(code, ids))"
    case .excludes(let code, let ids):
      return "not in \(partner(code)) Cohorts \(listed(code, ids))"
    case .segment(let id): return "in segment “\(segment(id))”"
    case .entered(let name, let period): return "entered \(single(name)) within \(period)"
    case .left(let name, let period): return "left \(single(name)) within \(period)"
    case .memberFor(let name, let period): return "in \(single(name)) for at least \(period)"
    case .memberAsOf(let name, let moment): return "was in \(single(name)) as of \(moment.text)"
    }
  }

  private var isGroup: Bool {
    switch self {
    case .and(let parts), .or(let parts): parts.count != 1
    default: false
    }
  }
}
