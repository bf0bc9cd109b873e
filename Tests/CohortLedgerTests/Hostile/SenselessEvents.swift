import CohortModel
import TestSupport

/// Draws events of every kind that name things by small numbers: what they name is often there,
/// often not yet, never was, or is zero.
struct SenselessEvents {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func event() -> Event {
    switch random.below(26) {
    case 0:
      .partnerEnabled(
        PartnerEnabled(partner: id(), code: text(), displayName: text(), learns: flag()))
    case 1: .partnerDisabled(id())
    case 2: .keyIssued(keyIssued())
    case 3: .keyInvalidated(id())
    case 4: .userCreated(UserCreated(user: id(), identifiers: list { $0.identifier() }))
    case 5: .identifierAdded(IdentifierAdded(user: id(), identifier: identifier()))
    case 6: .identifierRemoved(IdentifierRemoved(user: id(), identifier: id()))
    case 7:
      .externalIDRenamed(ExternalIDRenamed(user: id(), deprecated: id(), primary: personal()))
    case 8: .userIdentified(UserIdentified(user: id(), externalID: personal()))
    case 9:
      .usersMerged(
        UsersMerged(
          user: id(), into: id(), cohortsLeft: ids(), cohortsEntered: ids(), moved: ids(),
          dropped: ids(), retired: ids()))
    case 10: .userDeleted(UserDeleted(user: id(), cohortsLeft: ids(), freed: ids()))
    case 11:
      .userErased(
        UserErased(
          user: flag() ? id() : nil, identifiers: ids(),
          texts: list { TextName(position: $0.position(), item: $0.number()) }))
    case 12: .erasureFinished(ErasureFinished(erasure: position()))
    case 13: .unmatchedForgotten(UnmatchedForgotten(before: instant(), through: position()))
    case 14:
      .cohortNamed(
        CohortNamed(
          cohort: id(), partner: id(), cohortID: text(), name: text(),
          createdAt: flag() ? instant() : nil))
    case 15: .cohortArchived(id())
    case 16: .cohortRestored(id())
    case 17, 18: .membersChanged(membersChanged())
    case 19:
      .segmentSaved(
        SegmentSaved(
          segment: id(), version: number(), name: text(), description: text(), tags: [],
          filter: filter(depth: 4)))
    case 20: .segmentArchived(id())
    case 21:
      .campaignSaved(
        CampaignSaved(
          campaign: campaign(), version: number(), name: text(), description: text(), tags: [],
          audience: audience()))
    case 22: .campaignArchived(campaign())
    case 23:
      .audienceFrozen(
        AudienceFrozen(
          send: id(), campaign: campaign(), version: number(), position: position(),
          instant: instant(),
          segments: list { SegmentVersion(segment: $0.id(), version: $0.number()) },
          audience: audience(), size: random.next(), digest: .zero))
    case 24:
      .recovered(
        Recovered(
          offset: random.next(), size: random.next(), digest: .zero,
          mayHaveBeenAcknowledged: flag()))
    default:
      .restored(Restored(cut: position(), head: position(), root: .zero, acceptedLoss: flag()))
    }
  }

  mutating func receipt() -> Receipt {
    Receipt(
      key: personal(), fingerprint: personal(), status: UInt16(truncatingIfNeeded: random.next()),
      answer: Text(bytes: random.bytes([0, 9, 70_000][random.below(3)])))
  }

  mutating func id<Kind>() -> ID<Kind> { ID(number()) }

  private mutating func keyIssued() -> KeyIssued {
    KeyIssued(
      key: id(), kind: KeyKind.allCases[random.below(3)], partner: flag() ? id() : nil,
      label: text(), permissions: Permissions(rawValue: random.next()), networks: [],
      expiresAt: flag() ? instant() : nil, digest: .zero)
  }

  private mutating func membersChanged() -> MembersChanged {
    var users = Set<UInt32>()
    let spread = [8, 16, 1 << 20][random.below(3)]
    for _ in 0..<random.below(6) { users.insert(UInt32(random.below(spread))) }
    return MembersChanged(
      cohort: id(), direction: flag() ? .entering : .leaving,
      users: PackedUsers(sorted: users.sorted().span), unchanged: number(),
      unmatched: random.once(in: 3)
        ? list { Unmatched(identifier: $0.identifier(), reason: .unknown) } : [])
  }

  private mutating func filter(depth: Int) -> Filter {
    switch random.below(depth > 1 ? 9 : 6) {
    case 0: .includes(ids())
    case 1: .excludes(ids())
    case 2: .segment(id())
    case 3: .entered(id(), within: period())
    case 4: .memberFor(id(), atLeast: period())
    case 5: .memberAsOf(id(), flag() ? .position(position()) : .instant(instant()))
    case 6: .not(filter(depth: depth - 1))
    case 7: .and(list { $0.filter(depth: depth - 1) })
    default: .or(list { $0.filter(depth: depth - 1) })
    }
  }

  private mutating func period() -> Period {
    let seconds: UInt64 = [1, 604_800, Period.secondsMax][random.below(3)]
    guard let period = Period(seconds: seconds) else { preconditionFailure("in the range") }
    return period
  }

  private mutating func audience() -> Audience {
    Audience(segments: ids(), filter: flag() ? filter(depth: 3) : nil)
  }

  private mutating func identifier() -> IdentifierName {
    switch random.below(3) {
    case 0: .externalID(personal())
    case 1:
      .alias(
        label: random.once(in: 6) ? Text(bytes: random.bytes(20_000)) : text(), name: personal())
    default: .device(personal())
    }
  }

  private mutating func personal() -> PersonalText {
    PersonalText(random.bytes([0, 1, 3, 1_024][random.below(4)]))
  }

  private mutating func campaign() -> CampaignReference {
    CampaignReference(kind: flag() ? .campaign : .canvas, number: number())
  }

  private mutating func text() -> Text {
    ["hightouch", "vip", "new", "\u{1B}[2J", ""][random.below(5)]
  }

  private mutating func flag() -> Bool { random.below(2) == 0 }

  mutating func number() -> UInt32 {
    random.once(in: 12) ? [0, .max, 1 << 16][random.below(3)] : UInt32(random.below(6) + 1)
  }

  private mutating func position() -> Position {
    Position(random.once(in: 8) ? .max - UInt64(random.below(2)) : UInt64(random.below(30)))
  }

  private mutating func instant() -> Instant {
    Instant(microseconds: [.min, -1, 0, 1_800_000_000_000_000, .max][random.below(5)])
  }

  private mutating func ids<Kind>() -> [ID<Kind>] { list { $0.id() } }

  private mutating func list<Element>(_ draw: (inout Self) -> Element) -> [Element] {
    (0..<random.below(4)).map { _ in draw(&self) }
  }
}
