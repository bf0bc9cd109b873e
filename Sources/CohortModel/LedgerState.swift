/// The whole truth of a ledger at one position: every projection, moved in step.
///
/// A value: copies share what has not changed since, so a published copy costs little, readers
/// never see the writer at work, and undoing is keeping the old copy.
///
/// What is temporal in it (users, identifiers, names, keys, segments, campaigns) answers for
/// every earlier position too; memberships of the past lie in the log.
public struct LedgerState: Sendable {
  /// Of the last event applied.
  public internal(set) var position = Position.origin
  /// Of the last event applied.
  public internal(set) var time = Instant(microseconds: 0)
  /// How many requests have recorded something.
  public internal(set) var requestCount: UInt64 = 0

  public internal(set) var directory: Directory
  public internal(set) var memberships = Memberships()
  public internal(set) var partners = Partners()
  public internal(set) var keys = Keys()
  public internal(set) var cohorts = Cohorts()
  public internal(set) var segments = Segments()
  public internal(set) var campaigns = Campaigns()
  public internal(set) var receipts = Receipts()
  public internal(set) var erasures = Erasures()

  /// - Parameter seed: Keys the hashing of identifiers, so that nobody outside can aim for
  ///   collisions. Not part of the state.
  public init(hashSeed seed: UInt64) { directory = Directory(hashSeed: seed) }

  init(directory: Directory) { self.directory = directory }
}

extension LedgerState {
  /// Moves the state forward by one event.
  ///
  /// Total: reads nothing outside the event and the state.
  public mutating func apply(
    _ event: Event, at position: Position, _ time: Instant, by key: KeyID
  ) {
    applyButMemberships(event, at: position, time, by: key)
    memberships.apply(event)
  }

  /// Moves everything forward but ``memberships``: a rebuild folds those cohort after cohort, which
  /// is far faster, and puts them in at its end.
  package mutating func applyButMemberships(
    _ event: Event, at position: Position, _ time: Instant, by key: KeyID
  ) {
    self.position = position
    self.time = time
    switch event {
    case .partnerEnabled(let event): partners.enable(event, at: position, time)
    case .partnerDisabled(let partner): partners.disable(partner, at: position, time)
    case .keyIssued(let event):
      keys.issue(event, by: key, at: position, time)
      if event.kind == .partner, let partner = event.partner { partners.stopLearning(partner) }
    case .keyInvalidated(let key): keys.invalidate(key, at: position)

    case .userCreated(let event): apply(event, at: position)
    case .identifierAdded(let event):
      introduce(event.identifier, of: event.user, at: position)
    case .identifierRemoved(let event): directory.release(event.identifier, at: position)
    case .externalIDRenamed(let event):
      directory.transfer(event.deprecated, to: event.user, role: .deprecated, at: position)
      introduce(.externalID(event.primary), of: event.user, at: position)
    case .userIdentified(let event):
      introduce(.externalID(event.externalID), of: event.user, at: position)
    case .usersMerged(let event): apply(event, at: position, time)
    case .userDeleted(let event): apply(event, at: position, time)
    case .userErased(let event):
      for identifier in event.identifiers { directory.eraseText(of: identifier) }
      for text in event.texts { receipts.eraseFingerprint(text) }
      erasures.add(event, at: position)
    case .erasureFinished(let event): erasures.finish(event.erasure)
    case .unmatchedForgotten: erasures.addForgetting(at: position)

    case .cohortNamed(let event):
      memberships.addCohorts(upTo: event.cohort)
      let partner = partners[event.partner].code
      cohorts.name(event, partner: partner, at: position, time)
    case .cohortArchived(let cohort): cohorts.setArchived(true, cohort, at: position, time)
    case .cohortRestored(let cohort): cohorts.setArchived(false, cohort, at: position, time)
    case .membersChanged(let event): cohorts.touch(event.cohort, at: position, time)

    case .segmentSaved(let event): segments.save(event, at: position, time)
    case .segmentArchived(let segment): segments.setArchived(true, segment, at: position, time)
    case .segmentRestored(let segment): segments.setArchived(false, segment, at: position, time)
    case .campaignSaved(let event): campaigns.save(event, at: position, time)
    case .campaignArchived(let campaign): campaigns.setArchived(true, campaign, at: position, time)
    case .campaignRestored(let campaign):
      campaigns.setArchived(false, campaign, at: position, time)
    case .audienceFrozen(let event): campaigns.freeze(event, at: position, time)

    case .recovered, .restored: break
    }
  }

