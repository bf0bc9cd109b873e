import CohortLedger
import CohortModel
import TestSupport
import Testing

@Suite struct `What a key has done` {
  @Test func `comes page by page, each request once and whole`() throws {
    let shop = try TestShop()
    for round in 0..<5 { try shop.create((0...round).map { "user-\(round)-\($0)" }) }
    let view = shop.ledger.now
    let all = try view.activity(of: KeyID(0))
    #expect(all.map(\.events.count) == [5, 4, 3, 2, 1, 1, 2])
    for limit in 1...7 {
      var pages: [KeyAction] = []
      var before = Position.never
      while true {
        let page = try view.activity(of: KeyID(0), before: before, limit: limit)
        pages += page
        guard let last = page.last else { break }
        before = last.request
      }
      #expect(pages == all)
    }
  }

  @Test func `is counted, at every position, as far as the log had come`() throws {
    let story = try KeptStory()
    for (index, state) in story.states.enumerated() {
      let view = try story.ledger.view(asOf: .position(Position(UInt64(index))))
      #expect(view.keys == state.keys.records, "at \(index)")
      let usage = try view.keyUsage()
      let known = state.keys.usage
      #expect(Array(usage.prefix(known.count)) == known, "at \(index)")
      #expect(usage.dropFirst(known.count).allSatisfy { $0.writes == 0 && $0.lastWrite == nil })
    }
    #expect(story.ledger.now.keys.contains { $0.invalidatedAt != nil })
  }
}
