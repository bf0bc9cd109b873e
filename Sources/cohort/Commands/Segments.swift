import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let createSegment = Subcommand(
    "segments create", [.file("the segment as JSON: name, filter, description?, tags?")],
    summary: "Save a new segment, and print its id.",
    notes: [
      "{\"name\":\"VIP\",\"filter\":{\"cohorts\":{\"partner\":\"hightouch\",\"includes\":[\"vip\"]}}}"
    ],
    examples: ["segments create vip.json"]
  ) { try $0.saveSegment("create") }

  static let updateSegment = Subcommand(
    "segments update", [.file("as for create, with segment_id; what is left out stays")],
    summary: "Save a new version of a segment.",
    examples: ["segments update vip.json"]
  ) { try $0.saveSegment("update") }

  static let archiveSegment = Subcommand(
    "segments archive", [.segment], summary: "Take a segment out of lists and launches.",
    examples: ["segments archive segment:3"]
  ) { try $0.setSegmentArchived(true) }

  static let restoreSegment = Subcommand(
    "segments restore", [.segment], summary: "Bring an archived segment back.",
    examples: ["segments restore segment:3"]
  ) { try $0.setSegmentArchived(false) }

  static let listSegments = Subcommand(
    "segments list", [], [.asOf, .at, Option("include-archived", nil, "archived ones too")],
    summary: "List the segments with their sizes.", examples: ["segments list"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let all = invocation.arguments.has("include-archived")
      let segments = view.segments.filter { all || !view.isArchived($0.segment) }
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.key("segments")
            json.array { json in
              for segment in segments {
                let size = try? view.users(segment.segment)?.count
                json.segment(segment, size: size ?? 0, isArchived: view.isArchived(segment.segment))
              }
            }
          }
        }
        return .done
      }
      var table = Table(["SEGMENT", "VERSION", "SIZE", "STATE", "NAME"])
      for segment in segments {
        table.row([
          Array(segment.segment.description.utf8), Array(String(segment.version).utf8),
          Array(String(try view.users(segment.segment)?.count ?? 0).utf8),
          Array((view.isArchived(segment.segment) ? "archived" : "active").utf8),
          segment.name.bytes,
        ])
      }
      try table.print(invocation.console)
      return .done
    }
  }

  static let segmentMembers = Subcommand(
    "segments members", [.segment], [.asOf, .at, .identity, .definition],
    summary: "List who is in a segment, now or at any earlier moment.",
    examples: [
      "segments members segment:3",
      "segments members segment:3 --as-of 41 --definition now --json",
    ]
  ) { invocation in
    let segment = try invocation.segment(0)
    return try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let definitions: DefinitionsAsOf =
        invocation.arguments.value("definition") == "now" ? .now : .then
      guard let users = try view.users(segment, definitions: definitions) else {
        throw Failure(.refused, view.absence(of: segment))
      }
      return try invocation.list(users, of: view) { json in
        json.member("segment_id", segment.description)
      }
    }
  }

  static let previewSegment = Subcommand(
    "segments preview", [.file("{\"filter\":…} as JSON")], [.asOf, .at, .definition],
    summary: "Count who meets a filter, and each of its parts.",
    examples: ["segments preview vip.json", "segments preview - --json < vip.json"]
  ) { invocation in
    let body = try invocation.jsonBody(0)
    guard let filter = body["filter"] else {
      throw Failure(.refused, "'filter' is missing. Send an object {\"filter\":…}.")
    }
    let named = try NamedFilter(json: filter)
    return try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let definitions: DefinitionsAsOf =
        invocation.arguments.value("definition") == "now" ? .now : .then
      let size = try view.size(of: view.resolve(named), definitions: definitions)
      let leaves = size.leaves.map { leaf in
        (NamedFilter(leaf.filter) { view.state.cohorts[$0].name }, leaf.size)
      }
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.member("size", size.size)
            json.key("leaves")
            json.array { json in
              for (filter, size) in leaves {
                json.object {
                  $0.key("filter")
                  $0.filter(filter)
                  $0.member("size", size)
                }
              }
            }
          }
        }
        return .done
      }
      var table = Table(["SIZE", "FILTER"])
      table.row([String(size.size), "in all"])
      for (filter, size) in leaves { table.row([String(size), filter.words]) }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension Operand {
  static let segment = Operand("SEGMENT", "as in segment:3")
}

extension Invocation {
  func segment(_ index: Int) throws(Failure) -> SegmentID {
    guard let segment = SegmentID(arguments.operands[index]) else {
      throw .usage(
        "'\(arguments.operands[index])' is no segment. Name it as in segment:3; see 'cohort "
          + "segments list'.")
    }
    return segment
  }

  /// A file that holds one object of JSON.
  func jsonBody(_ index: Int) throws -> JSONValue {
    try JSONValue(body: InputFile(arguments.operands[index], console).all(limit: 1 << 20))
  }

  fileprivate func saveSegment(_ verb: String) throws -> ExitCode {
    let body = try InputFile(arguments.operands[0], console).all(limit: 1 << 20)
    return try write("/segments/\(verb)", body) { done in
      guard case .savedSegment(let segment, let version) = done.committed.answer else { return }
      try console.line(segment.description)
      console.say("\(segment) has version \(version) (\(done.committed.position)).")
    }
  }

  fileprivate func setSegmentArchived(_ isArchived: Bool) throws -> ExitCode {
    let segment = try segment(0)
    return try write(
      "/segments/\(isArchived ? "archive" : "restore")",
      ["segment_id": .string(segment.description)]
    ) { done in
      console.say(
        "\(segment) is \(isArchived ? "archived" : "active") (\(done.committed.position)).")
      done.sayDependants(console)
    }
  }

  /// Prints a list of users as `members` does.
  func list(
    _ users: LiveUsers, of view: View, _ head: (inout JSONWriter) -> Void
  ) throws -> ExitCode {
    let lists = MemberLists(view: view, identity: identity)
    let (listed, gone) = lists.listed(users)
    guard wantsJSON else {
      for line in lists.lines(listed) { try console.line(line) }
      if gone > 0 { console.say("\(gone) more were deleted since.") }
      return .done
    }
    try console.object(
      { json in
        head(&json)
        json.asOf(view.asOfShape)
        json.member("count", listed.count)
        if identity == .now { json.member("gone", gone) }
      },
      arrays: [("members", { try lists.array(listed, console) })])
    return .done
  }
}

extension CarriedOut {
  /// Says what uses the thing that was archived.
  func sayDependants(_ console: Console) {
    guard case .archived(let dependants) = committed.answer else { return }
    for segment in dependants.segments { console.say("used by \(segment)") }
    for campaign in dependants.campaigns { console.say("used by \(campaign)") }
  }
}

extension View {
  /// Why there is no such segment here.
  func absence(of segment: SegmentID) -> String {
    guard state.segments.contains(segment),
      let first = state.segments[segment].versions.all.first
    else { return Refusal.unknownSegment(Text(segment.description), nearest: nil).description }
    return "\(segment) did not exist yet at \(position). "
      + "Ask from \(first.position) on, or with '--definition now'."
  }
}

extension JSONWriter {
  fileprivate mutating func segment(_ saved: SegmentSaved, size: Int, isArchived: Bool) {
    object { json in
      json.member("id", saved.segment.description)
      json.member("name", saved.name)
      json.member("analytics_tracking_enabled", false)
      json.member("tags", saved.tags)
      json.member("version", saved.version)
      json.member("size", size)
      json.member("archived", isArchived)
    }
  }
}
