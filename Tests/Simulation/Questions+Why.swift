import CohortLedger
import CohortModel
import TestSupport

extension Questions {
  mutating func askWhy(_ view: View) throws {
    let position = view.position
    for cohort in cohorts {
      for user in users where naive.state(at: position).users[user] != nil {
        if random.once(in: 3) { try askWhy(user, cohort, view) }
      }
      for name in names where random.once(in: 8) {
        guard let identifier = name.identifier else { continue }
        let reason = try view.why(identifier, cohort)
        let mentions = mentions(of: [identifier], in: cohort, upTo: position)
        try expect(
          reason.mentions.map(Said.init), mentions, "mentions of \(name) in \(cohort)", position)
      }
    }
  }

  private func askWhy(_ user: UserID, _ cohort: CohortID, _ view: View) throws {
    let position = view.position
    let state = naive.state(at: position)
    let reason = try view.why(user, cohort)
    let what = "why \(user) is in \(cohort) or not"
    try expect(
      reason.isMember, state.members[cohort, default: []].contains(user), what, position)
    for event in reason.events {
      let fact = naive.facts[Int(event.position.rawValue) - 1]
      try expect(event.request, fact.request, "request in \(what)", position)
      try expect(event.key, fact.key, "key in \(what)", position)
      try expect(event.time, fact.time, "time in \(what)", position)
    }
    guard naive.exists(cohort, at: position) else {
      return try expect(reason.finding, .cohortDidNotExist, what, position)
    }
    if case .member(let merges, let origins) = reason.finding {
      let found =
        merges.map { NaiveReason.merged($0.position) }
        + Set(origins.map(\.position)).sorted().map { .entered($0) }
      return try expect(found, naive.why(user, in: cohort, at: position), what, position)
    }
    var person: Set<UserID> = [user]
    if case .merged(let into) = state.users[user]?.fate {
      guard case .mergedInto(let survivor, let event) = reason.finding else {
        throw Wrong("\(what) at \(position): merged into \(into), \(reason.finding)")
      }
      try expect(survivor, into, what, position)
      let merge = naive.facts.first {
        guard case .event(.usersMerged(let merge)) = $0.what else { return false }
        return merge.user == user
      }
      return try expect(event.position, merge?.position ?? .origin, what, position)
    }
    person.formUnion(state.users.keys.filter { state.survivor(of: $0) == user })
    let mentions = mentions(of: namesEver(of: person, upTo: position), in: cohort, upTo: position)
    try expect(reason.mentions.map(Said.init), mentions, "mentions of \(what)", position)
    let ended = naive.intervals(ofPerson: user, in: cohort, upTo: position).last?.end
    switch (ended, reason.finding) {
    case (nil, .neverSent): try expect(mentions.isEmpty, true, what, position)
    case (nil, .unmatched): try expect(mentions.isEmpty, false, what, position)
    case (let ended?, .removed(let event)):
      try expect(event.position, ended, what, position)
      guard case .membersChanged = naive.facts[Int(ended.rawValue) - 1].what else {
        throw Wrong("\(what) at \(position): no import took them out at \(ended)")
      }
    case (let ended?, .leftByDeletion(let event)):
      try expect(event.position, ended, what, position)
      guard case .event(.userDeleted) = naive.facts[Int(ended.rawValue) - 1].what else {
        throw Wrong("\(what) at \(position): no deletion took them out at \(ended)")
      }
    default:
      throw Wrong("\(what) at \(position): last out at \(ended as Any), \(reason.finding)")
    }
  }

  /// Every name that somebody of the person ever bore, as far as its text is still there.
  private func namesEver(of person: Set<UserID>, upTo position: Position) -> Set<IdentifierName> {
    var names: Set<IdentifierName> = []
    for state in naive.states.prefix(Int(position.rawValue) + 1) {
      for user in person where naive.now.users[user]?.isErased == false {
        names.formUnion(state.borne(by: user).map(\.name))
      }
    }
    return names
  }

  struct Said: Equatable {
    let position: Position
    let identifier: IdentifierName
    let reason: Unmatched.Reason
    let direction: Direction
  }

  private func mentions(
    of names: Set<IdentifierName>, in cohort: CohortID, upTo position: Position
  ) -> [Said] {
    naive.mentions()
      .filter {
        names.contains($0.identifier) && $0.cohort == cohort && $0.name.position <= position
      }
      .compactMap { mention in
        let fact = naive.facts[Int(mention.name.position.rawValue) - 1]
        guard case .membersChanged(let change) = fact.what else { return nil }
        return Said(
          position: fact.position, identifier: mention.identifier, reason: mention.reason,
          direction: change.direction)
      }
  }
}

extension Questions.Said {
  init(_ mention: Mention) {
    self.init(
      position: mention.event.position, identifier: mention.identifier, reason: mention.reason,
      direction: mention.direction)
  }
}

extension CohortReason {
  /// All that it names.
  var events: [ReasonEvent] {
    let own: [ReasonEvent] =
      switch finding {
      case .member(let merges, let origins): merges + origins
      case .removed(let event), .leftByDeletion(let event), .mergedInto(_, let event): [event]
      case .neverSent, .unmatched, .cohortDidNotExist: []
      }
    return own + mentions.map(\.event)
  }
}
