import CohortModel
import TestSupport
import Testing

@Suite struct FilterTests {
  @Test(arguments: 1...16 as ClosedRange<UInt64>)
  func `At every position filters find whom the rules name`(seed: UInt64) {
    let story = PastStory(
      seed: seed, requests: 50, hasMerges: seed != 1, hasSegments: true)
    var random = SeededRandom(seed: seed)
    let states = story.states
    for raw in 0...story.end.rawValue {
      let position = Position(raw)
      let filter = PastStory.filter(
        depth: 3, cohorts: story.cohortsMax + 1, segments: 5, end: story.end,
        time: story.time(of: story.end).microseconds, &random)
      let time = story.time(of: position).microseconds
      let instant = Instant(microseconds: time + Int64(random.below(8) - 2) * 500_000)
      for definitions in DefinitionsAsOf.allCases {
        let expected = story.evaluate(filter, at: position, instant, definitions: definitions)
        var found: [LiveUsers] = []
        // Asked of the state at the position, if that is enough, and of the last one.
        for state in definitions == .then
          ? [states[Int(raw)], states[states.count - 1]]
          : [states[states.count - 1]]
        {
          let question = FilterQuestion(
            state, PlainPast(story), at: position, instant, definitions: definitions)
          var evaluation = FilterEvaluation(question)
          found.append(evaluation.users(filter))
          #expect(evaluation.size(filter) == expected.count)
        }
        #expect(found.allSatisfy { $0.users == expected.sorted() }, "\(filter) at \(position)")
      }
    }
  }

  @Test func `At the first instant of all, filters find whom they find at any before the log`() {
    let story = PastStory(seed: 31, requests: 40, hasSegments: true)
    let states = story.states
    var random = SeededRandom(seed: 31)
    for _ in 0..<200 {
      let filter = PastStory.filter(
        depth: 3, cohorts: story.cohortsMax + 1, segments: 5, end: story.end,
        time: story.time(of: story.end).microseconds, &random)
      let found = [-1_000_000_000, .min, .min + 1].map { time in
        let question = FilterQuestion(
          states[states.count - 1], PlainPast(story), at: story.end, Instant(microseconds: time))
        var evaluation = FilterEvaluation(question)
        return evaluation.users(filter).users
      }
      #expect(found.allSatisfy { $0 == found[0] }, "\(filter)")
    }
  }

  @Test(arguments: 11...14 as ClosedRange<UInt64>)
  func `What a filter says about one user is what it says about all`(seed: UInt64) {
    let story = PastStory(seed: seed, requests: 50, hasSegments: true)
    var random = SeededRandom(seed: seed)
    let states = story.states
    for raw in stride(from: 0, through: story.end.rawValue, by: 3) {
      let position = Position(raw)
      let filter = PastStory.filter(
        depth: 3, cohorts: story.cohortsMax + 1, segments: 5, end: story.end,
        time: story.time(of: story.end).microseconds, &random)
      let question = FilterQuestion(
        states[states.count - 1], PlainPast(story), at: position, story.time(of: position))
      var evaluation = FilterEvaluation(question)
      for user in 0...UInt32(story.scene(at: story.end).userCount + 1) {
        let truth = question.explain(filter, UserID(user))
        check(truth, user, &evaluation)
      }
    }
  }

  private func check(
    _ truth: FilterTruth, _ user: UInt32, _ evaluation: inout FilterEvaluation<PlainPast>
  ) {
    #expect(evaluation.users(truth.filter).contains(user) == truth.holds)
    for part in truth.parts { check(part, user, &evaluation) }
  }

  @Test func `Segments that include each other twice are told once, at every depth`() throws {
    let story = PastStory(seed: 23, requests: 60, hasSegments: true)
    var state = story.states[story.steps.count]
    let leaf = Filter.includes([CohortID(1), CohortID(2)])
    var segments: [SegmentID] = []
    let depth = 60
    for step in 1...depth {
      let segment = SegmentID(UInt32(state.segments.records.count + 1))
      let part = segments.last.map { Filter.segment($0) } ?? leaf
      state.apply(
        .segmentSaved(
          SegmentSaved(
            segment: segment, version: 1, name: "S", description: "", tags: [],
            filter: step % 3 == 0 ? .or([.not(part), part]) : .and([part, part]))),
        at: story.end.advanced(by: step), story.time(of: story.end), by: KeyID(0))
      segments.append(segment)
    }
    let question = FilterQuestion(
      state, PlainPast(story), at: story.end, story.time(of: story.end), definitions: .now)
    var evaluation = FilterEvaluation(question)
    let last = try #require(segments.last)
    for user in 1...UInt32(story.scene(at: story.end).userCount) {
      let truth = question.explain(.or([.segment(last), .segment(last)]), UserID(user))
      check(truth, user, &evaluation)
      #expect(truth.parts.map(\.version) == [1, 1] && truth.parts[1].parts.isEmpty)
      // Each definition once, with at most four parts of its own.
      #expect(size(of: truth) <= 3 + 5 * depth)
      let holding = segments.filter { question.explain(.segment($0), UserID(user)).holds }
      #expect(question.holding(segments, UserID(user)) == holding)
      #expect(question.holding(segments.reversed(), UserID(user)) == holding.reversed())
    }
  }

  private func size(of truth: FilterTruth) -> Int {
    truth.parts.reduce(1) { $0 + size(of: $1) }
  }

  @Test func `A leaf has its size for itself, and every leaf is listed`() {
    let story = PastStory(seed: 21, requests: 60, hasSegments: true)
    let question = FilterQuestion(
      story.states[story.steps.count], PlainPast(story), at: story.end, story.time(of: story.end))
    var evaluation = FilterEvaluation(question)
    let leaves: [Filter] = [
      .includes([CohortID(1), CohortID(2)]), .excludes([CohortID(3)]), .segment(SegmentID(1)),
    ]
    let filter = Filter.and([leaves[0], .not(.or([leaves[1], leaves[2]]))])
    let sizes = evaluation.leafSizes(of: filter)
    #expect(sizes.map(\.leaf) == leaves)
    for (leaf, size) in sizes {
      let users = story.evaluate(
        leaf, at: story.end, story.time(of: story.end), definitions: .then)
      #expect(size == users.count)
    }
  }

  @Test func `An audience is in all of its segments and in its filter`() {
    let story = PastStory(seed: 22, requests: 80, hasSegments: true)
    let question = FilterQuestion(
      story.states[story.steps.count], PlainPast(story), at: story.end, story.time(of: story.end))
    var evaluation = FilterEvaluation(question)
    for filter in [nil, Filter.includes([CohortID(1)])] {
      let audience = Audience(segments: [SegmentID(1), SegmentID(2)], filter: filter)
      var users = evaluation.users(SegmentID(1)).users.filter {
        evaluation.users(SegmentID(2)).contains($0)
      }
      if let filter { users = users.filter { evaluation.users(filter).contains($0) } }
      #expect(evaluation.users(audience).users == users)
    }
  }
}

extension PastStory {
  /// The state behind every position.
  var states: [LedgerState] {
    var state = LedgerState(hashSeed: 1)
    var states = [state]
    for step in steps {
      state.apply(step.event, at: step.position, step.time, by: KeyID(0))
      states.append(state)
    }
    return states
  }
}
