import CohortFormat
import CohortModel
import Synchronization
import TestSupport

/// Random bytes that a seed repeats.
final class SeededBytes: RandomBytes {
  private let random: Mutex<SeededRandom>

  init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

  func fill(_ bytes: inout OutputSpan<UInt8>) {
    let new = random.withLock { [count = bytes.freeCapacity] in $0.bytes(count) }
    for byte in new { bytes.append(byte) }
  }
}

/// Draws events of every kind, with small and with extreme content.
struct SomeEvents {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func event(_ kind: EventKind) -> Event {
    switch kind {
    case .partnerEnabled:
      .partnerEnabled(
        PartnerEnabled(partner: id(), code: text(), displayName: text(), learns: flag()))
    case .partnerDisabled: .partnerDisabled(id())
    case .keyIssued: .keyIssued(keyIssued())
    case .keyInvalidated: .keyInvalidated(id())
    case .userCreated: .userCreated(UserCreated(user: id(), identifiers: list { $0.identifier() }))
    case .identifierAdded:
      .identifierAdded(IdentifierAdded(user: id(), identifier: identifier()))
    case .identifierRemoved:
      .identifierRemoved(IdentifierRemoved(user: id(), identifier: id()))
    case .externalIDRenamed:
      .externalIDRenamed(ExternalIDRenamed(user: id(), deprecated: id(), primary: personal()))
    case .userIdentified: .userIdentified(UserIdentified(user: id(), externalID: personal()))
    case .usersMerged:
      .usersMerged(
        UsersMerged(
          user: id(), into: id(), cohortsLeft: ids(), cohortsEntered: ids(), moved: ids(),
          dropped: ids(), retired: ids()))
    case .userDeleted: .userDeleted(UserDeleted(user: id(), cohortsLeft: ids(), freed: ids()))
    case .userErased:
      .userErased(
        UserErased(
          user: flag() ? id() : nil, identifiers: ids(),
          texts: list { TextName(position: $0.position(), item: $0.number()) }))
    case .erasureFinished: .erasureFinished(ErasureFinished(erasure: position()))
    case .unmatchedForgotten:
      .unmatchedForgotten(UnmatchedForgotten(before: instant(), through: position()))
    case .cohortNamed:
      .cohortNamed(
        CohortNamed(
          cohort: id(), partner: id(), cohortID: text(), name: text(),
          createdAt: flag() ? instant() : nil))
    case .cohortArchived: .cohortArchived(id())
    case .cohortRestored: .cohortRestored(id())
    case .membersChanged: .membersChanged(membersChanged())
    case .segmentSaved:
      .segmentSaved(
        SegmentSaved(
          segment: id(), version: number(), name: text(), description: text(),
          tags: list { $0.text() }, filter: filter(depth: 5)))
    case .segmentArchived: .segmentArchived(id())
    case .segmentRestored: .segmentRestored(id())
    case .campaignSaved:
      .campaignSaved(
        CampaignSaved(
          campaign: campaign(), version: number(), name: text(), description: text(),
          tags: list { $0.text() }, audience: audience()))
    case .campaignArchived: .campaignArchived(campaign())
    case .campaignRestored: .campaignRestored(campaign())
    case .audienceFrozen:
      .audienceFrozen(
        AudienceFrozen(
          send: id(), campaign: campaign(), version: number(), position: position(),
          instant: instant(),
          segments: list { SegmentVersion(segment: $0.id(), version: $0.number()) },
          audience: audience(), size: long(), digest: digest()))
    case .recovered:
      .recovered(
        Recovered(
          offset: long(), size: long(), digest: digest(), mayHaveBeenAcknowledged: flag()))
    case .restored:
      .restored(
        Restored(cut: position(), head: position(), root: digest(), acceptedLoss: flag()))
    }
  }

  mutating func anyEvent() -> Event {
    event(EventKind.allCases[random.below(EventKind.allCases.count)])
  }

  mutating func receipt() -> Receipt {
    Receipt(
      key: personal(), fingerprint: PersonalText(random.bytes(32)),
      status: UInt16(truncatingIfNeeded: random.next()), answer: text())
  }

