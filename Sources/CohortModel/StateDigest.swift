/// A digest of everything that a ledger is at one position, moved along with each event.
///
/// Each fact of the state (this user is in this cohort; this identifier is borne by this user; this
/// key was invalidated there) is mixed into 128 bits by itself, and the facts of a lane are added
/// up. Sums know no order, and what no longer holds is subtracted. So the digest is the same
/// however the log was read: in batches of any size, from any snapshot, on any number of threads.
///
/// Texts of people never enter it, only the commitments to them: an erasure changes nothing but by
/// its own event. Invariant: but for ``commitments``, it is what ``init(of:)`` makes of the state.
///
/// It shows that two replays agree. It is no seal against forgers: that is the tree's root.
public struct StateDigest: Sendable {
  /// Of the last event.
  public private(set) var position = Position.origin
  private var time = Instant(microseconds: 0)
  private var requestCount: UInt64 = 0
  private var memberships: UInt128 = 0
  private var identities: UInt128 = 0
  private var definitions: UInt128 = 0
  private var receipts: UInt128 = 0
  private var commitments: UInt128 = 0

  // What must be known to subtract it.
  private var userCount: UInt32 = 0
  private var bearers: [BearerRecord] = []
  private var receiptFacts: [UInt128] = []
  private var receiptCount = 0
  private var partners = Partners()
  private var keys = Keys()
  private var cohorts = Cohorts()
  private var segments = Segments()
  private var campaigns = Campaigns()
  private var erasures = Erasures()

  /// Who bears an identifier, and what else is said of it.
  private struct BearerRecord {
    var user: UInt32
    var role: IdentifierRole
    let kind: UInt8
    /// Identifier, name space, label and introduction: they never change.
    let base: FactMix
  }

  /// Before the first event.
  public init() {}

  /// All 256 bits.
  public var value: Digest {
    var words: [UInt64] = []
    for index in UInt64(0)..<4 {
      var mix = FactMix(.digest)
      mix.add(index)
      mix.add(position.rawValue)
      mix.add(UInt64(bitPattern: time.microseconds))
      mix.add(requestCount)
      for lane in [memberships, identities, definitions, receipts, commitments] {
        mix.add(wide: lane)
      }
      words.append(UInt64(truncatingIfNeeded: mix.value))
    }
    return Digest(words[0], words[1], words[2], words[3])
  }

  /// The same without the commitments, to compare with ``init(of:)``.
  public var withoutCommitments: Digest {
    var other = self
    other.commitments = 0
    return other.value
  }
}

extension StateDigest {
  /// Moves on by one event and the commitments to its texts, in item order.
  public mutating func apply(_ recorded: Recorded, commitments: [Digest]) {
    position = recorded.position
    time = recorded.time
    for (item, commitment) in commitments.enumerated() {
      var mix = FactMix(.commitment)
      mix.add(recorded.position.rawValue)
      mix.add(UInt64(item))
      mix.add(commitment)
      self.commitments &+= mix.value
    }
    apply(recorded.event, recorded)
    guard recorded.request == recorded.position else { return }
    requestCount += 1
    definitions &-= keys.usageFact(of: recorded.key)
    keys.countWrite(by: recorded.key, at: position, time)
    definitions &+= keys.usageFact(of: recorded.key)
    if let receipt = recorded.receipt { add(receipt.fact(of: recorded.key, at: position)) }
  }

  private mutating func apply(_ event: Event, _ recorded: Recorded) {
    switch event {
    case .membersChanged(let event): apply(event)
    case .userCreated(let event):
      userCount += 1
      identities &+= UserID(userCount).creationFact(at: position)
      for identifier in event.identifiers { introduce(identifier, of: event.user) }
    case .identifierAdded(let event): introduce(event.identifier, of: event.user)
    case .identifierRemoved(let event): release(event.identifier)
    case .externalIDRenamed(let event):
      give(event.deprecated, to: event.user, .deprecated)
      introduce(.externalID(event.primary), of: event.user)
    case .userIdentified(let event): introduce(.externalID(event.externalID), of: event.user)
    case .usersMerged(let event): apply(event)
    case .userDeleted(let event):
      for identifier in event.freed { release(identifier) }
      identities &+= event.user.endFact(into: nil, at: position)
      for cohort in event.cohortsLeft { memberships &-= cohort.memberFact(event.user.rawValue) }
    case .userErased(let event):
      definitions &-= erasures.fact(of: event.user)
      erasures.add(event, at: position)
      definitions &+= erasures.fact(of: event.user) &+ Erasures.pendingFact(position)
    case .unmatchedForgotten:
      erasures.addForgetting(at: position)
      definitions &+= Erasures.pendingFact(position)
    case .erasureFinished(let event):
      if erasures.pending.contains(event.erasure) {
        definitions &-= Erasures.pendingFact(event.erasure)
      }
      erasures.finish(event.erasure)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .cohortNamed,
      .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived, .segmentRestored,
      .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen:
      define(event, recorded)
    case .recovered, .restored: break
    }
  }

