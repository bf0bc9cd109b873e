import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct HistorySnapshotTests {
  private let story = PastStory(seed: 31, requests: 45, stride: 5_003)

  private func copy(_ history: History, _ store: TileStore) throws -> History {
    var bytes: [UInt8] = []
    history.append(to: &bytes)
    return try #require(History.read(bytes, store))
  }

  @Test(arguments: [false, true]) func `After any request a history can be put away and go on`(
    isSpilled: Bool
  ) throws {
    var history = History(.tiny)
    var told = 0
    let store = TileStore.some()
    try story.tell(&history) { history, position throws in
      if isSpilled { history.spill(to: store) }
      var other = try copy(history, store)
      try check(other, tells: story, through: position)
      if told.isMultiple(of: 17) {
        story.tell(&other, from: Int(position.rawValue))
        try check(other, tells: story)
        if isSpilled { other.spill(to: store) }
        try check(try copy(other, store), tells: story)
      }
      told += 1
    }
  }

  @Test func `What is put away and taken out again is put away in the same bytes`() throws {
    for isSpilled in [false, true] {
      let store = TileStore.some()
      let history = story.history
      if isSpilled { history.spill(to: store) }
      var (first, second) = ([UInt8](), [UInt8]())
      history.append(to: &first)
      try #require(History.read(first, store)).append(to: &second)
      #expect(first == second)
    }
  }

  @Test func `Bytes cut anywhere are refused`() {
    for isSpilled in [false, true] {
      let store = TileStore.some()
      let history = story.history
      if isSpilled { history.spill(to: store) }
      var bytes: [UInt8] = []
      history.append(to: &bytes)
      for end in 0..<bytes.count {
        #expect(History.read(Array(bytes[..<end]), store) == nil)
      }
      #expect(History.read(bytes + [0], store) == nil)
    }
  }

  @Test func `No flipped bit stops the process`() {
    let store = TileStore.some(source: story)
    let history = story.history
    var bytes: [UInt8] = []
    history.append(to: &bytes)
    var accepted = 0
    for bit in stride(from: 0, to: bytes.count * 8, by: 41) {
      var wrong = bytes
      wrong[bit / 8] ^= 1 << UInt8(bit & 7)
      guard let other = History.read(wrong, store) else { continue }
      accepted += 1
      for cohort in story.cohorts { _ = try? other.members(of: cohort, at: story.end) }
    }
    #expect(accepted > 0)
  }

  @Test func `A hundred thousand cohorts without changes take a byte each`() throws {
    var history = History(HistoryOptions())
    let last = CohortID(100_000)
    history.apply(
      .membersChanged(
        MembersChanged(
          cohort: last, direction: .entering, users: PackedUsers(sorted: [7].span), unchanged: 0,
          unmatched: [])), at: Position(1), Instant(microseconds: 1))
    var bytes: [UInt8] = []
    history.append(to: &bytes)
    #expect(bytes.count < 100_200)
    #expect(try copy(history, .some()).contains(UserID(7), in: last, at: Position(1)))
    #expect(MemoryLayout<Track>.stride <= 80)
  }
}
