import CohortModel
import TestSupport
import Testing

/// Runs the ledger's state beside the naive model, command by command.
struct Comparison {
  var state = LedgerState(hashSeed: 1)
  var naive = NaiveLedger()

  /// What they did not agree about; `nil` if they did.
  mutating func disagreement(on step: GeneratedStep) -> String? {
    let command = naive.completed(step) { users in Digest(0, 0, 0, UInt64(users.count)) }
    guard !isOpen(command, at: step.time) else { return nil }
    let start = naive.facts.count
    let expected = naive.perform(command, at: step.time)
    var draft = Draft(at: step.time)
    let found: Result<Answer, Refusal>
    do throws(Refusal) { found = .success(try state.perform(command, into: &draft)) } catch {
      found = .failure(error)
    }
    let facts = naive.facts[start...]
    guard agree(expected, found) || isOpen(expected, found) else {
      return "answer\n  naive \(expected)\n  state \(found)"
    }
    guard facts.count == draft.events.count else {
      return "events\n  naive \(facts.map(\.what))\n  state \(draft.events)"
    }
    for (fact, event) in zip(facts, draft.events)
    where !fact.agrees(with: event, users: { $0.users.map { UserID($0) } }) {
      guard isOpen(fact, event) else {
        return "event \(fact.position)\n  naive \(fact.what)\n  state \(event)"
      }
    }
    guard facts.isEmpty || facts.last?.key == draft.key else { return "key of \(step)" }
    guard facts.last?.receipt == draft.receipt else { return "receipt of \(step)" }
    return nil
  }

  static func disagreement(on script: GeneratedScript) -> String? {
    var comparison = Comparison()
    for step in script.steps {
      if let words = comparison.disagreement(on: step) { return words }
    }
    return nil
  }
}

/// Where the two readings of RULES differ and nobody has settled it yet. Each entry that is
/// settled is deleted here.
extension Comparison {
  /// Commands that are left out.
  func isOpen(_ command: Command, at time: Instant) -> Bool {
    func isUnknown(_ code: Text) -> Bool { naive.now.partner(code: code) == nil }
    switch command.wish {
    // From the local operator to a partner that nobody enabled: refused, or done in silence?
    case .nameCohort(let wish): return command.author == .local && isUnknown(wish.cohort.partner)
    case .changeMembers(let wish):
      return command.author == .local && isUnknown(wish.cohort.partner)
        || wish.changes.flatMap { $0.identifiers(in: wish.buffer) }.contains(where: isLostAlias)
    // Does enabling without a key, disabling, or issuing a partner key end the learning?
    case .enablePartner(let wish): return wish.key == .none
    case .disablePartner: return true
    case .issueKey(let wish): return wish.kind == .partner
    // Is a moment to come refused?
    case .forgetUnmatched(let before, let through):
      // And is forgetting again what is forgotten an event?
      return before > time || through <= forgotten
    // Is finishing twice refused, or done already?
    case .finishErasure(let erasure): return isFinished(erasure)
    case .saveSegment(let wish): return wish.filter.map { isToCome($0, at: time) } ?? false
    case .saveCampaign(let wish):
      return wish.audience?.filter.map { isToCome($0, at: time) } ?? false
    case .mergeUsers(let items):
      return items.flatMap { [$0.merge, $0.keep] }.compactMap(\.identifier)
        .contains(where: isLostAlias)
    case .deleteUsers(let names, _):
      return names.compactMap(\.identifier).contains(where: isLostAlias)
    default: return false
    }
  }

  private var forgotten: Position {
    naive.facts.reduce(.origin) { last, fact in
      guard case .event(.unmatchedForgotten(let event)) = fact.what else { return last }
      return max(last, event.through)
    }
  }

  private func isFinished(_ erasure: Position) -> Bool {
    naive.facts.contains { fact in
      guard case .event(.erasureFinished(let event)) = fact.what else { return false }
      return event.erasure == erasure
    }
  }

  // Does an alias that a merge dropped still answer `merged` once the survivor is deleted?
  private func isLostAlias(_ name: IdentifierName) -> Bool {
    guard name.label != nil, naive.now.standing(of: name) == .nobody else { return false }
    return naive.now.identifiers.values.contains {
      $0.name == name && naive.now.survivor(of: $0.holder) != $0.holder
    }
  }

  private func isToCome(_ filter: NamedFilter, at time: Instant) -> Bool {
    switch filter {
    case .and(let filters), .or(let filters): filters.contains { isToCome($0, at: time) }
    case .not(let filter): isToCome(filter, at: time)
    case .memberAsOf(_, .position(let position)): position > naive.end
    case .memberAsOf(_, .instant(let instant)): instant > time
    default: false
    }
  }

  func isOpen(_ expected: Result<Answer, Refusal>, _ found: Result<Answer, Refusal>) -> Bool {
    switch (expected, found) {
    // Only what uses it directly and is not archived, or everything?
    case (.success(.archived), .success(.archived)): true
    // Erasing again; earlier bearers who were merged into the person.
    case (.success(.erasedUser(let a, _, _)), .success(.erasedUser(let b, _, _))): a == b
    // A learning partner is shown a key that the log knows: which row applies first?
    case (.failure(.invalidPartnerKey), .failure(.invalidClientSecret)),
      (.failure(.invalidPartnerKey), .failure(.partnerNotEnabled)):
      true
    // A line with two aliases of a label that belong to different users: which is said?
    case (
      .success(.importedUsers(let createdA, let completedA, let unchangedA, let a)),
      .success(.importedUsers(let createdB, let completedB, let unchangedB, let b))
    ):
      [createdA, completedA, unchangedA] == [createdB, completedB, unchangedB]
        && a.map(\.index) == b.map(\.index)
    default: false
    }
  }

  // An external id that completes an import line: `identifierAdded`, as the event says, or
  // `userIdentified`?
  func isOpen(_ fact: NaiveFact, _ event: Event) -> Bool {
    guard case .event(.identifierAdded(let added)) = fact.what,
      case .userIdentified(let identified) = event
    else { return false }
    return added.identifier == .externalID(identified.externalID) && added.user == identified.user
  }
}

@Suite struct `The state of a ledger` {
  @Test(arguments: 0..<100 as Range<UInt64>)
  func `decides like the naive model`(seed: UInt64) {
    var generator = CommandGenerator(seed: seed)
    let script = generator.script(200)
    guard let words = Comparison.disagreement(on: script) else { return }
    let small = script.minimised {
      Comparison.disagreement(on: $0)?.prefix(12) == words.prefix(12)
    }
    let last = Comparison.disagreement(on: small) ?? words
    Issue.record("seed \(seed)\n\(small)\n\(last)")
  }
}