  private mutating func apply(_ event: MembersChanged) {
    var sum: UInt128 = 0
    event.users.forEach { sum &+= event.cohort.memberFact($0) }
    if event.direction == .entering { memberships &+= sum } else { memberships &-= sum }
  }

  private mutating func apply(_ event: UsersMerged) {
    for identifier in event.moved {
      give(identifier, to: event.into, bearers[Int(identifier.rawValue) - 1].role)
    }
    for identifier in event.dropped { release(identifier) }
    for identifier in event.retired { give(identifier, to: event.user, .merged) }
    identities &+= event.user.endFact(into: event.into, at: position)
    for cohort in event.cohortsLeft { memberships &-= cohort.memberFact(event.user.rawValue) }
    for cohort in event.cohortsEntered { memberships &+= cohort.memberFact(event.into.rawValue) }
  }
}

extension StateDigest {
  private mutating func introduce(_ name: IdentifierName, of user: UserID) {
    let identifier = IdentifierID(UInt32(bearers.count + 1))
    let (kind, label, role): (UInt8, [UInt8], IdentifierRole) =
      switch name {
      case .externalID: (0, [], .primary)
      case .alias(let label, _): (1, label.bytes, .alias)
      case .device: (2, [], .device)
      }
    let base = identifier.factBase(kind: kind, label: label, at: position)
    bearers.append(BearerRecord(user: user.rawValue, role: role, kind: kind, base: base))
    identities &+= base.bearerFact(user, role)
  }

  private mutating func give(_ identifier: IdentifierID, to user: UserID, _ role: IdentifierRole) {
    let index = Int(identifier.rawValue) - 1
    let record = bearers[index]
    // Freed identifiers are borne by nobody, whoever was the last.
    identities &-= record.base.bearerFact(UserID(record.user), record.role)
    bearers[index].user = user.rawValue
    bearers[index].role = role
    identities &+= record.base.bearerFact(user, role)
  }

  private mutating func release(_ identifier: IdentifierID) {
    give(identifier, to: UserID(bearers[Int(identifier.rawValue) - 1].user), .free)
  }

  private mutating func add(_ fact: UInt128) {
    let place = receiptCount % Receipts.window
    if receiptCount < Receipts.window {
      receiptFacts.append(fact)
    } else {
      receipts &-= receiptFacts[place]
      receiptFacts[place] = fact
    }
    receipts &+= fact
    receiptCount += 1
  }

  /// Takes the fact of the subject out, moves the subject, and puts its fact in again.
  private mutating func define(_ event: Event, _ recorded: Recorded) {
    let (position, time) = (recorded.position, recorded.time)
    let subject = event.subject
    definitions &-= fact(of: subject, event.learningPartner)
    switch event {
    case .partnerEnabled(let event): partners.enable(event, at: position, time)
    case .partnerDisabled(let partner): partners.disable(partner, at: position, time)
    case .keyIssued(let event):
      keys.issue(event, by: recorded.key, at: position, time)
      if event.kind == .partner, let partner = event.partner { partners.stopLearning(partner) }
    case .keyInvalidated(let key): keys.invalidate(key, at: position)
    case .cohortNamed(let event):
      cohorts.name(event, partner: partners[event.partner].code, at: position, time)
    case .cohortArchived(let cohort): cohorts.setArchived(true, cohort, at: position, time)
    case .cohortRestored(let cohort): cohorts.setArchived(false, cohort, at: position, time)
    case .segmentSaved(let event): segments.save(event, at: position, time)
    case .segmentArchived(let segment): segments.setArchived(true, segment, at: position, time)
    case .segmentRestored(let segment): segments.setArchived(false, segment, at: position, time)
    case .campaignSaved(let event): campaigns.save(event, at: position, time)
    case .campaignArchived(let reference):
      campaigns.setArchived(true, reference, at: position, time)
    case .campaignRestored(let reference):
      campaigns.setArchived(false, reference, at: position, time)
    case .audienceFrozen(let event): campaigns.freeze(event, at: position, time)
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten,
      .membersChanged, .recovered, .restored:
      preconditionFailure("These define nothing.")
    }
    definitions &+= fact(of: subject, event.learningPartner)
  }

