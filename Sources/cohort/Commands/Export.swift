import CohortLedger
import CohortModel
import CohortWire

extension Subcommand {
  static let exportChanges = Subcommand(
    "export changes", [Operand("TO", "a folder that is empty or does not exist", .folder)],
    [
      .asOf,
      Option(
        "format", "FORMAT", "ndjson (default) or csv",
        choices: ExportFormat.allCases.map(\.rawValue)),
      Option(
        "identifiers", "WHICH", "all (default), or none: users are numbers only",
        choices: ["all", "none"]),
    ],
    summary: "Write every change of every cohort into files, with a manifest.",
    notes: [
      "Each cohort has files of its own, and users-*.ndjson say who existed when; manifest.json,",
      "written last, names them all, and the checkpoint from which a feed goes on.",
    ],
    examples: [
      "export changes changes", "export changes changes --format csv --json",
      "export changes changes --identifiers none --as-of 41",
    ]
  ) { invocation in
    let format = invocation.arguments.value("format").flatMap { ExportFormat(rawValue: $0) }
    return try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let report = try view.exportChanges(
        to: invocation.path(invocation.arguments.operands[0]), as: format ?? .ndjson,
        showsIdentifiers: invocation.arguments.value("identifiers") != "none")
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.member("position", report.head.size)
            json.member("checkpoint", report.checkpoint.description)
            json.member("root", report.head.root)
            for (key, files) in [("files", report.files), ("users", report.userFiles)] {
              json.key(key)
              json.array { json in for file in files { json.exported(file) } }
            }
          }
        }
        return .done
      }
      var table = Table(["FILE", "COHORT", "ROWS", "FIRST", "LAST"])
      for file in report.files + report.userFiles {
        table.row([
          Array(file.name.utf8), file.cohort?.path ?? [], Array(String(file.rows).utf8),
          Array(file.first.description.utf8), Array(file.last.description.utf8),
        ])
      }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension JSONWriter {
  fileprivate mutating func exported(_ file: ExportedFile) {
    object { json in
      json.member("name", file.name)
      if let cohort = file.cohort { json.cohort(cohort) }
      json.member("first", file.first)
      json.member("last", file.last)
      json.member("rows", file.rows)
      json.member("bytes", file.bytes)
      json.member("sha256", file.digest)
    }
  }
}
