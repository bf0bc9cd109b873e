import CohortFormat
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A digest of the state` {
  @Test func `moved along is the one computed from nothing, at every position`() throws {
    let story = try KeptStory()
    var digest = StateDigest()
    var position = 0
    try story.ledger.now.forEachEvent(after: .origin) { decoded, _ in
      position += 1
      digest.apply(decoded.recorded, commitments: decoded.texts.map(\.commitment))
      #expect(
        digest.withoutCommitments == story.states[position].digestOfMeaning,
        "at \(decoded.recorded.event)")
      return true
    }
    #expect(position == story.states.count - 1)
  }

  @Test(arguments: 0..<12) func `agrees with the state through random commands`(
    seed: UInt64
  ) throws {
    var generator = CommandGenerator(seed: seed)
    var naive = NaiveLedger()
    var state = LedgerState(hashSeed: seed)
    var digest = StateDigest()
    var events = 0
    for step in generator.script(150).steps {
      let command = naive.completed(step) { Digest(0, 0, 0, UInt64($0.count)) }
      _ = naive.perform(command, at: step.time)
      var draft = Draft(at: step.time)
      let before = state.position
      guard (try? state.perform(command, into: &draft)) != nil else { continue }
      for (index, event) in draft.events.enumerated() {
        let isLast = index == draft.events.count - 1
        digest.apply(
          Recorded(
            position: before.advanced(by: index + 1), time: draft.time, key: draft.key,
            request: before.advanced(by: draft.events.count), event: event,
            receipt: isLast ? draft.receipt : nil), commitments: [])
        events += 1
      }
      try #require(digest.value == StateDigest(of: state).value, "seed \(seed), \(step)")
    }
    #expect(events > 100)
  }

  @Test func `is not gone on with when nobody waits for it`() throws {
    let shop = try TestShop()
    try shop.create((0..<5_000).map { "user-\($0)" })
    for isWanted in [false, true] {
      var found: [Position] = []
      try shop.ledger.digests(every: .max, while: { isWanted }) {
        found.append($0.position)
        return true
      }
      #expect(found == (isWanted ? [shop.ledger.now.position] : []))
    }
  }

  @Test func `does not change when texts are zeroed`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob"])
    try shop.push("vip", add: ["ada", "bob", "nobody@example.org"])
    let before = shop.ledger.now.position
    var digests: [[PositionDigest]] = [[], []]
    try shop.ledger.digests {
      digests[0].append($0); return true
    }
    _ = try shop.ledger.erase(.externalID("ada"))
    try shop.ledger.digests(through: before) {
      digests[1].append($0); return true
    }
    #expect(digests[0] == digests[1])
    #expect(digests[0].count == Int(before.rawValue))
    #expect(Set(digests[0].map(\.digest)).count == digests[0].count)
  }

  @Test func `is the same whatever is asked for in between`() throws {
    let story = try KeptStory()
    var all: [PositionDigest] = []
    try story.ledger.digests {
      all.append($0); return true
    }
    for every in [2, 7, 1_000] as [UInt64] {
      var some: [PositionDigest] = []
      try story.ledger.digests(every: every) {
        some.append($0); return true
      }
      #expect(
        some
          == all.filter { $0.position.rawValue.isMultiple(of: every) || $0.position == story.end })
    }
    var first: [PositionDigest] = []
    try story.ledger.digests {
      first.append($0); return first.count < 5
    }
    #expect(first == Array(all.prefix(5)))
  }

  @Test func `tells facts apart that share their words`() {
    var digests: Set<Digest> = []
    let time = Instant(microseconds: 1)
    for (cohort, user) in [(1, 2), (2, 1), (1, 1), (2, 2)] as [(UInt32, UInt32)] {
      for direction in [Direction.entering, .leaving] {
        var digest = StateDigest()
        digest.apply(
          Recorded(
            position: Position(1), time: time, key: KeyID(0), request: Position(1),
            event: .membersChanged(
              MembersChanged(
                cohort: CohortID(cohort), direction: direction,
                users: PackedUsers(sorted: [user].span), unchanged: 0, unmatched: []))),
          commitments: [])
        digests.insert(digest.value)
      }
    }
    #expect(digests.count == 8)
  }
}
