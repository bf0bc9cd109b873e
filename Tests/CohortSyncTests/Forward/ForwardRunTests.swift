import CohortLedger
import CohortModel
import CohortSync
import CohortWire
import TestSupport
import Testing

@Suite struct `A forwarding` {
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

  private func members(_ ledger: RealLedger, _ cohort: String) throws -> [String] {
    let users = try ledger.users()
    return try ledger.members(cohort).compactMap { users[$0]?.first?.name }.sorted()
  }

  @Test func `tells who is in the first time, and then every change and name`() throws {
    let story = try story("x", "y")
    story.source.push("a", ids("x", "y"))
    story.source.push("a", ids("y"), remove: true)
    story.source.name("a", "First")
    let first = try story.run()
    #expect(first.resync == .first)
    #expect(first.sent == 1, "who came and went before is not told")
    #expect(try members(story.destination, "a") == ["x"])
    story.source.push("a", ids("y"))
    story.source.push("a", ids("x"), remove: true)
    story.source.name("a", "Second")
    let second = try story.run()
    #expect(second.resync == nil && second.isDone)
    #expect(second.fates == [.added: 1, .removed: 1])
    #expect(second.checkpoint.position == story.source.shop.ledger.now.position)
    #expect(try members(story.destination, "a") == ["y"])
    let state = story.destination.shop.ledger.now.state
    #expect(
      state.cohorts[try story.destination.shop.cohort("a")].displayName.value(at: .never)
        == "Second")
    #expect(try story.run().sent == 0)
  }

  @Test func `lists who matches nobody, and tells again until somebody does`() throws {
    let story = try story("x")
    try story.source.apply("/users/track", ["attributes": [["external_id": "late, \"r\""]]])
    story.source.push("a", ids("x", "late, \"r\""))
    let first = try story.run()
    #expect(first.isDone && first.rejected == 1 && first.fates[.unknown] == 1)
    let rejects = try story.folder.bytes("state/platform.forward.rejects.csv")
    #expect(
      String(decoding: rejects, as: UTF8.self)
        == "cohort,kind,identifier,change,reason\n"
        + "hightouch/a,external_id,\"late, \"\"r\"\"\",add,unknown\n")
    try story.destination.apply(
      "/users/track", ["attributes": [["external_id": "late, \"r\""]]])
    let second = try story.run()
    #expect(second.rejected == 0 && second.fates == [.added: 1])
  }

  @Test func `goes on behind people that the destination refuses, however many`() throws {
    let story = try story("x")
    let devices = (0..<150).map { SentIdentifier(.device, Array("d\($0)".utf8)) }
    for start in stride(from: 0, to: 150, by: 50) {
      let items = devices[start..<start + 50].map { device -> JSONText in
        ["device_id": .string(device.name)]
      }
      try story.source.apply("/users/track", ["attributes": .array(items)])
    }
    story.brittle.refuseDevices()
    _ = try story.run()
    story.source.push("a", devices)
    story.source.push("a", ids("x"))
    let report = try story.run(pageSize: 1)
    #expect(report.stopped == nil, "\(report.message ?? "")")
    #expect(report.refused == 150 && report.rejected == 150 && !report.isDone)
    #expect(try members(story.destination, "a") == ["x"])
  }

  @Test func `compares everything when its state is lost, and takes out who left meanwhile`() throws
  {
    let story = try story("x", "y")
    story.source.push("a", ids("x", "y"))
    _ = try story.run()
    for name in ["", ".journal"] { try? story.folder.remove("state/platform.forward\(name)") }
    story.source.push("a", ids("x"), remove: true)
    let report = try story.run()
    #expect(report.resync == .lost)
    #expect(report.fates == [.alreadyMember: 1, .removed: 1])
    #expect(try members(story.destination, "a") == ["y"])
  }

  @Test func `notices every byte of its state that changes, and every one that is missing`() throws
  {
    let story = try story("x", "y")
    story.source.push("a", ids("x", "y"))
    _ = try story.run()
    let path = "state/platform.forward"
    let bytes = try story.folder.bytes(path)
    for at in stride(from: 0, to: bytes.count, by: 41) {
      var damaged = bytes
      damaged[at] ^= 0x20
      try story.folder.write(damaged, to: path)
      #expect(try story.run().resync == .damaged, "byte \(at)")
      try story.folder.write(Array(bytes.prefix(at)), to: path)
      #expect(try story.run().resync == .damaged, "cut to \(at)")
    }
    #expect(try members(story.destination, "a") == ["x", "y"])
  }

  @Test func `refuses the ledger itself, and a state of another one`() throws {
    let story = try story("x")
    _ = try story.run()
    #expect(throws: ForwardFailure.self) { try story.run(id: "another") }
    #expect(try story.run(isFull: true, id: "another").resync == .asked)
    story.asksDestination = true
    #expect {
      try story.run(id: "stranger")
    } throws: { "\($0)".hasPrefix("The destination is the ledger itself.") }
  }

  @Test func `takes in a cohort that is added to its list, and leaves one alone that is dropped`()
    throws
  {
    let story = try story("x")
    story.cohorts = ["a"]
    story.source.push("a", ids("x"))
    story.source.push("b", ids("x"))
    _ = try story.run()
    #expect(try members(story.destination, "b") == [])
    story.cohorts = ["b"]
    #expect(try story.run().resync == .cohorts)
    #expect(try members(story.destination, "a") == ["x"])
    #expect(try members(story.destination, "b") == ["x"])
  }

  @Test func `takes out of a cohort that comes back whoever left it meanwhile`() throws {
    let story = try story("x", "y", "z")
    story.source.push("a", ids("x"))
    story.source.push("b", ids("x", "y", "z"))
    _ = try story.run()
    story.listed = ["a"]
    _ = try story.run()
    story.source.push("b", ids("y"), remove: true)
    _ = try story.run()
    #expect(try members(story.destination, "b") == ["x", "y", "z"])
    story.listed = ["c", "b", "a"]
    #expect(try story.run().fates[.removed] == 1)
    #expect(try members(story.destination, "b") == ["x", "z"])
  }

  @Test(arguments: [false, true])
  func `takes who is erased out of a cohort that is dropped`(_ isRunBetween: Bool) throws {
    let story = try story("x", "somebody", "survivor", "duplicate")
    story.source.push("a", ids("x"))
    story.source.push("b", ids("x", "somebody", "duplicate"))
    _ = try story.run()
    story.listed = ["a"]
    // What happens before the list is read anew, and what happens behind it.
    if isRunBetween { _ = try story.run() }
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    try story.source.apply(
      "/users/merge",
      [
        "merge_updates": [
          [
            "identifier_to_merge": ["external_id": "duplicate"],
            "identifier_to_keep": ["external_id": "survivor"],
          ]
        ]
      ])
    _ = try story.run()
    #expect(try members(story.destination, "b") == ["survivor", "x"])
    expectForgotten(story)
  }

  @Test func `a cohort of another partner takes the place of one with its id`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    _ = try story.run()
    story.partner = "segment"
    #expect(try story.run().fates == [.removed: 1])
    #expect(try members(story.destination, "a") == [])
  }

  @Test func `forgets who is deleted, in every file`() throws {
    let story = try story("x", "somebody")
    story.source.push("a", ids("x", "somebody"))
    _ = try story.run()
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    _ = try story.run()
    #expect(try members(story.destination, "a") == ["x"])
    expectForgotten(story)
  }

  /// No file tells of `somebody`.
  private func expectForgotten(_ story: ForwardStory) {
    for name in ["", ".new", ".journal", ".rejects.csv", ".rejects.csv.new"] {
      let bytes = (try? story.folder.bytes("state/platform.forward\(name)")) ?? []
      #expect(!String(decoding: bytes, as: UTF8.self).contains("somebody"), "\(name)")
    }
  }

  @Test func `forgets who left before being erased, in every file`() throws {
    let story = try story("x", "somebody")
    story.source.push("a", ids("x", "somebody"))
    _ = try story.run()
    story.source.push("a", ids("somebody"), remove: true)
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    _ = try story.run(pageSize: 1)
    expectForgotten(story)
  }

  @Test func `forgets who is told out because the list has changed, in every file`() throws {
    let story = try story("x", "somebody")
    story.source.push("a", ids("x", "somebody"))
    _ = try story.run()
    try story.source.apply("/users/delete", ["external_ids": ["somebody"], "erase": true])
    story.listed = ["c", "a"]
    #expect(try story.run().fates[.removed] == 1)
    expectForgotten(story)
  }

  @Test func `begins with files that have nothing of before, whoever was killed`() throws {
    let story = try story("x", "y")
    story.source.push("a", ids("x"))
    _ = try story.run()
    story.source.push("a", ids("y"))
    _ = try story.run()
    #expect(try !story.folder.bytes("state/platform.forward.journal").isEmpty)
    for name in [".new", ".rejects.csv.new"] {
      try story.folder.write(Array("somebody".utf8), to: "state/platform.forward\(name)")
    }
    _ = try story.run()
    #expect((try? story.folder.bytes("state/platform.forward.journal")) == nil)
    expectForgotten(story)
  }

  @Test func `has the ledger look once at what concerns no cohort`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    _ = try story.run()
    let (source, stop) = (story.source, story.stop)
    story.reading.onWait { waits in
      if waits == 4 { stop.raise() }
      guard waits == 1 else { return }
      for number in 0..<20 {
        _ = try? source.apply(
          "/users/track", ["attributes": [["external_id": .string("new\(number)")]]])
      }
    }
    let report = try story.run(skipSize: 1_000, once: false)
    #expect(report.stopped == nil)
    let end = try story.source.end()
    #expect(story.reading.places.last == end)
    #expect(report.checkpoint.position < end.position, "few are looked at again at the next start")
    story.stop = StopSign()
    let next = try story.run(skipSize: 20)
    #expect(next.checkpoint == end)
    story.source.push("a", ids("x"), remove: true)
    #expect(try story.run().fates == [.removed: 1])
  }

  /// What becomes of somebody whose alias is updated and who is then deleted, while the destination
  /// has heard of so many of these updates, or hears of them in the midst of the telling.
  @Test(arguments: 0...3, ["deletion", "erasure", "list", "loss", "merge"])
  func `takes out who was renamed and ends, however much of it the destination has heard`(
    _ heard: Int, _ end: String
  ) throws {
    let story = try story("x")
    func both(_ path: String, _ body: JSONText, isHeard: Bool = true) throws {
      try story.source.apply(path, body)
      if isHeard { try story.destination.apply(path, body) }
    }
    let label = ("alias_label", JSONText.string("email"))
    func alias(_ name: String) -> JSONText {
      .object([JSONText.Member(label.0, label.1), JSONText.Member("alias_name", .string(name))])
    }
    try both("/users/alias/new", ["user_aliases": [alias("n0")]])
    story.source.push(
      "b", [SentIdentifier(.alias(label: "email"), Array("n0".utf8))] + ids("x"))
    story.source.push("a", ids("x"))
    _ = try story.run()
    #expect(try story.destination.members("b").count == 2)
    for number in 0..<3 {
      try both(
        "/users/alias/update",
        [
          "alias_updates": [
            [
              "alias_label": "email", "old_alias_name": .string("n\(number)"),
              "new_alias_name": .string("n\(number + 1)"),
            ]
          ]
        ], isHeard: number < heard)
      // A name that is erased before the feed is read is known to nobody any more.
      if number == (end == "erasure" ? 2 : 1) { _ = try story.run() }
    }
    switch end {
    case "list":
      story.listed = ["a"]
      _ = try story.run()
      story.listed = nil
    case "loss": for name in ["", ".journal"] { try story.damage("state/platform.forward\(name)") }
    default: break
    }
    if end == "merge" {
      try story.source.apply(
        "/users/merge",
        [
          "merge_updates": [
            [
              "identifier_to_merge": ["user_alias": alias("n3")],
              "identifier_to_keep": ["external_id": "x"],
            ]
          ]
        ])
    } else {
      try story.source.apply(
        "/users/delete", ["user_aliases": [alias("n3")], "erase": .bool(end == "erasure")])
    }
    for _ in 0..<2 { _ = try story.run(pageSize: 1) }
    #expect(try members(story.destination, "b") == ["x"])
    if end == "erasure" {
      for name in ["", ".journal", ".rejects.csv"] {
        let bytes = (try? story.folder.bytes("state/platform.forward\(name)")) ?? []
        for number in 0...3 {
          #expect(!String(decoding: bytes, as: UTF8.self).contains("\"n\(number)\""), "\(name)")
        }
      }
    }
  }

  @Test func `ends with the requests in flight when it is asked to, and says so`() throws {
    let story = try story("x")
    story.source.push("a", ids("x"))
    story.stop.raise()
    let report = try story.run()
    #expect(report.stopped == .signal && !report.isDone)
    #expect(try members(story.destination, "a") == [])
  }
}
