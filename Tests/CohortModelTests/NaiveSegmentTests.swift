import CohortModel
import TestSupport
import Testing

/// RULES §6 and §7, on the naive model.
@Suite struct `In the naive model, a segment` {
  func save(_ filter: NamedFilter, as segment: UInt32? = nil, expecting: UInt32? = nil) -> Wish {
    .saveSegment(
      SaveSegment(
        segment: segment.map { SegmentID($0) }, name: "s", filter: filter,
        expectedVersion: expecting))
  }

  let vip = CohortName(partner: "p", cohortID: "vip")

  func story() -> Story {
    var story = Story()
    story.users("a", "b", "c")
    story.add("a")
    return story
  }

  @Test func `is refused when it names what does not exist, nothing, or itself`() {
    var story = story()
    let typo = CohortName(partner: "p", cohortID: "vipp")
    #expect(
      story.ask(save(.excludes(partner: "p", ["vipp"]))).refusal
        == .unknownCohort(typo, nearest: vip))
    #expect(
      story.ask(save(.segment("segment:1"))).refusal == .unknownSegment("segment:1", nearest: nil))
    #expect(story.ask(save(.and([]))).refusal == .emptyFilter)
    #expect(story.ask(save(.includes(partner: "p", []))).refusal == .emptyFilter)
    story.ask(save(.includes(partner: "p", ["vip"])))
    story.ask(save(.not(.segment("segment:1"))))
    #expect(
      story.ask(save(.segment("segment:2"), as: 1)).refusal
        == .filterCycle([SegmentID(1), SegmentID(2), SegmentID(1)]))
    #expect(
      story.ask(save(.segment("segment:1"), as: 1)).refusal
        == .filterCycle([SegmentID(1), SegmentID(1)]))
  }

  @Test func `is at most 64 deep over all that it includes`() {
    var story = story()
    func nested(_ levels: Int) -> NamedFilter {
      (1..<levels).reduce(.includes(partner: "p", ["vip"])) { inner, _ in .not(inner) }
    }
    func including(_ segment: Text, _ levels: Int) -> NamedFilter {
      (1..<levels).reduce(.segment(segment)) { inner, _ in .not(inner) }
    }
    #expect(story.ask(save(nested(40))).refusal == nil)
    #expect(story.ask(save(including("segment:1", 24))).refusal == nil)
    #expect(story.ask(save(including("segment:1", 25))).refusal == .filterTooDeep)
    #expect(story.ask(save(.segment("segment:2"))).refusal == .filterTooDeep)
    story.ask(save(nested(39), as: 1))
    #expect(story.ask(save(.segment("segment:2"))).refusal == nil)
    #expect(story.ask(save(nested(40), as: 1)).refusal == .filterTooDeep, "others include it")
  }

  @Test func `opens at most 60 brackets`() {
    var story = story()
    func nested(_ nots: Int, _ ands: Int, _ leaf: NamedFilter) -> NamedFilter {
      let inner = (0..<ands).reduce(leaf) { inner, _ in .and([inner]) }
      return (0..<nots).reduce(inner) { inner, _ in .not(inner) }
    }
    let vip = NamedFilter.includes(partner: "p", ["vip"])
    story.ask(save(vip))
    for (nots, ands, leaf, isWritten) in [
      (57, 0, vip, true), (58, 0, vip, false), (1, 28, vip, true), (0, 29, vip, false),
      (59, 0, .segment("segment:1"), true), (60, 0, .segment("segment:1"), false),
      (1, 29, .segment("segment:1"), true), (2, 29, .segment("segment:1"), false),
    ] as [(Int, Int, NamedFilter, Bool)] {
      let refusal = story.ask(save(nested(nots, ands, leaf))).refusal
      #expect(refusal == (isWritten ? nil : .filterTooDeep), "\(nots), \(ands)")
    }
  }

  @Test func `has versions, of which each position sees its own`() {
    var story = story()
    #expect(
      story.ask(save(.includes(partner: "p", ["vip"])))
        == .success(.savedSegment(SegmentID(1), version: 1)))
    let first = story.end
    #expect(
      story.ask(save(.excludes(partner: "p", ["vip"]), as: 1, expecting: 2)).refusal
        == .versionConflict(expected: 2, current: 1))
    #expect(
      story.ask(save(.excludes(partner: "p", ["vip"]), as: 1, expecting: 1))
        == .success(.savedSegment(SegmentID(1), version: 2)))
    let end = story.end
    story.ask(save(.excludes(partner: "p", ["vip"]), as: 1))
    #expect(story.end == end, "already so")
    let ledger = story.ledger
    #expect(ledger.members(of: SegmentID(1), at: first, story.time) == [user(1)])
    #expect(
      ledger.members(of: SegmentID(1), at: first, story.time, definition: .now)
        == [user(2), user(3)])
    let before = Position(first.rawValue - 1)
    #expect(ledger.members(of: SegmentID(1), at: before, story.time) == nil)
    #expect(
      ledger.members(of: SegmentID(1), at: before, story.time, definition: .now)?.count == 2)
  }

  @Test func `freezes into an audience that the past keeps`() {
    var story = story()
    story.ask(save(.includes(partner: "p", ["vip"])))
    story.ask(
      .saveCampaign(
        SaveCampaign(
          kind: .canvas, name: "c",
          audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil))))
    let canvas = CampaignReference(kind: .canvas, number: 1)
    let launch = GeneratedStep(
      command: Command(
        author: .local,
        wish: .freezeAudience(
          FreezeAudience(
            campaign: canvas, version: 0, position: .origin, instant: story.time, segments: [],
            audience: Audience(segments: [], filter: nil), size: 0, digest: .zero))),
      time: Instant(microseconds: story.time.microseconds + 1))
    #expect(story.ledger.perform(launch) == .success(.frozeAudience(SendID(1))))
    story.wait(Story.second)
    story.merge("a", into: "b")
    #expect(story.ledger.audience(of: SendID(1)) == [user(1)])
    #expect(story.ledger.now.sends[SendID(1)]?.size == 1)
    guard case .success(.archived(let users)) = story.ask(.archiveSegment(SegmentID(1))) else {
      return #expect(Bool(false), "it was refused")
    }
    #expect(users == Dependants(segments: [], campaigns: [canvas]))
    #expect(
      story.ledger.dependants(of: CohortID(1)) == users,
      "what is archived is only passed through")
    var later = launch
    later.time = Instant(microseconds: story.time.microseconds + 1)
    #expect(
      story.ledger.perform(later).refusal
        == .archivedInAudience(campaign: nil, segments: [SegmentID(1)]))
  }
}

