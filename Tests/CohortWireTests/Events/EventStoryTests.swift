import CohortModel
import CohortWire
import TestSupport
import Testing

/// Random histories, told while they happen and again from their end.
@Suite struct `A feed of events` {
  private struct Story {
    var state = LedgerState(hashSeed: 5)
    var recorded: [Recorded] = []
    /// Each event as it was told when it happened.
    var told: [String] = []

    init(seed: UInt64, count: Int) {
      var generator = CommandGenerator(seed: seed)
      var draft = Draft(at: Instant(microseconds: 0))
      for step in generator.script(count).steps {
        draft.begin(at: step.time)
        let first = state.position.advanced(by: 1)
        guard (try? state.perform(step.command, into: &draft)) != nil else { continue }
        let names = Names(state)
        for (offset, event) in draft.events.enumerated() {
          let new = Recorded(
            position: first.advanced(by: offset), time: step.time, key: draft.key,
            request: state.position, event: event)
          recorded.append(new)
          told.append(text(of: new, names))
        }
      }
    }

    func text(of recorded: Recorded, _ names: Names) -> String {
      var json = JSONWriter()
      json.event(recorded, epoch: "e", names: names)
      return String(decoding: json.bytes, as: UTF8.self)
    }
  }

  @Test(arguments: 1...6) func `tells the past as it was told then, but for what was erased`(
    _ seed: Int
  ) throws {
    let story = Story(seed: UInt64(seed), count: 600)
    #expect(story.recorded.count > 300)
    let names = Names(story.state)
    var differences = 0
    for (recorded, told) in zip(story.recorded, story.told) {
      let again = story.text(of: recorded, names)
      _ = try JSONDocument(parsing: Array(again.utf8))
      if again == told { continue }
      #expect(again.contains("\"erased\":true"), "\(told) became \(again)")
      differences += 1
    }
    #expect(differences < story.recorded.count / 2)
  }

  @Test func `names whoever leaves by the identifiers of just before`() throws {
    let story = Story(seed: 11, count: 800)
    var counted = 0
    for (recorded, told) in zip(story.recorded, story.told) {
      switch recorded.event {
      case .usersMerged, .userDeleted:
        let user = try JSONDocument(parsing: Array(told.utf8)).root["user"]
        let hasName = ["external_id", "aliases", "device_ids"].contains { user?[$0] != nil }
        if hasName { counted += 1 }
      default: break
      }
    }
    #expect(counted > 5)
  }

  @Test func `holds no personal text where it is not wanted`() throws {
    let story = Story(seed: 12, count: 600)
    let names = Names(story.state, showsPersonalTexts: false)
    for recorded in story.recorded {
      let document = try JSONDocument(parsing: Array(story.text(of: recorded, names).utf8))
      #expect(PersonalMembers.given(in: document.root).isEmpty)
    }
  }
}
