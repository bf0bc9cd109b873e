public import CohortFormat
import CohortLog
public import CohortModel

/// Everything that shows, without this ledger, what became of one person in one cohort.
///
/// Whoever has a tree head from elsewhere needs nothing but this and `Storage/FORMAT.md`: the bytes
/// of each event give a leaf, the path leads from it to the root, and the openings show which of
/// the commitments in the bytes are the person's texts. `Tools/Checks/verify_proof.py` does it.
public struct MembershipProof: Hashable, Sendable {
  public let ledger: LedgerID
  public let cohort: CohortName
  public let cohortNumber: CohortID
  /// The person, and everyone who was merged into it.
  public let users: [UserID]
  public let isMember: Bool
  /// As of this position, the size of ``head``.
  public let head: TreeHead
  /// In the order of the log.
  public let events: [ProvenEvent]

  /// Other users whose numbers can be read in the events.
  ///
  /// Their texts cannot.
  public let reveals: [UserID]
}

/// One event, with its way to the root.
public struct ProvenEvent: Hashable, Sendable {
  public let position: Position
  public let time: Instant
  /// From its kind to the end of its receipt, as Storage/FORMAT.md draws it.
  public let bytes: [UInt8]
  /// RFC 6962, section 2.1.1.
  public let path: [Digest]
  public let openings: [Opening]

  /// What shows that a commitment in the event is that of a text.
  public struct Opening: Hashable, Sendable {
    /// Among the personal texts of the event, from 0.
    public let item: UInt32
    public let nonce: [UInt8]
    public let text: [UInt8]
  }
}

extension View {
  /// Proves what the log says of a person and a cohort, as of this view.
  ///
  /// Holds the event that named the cohort, those that gave the person identifiers, and every
  /// change of the cohort that touched the person, a later removal too. An erased text has no
  /// opening.
  ///
  /// - Returns: The proof, for the tree of the events up to this view's position.
  /// - Throws: ``LedgerError/unreadable(_:)`` if an event cannot be read.
  /// - Complexity: O(changes of the cohort), a read of each frame that holds events of the proof,
  ///   and one for each block of 256 leaves with some.
  public func prove(_ user: UserID, _ cohort: CohortID) throws(LedgerError) -> MembershipProof {
    let persons = persons(of: user).sorted()
    var names: Set<IdentifierName> = []
    var positions: Set<Position> = [state.cohorts[cohort].createdAt]
    for person in persons {
      for identifier in state.directory.identifiersEver(of: person)
      where state.directory.introduced(identifier) <= position {
        positions.insert(state.directory.introduced(identifier))
        if let name = state.name(of: identifier) { names.insert(name) }
      }
    }
    let touching = try asking { () throws(LogError) in
      try history.changes(of: cohort, touching: Set(persons), through: position)
    }
    for (_, change) in touching { positions.insert(change.position) }
    for mention in try why(user, cohort).mentions { positions.insert(mention.event.position) }

    let size = position.rawValue
    var events: [ProvenEvent] = []
    var reveals: Set<UserID> = []
    var reader = ProvenEventReader(self, size: size, names)
    for position in positions.sorted() where position <= self.position {
      let (event, decoded) = try reader.event(at: position)
      events.append(event)
      reveals.formUnion(decoded.event.namedUsers)
    }
    guard let head = try treeHead(size: size) else { throw .beyondEnd(position, end: end) }
    return MembershipProof(
      ledger: log.ledger, cohort: state.cohorts[cohort].name, cohortNumber: cohort,
      users: persons, isMember: try contains(user, in: cohort), head: head, events: events,
      reveals: reveals.subtracting(persons).sorted())
  }
}

extension Event {
  /// The identifiers whose texts stand in the event, in item order.
  var identifierNames: [IdentifierName] {
    switch self {
    case .userCreated(let event): event.identifiers
    case .identifierAdded(let event): [event.identifier]
    case .externalIDRenamed(let event): [.externalID(event.primary)]
    case .userIdentified(let event): [.externalID(event.externalID)]
    case .membersChanged(let event): event.unmatched.map(\.identifier)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .identifierRemoved,
      .usersMerged, .userDeleted, .userErased, .erasureFinished, .unmatchedForgotten,
      .cohortNamed, .cohortArchived, .cohortRestored, .segmentSaved, .segmentArchived,
      .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored, .audienceFrozen,
      .recovered, .restored:
      []
    }
  }

  /// The users whose numbers stand in the event.
  var namedUsers: [UserID] {
    switch self {
    case .userCreated(let event): [event.user]
    case .identifierAdded(let event): [event.user]
    case .identifierRemoved(let event): [event.user]
    case .externalIDRenamed(let event): [event.user]
    case .userIdentified(let event): [event.user]
    case .usersMerged(let event): [event.user, event.into]
    case .userDeleted(let event): [event.user]
    case .userErased(let event): event.user.map { [$0] } ?? []
    case .membersChanged(let event): event.users.users.map { UserID($0) }
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .erasureFinished,
      .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored, .segmentSaved,
      .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored,
      .audienceFrozen, .recovered, .restored:
      []
    }
  }
}