  private mutating func keyIssued() -> KeyIssued {
    KeyIssued(
      key: id(), kind: KeyKind.allCases[random.below(3)], partner: flag() ? id() : nil,
      label: text(), permissions: Permissions(rawValue: random.next()),
      networks: list { $0.network() }, expiresAt: flag() ? instant() : nil, digest: digest())
  }

  private mutating func membersChanged() -> MembersChanged {
    var users = Set<UInt32>()
    let spread = flag() ? 64 : 1 << 24
    for _ in 0..<random.below(40) { users.insert(UInt32(random.below(spread))) }
    return MembersChanged(
      cohort: id(), direction: flag() ? .entering : .leaving,
      users: PackedUsers(sorted: users.sorted().span), unchanged: number(),
      unmatched: list {
        Unmatched(
          identifier: $0.identifier(), reason: Unmatched.Reason.allCases[$0.random.below(3)])
      })
  }

  private mutating func audience() -> Audience {
    Audience(segments: ids(), filter: flag() ? filter(depth: 3) : nil)
  }

  mutating func filter(depth: Int) -> Filter {
    switch random.below(depth > 1 ? 10 : 7) {
    case 0: .includes(ids())
    case 1: .excludes(ids())
    case 2: .segment(id())
    case 3: .entered(id(), within: period())
    case 4: .left(id(), within: period())
    case 5: .memberFor(id(), atLeast: period())
    case 6: .memberAsOf(id(), flag() ? .position(position()) : .instant(instant()))
    case 7: .not(filter(depth: depth - 1))
    case 8: .and(list { $0.filter(depth: depth - 1) })
    default: .or(list { $0.filter(depth: depth - 1) })
    }
  }

  private mutating func period() -> Period {
    let seconds: UInt64 = [1, Period.secondsMax, 604_800][random.below(3)]
    guard let period = Period(seconds: seconds) else { preconditionFailure("in the range") }
    return period
  }

  private mutating func network() -> Network {
    let prefix = UInt8(random.below(129))
    let high = prefix == 0 ? 0 : random.next() & ~(prefix >= 64 ? 0 : UInt64.max >> prefix)
    let low = prefix <= 64 ? 0 : random.next() & ~(prefix == 128 ? 0 : UInt64.max >> (prefix - 64))
    let address = NetworkAddress(high: high, low: low)
    guard let network = Network(address: address, prefix: prefix) else {
      preconditionFailure("no bits behind the prefix")
    }
    return network
  }

  private mutating func identifier() -> IdentifierName {
    switch random.below(3) {
    case 0: .externalID(personal())
    case 1: .alias(label: text(), name: personal())
    default: .device(personal())
    }
  }

  mutating func personal() -> PersonalText {
    PersonalText(random.bytes([0, 1, 9, 10, 11, 26, 27, 200, 1_024][random.below(9)]))
  }

  private mutating func campaign() -> CampaignReference {
    CampaignReference(kind: flag() ? .campaign : .canvas, number: number())
  }

  private mutating func text() -> Text { Text(bytes: random.bytes(random.below(200))) }
  private mutating func flag() -> Bool { random.below(2) == 0 }
  private mutating func id<Kind>() -> ID<Kind> { ID(number()) }
  private mutating func number() -> UInt32 { UInt32(truncatingIfNeeded: long()) }
  private mutating func position() -> Position { Position(long()) }
  private mutating func instant() -> Instant {
    Instant(microseconds: Int64(bitPattern: random.next()))
  }
  private mutating func digest() -> Digest {
    Digest(random.next(), random.next(), random.next(), random.next())
  }

  /// As often small as large, and never far from where varints grow.
  private mutating func long() -> UInt64 {
    let edge = UInt64(1) << UInt64(random.below(64))
    return edge &+ UInt64(random.below(3)) &- 1
  }

  private mutating func ids<Kind>() -> [ID<Kind>] { list { $0.id() } }

  private mutating func list<Element>(_ draw: (inout Self) -> Element) -> [Element] {
    (0..<random.below(4)).map { _ in draw(&self) }
  }
}
