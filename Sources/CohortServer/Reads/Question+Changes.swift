import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

// How a cohort came to be what it is: `/diff`, `/changes` and `/sizes` below a cohort.

extension Question {
  /// Who came and who went between two moments; those who came stand first.
  func cohortDiff() throws -> Answered {
    let (standing, earlier) = try ends()
    let cohort = try cohortOfPath()
    let (view, identity) = (standing.view, try standing.identity)
    if !standing.isFirst {
      // Of either half.
      try standing.requirePlace(in: Self.places)
      guard standing.users.contains(standing.after & ~Self.wentBit) else {
        throw WireError.bad(.next)
      }
    }
    let before = Standing(
      query: standing.query, view: earlier, identities: standing.identities, after: 0)
    func list(_ direction: Direction, _ end: Standing) throws -> MemberList {
      let found = try difference(of: cohort, from: before, to: standing, direction, identity)
      return MemberList(
        users: .set(found.users), gone: found.gone.count, names: names(end, identity))
    }
    let (added, removed) = (try list(.entering, standing), try list(.leaving, before))
    let gone = (added.gone ?? 0) + (removed.gone ?? 0)

    if wantsLines { return try answer(differenceLines(added, removed), standing) { _ in } }
    let limit = try standing.query.limit()
    let after = standing.after
    // Items are counted by their numbers; those who went have greater ones, behind all who came.
    let isBehind = after & Self.wentBit != 0
    let cameNow =
      isBehind
      ? MembersPart(of: added.users.count)
      : added.users.part(after: UInt32(clamping: after), limit: limit)
    let wentNow = removed.users.part(
      after: isBehind ? UInt32(truncatingIfNeeded: after) : 0, limit: limit - cameNow.users.count)
    let next: UInt64?
    if let last = wentNow.users.last {
      next = wentNow.hasMore ? UInt64(last) | Self.wentBit : nil
    } else if let last = cameNow.users.last {
      next = cameNow.hasMore || removed.users.count > 0 ? UInt64(last) : nil
    } else {
      next = nil
    }
    let nextText = try next.map { try self.next(standing, after: $0) }
    let name = view.state.cohorts[cohort].name
    return .object(at: view.position) { json in
      json.cohort(name)
      json.asOf(view.asOfShape)
      json.asOf(earlier.asOfShape, key: "from")
      json.asOf(view.asOfShape, key: "to")
      json.member("added_count", added.users.count)
      json.member("removed_count", removed.users.count)
      if identity == .now { json.member("gone", gone) }
      json.key("added")
      json.array { added.write(cameNow.users, to: &$0) }
      json.key("removed")
      json.array { removed.write(wentNow.users, to: &$0) }
      if let nextText { json.member("next", nextText) }
    }
  }

  private static var wentBit: UInt64 { 1 << 32 }
  /// Those who came have the lower half, those who went the upper one.
  private static var places: Range<UInt64> { 1..<wentBit << 1 }

  /// Who came, or who went; `gone` are those of that end alone who were deleted since.
  private func difference(
    of cohort: CohortID, from before: Standing, to standing: Standing, _ direction: Direction,
    _ identity: IdentityTime
  ) throws -> Pasts.Users {
    let key = Pasts.Subject(
      what: .difference(cohort, from: before.view.position, direction),
      position: standing.view.position,
      identities: identity == .now ? standing.identities : nil)
    return try service.pasts.users(key) {
      let ends = [
        try users(.cohort(cohort), before, identity),
        try users(.cohort(cohort), standing, identity),
      ]
      let (only, other) = direction == .entering ? (ends[1], ends[0]) : (ends[0], ends[1])
      return Pasts.Users(
        users: only.users.without(other.users), gone: only.gone.without(other.gone))
    }
  }

  private func differenceLines(_ added: MemberList, _ removed: MemberList) -> Listing {
    Listing(key: "", places: Self.places) { after, limit in
      let isBehind = after & Self.wentBit != 0
      let list = isBehind ? removed : added
      let part = list.users.part(after: UInt32(truncatingIfNeeded: after), limit: limit)
      let next =
        part.hasMore
        ? part.users.last.map { UInt64($0) | (isBehind ? Self.wentBit : 0) }
        : isBehind ? nil : Self.wentBit
      return Listing.Batch(part.users, next: next) { json, user in
        json.difference(
          list.names?.shape(user) ?? UserShape(hidden: UserID(user)),
          isBehind ? .leaving : .entering)
      }
    }
  }

  /// The two ends of a difference; the later one is now if it is left out.
  private func ends() throws -> (later: Standing, earlier: View) {
    let query = try query()
    guard let from = try query.moment(.from) else { throw WireError.lacking(.from) }
    if let cursor = try cursor(query) {
      // As on the first page, with the instant that was asked for.
      let earlier = try view(from)
      let later = try query.moment(.to).map { try view($0) }
      return (
        try standing(query, at: cursor, asked: later, earlier: earlier.position), earlier
      )
    }
    let (earlier, later) = (try view(from), try view(query.moment(.to)))
    guard earlier.position <= later.position else { throw WireError.backwards }
    var standing = Standing(query: query, view: later, identities: now.end, after: 0)
    standing.earlier = earlier.position
    return (standing, earlier)
  }

