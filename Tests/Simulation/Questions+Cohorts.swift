import CohortLedger
import CohortModel
import TestSupport

extension Questions {
  mutating func askAboutCohorts(_ view: View) throws {
    let position = view.position
    for cohort in cohorts {
      let expected = naive.members(of: cohort, at: position)
      try expect(
        view.exists(cohort), naive.exists(cohort, at: position), "whether \(cohort) exists",
        position)
      try expect(
        view.members(of: cohort).numbers, expected.numbers, "members of \(cohort)", position)
      try expect(view.size(of: cohort), expected.count, "size of \(cohort)", position)
      for user in users {
        try expect(
          view.contains(user, in: cohort), expected.contains(user), "\(user) in \(cohort)",
          position)
      }
      guard let state = naive.state(at: position).cohorts[cohort] else { continue }
      let standing = try view.standing(of: cohort)
      try expect(standing.displayName, state.displayName, "name of \(cohort)", position)
      try expect(standing.createdAt, state.createdAt, "createdAt of \(cohort)", position)
      try expect(standing.isArchived, state.isArchived, "archived \(cohort)", position)
      try expect(
        standing.lastChange, naive.changes(of: cohort, upTo: position).last?.position,
        "last change of \(cohort)", position)
      for identity in NaiveIdentity.allCases {
        try askForList(view, cohort, identity)
        let other = Position(UInt64(random.below(Int(position.rawValue) + 1)))
        try askForDifference(view, from: other, cohort, identity)
      }
      try askForChanges(view, cohort)
    }
    for user in users {
      try expect(
        view.cohorts(of: user), naive.state(at: position).cohorts(of: user), "cohorts of \(user)",
        position)
    }
  }

  private mutating func askForList(
    _ view: View, _ cohort: CohortID, _ identity: NaiveIdentity
  ) throws {
    let expected = naive.list(cohort, at: view.position, identity: identity)
    let limit = 1 + random.below(12)
    var found: [NaiveMember] = []
    var after: UserID?
    repeat {
      let page = try view.members(
        of: cohort, identity: identity.real, after: after, limit: limit)
      found += page.members.map(NaiveMember.init)
      try expect(page.count, expected.members.count, "count in \(cohort)", view.position)
      try expect(page.gone, expected.gone, "gone of \(cohort) \(identity)", view.position)
      after = page.next
    } while after != nil
    try expect(found, expected.members, "list of \(cohort) \(identity)", view.position)
  }

  private func askForDifference(
    _ view: View, from earlier: Position, _ cohort: CohortID, _ identity: NaiveIdentity
  ) throws {
    let before = try ledger.view(asOf: .position(earlier))
    let found = try view.difference(from: before, of: cohort, identity: identity.real)
    let expected = naive.difference(
      of: cohort, from: earlier, to: view.position, identity: identity)
    try expect(
      found.added.numbers, Set(expected.added.members.map(\.user)).numbers,
      "added to \(cohort) since \(earlier) \(identity)", view.position)
    try expect(
      found.removed.numbers, Set(expected.removed.members.map(\.user)).numbers,
      "removed from \(cohort) since \(earlier) \(identity)", view.position)
    try expect(
      found.gone, expected.added.gone + expected.removed.gone,
      "gone of \(cohort) since \(earlier) \(identity)", view.position)
  }

  private func askForChanges(_ view: View, _ cohort: CohortID) throws {
    let expected = naive.changes(of: cohort, upTo: view.position)
    let found = try view.changes(of: cohort, limit: 10_000)
    let positions = found.map(\.position)
    try expect(
      Set(positions), Set(expected.map(\.position)), "changes of \(cohort)", view.position)
    for change in expected {
      let parts = found.filter { $0.position == change.position }
      let kind: CohortChange.Kind =
        switch change.kind {
        case .import: .import
        case .merge: .merge
        case .deletion: .deletion
        }
      func users(_ direction: Direction) -> [UInt32] {
        parts.filter { $0.direction == direction }.flatMap(\.users.users).sorted()
      }
      try expect(parts.allSatisfy { $0.kind == kind }, true, "kind", change.position)
      try expect(parts.last?.size, change.size, "size after in \(cohort)", change.position)
      try expect(
        parts.last?.time, naive.time(of: change.position), "time in \(cohort)", change.position)
      try expect(users(.entering), change.entered.numbers, "who entered", change.position)
      try expect(users(.leaving), change.left.numbers, "who left", change.position)
    }
    // The two changes of one merge are not torn apart.
    let newest = try view.changes(of: cohort, limit: 3, newestFirst: true).map(\.position)
    let start = positions.dropLast(3).last == positions.suffix(3).first ? 4 : 3
    try expect(newest, positions.suffix(start).reversed(), "newest of \(cohort)", view.position)
  }
}

extension NaiveIdentity {
  var real: IdentityTime { self == .then ? .then : .now }
}

extension LiveUsers {
  var numbers: [UInt32] {
    var numbers: [UInt32] = []
    forEach { numbers.append($0) }
    return numbers
  }
}

extension Set<UserID> {
  var numbers: [UInt32] { map(\.rawValue).sorted() }
}

extension NaiveMember {
  init(_ shown: ShownUser) {
    self.init(
      user: shown.user, externalID: shown.identity.externalID.map { Text(bytes: $0.bytes ?? []) },
      isErased: shown.identity.isErased)
    aliases = Set(shown.identity.aliases)
    devices = Set(shown.identity.devices)
  }
}