  /// The same for a `membersChanged` event that is folded where it lies.
  package mutating func applyMembersChanged(
    _ cohort: CohortID, at position: Position, _ time: Instant
  ) {
    self.position = position
    self.time = time
    cohorts.touch(cohort, at: position, time)
  }

  /// The same for a `userCreated` event with one external id, whose text is not copied on the way.
  package mutating func applyUserCreated(
    externalID text: Range<Int>?, in bytes: Span<UInt8>, at position: Position, _ time: Instant
  ) {
    self.position = position
    self.time = time
    let user = directory.createUser(at: position)
    if let text {
      _ = directory.introduce(.externalID, bytes.extracting(text), bearer: user, at: position)
    } else {
      _ = directory.introduce(.externalID, nil, bearer: user, at: position)
    }
  }

  /// Puts in a cohort's members after ``applyButMemberships(_:at:_:by:)``.
  package mutating func setMembers(of cohort: CohortID, to users: LiveUsers) {
    memberships.replace(cohort, with: users)
  }

  /// Ends the request that the last applied event belongs to.
  package mutating func endRequest(by key: KeyID) {
    requestCount += 1
    keys.countWrite(by: key, at: position, time)
  }

  /// Ends the request whose last event, just applied, is `event`, with its receipt if it has one.
  package mutating func endRequest(by key: KeyID, with event: Event, _ receipt: Receipt?) {
    endRequest(by: key)
    guard let receipt else { return }
    receipts.add(
      receipt, of: key, at: position, fingerprintItem: UInt32(event.textCount + 1))
  }

  /// Moves the state forward by one event of the log.
  public mutating func apply(_ recorded: Recorded) {
    apply(recorded.event, at: recorded.position, recorded.time, by: recorded.key)
    if recorded.request == recorded.position {
      endRequest(by: recorded.key, with: recorded.event, recorded.receipt)
    }
  }
}

extension LedgerState {
  private mutating func apply(_ event: UserCreated, at position: Position) {
    let user = directory.createUser(at: position)
    for identifier in event.identifiers { introduce(identifier, of: user, at: position) }
  }

  private mutating func introduce(
    _ identifier: IdentifierName, of user: UserID, at position: Position
  ) {
    let kind: IdentifierKind =
      switch identifier {
      case .externalID: .externalID
      case .alias(let label, _): .alias(directory.intern(label: label.bytes.span))
      case .device: .device
      }
    if let bytes = identifier.text.bytes {
      _ = directory.introduce(kind, bytes.span, bearer: user, at: position)
    } else {
      _ = directory.introduce(kind, nil, bearer: user, at: position)
    }
  }

  private mutating func apply(_ event: UsersMerged, at position: Position, _ time: Instant) {
    for identifier in event.moved {
      guard let role = directory.bearer(of: identifier)?.role else { continue }
      directory.transfer(identifier, to: event.into, role: role, at: position)
    }
    for identifier in event.dropped { directory.release(identifier, at: position) }
    for identifier in event.retired {
      directory.transfer(identifier, to: event.user, role: .merged, at: position)
    }
    directory.end(event.user, at: position, as: .merged(into: event.into))
    for cohort in event.cohortsLeft { cohorts.touch(cohort, at: position, time) }
  }

  private mutating func apply(_ event: UserDeleted, at position: Position, _ time: Instant) {
    for identifier in event.freed { directory.release(identifier, at: position) }
    directory.end(event.user, at: position, as: .deleted)
    for cohort in event.cohortsLeft { cohorts.touch(cohort, at: position, time) }
  }
}
