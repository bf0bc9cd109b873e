import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

extension Subcommand {
  static let status = Subcommand(
    "status", summary: "Say where the ledger stands: positions, tree head, bytes, space.",
    examples: ["status", "status --json"]
  ) { invocation in
    let folder = try invocation.storage()
    return try invocation.reading { ledger in
      let view = ledger.now
      let status = StatusShape(
        condition: ledger.report.condition.words, ledger: ledger.log.ledger.description,
        asOf: view.asOfShape,
        epoch: view.end > .origin ? try view.checkpoint(at: view.end).epoch?.description : nil,
        requests: view.state.requestCount, users: view.state.directory.userCount,
        cohorts: view.state.cohorts.count, treeSize: view.tree.size, root: view.tree.root,
        logBytes: ledger.log.chain.end,
        freeBytes: (try? PosixDisk().freeSpace(at: folder)).map(UInt64.init),
        clockLead: max(0, (view.state.time.microseconds) - SystemClock().wall))
      if invocation.wantsJSON {
        try invocation.console.json { $0.status(status) }
      } else {
        for (name, value) in status.lines { try invocation.console.line("\(name)\t\(value)") }
      }
      if case .damaged = ledger.report.condition { return .damage }
      return .done
    }
  }
}

extension OpeningReport.Condition {
  fileprivate var words: String {
    switch self {
    case .writable, .readOnly: "sound"
    case .damaged(let damage): "damaged at \(damage.place)"
    case .lost(let loss): "has lost its end: it ends at \(loss.end)"
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
  }
}
