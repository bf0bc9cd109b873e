import CohortModel
import TestSupport
import Testing

@Suite struct `Generated commands` {
  func run(_ seed: UInt64, _ count: Int = 300) -> (NaiveLedger, [Result<Answer, Refusal>]) {
    var generator = CommandGenerator(seed: seed)
    var ledger = NaiveLedger()
    let answers = generator.script(count).steps.map { ledger.perform($0) }
    return (ledger, answers)
  }

  @Test func `are the same for the same seed, and others for another`() {
    func text(_ seed: UInt64) -> String {
      var generator = CommandGenerator(seed: seed)
      return generator.script(200).description
    }
    #expect(text(1) == text(1))
    #expect(text(1) != text(2))
  }

  @Test func `meet every outcome, every refusal of an item and most refusals of a whole`() {
    var outcomes: Set<Outcome> = []
    var items: Set<String> = []
    var wholes: Set<String> = []
    var kinds: Set<String> = []
    func word(_ value: some Any) -> String {
      Mirror(reflecting: value).children.first?.label ?? "\(value)"
    }
    for seed in 0..<24 as Range<UInt64> {
      let (ledger, answers) = run(seed)
      for fact in ledger.facts {
        if case .event(let event) = fact.what { kinds.insert(word(event)) }
      }
      for answer in answers {
        switch answer {
        case .success(.changedMembers(let counts, _)):
          outcomes.formUnion(Outcome.allCases.filter { counts[$0] > 0 })
        case .success(.items(_, let errors)), .success(.importedUsers(_, _, _, let errors)):
          items.formUnion(errors.map { word($0.refusal) })
        case .failure(let refusal): wholes.insert(word(refusal))
        case .success: break
        }
      }
    }
    #expect(outcomes == Set(Outcome.allCases))
    #expect(kinds.count == 26, "every event but membersChanged: \(kinds.sorted())")
    #expect(items.count == 18, "\(items.sorted())")
    #expect(wholes.count >= 24, "\(wholes.sorted())")
  }

  @Test func `shrink to the one that matters`() {
    var generator = CommandGenerator(seed: 5)
    let script = generator.script(200)
    func merges(_ script: GeneratedScript) -> Bool {
      var ledger = NaiveLedger()
      for step in script.steps { ledger.perform(step) }
      return ledger.facts.contains { fact in
        guard case .event(.usersMerged(let merge)) = fact.what else { return false }
        return !merge.cohortsEntered.isEmpty
      }
    }
    #expect(merges(script))
    let small = script.minimised(merges)
    #expect(merges(small))
    #expect(small.steps.count <= 8, "\(small)")
  }
}

/// What must hold at every position, whatever was asked.
@Suite struct `The naive model` {
  static let seeds = Array(0..<8 as Range<UInt64>)

  func ledger(_ seed: UInt64) -> NaiveLedger {
    var generator = CommandGenerator(seed: seed)
    var ledger = NaiveLedger()
    for step in generator.script(250).steps {
      let before = (ledger.end, ledger.states.count)
      if case .failure = ledger.perform(step) {
        #expect(ledger.end == before.0 && ledger.states.count == before.1, "\(step)")
      }
    }
    return ledger
  }

  @Test(arguments: seeds)
  func `has one state for each position, and only live users as members`(seed: UInt64) {
    let ledger = ledger(seed)
    #expect(ledger.states.count == ledger.facts.count + 1)
    for (index, fact) in ledger.facts.enumerated() {
      #expect(fact.position == Position(UInt64(index + 1)))
      #expect(fact.request >= fact.position)
      let state = ledger.state(at: fact.position)
      for members in state.members.values { #expect(members.allSatisfy(state.isLive)) }
    }
  }

  @Test(arguments: seeds)
  func `has the members that its facts alone give`(seed: UInt64) {
    let ledger = ledger(seed)
    var members: [CohortID: Set<UserID>] = [:]
    for fact in ledger.facts {
      switch fact.what {
      case .membersChanged(let change):
        let before = members[change.cohort, default: []]
        switch change.direction {
        case .entering:
          #expect(before.isDisjoint(with: change.users))
          members[change.cohort, default: []].formUnion(change.users)
        case .leaving:
          #expect(before.isSuperset(of: change.users))
          members[change.cohort, default: []].subtract(change.users)
        }
      case .event(.usersMerged(let merge)):
        for cohort in merge.cohortsLeft {
          #expect(members[cohort, default: []].remove(merge.user) != nil)
        }
        for cohort in merge.cohortsEntered {
          #expect(members[cohort, default: []].insert(merge.into).inserted)
        }
      case .event(.userDeleted(let event)):
        for cohort in event.cohortsLeft {
          #expect(members[cohort, default: []].remove(event.user) != nil)
        }
      case .event: break
      }
      let state = ledger.state(at: fact.position)
      #expect(state.members.filter { !$0.value.isEmpty } == members.filter { !$0.value.isEmpty })
    }
  }

  @Test(arguments: seeds)
  func `gives every identifier to one user and every user one alias a label`(seed: UInt64) {
    let ledger = ledger(seed)
    for (index, state) in ledger.states.enumerated() {
      for user in state.liveUsers {
        let borne = state.borne(by: user)
        // Inside an alias's update its user may bear nothing.
        if ledger.endsRequest(Position(UInt64(index))) { #expect(!borne.isEmpty) }
        #expect(borne.filter { $0.role == .primary }.count <= 1)
        let labels = borne.compactMap(\.name.label)
        #expect(Set(labels).count == labels.count)
        for identifier in borne {
          #expect(state.standing(of: identifier.name) == .user(user))
        }
      }
      let names = state.identifiers.values.filter { $0.role != .free }.map(\.name)
      #expect(Set(names).count == names.count)
    }
  }

  @Test(arguments: seeds)
  func `answers filters as sets would`(seed: UInt64) {
    let ledger = ledger(seed)
    var queries = QueryGenerator(seed: seed)
    for _ in 0..<30 {
      let (position, instant) = queries.moment(in: ledger)
      let everyone = ledger.state(at: position).liveUsers
      let (a, b) = (queries.filter(in: ledger), queries.filter(in: ledger))
      func who(_ filter: Filter) -> Set<UserID> { ledger.evaluate(filter, at: position, instant) }
      #expect(who(a).isSubset(of: everyone))
      #expect(who(.not(.not(a))) == who(a))
      #expect(who(.not(.and([a, b]))) == who(.or([.not(a), .not(b)])))
      let cohort = queries.cohort(in: ledger)
      let members = ledger.members(of: cohort, at: position)
      #expect(who(.includes([cohort])) == members)
      #expect(who(.memberAsOf(cohort, .position(position))) == members)
      for user in members {
        let reasons = ledger.why(user, in: cohort, at: position)
        #expect(reasons.contains { if case .entered = $0 { true } else { false } })
        let last = ledger.intervals(ofPerson: user, in: cohort, upTo: position).last
        #expect(last != nil && last?.end == nil)
      }
    }
  }

  @Test(arguments: seeds)
  func `computes every frozen audience again`(seed: UInt64) {
    let ledger = ledger(seed)
    for send in ledger.now.sends.values {
      #expect(ledger.audience(of: send.send)?.count == Int(send.size))
    }
  }
}
