import CohortLedger
import CohortModel
import TestSupport

extension Questions {
  mutating func askAboutPeople(_ view: View) throws {
    let position = view.position
    let state = naive.state(at: position)
    for user in users {
      try expect(view.shown(user).naive, naive.member(user, at: position), "\(user)", position)
      try expect(
        Set(view.persons(of: user)), Set([user]).union(mergedInto(user, state)), "person \(user)",
        position)
      let isThere = state.users[user] != nil
      try expect(view.user(.number(user)), isThere ? user : nil, "number \(user)", position)
    }
    for name in names {
      var expected: UserID?
      if case .user(let user) = naive.standing(of: name, at: position) { expected = user }
      try expect(view.user(name), expected, "who bears \(name)", position)
      try expect(
        view.user(name, identity: .now), bearerNow(name), "who bears \(name) now", position)
    }
    if position == naive.end {
      for name in names { try askForBearers(of: name, view) }
    }
    if !naive.now.users.isEmpty, random.once(in: 3) {
      try askForHistory(of: users[random.below(users.count - 1)], view)
    }
  }

  /// Everyone whose merges led to this user.
  private func mergedInto(_ user: UserID, _ state: NaiveState) -> Set<UserID> {
    var found: Set<UserID> = []
    for (other, record) in state.users {
      var next = record.fate
      while case .merged(let into) = next {
        if into == user { found.insert(other) }
        next = state.users[into]?.fate ?? .live
      }
    }
    return found
  }

  private func bearerNow(_ name: UserName) -> UserID? {
    switch naive.standing(of: name, at: naive.end, identity: .now) {
    case .user(let user): user
    // A dropped alias is borne by nobody; an external id stays that of the one merged away.
    case .merged(_, let survivor): name.identifier?.isExternalID == true ? survivor : nil
    case .nobody: nil
    }
  }

  private func askForBearers(of name: UserName, _ view: View) throws {
    guard let identifier = name.identifier else { return }
    struct Stretch: Equatable {
      let user: UserID
      let role: NaiveIdentifier.Role
      let from: Position
      var until: Position?
    }
    var expected: [Stretch] = []
    var open: (id: IdentifierID, stretch: Stretch)?
    for (index, state) in naive.states.enumerated() {
      let position = Position(UInt64(index))
      let borne = state.taken[identifier].flatMap { state.identifiers[$0] }
      if let current = open,
        borne?.id != current.id || borne?.holder != current.stretch.user
          || borne?.role != current.stretch.role
      {
        expected.append(current.stretch)
        expected[expected.count - 1].until = position
        open = nil
      }
      if open == nil, let borne {
        open = (
          borne.id, Stretch(user: borne.holder, role: borne.role, from: position, until: nil)
        )
      }
    }
    if let open { expected.append(open.stretch) }
    expected.removeAll { naive.now.users[$0.user]?.isErased == true }
    let found = view.earlierBearers(of: name).map {
      Stretch(user: $0.user, role: $0.role.naive, from: $0.from, until: $0.until)
    }
    try expect(found, expected, "bearers of \(name)", view.position)
  }

  private func askForHistory(of user: UserID, _ view: View) throws {
    let position = view.position
    guard naive.state(at: position).users[user] != nil else { return }
    let person = Set([user]).union(mergedInto(user, naive.state(at: position)))
    let found = try view.history(of: user)
    let facts = naive.facts.prefix(Int(position.rawValue)).filter {
      !$0.users.isDisjoint(with: person)
    }
    try expect(
      Set(found.map(\.position)), Set(facts.map(\.position)), "history of \(user)", position)
    try expect(
      found.map(\.position), found.map(\.position).sorted(), "order of history", position)
    struct Move: Hashable {
      let position: Position
      let cohort: CohortID
      let user: UserID
      let direction: Direction
    }
    var expected: Set<Move> = []
    for fact in facts {
      let after = naive.state(at: fact.position)
      let before = naive.state(at: Position(fact.position.rawValue - 1))
      for (cohort, members) in after.members {
        let earlier = before.members[cohort, default: []]
        for user in members.subtracting(earlier).intersection(person) {
          expected.insert(
            Move(position: fact.position, cohort: cohort, user: user, direction: .entering))
        }
        for user in earlier.subtracting(members).intersection(person) {
          expected.insert(
            Move(position: fact.position, cohort: cohort, user: user, direction: .leaving))
        }
      }
    }
    let moves = found.compactMap { entry -> Move? in
      guard case .membership(let cohort, _, let direction) = entry.what else { return nil }
      return Move(
        position: entry.position, cohort: cohort, user: entry.user, direction: direction)
    }
    try expect(Set(moves), expected, "moves of \(user)", position)
    try expect(moves.count, expected.count, "number of moves of \(user)", position)
    for entry in found {
      let fact = naive.facts[Int(entry.position.rawValue) - 1]
      try expect(entry.key, fact.key, "key in the history of \(user)", position)
      try expect(entry.time, fact.time, "time in the history of \(user)", position)
    }
  }
}

extension ShownUser {
  var naive: NaiveMember { NaiveMember(self) }
}

extension IdentifierRole {
  var naive: NaiveIdentifier.Role {
    switch self {
    case .primary: .primary
    case .deprecated: .deprecated
    case .alias: .alias
    case .device: .device
    case .merged: .retired
    case .free: .free
    }
  }
}
