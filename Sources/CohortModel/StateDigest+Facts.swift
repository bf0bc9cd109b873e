/// Mixes the words of one fact into 128 bits.
///
/// Two lanes of the finaliser of splitmix64, which turns about half of all bits for each bit of its
/// input; what was mixed before moves along with each word, so the order within a fact counts.
struct FactMix: Hashable, Sendable {
  /// What a fact is of, so that equal words of two kinds are two facts.
  enum Domain: UInt64 {
    case digest = 1
    case commitment, member, creation, end, bearer, receipt, pending
    case partner, key, usage, cohort, segment, campaign, erasure
  }

  private var low: UInt64
  private var high: UInt64

  init(_ domain: Domain) {
    low = FactMix.spread(domain.rawValue &* 0x9e37_79b9_7f4a_7c15)
    high = FactMix.spread(domain.rawValue &* 0xd1b5_4a32_d192_ed03 &+ 1)
  }

  @inline(__always) var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

  @inline(__always) mutating func add(_ word: UInt64) {
    low = FactMix.spread((low &+ 0x9e37_79b9_7f4a_7c15) ^ word)
    high = FactMix.spread((high &+ 0xd1b5_4a32_d192_ed03) ^ (word &* 0xa076_1d64_78bd_642f))
  }

  mutating func add(wide word: UInt128) {
    add(UInt64(truncatingIfNeeded: word))
    add(UInt64(truncatingIfNeeded: word >> 64))
  }

  mutating func add(_ digest: Digest) {
    for word in [digest.word0, digest.word1, digest.word2, digest.word3] { add(word) }
  }

  /// The length first, so that two texts in a row cannot be taken for two others.
  mutating func add(_ bytes: [UInt8]) {
    add(UInt64(bytes.count))
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      word = word << 8 | UInt64(byte)
      if index & 7 == 7 { add(word) }
    }
    if bytes.count & 7 != 0 { add(word & ~(UInt64.max << UInt64(8 * (bytes.count & 7)))) }
  }

  mutating func add(_ position: Position?) { add(position.map { $0.rawValue &+ 1 } ?? 0) }

  mutating func add(_ instant: Instant?) {
    add(instant == nil ? 0 : 1)
    add(UInt64(bitPattern: instant?.microseconds ?? 0))
  }

  mutating func add(_ isSo: Bool?) { add(isSo.map { $0 ? 2 : 1 } ?? 0) }

  @inline(__always) private static func spread(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  func bearerFact(_ user: UserID, _ role: IdentifierRole) -> UInt128 {
    var mix = self
    mix.add(UInt64(role == .free ? 0 : user.rawValue))
    mix.add(UInt64(role.rawValue))
    return mix.value
  }
}

extension ID<Cohort> {
  @inline(__always) func memberFact(_ user: UInt32) -> UInt128 {
    var mix = FactMix(.member)
    mix.add(UInt64(rawValue) << 32 | UInt64(user))
    return mix.value
  }
}

extension ID<User> {
  func creationFact(at position: Position) -> UInt128 {
    var mix = FactMix(.creation)
    mix.add(UInt64(rawValue))
    mix.add(position.rawValue)
    return mix.value
  }

  func endFact(into: UserID?, at position: Position) -> UInt128 {
    var mix = FactMix(.end)
    mix.add(UInt64(rawValue))
    mix.add(UInt64(into?.rawValue ?? 0))
    mix.add(position.rawValue)
    return mix.value
  }
}

extension ID<Identifier> {
  /// What never changes of an identifier.
  ///
  /// Its text is not part of it.
  func factBase(kind: UInt8, label: [UInt8], at position: Position) -> FactMix {
    var mix = FactMix(.bearer)
    mix.add(UInt64(rawValue))
    mix.add(UInt64(kind))
    mix.add(label)
    mix.add(position.rawValue)
    return mix
  }
}

extension Receipt {
  /// Neither of its texts is part of it.
  func fact(of key: KeyID, at position: Position) -> UInt128 {
    var mix = FactMix(.receipt)
    mix.add(UInt64(key.rawValue))
    mix.add(position.rawValue)
    mix.add(UInt64(status))
    mix.add(answer.bytes)
    return mix.value
  }
}

extension Erasures {
  func fact(of user: UserID?) -> UInt128 {
    guard let user, let position = erasure(of: user) else { return 0 }
    var mix = FactMix(.erasure)
    mix.add(UInt64(user.rawValue))
    mix.add(position.rawValue)
    return mix.value
  }

  static func pendingFact(_ position: Position) -> UInt128 {
    var mix = FactMix(.pending)
    mix.add(position.rawValue)
    return mix.value
  }
}

/// What a defining event is about.
enum Subject {
  case partner(PartnerID)
  case key(KeyID)
  case cohort(CohortID)
  case segment(SegmentID)
  case campaign(CampaignReference)
}

extension Event {
  /// - Precondition: The event defines something.
  var subject: Subject {
    switch self {
    case .partnerEnabled(let event): .partner(event.partner)
    case .partnerDisabled(let partner): .partner(partner)
    case .keyIssued(let event): .key(event.key)
    case .keyInvalidated(let key): .key(key)
    case .cohortNamed(let event): .cohort(event.cohort)
    case .cohortArchived(let cohort), .cohortRestored(let cohort): .cohort(cohort)
    case .segmentSaved(let event): .segment(event.segment)
    case .segmentArchived(let segment), .segmentRestored(let segment): .segment(segment)
    case .campaignSaved(let event): .campaign(event.campaign)
    case .campaignArchived(let campaign), .campaignRestored(let campaign): .campaign(campaign)
    case .audienceFrozen(let event): .campaign(event.campaign)
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten,
      .membersChanged, .recovered, .restored:
      preconditionFailure("These define nothing.")
    }
  }

  /// The partner that may stop learning by this event.
  var learningPartner: PartnerID? {
    if case .keyIssued(let event) = self, event.kind == .partner { event.partner } else { nil }
  }
}
