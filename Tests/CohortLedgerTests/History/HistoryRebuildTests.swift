import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct HistoryRebuildTests {
  @Test(arguments: [1, 2]) func `A rebuild from any position answers as the history that was told`(
    threads: Int
  ) throws {
    let story = PastStory(seed: 11, requests: 60, stride: 997)
    for first in stride(from: 0, through: story.steps.count, by: 3) {
      var options = HistoryOptions.tiny
      options.threadCount = threads
      options.gatherSize = [200, 1_000, 1 << 20][first % 3]
      var start = History(options)
      story.tell(&start, to: first)
      let before = story.memberships(at: Position(UInt64(first)))
      var rebuild = HistoryRebuild(start, before, .some())
      for step in story.steps[first...] { rebuild.take(step.event, at: step.position, step.time) }
      let (history, members) = try rebuild.finish()
      try check(history, tells: story)
      let after = story.memberships(at: story.end)
      for (cohort, users) in members { #expect(users == after[cohort]) }
      for cohort in story.cohorts.prefix(after.cohortCount)
      where !members.contains(where: { $0.0 == cohort }) {
        #expect(cohort.rawValue > before.cohortCount || before[cohort] == after[cohort])
      }
    }
  }

  @Test func `A rebuilt history can be told more`() throws {
    let story = PastStory(seed: 12, requests: 120)
    let middle = story.steps.indices.last { story.steps[$0].endsRequest && $0 < 150 } ?? 0
    var rebuild = HistoryRebuild(History(.tiny), Memberships(), .some())
    for step in story.steps[...middle] { rebuild.take(step.event, at: step.position, step.time) }
    var (history, _) = try rebuild.finish()
    story.tell(&history, from: middle + 1)
    try check(history, tells: story)
  }

  @Test func `Without the past a rebuild finds the same members`() throws {
    let story = PastStory(seed: 13, requests: 150, stride: 999)
    var rebuild = HistoryRebuild(History(.tiny), Memberships(), nil, keepsPast: false)
    for step in story.steps { rebuild.take(step.event, at: step.position, step.time) }
    let (history, members) = try rebuild.finish()
    #expect(history.cohortCount == 0)
    let after = story.memberships(at: story.end)
    #expect(!members.isEmpty)
    for (cohort, users) in members { #expect(users == after[cohort]) }
  }
}
