import CohortModel

/// Segments, campaigns and their filters, as people name things.
extension CommandGenerator {
  mutating func saveSegment() -> SaveSegment {
    let isNew = random.chance(45)
    return SaveSegment(
      segment: isNew ? nil : SegmentID(number()),
      name: isNew || random.chance(40) ? title() : nil,
      description: random.chance(20) ? random.pick(["", "Who buys again"]) : nil,
      tags: random.chance(20) ? random.pick([[], ["a"], ["a", "b"]]) : nil,
      filter: (isNew && !random.chance(3)) || random.chance(60) ? namedFilter() : nil,
      expectedVersion: random.chance(20) ? UInt32(random.below(4)) : nil)
  }

  private mutating func title() -> Text {
    random.chance(3) ? random.pick(Vocabulary.oddities) : random.pick(["Buyers", "Lapsed", "All"])
  }

  mutating func saveCampaign() -> SaveCampaign {
    let isNew = random.chance(50)
    let audience = SaveCampaign.NamedAudience(
      segments: (0..<max(1, random.few(3))).map { _ in segmentText() },
      filter: random.chance(40) ? namedFilter() : nil)
    return SaveCampaign(
      kind: random.pick(CampaignKind.allCases), number: isNew ? nil : number(),
      name: isNew || random.chance(40) ? title() : nil,
      description: random.chance(20) ? "Welcome back" : nil,
      tags: random.chance(20) ? ["mail"] : nil,
      audience: (isNew && !random.chance(3)) || random.chance(50) ? audience : nil,
      expectedVersion: random.chance(20) ? UInt32(random.below(4)) : nil)
  }

  /// Of the campaign only; a ledger fills in the rest.
  mutating func freezeAudience() -> FreezeAudience {
    FreezeAudience(
      campaign: campaign(), version: 1, position: .origin, instant: time, segments: [],
      audience: Audience(segments: [SegmentID(1)], filter: nil), size: 0, digest: .zero,
      expectedVersion: random.chance(30) ? UInt32(random.below(4)) : nil)
  }

  private mutating func segmentText() -> Text {
    random.chance(2)
      ? random.pick(["segment:", "segment:99", "cohort:1"])
      : Text(SegmentID(number()).description)
  }

  /// A filter to save: mostly small, with at most one thing wrong.
  mutating func namedFilter() -> NamedFilter {
    if random.chance(3) {
      return random.pick([.and([]), .or([]), .includes(partner: "segment", [])])
    }
    if random.chance(2) { return deep(random.pick([62, 63, 64])) }
    return namedFilter(depth: 3)
  }

  private mutating func namedFilter(depth: Int) -> NamedFilter {
    guard depth > 1, random.chance(45) else { return namedLeaf() }
    switch random.below(3) {
    case 0: return .not(namedFilter(depth: depth - 1))
    case 1: return .and((0...random.few(2)).map { _ in namedFilter(depth: depth - 1) })
    default: return .or((0...random.few(2)).map { _ in namedFilter(depth: depth - 1) })
    }
  }

  /// At the edge of how deep a filter can be.
  private mutating func deep(_ levels: Int) -> NamedFilter {
    var filter = namedLeaf()
    for _ in 0..<levels { filter = .not(filter) }
    return filter
  }

  private mutating func namedLeaf() -> NamedFilter {
    let cohort = CohortName(
      partner: random.pick(vocabulary.partners), cohortID: random.pick(vocabulary.cohorts))
    let several =
      [cohort.cohortID]
      + random.list(random.few(2)) { [pool = vocabulary.cohorts] in
        $0.pick(pool)
      }
    switch random.below(8) {
    case 0, 1: return .includes(partner: cohort.partner, several)
    case 2: return .excludes(partner: cohort.partner, several)
    case 3: return .segment(segmentText())
    case 4: return .entered(cohort, within: period())
    case 5: return .left(cohort, within: period())
    case 6: return .memberFor(cohort, atLeast: period())
    default: return .memberAsOf(cohort, moment())
    }
  }

  mutating func period() -> Period {
    let seconds = UInt64(1 + random.below(30)) * random.pick([1, 60, 3_600, 86_400])
    return Period(seconds: seconds) ?? Self.second
  }

  private static let second: Period = {
    guard let second = Period(seconds: 1) else { preconditionFailure("a second is a period") }
    return second
  }()

  mutating func moment() -> Moment {
    random.chance(50) ? .instant(earlier()) : .position(Position(UInt64(random.below(400))))
  }
}
