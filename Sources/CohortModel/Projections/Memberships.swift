/// Who is in which cohort, now.
///
/// Invariant: there is a set for every cohort, and no set holds a user that was merged away or
/// deleted.
public struct Memberships: Equatable, Sendable {
  private var sets = Shelves<LiveUsers>()

  public init() {}

  public subscript(cohort: CohortID) -> LiveUsers { sets[Int(cohort.rawValue) - 1] }

  public func contains(_ user: UserID, in cohort: CohortID) -> Bool {
    sets[Int(cohort.rawValue) - 1].contains(user.rawValue)
  }

  /// The cohorts that `user` is in, ascending.
  ///
  /// - Complexity: one look-up a cohort. Only merges, deletions and questions about one user ask.
  public func cohorts(of user: UserID) -> [CohortID] {
    sets.indices.lazy.filter { sets[$0].contains(user.rawValue) }
      .map { CohortID(UInt32($0 + 1)) }
  }

  public var cohortCount: Int { sets.count }

  mutating func apply(_ event: Event) {
    switch event {
    case .cohortNamed(let event): addCohorts(upTo: event.cohort)
    case .membersChanged(let event): apply(event)
    case .usersMerged(let event):
      for cohort in event.cohortsLeft { remove(event.user, from: cohort) }
      for cohort in event.cohortsEntered { insert(event.into, in: cohort) }
    case .userDeleted(let event):
      for cohort in event.cohortsLeft { remove(event.user, from: cohort) }
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortArchived, .cohortRestored, .segmentSaved,
      .segmentArchived, .segmentRestored, .campaignSaved, .campaignArchived, .campaignRestored,
      .audienceFrozen, .recovered, .restored:
      break  // These change no membership. Listed, so that a new event cannot be forgotten.
    }
  }

  /// Also when everything but memberships is applied: a cohort that nobody was ever in has a set.
  mutating func addCohorts(upTo cohort: CohortID) {
    while sets.count < Int(cohort.rawValue) { sets.append(LiveUsers()) }
  }

  private mutating func apply(_ event: MembersChanged) {
    let index = Int(event.cohort.rawValue) - 1
    switch event.direction {
    case .entering: sets[index].apply(added: event.users, removed: PackedUsers())
    case .leaving: sets[index].apply(added: PackedUsers(), removed: event.users)
    }
  }

  private mutating func remove(_ user: UserID, from cohort: CohortID) {
    sets[Int(cohort.rawValue) - 1].remove(sorted: [user.rawValue].span)
  }

  private mutating func insert(_ user: UserID, in cohort: CohortID) {
    sets[Int(cohort.rawValue) - 1].insert(sorted: [user.rawValue].span)
  }

  /// Puts back a set that was rebuilt or read from a snapshot.
  mutating func replace(_ cohort: CohortID, with users: LiveUsers) {
    addCohorts(upTo: cohort)
    sets[Int(cohort.rawValue) - 1] = users
  }
}
