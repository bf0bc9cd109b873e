import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A question that reads many events` {
  @Test func `reads the same as one that reads each alone, in any order`() throws {
    let story = try KeptStory()
    let view = story.ledger.now
    let positions = (1...view.position.rawValue).map { Position($0) }
    let alone = try positions.map { try view.event(at: $0) }
    var random = SeededRandom(seed: 5)
    for order in [positions, positions.reversed(), positions.shuffled(using: &random)] {
      var reader = EventReader(view)
      for position in order {
        #expect(try reader.event(at: position) == alone[Int(position.rawValue) - 1])
      }
    }
    var early = EventReader(try story.ledger.view(asOf: .position(Position(7))))
    #expect(try early.event(at: Position(7)) == alone[6])
    #expect(throws: LedgerError.self) { try early.event(at: Position(8)) }
    #expect(throws: LedgerError.self) { try early.event(at: .origin) }
  }

  @Test func `reads each frame once`() throws {
    let shop = try TestShop()
    try shop.create(["ana"])
    // One request, so one frame: a stranger comes and goes a hundred times.
    let name = Array("stranger".utf8)
    let range = TextRange(start: 0, count: UInt32(name.count))
    let changes = (0..<100).map {
      ChangeMembers.Change(shouldRemove: !$0.isMultiple(of: 2), userIDs: [range])
    }
    let template = shop.importing("vip", add: [], remove: [])
    guard case .changeMembers(var wish) = template.wish else { return }
    wish.buffer = name
    wish.changes = changes
    try shop.ledger.submit(Command(author: template.author, wish: .changeMembers(wish)))
    let view = shop.ledger.now
    let cohort = try shop.cohort("vip")
    let start = shop.disk.operations
    let reason = try view.why(.externalID(PersonalText("stranger")), cohort)
    let calls = shop.disk.operations - start
    #expect(reason.mentions.count == 100)
    #expect(calls < 20, "\(calls) calls of the disk")
    for mention in reason.mentions {
      let recorded = try view.event(at: mention.event.position)
      #expect(mention.event.request == recorded.request && mention.event.key == recorded.key)
    }
    try shop.ledger.close()
  }
}
