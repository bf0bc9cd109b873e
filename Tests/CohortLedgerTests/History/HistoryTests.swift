import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct HistoryTests {
  @Test(arguments: [(1, 1), (2, 20_011), (3, 1), (4, 65_536)] as [(UInt64, UInt32)])
  func `At every position a history answers as plain sets do`(seed: UInt64, stride: UInt32) throws {
    let story = PastStory(seed: seed, requests: 120, stride: stride)
    let history = story.history
    #expect(history.track(CohortID(1)).bases.count > 3)
    #expect(history.track(CohortID(1)).blocks.count > history.track(CohortID(1)).bases.count)
    try check(history, tells: story)
  }

  @Test func `A copy stays as it is while the original moves on`() throws {
    let story = PastStory(seed: 5, requests: 60)
    var copies: [(History, Position)] = []
    var history = History(.tiny)
    story.tell(&history) { copies.append(($0, $1)) }
    for (copy, position) in copies { try check(copy, tells: story, through: position) }
  }

  @Test func `With cuts of the usual size a short history is one open block`() throws {
    let story = PastStory(seed: 6, requests: 100)
    var history = History(HistoryOptions())
    story.tell(&history)
    #expect(history.unspilled.isEmpty)
    try check(history, tells: story)
  }
}
