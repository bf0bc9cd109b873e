import CohortLedger
import CohortModel
import CohortWire

// Who is in a cohort, a segment or a send.

extension Question {
  /// `GET /ledger/cohorts/{partner}/{cohort_id}/members`.
  func cohortMembers() throws -> Answered {
    let standing = try standing()
    // A person may have any number of identifiers.
    if try wantsLines || allows(.ledgerPeople) || standing.query.limit() > Self.hastyLimit {
      try takesTime()
    }
    let cohort = try cohortOfPath()
    let name = standing.view.state.cohorts[cohort].name
    let exists = standing.view.exists(cohort)
    let members = try page(of: cohort, standing) ?? members(.cohort(cohort), standing)
    return try answer(members, standing) { json in
      json.cohort(name)
      if !exists { json.member("exists", false) }
    }
  }

  /// How many members the loop writes before others have their turn.
  private static var hastyLimit: Int { 1_000 }

  /// The first page of the members of a cohort of the past; no more is found than stands on it.
  ///
  /// - Returns: `nil` if all of them are at hand, or will be wanted: who asks for the second page
  ///   asks for the third.
  private func page(of cohort: CohortID, _ standing: Standing) throws -> MemberList? {
    let view = standing.view
    guard !wantsLines, standing.isFirst, try standing.identity == .then,
      view.usersAtHand(.cohort(cohort)) == nil
    else { return nil }
    let limit = try standing.query.limit()
    guard let page = try view.members(of: cohort, after: 0, limit: limit, ifAtHand: isHasty)
    else { throw NotAtHand() }
    return MemberList(users: .page(page), gone: nil, names: names(standing, .then))
  }

  /// Whose identifiers are shown; `nil` if only numbers are.
  func names(_ standing: Standing, _ identity: IdentityTime) -> MemberList.Names? {
    guard allows(.ledgerPeople) else { return nil }
    return MemberList.Names(view: standing.view, position: standing.namesAt(identity))
  }

  /// The users of a subject, as a list.
  func members(_ subject: Pasts.Subject.What, _ standing: Standing) throws -> MemberList {
    let identity = try standing.identity
    let found = try users(subject, standing, identity)
    return MemberList(
      users: .set(found.users), gone: identity == .now ? found.gone.count : nil,
      names: names(standing, identity))
  }

  func answer(
    _ members: MemberList, _ standing: Standing, _ writeHead: (inout JSONWriter) -> Void
  ) throws -> Answered {
    try answer(members.listing(of: standing.users), standing) { json in
      writeHead(&json)
      json.member("count", members.users.count)
      if let gone = members.gone { json.member("gone", gone) }
    }
  }

  /// The users of a subject with the identities asked for; found once for all pages.
  func users(
    _ subject: Pasts.Subject.What, _ standing: Standing, _ identity: IdentityTime
  ) throws -> Pasts.Users {
    let view = standing.view
    guard identity == .now else {
      if let users = view.usersAtHand(subject) {
        return Pasts.Users(users: users, gone: LiveUsers())
      }
      let key = Pasts.Subject(what: subject, position: view.position, identities: nil)
      return try service.pasts.users(key) {
        try takesTime()
        return Pasts.Users(users: try find(subject, view), gone: LiveUsers())
      }
    }
    let key = Pasts.Subject(
      what: subject, position: view.position, identities: standing.identities)
    return try service.pasts.users(key) {
      try takesTime()
      let then = try users(subject, standing, .then).users
      let (here, gone) = view.split(then, at: standing.identities)
      return Pasts.Users(users: here, gone: gone)
    }
  }

  private func find(_ subject: Pasts.Subject.What, _ view: View) throws -> LiveUsers {
    switch subject {
    case .cohort(let cohort): return try view.members(of: cohort)
    case .segment(let segment, let later, _):
      guard let users = try view.users(segment, definitions: later == nil ? .then : .now) else {
        throw view.absence(of: segment)
      }
      return users
    case .difference(_, _, let direction):
      preconditionFailure("A difference, \(direction), is of two sets, not of one view.")
    case .send(let send, _):
      guard let record = view.state.campaigns[send] else { throw WireError.noSend(send) }
      return try view.users(record.frozen.audience)
    }
  }
}

/// The members of something, each by its number, or with the identifiers that may be seen.
struct MemberList: Sendable {
  let users: Users
  /// How many are left out because they were deleted since; `nil` with the identities of then.
  let gone: Int?
  /// `nil` if only numbers are shown.
  let names: Names?

  /// Who they are.
  enum Users: Sendable {
    case set(LiveUsers)
    /// The page that is wanted, and nobody else.
    case page(MembersPart)

    var count: Int {
      switch self {
      case .set(let users): users.count
      case .page(let page): page.count
      }
    }

    func part(after: UInt32, limit: Int) -> MembersPart {
      switch self {
      case .set(let users): users.part(after: after, limit: limit)
      case .page(let page): page
      }
    }
  }

  /// Whose identifiers are shown.
  struct Names: Sendable {
    let view: View
    let position: Position

    func shape(_ user: UInt32) -> UserShape { view.state.shown(UserID(user), at: position) }
  }

  /// The list; `users` are the numbers that users have.
  func listing(of users: Range<UInt64>) -> Listing {
    Listing(key: "members", places: users) { after, limit in batch(after: after, limit: limit) }
  }

  private func batch(after: UInt64, limit: Int) -> Listing.Batch {
    let part = users.part(after: UInt32(clamping: after), limit: limit)
    let next = part.hasMore ? part.users.last.map(UInt64.init) : nil
    return Listing.Batch(next: next) { json, asLines in
      write(part.users, to: &json, asLines: asLines)
    }
  }

  func write(_ page: [UInt32], to json: inout JSONWriter, asLines: Bool = false) {
    guard let names else { return json.numbers(page.span, asLines: asLines) }
    json.listed(page.span, in: names.view.state, at: names.position, asLines: asLines)
  }
}

extension Standing {
  /// The numbers that users have.
  var users: Range<UInt64> { 1..<UInt64(view.state.directory.userCount) + 1 }
}

extension View {
  /// The users of a subject if no work is needed to know them.
  fileprivate func usersAtHand(_ subject: Pasts.Subject.What) -> LiveUsers? {
    guard case .cohort(let cohort) = subject else { return nil }
    guard exists(cohort) else { return LiveUsers() }
    // Nothing has happened to it since.
    return state.cohorts.lastChange(of: cohort).position <= position
      ? state.memberships[cohort] : nil
  }
}
