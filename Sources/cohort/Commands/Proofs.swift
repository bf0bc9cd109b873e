import CohortFormat
import CohortLedger
import CohortModel
import CohortWire

extension Subcommand {
  static let prove = Subcommand(
    "prove", [.cohort, .user], [.asOf, .identity],
    summary: "Prove what the log says of somebody and a cohort.",
    notes: [
      "Prints JSON: the events, a path from each to the tree head, and what opens the person's",
      "texts. Tools/Checks/verify_proof.py checks it with nothing but a tree head.",
    ],
    examples: ["prove hightouch/vip external_id:customer-42 > proof.json"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let cohort = try invocation.cohort(0, in: view)
      let user = try invocation.user(1, in: view)
      let proof = try view.prove(user, cohort)
      try invocation.console.line(proof.json)
      let others = proof.reveals.map(\.description).joined(separator: ", ")
      if !others.isEmpty {
        invocation.console.say("The events also show these user numbers, without texts: \(others).")
      }
      return .done
    }
  }

  static let exportChanges = Subcommand(
    "export changes", [Operand("TO", "a folder that is empty or does not exist", .folder)],
    [
      .asOf,
      Option(
        "format", "FORMAT", "ndjson (default) or csv",
        choices: ExportFormat.allCases.map(\.rawValue)),
    ],
    summary: "Write every change of every cohort into files, with a manifest.",
    notes: ["Each cohort has files of its own; manifest.json, written last, names them all."],
    examples: ["export changes changes", "export changes changes --format csv --json"]
  ) { invocation in
    let format = invocation.arguments.value("format").flatMap { ExportFormat(rawValue: $0) }
    return try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let report = try view.exportChanges(
        to: invocation.path(invocation.arguments.operands[0]), as: format ?? .ndjson)
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.member("position", report.head.size)
            json.member("root", report.head.root)
            json.key("files")
            json.array { json in for file in report.files { json.exported(file) } }
          }
        }
        return .done
      }
      var table = Table(["FILE", "COHORT", "ROWS", "FIRST", "LAST"])
      for file in report.files {
        table.row([
          Array(file.name.utf8), file.cohort.path, Array(String(file.rows).utf8),
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
      json.cohort(file.cohort)
      json.member("first", file.first)
      json.member("last", file.last)
      json.member("rows", file.rows)
      json.member("bytes", file.bytes)
      json.member("sha256", file.digest)
    }
  }
}
