import CohortModel
import TestSupport
import Testing

/// RULES §1 and §8, on the naive model.
@Suite struct `In the naive model, the past` {
  @Test func `has everything that a time includes, and half a request only by position`() {
    var story = Story()
    story.users("a")
    let before = story.ledger.end
    story.change("vip", [(false, ["a"]), (true, ["a"])])
    let ledger = story.ledger
    #expect(ledger.position(asOf: story.time) == ledger.end)
    #expect(
      ledger.position(asOf: Instant(microseconds: story.time.microseconds - 1)) == before)
    let half = before.advanced(by: 2)
    #expect(ledger.members(of: first, at: half) == [user(1)])
    #expect(!ledger.endsRequest(half) && ledger.endsRequest(before))
  }

  @Test
  func `shows a diff of then, in which a merge is two lines, and of now, in which it is none`() {
    var story = Story()
    story.users("a", "b", "c")
    story.add("a")
    let from = story.end
    story.merge("a", into: "b")
    story.add("c")
    let ledger = story.ledger
    let then = ledger.difference(of: first, from: from, to: story.end, identity: .then)
    #expect(then.added.members.map(\.user) == [user(2), user(3)])
    #expect(then.removed.members.map(\.externalID) == ["a"])
    let now = ledger.difference(of: first, from: from, to: story.end, identity: .now)
    #expect(now.added.members.map(\.externalID) == ["c"])
    #expect(now.removed.members.isEmpty)
  }

  @Test func `names who bore an identifier at a position`() {
    var story = Story()
    story.users("a", "b")
    let before = story.end
    story.merge("a", into: "b")
    let name = UserName.externalID("a")
    #expect(story.ledger.standing(of: name, at: before) == .user(user(1)))
    #expect(
      story.ledger.standing(of: name, at: before, identity: .now)
        == .merged(user(1), survivor: user(2)))
    #expect(story.ledger.standing(of: name, at: Position(1)) == .nobody)
    #expect(story.ledger.history(of: user(2), upTo: story.end) == [4, 5, 6].map { Position($0) })
  }
}

@Suite struct `In the naive model, why` {
  @Test func `names the import that began the membership now open`() {
    var story = Story()
    story.users("a")
    story.add("a")
    story.remove("a")
    let removed = story.end
    story.add("a")
    let added = story.end
    story.add("a")
    #expect(story.ledger.why(user(1), in: first, at: story.end) == [.entered(added)])
    #expect(story.ledger.why(user(1), in: first, at: removed) == [.removed(removed)])
    #expect(story.ledger.why(user(1), in: first, at: Position(3)) == [.noCohort])
  }

  @Test func `names each merge and then the original imports, earliest first`() {
    var story = Story()
    story.users("a", "b", "c")
    story.add("b")
    let b = story.end
    story.add("a")
    let a = story.end
    story.merge("a", into: "b")
    let ab = story.end
    story.merge("b", into: "c")
    #expect(
      story.ledger.why(user(3), in: first, at: story.end)
        == [.merged(ab), .merged(story.end), .entered(b), .entered(a)])
    #expect(
      story.ledger.why(user(1), in: first, at: story.end) == [.mergedAway(ab, into: user(2))])
  }

  @Test func `names what was sent and did not match, or that nothing was sent`() {
    var story = Story()
    story.add("a", "b")
    let sent = story.end
    story.users("a", "c")
    #expect(story.ledger.why(user(1), in: first, at: story.end) == [.unmatched(sent, .unknown)])
    #expect(story.ledger.why(user(2), in: first, at: story.end) == [.neverSent])
    let nobody = story.ledger.mentions(of: .externalID(PersonalText("b")), in: first, upTo: sent)
    #expect(nobody.map(\.name) == [TextName(position: sent, item: 1)])
    story.add("a")
    story.ask(.deleteUsers([.externalID("a")], erase: nil))
    #expect(story.ledger.why(user(1), in: first, at: story.end) == [.deleted(story.end)])
  }
}