@Suite struct `In the naive model, a leaf that looks back` {
  func period(_ seconds: UInt64) throws -> Period { try #require(Period(seconds: seconds)) }

  func holds(_ leaf: Filter, in story: Story, at position: Position? = nil) -> Set<UserID> {
    let position = position ?? story.end
    return story.ledger.evaluate(leaf, at: position, story.ledger.time(of: position))
  }

  @Test func `counts entering and leaving within the period, both ends included`() throws {
    var story = Story()
    story.users("a")
    story.add("a")
    story.add("a")
    story.add("nobody")
    #expect(try holds(.entered(first, within: period(2)), in: story) == [user(1)])
    #expect(try holds(.entered(first, within: period(1)), in: story) == [])
    #expect(try holds(.memberFor(first, atLeast: period(2)), in: story) == [user(1)])
    #expect(try holds(.memberFor(first, atLeast: period(3)), in: story) == [])
    story.remove("a")
    #expect(try holds(.left(first, within: period(1)), in: story) == [user(1)])
    #expect(
      try holds(.entered(first, within: period(3)), in: story) == [user(1)],
      "someone who came and went matches both")
    #expect(try holds(.memberFor(first, atLeast: period(1)), in: story) == [])
  }

  @Test func `takes everyone who is now this person, and no merge for an entering`() throws {
    var story = Story()
    story.users("a", "b")
    story.add("a")
    let early = story.end
    story.wait(10 * Story.second)
    story.merge("a", into: "b")
    #expect(try holds(.memberFor(first, atLeast: period(10)), in: story) == [user(2)])
    #expect(try holds(.entered(first, within: period(5)), in: story) == [])
    #expect(try holds(.left(first, within: period(5)), in: story) == [])
    #expect(holds(.memberAsOf(first, .position(early)), in: story) == [user(2)])
    #expect(holds(.memberAsOf(first, .position(early)), in: story, at: early) == [user(1)])
    #expect(
      holds(.memberAsOf(first, .instant(story.ledger.time(of: early))), in: story) == [user(2)])
  }

  @Test func `reads a later moment as the query's, and a cohort to come as empty`() {
    var story = Story()
    story.users("a")
    let before = story.end
    story.add("a")
    #expect(holds(.memberAsOf(first, .position(Position(99))), in: story) == [user(1)])
    #expect(holds(.memberAsOf(first, .position(story.end)), in: story, at: before) == [])
    #expect(holds(.includes([first]), in: story, at: before) == [])
    #expect(holds(.excludes([first]), in: story, at: before) == [user(1)])
  }
}
