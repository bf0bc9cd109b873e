package import CohortFormat
public import CohortModel

/// Everything that moves with each event.
///
/// The writer has one, and a copy of it is published with every durable frame; a copy costs little,
/// and never changes under its reader.
@usableFromInline package struct Core: Sendable {
  @usableFromInline package internal(set) var state: LedgerState
  package internal(set) var history: History
  /// Of all events up to `state.position`, for proofs.
  package internal(set) var tree: MerkleIndex
  /// Of the frame that ends at `state.position`; `nil` before the first.
  package internal(set) var epoch: Epoch?
  /// Events that define something, as a snapshot keeps them: names, keys, filters.
  ///
  /// They are few.
  var definitions: Shelves<Recorded>
  /// Each `restored` event, for consumers whose checkpoint is of another history.
  var restorations: [Position]
  /// The last event that says that texts are to be zeroed, or that they are.
  var lastErased: Position?

  init(hashSeed: UInt64, _ options: HistoryOptions) {
    state = LedgerState(hashSeed: hashSeed)
    history = History(options)
    tree = MerkleIndex()
    epoch = nil
    definitions = Shelves()
    restorations = []
  }

  /// The number of the last request.
  ///
  /// Dense: as many as have recorded something.
  var lastRequest: UInt64 { state.requestCount }

  /// Follows a request that the state has performed already.
  mutating func follow(_ draft: Draft, from first: Position) {
    var position = first
    let last = state.position
    let events = draft.events.span
    for index in events.indices {
      history.apply(events[index], at: position, draft.time)
      if events[index].isDefinition {
        note(
          Recorded(
            position: position, time: draft.time, key: draft.key, request: last,
            event: events[index]))
      }
      position = position.advanced(by: 1)
    }
    history.settle(state.memberships)
  }

  /// Keeps an event that a snapshot will need as it is.
  mutating func note(_ recorded: Recorded) {
    if case .restored = recorded.event { restorations.append(recorded.position) }
    guard recorded.event.isDefinition else { return }
    if recorded.event.changesBytes { lastErased = recorded.position }
    definitions.append(
      Recorded(
        position: recorded.position, time: recorded.time, key: recorded.key,
        request: recorded.request, event: recorded.event))
  }
}

/// Where everything durable stands: what is published with a frame, and what every view looks at.
///
/// An object, so that taking a view is one reference, not one for each part of the state.
@usableFromInline package final class Durable: Sendable {
  @usableFromInline package let core: Core
  /// Where the log continues.
  let builder: FrameBuilder

  init(core: Core, builder: FrameBuilder) {
    self.core = core
    self.builder = builder
  }
}

extension Event {
  /// Whether a snapshot keeps the event itself rather than what it came to.
  ///
  /// None of these holds a personal text.
  var isDefinition: Bool {
    switch self {
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .cohortNamed,
      .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived, .segmentRestored,
      .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen, .userErased,
      .unmatchedForgotten, .erasureFinished, .restored:
      true
    case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
      .usersMerged, .userDeleted, .membersChanged, .recovered:
      false
    }
  }

  /// Whether bytes of earlier events are others behind it than before.
  var changesBytes: Bool {
    switch self {
    case .userErased, .unmatchedForgotten, .erasureFinished: true
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .cohortNamed,
      .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived, .segmentRestored,
      .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .usersMerged,
      .userDeleted, .membersChanged, .recovered, .restored:
      false
    }
  }
}