  /// Every change, oldest first, or newest first with `sort_direction=desc`.
  ///
  /// A page ends early rather than name more than ten thousand users, or tell of more than 256
  /// requests.
  func cohortChanges() throws -> Answered {
    let standing = try standing()
    let cohort = try cohortOfPath()
    let view = standing.view
    let isDescending = try standing.query.isDescending()
    let isSeen = allows(.ledgerPeople)
    let namesMembers = try standing.query.choice(.members, ["all", "none"]) == "all"
    let tellsRequests = try standing.query.flag(.requests)
    let places = ChangePlace.places(through: view.position)
    let listing = Listing(key: "changes", places: places) { after, limit in
      let start = ChangePlace(after)
      let limit = tellsRequests ? min(limit, Self.requestsTold) : limit
      let wanted = min(limit, Self.changesRead) + start.shown
      let found = try view.changes(
        of: cohort, after: isDescending ? .origin : start.before,
        through: isDescending && after > 0 ? start.through : view.position,
        limit: wanted, newestFirst: isDescending)
      let page = found.page(
        after: start.shown, limit: limit, users: namesMembers ? Self.usersNamed : .max)
      let requests = tellsRequests ? try view.requests(of: page.map(\.position)) : nil
      let hasMore = start.shown + page.count < found.count || found.count >= wanted
      let next = hasMore ? ChangePlace(behind: page, start) : nil
      return Listing.Batch(page.indices, next: next?.number) { json, index in
        json.change(
          ChangeShape(
            page[index], in: view, isSeen: isSeen, namesMembers: namesMembers,
            requests?[index - page.startIndex]))
      }
    }
    let name = view.state.cohorts[cohort].name
    return try answer(listing, standing) { $0.cohort(name) }
  }

  private static var changesRead: Int { 1_024 }
  private static var usersNamed: Int { 10_000 }
  /// Each may stand in a frame of its own, which is read for it.
  private static var requestsTold: Int { 256 }

  /// How great the cohort was at instants evenly spaced from `from` to `to`.
  func cohortSizes() throws -> Answered {
    let standing = try standing()
    let cohort = try cohortOfPath()
    let view = standing.view
    let points = try standing.query.number(.points, in: 1...10_000, or: 100)
    let last = try standing.query.moment(.to).map { try self.view($0).instant } ?? view.instant
    let created = view.state.cohorts[cohort].createdAt
    let first = try self.view(standing.query.moment(.from) ?? .position(created)).instant
    guard last <= view.instant else {
      throw LedgerError.laterThanNow(last, now: view.instant)
    }
    // A cohort younger than the question has one size, none.
    guard first <= last || !standing.query.has(.from) else { throw WireError.backwards }
    let series = try view.sizes(of: cohort, from: min(first, last), to: last, points: points)
    return .object(at: view.position) { json in
      json.cohort(view.state.cohorts[cohort].name)
      json.asOf(view.asOfShape)
      json.key("sizes")
      json.array { json in for point in series { json.size(point.size, at: point.time) } }
    }
  }
}

extension WireError {
  fileprivate static let backwards = WireError(
    400, "'from' is later than 'to'. Exchange them.")
}

/// Behind which change a page ended: a merge may be two changes of a cohort at one position.
private struct ChangePlace {
  let position: Position
  /// How many changes at the position were shown; 0 if all were.
  let shown: Int

  init(_ number: UInt64) {
    position = Position(number >> 2)
    shown = Int(number & 3)
  }

  /// - Returns: `nil` for an empty page: there is nothing behind `start`.
  init?(behind page: ArraySlice<CohortChange>, _ start: ChangePlace) {
    guard let last = page.last else { return nil }
    position = last.position
    let here = page.reversed().prefix { $0.position == last.position }.count
    shown = here == page.count && start.position == position ? here + start.shown : here
  }

  var number: UInt64 { position.rawValue << 2 | UInt64(shown) }

  /// Those of the positions 1 to `last`.
  static func places(through last: Position) -> Range<UInt64> { 4..<(last.rawValue + 1) << 2 }

  /// What oldest-first reading begins behind.
  var before: Position { shown > 0 ? Position(max(position.rawValue, 1) - 1) : position }

  /// What newest-first reading begins with.
  var through: Position { shown > 0 ? position : Position(max(position.rawValue, 1) - 1) }
}

extension [CohortChange] {
  /// The changes behind the first `shown`, at most `limit`, that name about so many users.
  fileprivate func page(
    after shown: Int, limit: Int, users usersMax: Int
  ) -> ArraySlice<CohortChange> {
    var users = 0
    let rest = dropFirst(shown)
    let end = rest.indices.first { index in
      defer { users += self[index].users.count }
      return index - rest.startIndex >= limit || users > usersMax
    }
    return rest[..<(end ?? rest.endIndex)]
  }
}

extension ChangeShape {
  init(
    _ change: CohortChange, in view: View, isSeen: Bool, namesMembers: Bool,
    _ events: [Recorded]?
  ) {
    // Whoever a merge or a deletion takes out has no identifiers behind it.
    let isEnd = change.kind != .import && change.direction == .leaving
    let position = isEnd ? Position(change.position.rawValue - 1) : change.position
    self.init(
      position: change.position, time: change.time, kind: change.kind.rawValue,
      direction: change.direction, count: change.users.count,
      users: !namesMembers
        ? nil
        : change.users.users.map { user in
          isSeen
            ? view.state.shown(UserID(user), at: position) : UserShape(hidden: UserID(user))
        }, size: change.size, unmatched: change.unmatched,
      request: events.flatMap { ChangeShape.Request($0) })
  }
}

extension LiveUsers {
  fileprivate func without(_ others: LiveUsers) -> LiveUsers {
    var rest: [UInt32] = []
    others.selectAbsent(from: users.span, into: &rest)
    return LiveUsers(sorted: rest.span)
  }
}
