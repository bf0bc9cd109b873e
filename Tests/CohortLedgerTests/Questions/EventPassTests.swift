import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A pass over the events` {
  /// The next so many events, each with its epoch.
  private func take(
    _ count: Int, _ pass: inout EventPass, _ view: View
  ) throws -> [(event: Recorded, epoch: String)] {
    var found: [(event: Recorded, epoch: String)] = []
    try pass.forEachEvent(of: view) { decoded, epoch in
      found.append((decoded.recorded, epoch.description))
      return found.count < count
    }
    return found
  }

  @Test func `hands over each once, wherever it stops`() throws {
    let story = try KeptStory()
    let view = story.ledger.now
    let all = try (1...view.position.rawValue).map { try view.event(at: Position($0)) }
    var random = SeededRandom(seed: 6)
    for round in 0..<40 {
      let after = round == 0 ? 0 : random.below(all.count)
      var pass = EventPass(after: Position(UInt64(after)))
      var found: [Recorded] = []
      while pass.position < view.position {
        // Some parts end before the log does.
        let end = min(
          view.end, pass.position.advanced(by: 1 + random.below(12)))
        let seen = view.seen(through: end, at: view.instant, cutsRequest: false)
        for (event, epoch) in try take(1 + random.below(6), &pass, seen) {
          #expect(try view.checkpoint(at: event.position).epoch?.description == epoch)
          found.append(event)
        }
        #expect(pass.position == found.last?.position ?? Position(UInt64(after)))
      }
      #expect(found == Array(all[after...]))
      #expect(try take(1, &pass, view).isEmpty)
    }
  }

  @Test func `tells no text that was erased while it stood in the frame`() throws {
    let shop = try TestShop()
    try shop.submit(
      .importUsers((0..<40).map { ImportLine(line: $0, externalID: Text("c-\($0)")) }))
    let view = shop.ledger.now
    let first = try (1...view.position.rawValue).map { Position($0) }.first {
      if case .userCreated = try view.event(at: $0).event { true } else { false }
    }
    let behind = try #require(first).advanced(by: 2)
    var pass = EventPass(after: .origin)
    _ = try take(Int(behind.rawValue), &pass, view)
    #expect(pass.position == behind)
    _ = try shop.ledger.erase(.externalID("c-20"))
    let rest = try take(.max, &pass, shop.ledger.now)
    #expect(rest.count == Int(shop.ledger.now.end.rawValue - behind.rawValue))
    var created: [PersonalText] = []
    for (event, _) in rest {
      guard case .userCreated(let user) = event.event,
        case .externalID(let text)? = user.identifiers.first
      else { continue }
      created.append(text)
    }
    #expect(created == (3..<40).map { $0 == 20 ? .erased : PersonalText("c-\($0)") })
    try shop.ledger.close()
  }
}
