/// Everything that can ever have happened to a ledger.
///
/// An event is a fact, named in the past tense. It is never edited and never refused: refusing
/// is the work of `decide`, before the event exists. What an event does to other subjects is
/// found by `decide` and written in it, so `apply` never searches.
///
/// May be relied upon, at every position:
/// - Numbers that an event introduces (users, identifiers, partners, keys, cohorts, segments, …)
///   are the next of their kind.
/// - After `usersMerged(a, into: b)` or `userDeleted(a)` no `membersChanged` names `a`.
/// - `membersChanged` holds only effective changes: who enters was out, who leaves was in.
public enum Event: Hashable, Sendable {
  case partnerEnabled(PartnerEnabled)
  case partnerDisabled(PartnerID)
  case keyIssued(KeyIssued)
  case keyInvalidated(KeyID)

  case userCreated(UserCreated)
  case identifierAdded(IdentifierAdded)
  case identifierRemoved(IdentifierRemoved)
  case externalIDRenamed(ExternalIDRenamed)
  case userIdentified(UserIdentified)
  case usersMerged(UsersMerged)
  case userDeleted(UserDeleted)
  case userErased(UserErased)
  case erasureFinished(ErasureFinished)
  case unmatchedForgotten(UnmatchedForgotten)

  case cohortNamed(CohortNamed)
  case cohortArchived(CohortID)
  case cohortRestored(CohortID)
  case membersChanged(MembersChanged)

  case segmentSaved(SegmentSaved)
  case segmentArchived(SegmentID)
  case segmentRestored(SegmentID)
  case campaignSaved(CampaignSaved)
  case campaignArchived(CampaignReference)
  case campaignRestored(CampaignReference)
  case audienceFrozen(AudienceFrozen)

  case recovered(Recovered)
  case restored(Restored)
}

/// An event together with where and when it entered the log, and by whose key.
public struct Recorded: Hashable, Sendable {
  public let position: Position
  public let time: Instant
  /// Key 0 is the local operator.
  public let key: KeyID
  /// The position of the last event of the request that recorded this one.
  public let request: Position
  public let event: Event
  /// Stands with the last event of a request that carried an idempotency key.
  public let receipt: Receipt?

  public init(
    position: Position, time: Instant, key: KeyID, request: Position, event: Event,
    receipt: Receipt? = nil
  ) {
    self.position = position
    self.time = time
    self.key = key
    self.request = request
    self.event = event
    self.receipt = receipt
  }
}

/// What a repeated request with the same idempotency key is answered from.
public struct Receipt: Hashable, Sendable {
  /// The `Idempotency-Key`, 1 to 255 bytes of printable ASCII.
  public let key: PersonalText
  /// SHA-256 over method, path and body: 32 bytes.
  ///
  /// None of a request that erased somebody: it would confirm guesses of whom the body named.
  /// Erased with whom the body may have named.
  public let fingerprint: PersonalText
  public let status: UInt16
  /// The counts of the answer as JSON members, without personal text, results or secrets.
  public let answer: Text

  public init(key: PersonalText, fingerprint: PersonalText, status: UInt16, answer: Text) {
    self.key = key
    self.fingerprint = fingerprint
    self.status = status
    self.answer = answer
  }
}
