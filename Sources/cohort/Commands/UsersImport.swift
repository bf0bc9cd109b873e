import CohortLedger
import CohortModel
import CohortThreads
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
      var run = UsersImport(ledger, invocation.console, wantsJSON: invocation.wantsJSON)
      return try run.run(&reader)
    }
  }
}

/// A users import under way.
///
/// A few units wait for the disk while the next is read.
private struct UsersImport: ~Copyable {
  private let ledger: Ledger
  private let console: Console
  private let wantsJSON: Bool
  private var waiting: [(UnitReader.Unit, Monitor<Result<Committed, LedgerError>?>)] = []
  private var (created, completed, unchanged, refused) = (0, 0, 0, 0)
  private var position = Position.origin

  init(_ ledger: Ledger, _ console: Console, wantsJSON: Bool) {
    (self.ledger, self.console, self.wantsJSON) = (ledger, console, wantsJSON)
    position = ledger.now.end
  }

  mutating func run(_ reader: inout UnitReader) throws -> ExitCode {
    if wantsJSON { try console.data(Array("{\"refused\":[".utf8)) }
    while let unit = reader.next() {
      let outcome = Monitor<Result<Committed, LedgerError>?>(nil)
      waiting.append((unit, outcome))
      ledger.submit(Command(author: .local, wish: .importUsers(unit.lines))) { result in
        outcome.change { $0 = result }
      }
      if waiting.count == Self.waitingMax { try settle() }
    }
    while !waiting.isEmpty { try settle() }
    console.endProgress()
    try end()
    if let failure = reader.failure {
      try console.flush()
      console.say("What stands before that place is imported; sending it again changes nothing.")
      throw failure
    }
    return refused == 0 ? .done : .refused
  }

  private mutating func settle() throws {
    let (unit, outcome) = waiting.removeFirst()
    guard let result = outcome.wait(for: { $0 }) else { throw LedgerError.shuttingDown }
    let committed = try result.get()
    guard
      case .importedUsers(let created, let completed, let unchanged, let errors) =
        committed.answer
    else { preconditionFailure("a users import is answered as one") }
    self.created += created
    self.completed += completed
    self.unchanged += unchanged
    position = committed.position
    let faults = unit.faults + errors.map { ($0.index, $0.refusal.description) }
    for fault in faults.sorted(by: { $0.line < $1.line }) { try report(fault) }
    console.progress("\(self.created + self.completed + self.unchanged + refused) lines")
  }

  private mutating func report(_ fault: (line: Int, text: String)) throws {
    if wantsJSON {
      var json = JSONWriter()
      json.object {
        $0.member("line", fault.line)
        $0.member("type", fault.text)
      }
      try console.data((refused > 0 ? [UInt8(ascii: ",")] : []) + json.bytes)
    } else {
      console.say("line \(fault.line): \(fault.text)".harmless)
    }
    refused += 1
  }

  private func end() throws {
    guard wantsJSON else {
      try console.line("created \(created)")
      try console.line("completed \(completed)")
      try console.line("unchanged \(unchanged)")
      return try console.line("refused \(refused)")
    }
    try console.line(
      "],\"created\":\(created),\"completed\":\(completed),\"unchanged\":\(unchanged),"
        + "\"refused_count\":\(refused),\"position\":\(position.rawValue)}")
  }

  private static var waitingMax: Int { 4 }
}
