import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let importUsers = Subcommand(
    "users import", [.file("NDJSON, or CSV with a header")],
    summary: "Create users, and add identifiers to those there are.",
    notes: [
      "NDJSON: {\"external_id\":…,\"aliases\":[{\"alias_label\":…,\"alias_name\":…}],\"device_ids\":[…]}",
      "CSV: columns external_id, device_id, and alias_label with alias_name; empty fields are absent.",
      "Each 10,000 lines are one unit. Sent again, a file changes nothing.",
    ],
    examples: ["users import customers.csv", "users import - --json < customers.ndjson"]
  ) { invocation in
    var reader = try UnitReader(InputFile(invocation.arguments.operands[0], invocation.console))
    return try invocation.writing { ledger in
      var printer = UsersImportPrinter(invocation.console, wantsJSON: invocation.wantsJSON)
      return try printer.run(UsersImport(ledger, by: .local), &reader)
    }
  }
}

/// Tells of a users import under way: refused lines as they are found, counts at the end.
private struct UsersImportPrinter {
  private let console: Console
  private let wantsJSON: Bool
  private var isFirst = true

  init(_ console: Console, wantsJSON: Bool) {
    (self.console, self.wantsJSON) = (console, wantsJSON)
  }

  mutating func run(_ started: UsersImport, _ reader: inout UnitReader) throws -> ExitCode {
    var run = started
    if wantsJSON { try console.data(Array("{\"refused\":[".utf8)) }
    while let unit = reader.next() {
      try run.submit(unit) { try report($0) }
      console.progress("\(run.lineCount) lines")
    }
    try run.finish { try report($0) }
    console.endProgress()
    try end(run)
    if let failure = reader.failure {
      try console.flush()
      console.say("What stands before that place is imported; sending it again changes nothing.")
      throw failure
    }
    return run.refused == 0 ? .done : .refused
  }

  private mutating func report(_ fault: LineFault) throws {
    if wantsJSON {
      var json = JSONWriter()
      json.object {
        $0.member("line", fault.line)
        $0.member("type", fault.text)
      }
      try console.data((isFirst ? [] : [UInt8(ascii: ",")]) + json.bytes)
    } else {
      console.say("line \(fault.line): \(fault.text)".harmless)
    }
    isFirst = false
  }

  private func end(_ run: UsersImport) throws {
    guard wantsJSON else {
      try console.line("created \(run.created)")
      try console.line("completed \(run.completed)")
      try console.line("unchanged \(run.unchanged)")
      return try console.line("refused \(run.refused)")
    }
    try console.line(
      "],\"created\":\(run.created),\"completed\":\(run.completed),\"unchanged\":\(run.unchanged),"
        + "\"refused_count\":\(run.refused),\"position\":\(run.position.rawValue)}")
  }
}
