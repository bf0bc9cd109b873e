import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct HistoryFilterTests {
  @Test(arguments: [false, true]) func `Filters over a history find whom the rules name`(
    isSpilled: Bool
  ) throws {
    let story = PastStory(seed: 41, requests: 70, hasSegments: true)
    let history = story.history
    if isSpilled { history.spill(to: .some()) }
    var state = LedgerState(hashSeed: 1)
    for step in story.steps { state.apply(step.event, at: step.position, step.time, by: KeyID(0)) }
    var random = SeededRandom(seed: 5)
    for raw in 0...story.end.rawValue {
      let (position, instant) = (Position(raw), story.time(of: Position(raw)))
      let filter = PastStory.filter(
        depth: 2, cohorts: story.cohortsMax + 1, segments: 5, end: story.end,
        time: story.time(of: story.end).microseconds, &random)
      let expected = story.evaluate(filter, at: position, instant, definitions: .then)
      var evaluation = FilterEvaluation(FilterQuestion(state, history, at: position, instant))
      #expect(try evaluation.users(filter).users == expected.sorted(), "\(filter) at \(position)")
    }
  }

  private struct Expected {
    let row: HistoryRow
    let size: Int
    let users: PackedUsers
  }

  @Test func `Changes, turns and instants are those of the story`() throws {
    let story = PastStory(seed: 42, requests: 100)
    let history = story.history
    history.spill(to: .some())
    for cohort in story.cohorts {
      var all: [Expected] = []
      PlainPast(story).forEachChange(of: cohort, after: .origin, through: story.end) { row, bytes in
        let users = (try? PackedUsers.read(bytes, at: Int(row.start)).users) ?? PackedUsers()
        all.append(
          Expected(
            row: row, size: story.scene(at: row.position).members(of: cohort).count, users: users))
      }
      // Of two changes of one position the story knows the size behind the second.
      func isSame(_ a: HistoryChange, _ b: Expected) -> Bool {
        a.position == b.row.position && a.time == b.row.time && a.kind == b.row.kind
          && a.unmatched == b.row.unmatched && a.users == b.users
          && (a.size == b.size || a.kind == .mergedAway)
      }
      for raw in stride(from: 0, through: story.end.rawValue, by: 7) {
        let position = Position(raw)
        let later = all.filter { $0.row.position > position }
        let early = all.filter { $0.row.position <= position }
        let forward = try history.changes(of: cohort, after: position, through: story.end)
        #expect(forward.count == later.count && zip(forward, later).allSatisfy(isSame))
        let back = try history.changes(of: cohort, through: position, newestFirst: true)
        #expect(back.count == early.count && zip(back, early.reversed()).allSatisfy(isSame))
        let time = story.time(of: position)
        #expect(
          try history.position(of: cohort, at: time)
            == PlainPast(story).position(of: cohort, at: time))
        for user in 1...UInt32(12) {
          let last = early.last { $0.users.contains(user) }
          let found = try history.lastChange(of: UserID(user), in: cohort, at: position)
          #expect(found?.position == last?.row.position && found?.kind == last?.row.kind)
        }
      }
      try checkPages(history, cohort, all.map(\.row.position))
      try checkIntervals(history, cohort, story)
    }
  }

  /// Pages neither repeat a change nor leave one out.
  private func checkPages(
    _ history: History, _ cohort: CohortID, _ positions: [Position]
  ) throws {
    for limit in 1...4 {
      var (found, after) = ([Position](), Position.origin)
      while true {
        let page = try history.changes(of: cohort, after: after, through: .never, limit: limit)
        guard let last = page.last else { break }
        #expect(page.count <= limit + 1)
        found += page.map(\.position)
        after = last.position
      }
      #expect(found == positions)
    }
  }

  private func checkIntervals(
    _ history: History, _ cohort: CohortID, _ story: PastStory
  ) throws {
    for user in 1...UInt32(12) {
      var expected: [(Position, Position?)] = []
      var start: Position?
      for raw in 0...story.end.rawValue {
        let isIn = story.scene(at: Position(raw)).members(of: cohort).contains(user)
        if isIn, start == nil { start = Position(raw) }
        if !isIn, let began = start {
          expected.append((began, Position(raw)))
          start = nil
        }
      }
      if let start { expected.append((start, nil)) }
      let found = try history.intervals(of: UserID(user), in: cohort, through: story.end)
      #expect(found.map(\.start.position) == expected.map(\.0))
      #expect(found.map { $0.end?.position } == expected.map(\.1))
    }
  }
}
