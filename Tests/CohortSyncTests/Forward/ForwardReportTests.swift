import CohortModel
import CohortSync
import CohortWire
import TestSupport
import Testing

@Suite struct `What a forwarding reports` {
  private func story(_ names: String...) throws -> ForwardStory {
    let story = try ForwardStory(seed: 1, isDeaf: false)
    for name in names {
      let user: JSONText = ["attributes": [["external_id": .string(name)]]]
      try story.source.apply("/users/track", user)
      try story.destination.apply("/users/track", user)
    }
    return story
  }

  private func ids(_ names: String...) -> [SentIdentifier] {
    names.map { SentIdentifier(.externalID, Array($0.utf8)) }
  }

  @Test func `says that it was ended before all was told, and where it stands`() throws {
    let story = try story("x", "y")
    story.source.push("a", ids("x", "y"))
    let first = try story.run()
    story.source.push("a", ids("y"), remove: true)
    story.brittle.set(brittleness: 1)
    story.brittle.raise(story.stop, behind: 3)
    let report = try story.run(once: false)
    #expect(report.stopped == .signal && !report.isDone)
    #expect(report.checkpoint == first.checkpoint)
    #expect(report.fates == [:] && report.sent == 0)
  }

  @Test func `has told all if it is ended while it waits`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    story.reading.onWait { [stop = story.stop] _ in stop.raise() }
    let report = try story.run(once: false)
    #expect(report.stopped == nil && report.isDone && report.fates == [.added: 1])
  }

  @Test func `has not told all if the ledger failed it last`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    story.reading.onWait { [stop = story.stop, reading = story.reading] _ in
      stop.raise()
      reading.fail(1)
    }
    #expect(try story.run(once: false).stopped == .signal)
  }

  @Test func `knows where it stands though the ledger is down`() throws {
    let story = try story("x")
    story.source.push("a", ids("x", "nobody"))
    try story.source.apply("/users/track", ["attributes": [["external_id": "late"]]])
    story.source.push("a", ids("late"))
    let first = try story.run()
    #expect(first.rejected == 1)
    story.reading.goDown()
    let report = try story.run()
    #expect(report.stopped == .ledger)
    #expect(report.checkpoint == first.checkpoint && report.rejected == 1)
  }

  @Test func `counts a page once that is told twice`() throws {
    let story = try story("x", "y")
    _ = try story.run()
    story.source.push("a", ids("x"))
    story.source.push("b", ids("y"))
    story.brittle.fail(behind: 1)
    story.reading.onWait { [stop = story.stop] _ in stop.raise() }
    let report = try story.run(pageSize: 10, once: false)
    #expect(report.stopped == nil && report.sent == 2)
    #expect(report.fates == [.alreadyMember: 1, .added: 1])
    #expect(report.events == 4)
  }

  @Test func `tells again once, however often the ledger or the destination fails`() throws {
    let story = try story("x")
    let late = (0..<9).map { "late\($0)" }
    let items = late.map { name -> JSONText in ["external_id": .string(name)] }
    try story.source.apply("/users/track", ["attributes": .array(items)])
    story.source.push("a", late.map { SentIdentifier(.externalID, Array($0.utf8)) })
    let first = try story.run()
    #expect(first.rejected == 9)
    story.reading.onWait { [stop = story.stop] _ in stop.raise() }
    story.reading.fail(5)
    // Nine in requests of four, the second of which has to be sent twice.
    story.brittle.fail(behind: 1)
    let requests = story.brittle.requests
    let report = try story.run(once: false)
    #expect(story.brittle.requests - requests == 4)
    #expect(report.fates[.unknown] == 9 && report.sent == 9)
    #expect(report.stopped == nil && report.rejected == 9)
  }

  @Test func `counts nobody as untold whose removal was a debt`() throws {
    let story = try story("x", "somebody")
    story.source.push("a", ids("x", "somebody"))
    _ = try story.run()
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    story.listed = ["c", "a"]
    let report = try story.run()
    #expect(report.fates[.removed] == 1)
    #expect(report.nameless == 0 && report.untold == 0 && report.isDone)
  }

  @Test func `says whom nobody can tell out any more`() throws {
    let story = try story("x", "somebody")
    story.source.push("a", ids("x", "somebody"))
    _ = try story.run()
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    for name in ["", ".journal"] { try? story.folder.remove("state/platform.forward\(name)") }
    let report = try story.run()
    #expect(report.resync == .lost && report.untold == 1 && !report.isDone)
    #expect(report.message?.contains("erased (1)") == true)
  }

  @Test func `speaks of itself where a delivery is given up`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    story.brittle.set(brittleness: 1)
    let words = try story.run().message ?? ""
    #expect(words.contains("Run the forwarding again"), "\(words)")
    #expect(!words.contains("sync"))
  }
}