  private func fact(of subject: Subject, _ learning: PartnerID?) -> UInt128 {
    var sum: UInt128 = learning.map { partners.fact(of: $0) } ?? 0
    switch subject {
    case .partner(let id): sum &+= partners.fact(of: id)
    case .key(let id): sum &+= keys.fact(of: id)
    case .cohort(let id): sum &+= cohorts.fact(of: id)
    case .segment(let id): sum &+= segments.fact(of: id)
    case .campaign(let reference): sum &+= campaigns.fact(of: reference)
    }
    return sum
  }
}

extension StateDigest {
  /// Computes the digest of a state from nothing but the state; its commitments are not known.
  ///
  /// Not to be moved on from: what must be known for that is left out.
  ///
  /// - Complexity: O(n) in members, identifiers and definitions.
  public init(of state: LedgerState) {
    position = state.position
    time = state.time
    requestCount = state.requestCount
    for index in 0..<state.cohorts.count {
      let cohort = CohortID(UInt32(index + 1))
      var sum: UInt128 = 0
      state.memberships[cohort].forEach { sum &+= cohort.memberFact($0) }
      memberships &+= sum
      definitions &+= state.cohorts.fact(of: cohort)
    }
    identities = Self.identities(of: state.directory)
    for index in state.partners.records.indices {
      definitions &+= state.partners.fact(of: PartnerID(UInt32(index + 1)))
    }
    for index in 0...state.keys.records.count {
      definitions &+= state.keys.usageFact(of: KeyID(UInt32(index)))
      definitions &+= state.keys.fact(of: KeyID(UInt32(index)))
    }
    for index in state.segments.records.indices {
      definitions &+= state.segments.fact(of: SegmentID(UInt32(index + 1)))
    }
    for kind in CampaignKind.allCases {
      for index in state.campaigns.records(of: kind).indices {
        let reference = CampaignReference(kind: kind, number: UInt32(index + 1))
        definitions &+= state.campaigns.fact(of: reference)
      }
    }
    for number in 0..<state.directory.userCount {
      definitions &+= state.erasures.fact(of: UserID(UInt32(number + 1)))
    }
    for position in state.erasures.pending { definitions &+= Erasures.pendingFact(position) }
    for entry in state.receipts.current {
      receipts &+= entry.receipt.fact(of: entry.key, at: entry.position)
    }
  }

  private static func identities(of directory: Directory) -> UInt128 {
    var sum: UInt128 = 0
    for number in 0..<directory.userCount {
      let user = UserID(UInt32(number + 1))
      sum &+= user.creationFact(at: directory.created(user))
      switch directory.status(of: user) {
      case .absent, .active: break
      case .deleted(let at): sum &+= user.endFact(into: nil, at: at)
      case .merged(let into, let at): sum &+= user.endFact(into: into, at: at)
      }
    }
    for number in 0..<directory.identifierCount {
      let identifier = IdentifierID(UInt32(number + 1))
      let (kind, label): (UInt8, [UInt8]) =
        switch directory.kind(of: identifier) {
        case .externalID: (0, [])
        case .alias(let label): (1, directory.text(of: label))
        case .device: (2, [])
        }
      let base = identifier.factBase(
        kind: kind, label: label, at: directory.introduced(identifier))
      let bearer = directory.bearer(of: identifier)
      sum &+= base.bearerFact(bearer?.user ?? UserID(0), bearer?.role ?? .free)
    }
    return sum
  }
}

extension StateDigest: Equatable {
  public static func == (a: Self, b: Self) -> Bool { a.value == b.value }
}
