import CohortLog
public import CohortModel

/// A cohort as of a view.
public struct CohortStanding: Hashable, Sendable {
  public let cohort: CohortID
  public let name: CohortName
  /// Its id while it was never named.
  public let displayName: Text
  /// As the partner said at the first naming.
  public let createdAt: Instant?
  public let isArchived: Bool
  public let size: Int
  /// Its last event of any kind that touched members, at or before the view's position.
  public let lastChange: Position?
  /// When that was.
  public let lastChangeTime: Instant?
}

/// Some members of a cohort or a segment, in order of user number.
public struct MemberPage: Hashable, Sendable {
  public let members: [ShownUser]
  /// How many there are in all.
  public let count: Int
  /// With identities of now: how many were deleted since, and are left out.
  public let gone: Int
  /// The last of this page, if there are more.
  public let next: UserID?
}

extension View {
  /// Whether the cohort existed at this view's position.
  public func exists(_ cohort: CohortID) -> Bool {
    state.cohorts.contains(cohort) && state.cohorts[cohort].createdAt <= position
  }

  /// The members of a cohort; none before it existed.
  ///
  /// - Complexity: now O(1), shared with the ledger; in the past O(members + changes of one tile).
  public func members(of cohort: CohortID) throws(LedgerError) -> LiveUsers {
    guard exists(cohort) else { return LiveUsers() }
    if isNow { return state.memberships[cohort] }
    return try asking { () throws(LogError) in try history.members(of: cohort, at: position) }
  }

  /// The members of a cohort behind `user`, at most `limit` of them.
  ///
  /// - Returns: `nil` only with `ifAtHand`, if something has to be read or decoded first.
  /// - Complexity: O(limit); in the past, if nobody has asked about the tile lately, also 50 ns for
  ///   each of its changes.
  package func members(
    of cohort: CohortID, after user: UInt32, limit: Int, ifAtHand: Bool = false
  ) throws(LedgerError) -> MembersPart? {
    guard exists(cohort) else { return MembersPart(of: 0) }
    if isNow { return state.memberships[cohort].part(after: user, limit: limit) }
    return try asking { () throws(LogError) in
      try history.members(
        of: cohort, at: position, after: user, limit: limit, ifAtHand: ifAtHand)
    }
  }

  /// - Complexity: below a millisecond, whatever the log.
  public func size(of cohort: CohortID) throws(LedgerError) -> Int {
    guard exists(cohort) else { return 0 }
    if isNow { return state.memberships[cohort].count }
    return try asking { () throws(LogError) in try history.size(of: cohort, at: position) }
  }

  /// Whether `user` itself, not who it became, was a member.
  ///
  /// - Complexity: below a millisecond, whatever the log.
  public func contains(_ user: UserID, in cohort: CohortID) throws(LedgerError) -> Bool {
    guard exists(cohort) else { return false }
    if isNow { return state.memberships.contains(user, in: cohort) }
    return try asking { () throws(LogError) in
      try history.contains(user, in: cohort, at: position)
    }
  }

  /// The cohorts that `user` was in, ascending.
  ///
  /// - Complexity: One look-up a cohort.
  public func cohorts(of user: UserID) throws(LedgerError) -> [CohortID] {
    if isNow { return state.memberships.cohorts(of: user) }
    var found: [CohortID] = []
    for number in 0..<state.cohorts.count {
      let cohort = CohortID(UInt32(number + 1))
      if try contains(user, in: cohort) { found.append(cohort) }
    }
    return found
  }

  /// - Throws: ``LedgerError/unreadable(_:)``.
  public func standing(of cohort: CohortID) throws(LedgerError) -> CohortStanding {
    let record = state.cohorts[cohort]
    let last = try asking { () throws(LogError) in
      try history.changes(of: cohort, through: position, limit: 1, newestFirst: true).first
    }
    return CohortStanding(
      cohort: cohort, name: record.name,
      displayName: record.displayName.value(at: position) ?? record.name.cohortID,
      createdAt: record.saidCreatedAt(at: position),
      isArchived: record.isArchived.value(at: position) ?? false,
      size: try size(of: cohort), lastChange: last?.position, lastChangeTime: last?.time)
  }

  /// A page of the members of a cohort.
  ///
  /// RULES §1, "Lists".
  ///
  /// - `identity`: `then` shows each member with the identifiers of then; `now` shows survivors
  ///   with
  ///     the identifiers of now, each once.
  /// - `after`: The last of the page before.
  public func members(
    of cohort: CohortID, identity: IdentityTime = .then, after: UserID? = nil, limit: Int = 100
  ) throws(LedgerError) -> MemberPage {
    page(of: try members(of: cohort), identity: identity, after: after, limit: limit)
  }

  /// A page of any set of users of this view.
  public func page(
    of users: LiveUsers, identity: IdentityTime = .then, after: UserID? = nil, limit: Int = 100
  ) -> MemberPage {
    let (listed, gone) = identity == .then ? (users, 0) : survivors(of: users)
    var members: [ShownUser] = []
    var last = after?.rawValue ?? 0
    while members.count < limit, let user = listed.next(after: last) {
      members.append(shown(UserID(user), identity: identity))
      last = user
    }
    let hasMore = listed.next(after: last) != nil
    return MemberPage(
      members: members, count: listed.count, gone: gone, next: hasMore ? UserID(last) : nil)
  }

  /// Who users of the past are now.
  ///
  /// Those deleted since are counted, unless they were erased: an erased user stands in every list,
  /// without a name. Several who became one are one, here or gone.
  public func survivors(of users: LiveUsers) -> (users: LiveUsers, gone: Int) {
    let (here, gone) = split(users)
    return (here, gone.count)
  }

  /// Who users of the past are at `later`: those who are listed, and those who are gone.
  ///
  /// ``survivors(of:)`` says what each means; without a position it is now.
  package func split(
    _ users: LiveUsers, at later: Position = .never
  ) -> (here: LiveUsers, gone: LiveUsers) {
    var here: [UInt32] = []
    var gone: [UInt32] = []
    here.reserveCapacity(users.count)
    users.forEach { user in
      let survivor = state.directory.survivor(of: UserID(user), at: later)
      if case .deleted = state.directory.status(of: survivor, at: later),
        !(state.erasures.erasure(of: survivor).map { $0 <= later } ?? false)
      {
        gone.append(survivor.rawValue)
      } else {
        here.append(survivor.rawValue)
      }
    }
    var sorter = UserSorter()
    sorter.sortDistinct(&here)
    sorter.sortDistinct(&gone)
    return (LiveUsers(sorted: here.span), LiveUsers(sorted: gone.span))
  }

  func asking<Value>(_ body: () throws(LogError) -> Value) throws(LedgerError) -> Value {
    do { return try body() } catch { throw LedgerError(reading: error) }
  }
}
