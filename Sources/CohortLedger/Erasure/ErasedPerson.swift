import CohortFormat
import CohortLog
import CohortModel

/// Whom an erasure looks for in the log.
struct ErasedPerson: Hashable, Sendable {
  /// `nil`: a string that no user ever bore.
  let user: UserID?
  /// The user, and everyone who was merged into it.
  var users: [UserID] = []
  /// Every identifier that the person ever had, and the one it was named by.
  let texts: Set<IdentifierName>
}

/// The requests of a log one by one, as far as an erasure must judge their bodies.
///
/// An idempotency key keeps the digest of a body, and whoever guesses the body could confirm by it
/// that it named the person. So the digest goes with everyone whom the body may have named, and
/// from then on the key alone decides.
///
/// What a request names without effect stands in no event, so this errs on the side of forgetting:
///
/// - an import may have named whoever it moved or brought as unmatched; if it counts identifiers
///   that were so already, everyone who was so; and anybody, if unmatched texts are forgotten;
/// - a request about users may have named anybody, in an item that came to nothing;
/// - all others name nobody.
struct RequestBodies {
  private let history: History
  private let directory: Directory
  private var request = Position.origin
  private var events: [(position: Position, event: Event)] = []

  init(_ core: Core) {
    history = core.history
    directory = core.state.directory
  }

  /// Takes the next event.
  ///
  /// - Returns: If it ends a request whose digest is kept, that digest, and who of `people` the
  ///   body may have named.
  mutating func take(
    _ decoded: DecodedEvent, _ people: Set<ErasedPerson>
  ) throws(LogError) -> (digest: TextName, named: [ErasedPerson])? {
    let recorded = decoded.recorded
    if recorded.request != request {
      request = recorded.request
      events.removeAll(keepingCapacity: true)
    }
    events.append((recorded.position, recorded.event))
    guard let receipt = recorded.receipt, let digest = decoded.texts.last?.name,
      receipt.fingerprint.bytes?.isEmpty == false
    else { return nil }
    var named: [ErasedPerson] = []
    for person in people where try mayName(person) { named.append(person) }
    return (digest, named)
  }

  private func mayName(_ person: ErasedPerson) throws(LogError) -> Bool {
    for (position, event) in events {
      switch event {
      case .membersChanged(let change):
        if try mayName(person, change, at: position) { return true }
      case .userCreated, .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified,
        .usersMerged, .userDeleted, .userErased:
        return true
      case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .erasureFinished,
        .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored, .segmentSaved,
        .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored,
        .audienceFrozen, .recovered, .restored:
        break
      }
    }
    return false
  }

  private func mayName(
    _ person: ErasedPerson, _ change: MembersChanged, at position: Position
  ) throws(LogError) -> Bool {
    for unmatched in change.unmatched {
      let text = unmatched.identifier.text
      if text == .erased || person.texts.contains(where: { $0.text == text }) { return true }
    }
    for user in person.users {
      if change.users.contains(user.rawValue) { return true }
      guard change.unchanged > 0, case .active = directory.status(of: user, at: position) else {
        continue
      }
      let isMember = try history.contains(user, in: change.cohort, at: position)
      if isMember == (change.direction == .entering) { return true }
    }
    return false
  }
}
