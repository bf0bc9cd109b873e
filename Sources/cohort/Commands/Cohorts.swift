import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let listCohorts = Subcommand(
    "cohorts list", [], [.asOf], summary: "List the cohorts with their sizes.",
    examples: ["cohorts list", "cohorts list --as-of 2026-11-21T00:00:00Z"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let standings = try view.cohorts.map { try view.standing(of: $0) }
        .sorted { $0.name < $1.name }
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.key("cohorts")
            json.array { json in
              for standing in standings { json.cohort(CohortShape(standing)) }
            }
          }
        }
        return .done
      }
      var table = Table(["COHORT", "SIZE", "STATE", "LAST CHANGE", "NAME"])
      for standing in standings {
        table.row([
          standing.name.path, Array(String(standing.size).utf8),
          Array((standing.isArchived ? "archived" : "active").utf8),
          Array((standing.lastChange?.description ?? "-").utf8), standing.displayName.bytes,
        ])
      }
      try table.print(invocation.console)
      return .done
    }
  }

  static let archiveCohort = Subcommand(
    "cohorts archive", [.cohort],
    summary: "Refuse imports into a cohort; its members stay.",
    examples: ["cohorts archive hightouch/vip"]
  ) { try $0.setArchived(true) }

  static let restoreCohort = Subcommand(
    "cohorts restore", [.cohort], summary: "Let imports into an archived cohort again.",
    examples: ["cohorts restore hightouch/vip"]
  ) { try $0.setArchived(false) }
}

extension Invocation {
  fileprivate func setArchived(_ isArchived: Bool) throws -> ExitCode {
    let name = try cohortName(0)
    let verb = isArchived ? "archive" : "restore"
    return try write("/ledger/cohorts/\(name.pathSegments)/\(verb)", .object([])) { done in
      let state = isArchived ? "archived" : "active"
      let escaped = TerminalText.escaped(name.description)
      console.say("\(escaped) is \(state) (\(done.committed.position)).")
      done.sayDependants(console)
    }
  }
}

extension View {
  /// Every cohort that exists here.
  var cohorts: [CohortID] {
    (0..<state.cohorts.count).map { CohortID(UInt32($0 + 1)) }.filter { exists($0) }
  }
}
