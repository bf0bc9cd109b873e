import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let status = Subcommand(
    "status", summary: "Say where the ledger stands: positions, tree head, bytes, space.",
    examples: ["status", "status --json"]
  ) { invocation in
    try invocation.reading { ledger in
      let status = try StatusShape(ledger, ledger.now, wallTime: SystemClock().wall)
      if invocation.wantsJSON {
        try invocation.console.json { $0.status(status) }
      } else {
        for (name, value) in status.lines { try invocation.console.line("\(name)\t\(value)") }
      }
      for name in ledger.log.otherFiles {
        invocation.console.say(
          "'\(name)' is no file of the ledger, and is left alone. Move it elsewhere.".harmless)
      }
      if case .damaged = ledger.report.condition { return .damage }
      return .done
    }
  }
}

extension StatusShape {
  fileprivate var lines: [(String, String)] {
    [
      ("condition", condition), ("ledger", ledger),
      ("position", String(asOf.position.rawValue)), ("time", asOf.instant.rfc3339),
      ("epoch", epoch ?? "-"), ("requests", String(requests)), ("users", String(users)),
      ("cohorts", String(cohorts)), ("tree size", String(treeSize)),
      ("tree root", root.description), ("log bytes", String(logBytes)),
      ("free bytes", freeBytes.map { String($0) } ?? "-"),
    ]
      + (replica.map { replica in
        [
          ("replica of", replica.leader), ("leader position", "\(replica.leaderPosition.rawValue)"),
          ("lag positions", "\(replica.lagPositions)"),
          ("lag seconds", "\(replica.lagMicroseconds / 1_000_000)"),
          ("leader heard", replica.heard.rfc3339),
        ]
      } ?? [])
  }
}
