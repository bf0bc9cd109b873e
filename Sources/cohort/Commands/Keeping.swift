import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

extension Subcommand {
  static let verify = Subcommand(
    "verify",
    [Operand("LOG", "another folder or file, such as a backup", .folder, isOptional: true)],
    [
      Option(
        "head", "SIZE:ROOT", "an older tree head, from 'status', that the log must continue",
        isRepeated: true),
      Option(
        "against", "URL", "a ledger elsewhere that must continue this log, such as its replica"),
      .keyFile,
    ],
    summary: "Check the whole log: checksums, commitments, tree, events.",
    notes: [
      "Goes on beside a writer, and behind damage. Exit code 3 if anything was found.",
      "With --against it also asks whether the other log continues this one, and names the first",
      "position that differs. The key is a REST key with the permission ledger.log, from --key-file",
      "or the variable COHORT_KEY.",
    ],
    examples: ["verify", "verify /backups/monday", "verify --against https://ledger.example"],
    apartWith: "against"
  ) { invocation in
    let against = try invocation.arguments.value("against").map { try invocation.leader($0) }
    let heads = try invocation.arguments.all("head").map { try invocation.treeHead($0) }
    let other = try invocation.arguments.operand(0).map { try invocation.path($0) }
    let console = invocation.console
    let report: VerifyReport
    if other == nil, case .server(let ledger, _, _) = invocation.place {
      // So that the server can say when it was.
      report = try ledger.verify(against: heads) { !console.isAbandoned }
    } else {
      report = try Ledger.verify(other ?? invocation.storage(), against: heads) {
        !console.isAbandoned
      }
    }
    if console.isAbandoned { throw OutputClosed() }
    let comparison = try against.map { try invocation.compare(other, with: $0) }
    if invocation.wantsJSON {
      try invocation.console.json { $0.verification(report, comparison) }
    } else {
      for (name, value) in report.lines { try invocation.console.line("\(name)\t\(value)") }
      for finding in report.findings {
        try invocation.console.line("found\t\(finding.readable.harmless)")
      }
      if let comparison { try invocation.console.line("\(comparison.line)".harmless) }
    }
    return report.isSound && comparison?.first == nil ? .done : .damage
  }

  static let backup = Subcommand(
    "backup", [Operand("TO", "a folder that is empty or does not exist", .folder)],
    summary: "Copy the ledger while it goes on, and check the copy.",
    examples: ["backup /backups/monday"]
  ) { invocation in
    let to = invocation.arguments.operands[0]
    return try invocation.reading { ledger in
      let report = try ledger.backup(to: invocation.path(to))
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object {
            $0.member("backup", to)
            $0.member("ledger", report.ledger.description)
            $0.member("position", report.head.size)
            $0.member("root", report.head.root)
            $0.member("bytes", report.bytes)
            $0.member("time", report.time)
          }
        }
      } else {
        try invocation.console.line("position\t\(report.head.size)")
        try invocation.console.line("root\t\(report.head.root)")
        try invocation.console.line("bytes\t\(report.bytes)")
      }
      for finding in report.findings {
        invocation.console.say("In the ledger itself: \(finding.readable)".harmless)
      }
      return report.findings.isEmpty ? .done : .damage
    }
  }

  static let restore = Subcommand(
    "restore", [Operand("FROM", "a backup: a folder or a file", .folder)],
    [
      Option("to", "MOMENT", "the last moment to keep: a position or a time; all if left out"),
      Option("newer", "FILE", "a newer log of the ledger, for what was erased and revoked since"),
      Option(
        "accept-lost-erasures-and-revocations", nil,
        "go on if nobody can say what was erased and revoked since"),
    ],
    summary: "Make the ledger out of a backup, in place of what is there.",
    notes: [
      "Erasures, invalidated keys and disabled partners behind the cut are carried forward, from",
      "the backup, from the log that is replaced, or from --newer.",
    ],
    examples: ["restore /backups/monday", "restore /backups/monday --to 2026-11-20T00:00:00Z"],
    besideServer: .never
  ) { invocation in
    var options = RestoreOptions()
    options.cut = try invocation.moment("to")
    options.newer = invocation.arguments.value("newer")
    options.acceptsLosses = invocation.arguments.has("accept-lost-erasures-and-revocations")
    let folder = try invocation.storage()
    // Only a ledger is replaced, never a folder with other things in it.
    options.replaces = (try? PosixDisk().identity(at: StorageFolder(folder).log)) != nil
    let report = try Ledger.restore(
      from: invocation.arguments.operands[0], to: folder, options)
    let rows: [(String, UInt64)] = [
      ("cut", report.cut.rawValue), ("known", report.known.rawValue),
      ("position", report.head.size), ("carried_erasures", UInt64(report.carriedErasures)),
      ("carried_invalidations", UInt64(report.carriedInvalidations)),
      ("carried_disablings", UInt64(report.carriedDisablings)),
    ]
    if invocation.wantsJSON {
      try invocation.console.json { json in
        json.object { json in
          for (name, value) in rows { json.member(name, value) }
          json.member("root", report.head.root)
          json.member("accepted_loss", report.acceptedLoss)
        }
      }
    } else {
      for (name, value) in rows { try invocation.console.line("\(name)\t\(value)") }
    }
    for finding in report.findings { invocation.console.say(finding.readable.harmless) }
    return .done
  }

  static let repair = Subcommand(
    "repair", [],
    [
      Option(
        "from", "BACKUP", "a backup of the same ledger: a folder or a file; or the URL of one"),
      .keyFile,
    ],
    summary: "Put back what rotted in the log, from a backup or another ledger.",
    notes: [
      "Only bytes that fit what stands around the damage are taken. To a URL it shows a REST key",
      "with the permission ledger.log, from --key-file or the variable COHORT_KEY.",
    ],
    examples: ["repair --from /backups/monday", "repair --from https://ledger.example"],
    besideServer: .never
  ) { invocation in
    guard let from = invocation.arguments.value("from") else {
      throw Failure.usage("--from is missing. Name a backup: a folder, a file, or a URL.")
    }
    let report =
      from.contains("://")
      ? try Ledger.repair(
        invocation.storage(), from: invocation.leader(from), at: from, on: PosixDisk())
      : try Ledger.repair(invocation.storage(), from: from)
    if invocation.wantsJSON {
      try invocation.console.json { json in
        json.object { json in
          json.key("ranges")
          json.array { json in
            for range in report.ranges {
              json.array {
                $0.integer(range.lowerBound)
                $0.integer(range.upperBound)
              }
            }
          }
          json.member("texts", report.texts)
          json.member("header", report.headerWasRepaired)
          json.key("after")
          json.verification(report.after)
        }
      }
    } else {
      for range in report.ranges {
        try invocation.console.line("mended\tbytes \(range.lowerBound) to \(range.upperBound)")
      }
      try invocation.console.line("texts\t\(report.texts)")
      if report.headerWasRepaired { try invocation.console.line("mended\tthe header") }
    }
    for finding in report.after.findings {
      invocation.console.say("still there: \(finding.readable)".harmless)
    }
    return report.after.isSound ? .done : .damage
  }
}

extension Invocation {
  fileprivate func treeHead(_ text: String) throws(Failure) -> TreeHead {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let size = UInt64(parts[0]), let root = Digest(String(parts[1])) else {
      throw .usage("--head '\(text)' is no tree head. Write SIZE:ROOT, as 'status' tells them.")
    }
    return TreeHead(size: size, root: root)
  }
}

extension Finding {
  /// What was found, with times that people can read.
  var readable: String {
    [after, before].compactMap { $0 }.reduce(description) { text, time in
      text.replacing("\(time.microseconds) µs", with: time.rfc3339)
    }
  }
}

extension VerifyReport {
  fileprivate var lines: [(String, String)] {
    var lines = [
      ("ledger", ledger.description), ("frames", String(frames)), ("events", String(events)),
      ("bytes", String(end)),
    ]
    if let head {
      lines += [("tree size", String(head.size)), ("tree root", head.root.description)]
    }
    if let first, let last { lines += [("first", first.rfc3339), ("last", last.rfc3339)] }
    lines += [
      ("texts", String(intactTexts)), ("erased texts", String(erasedTexts)),
      ("sealed", isSealed ? "yes" : "no"), ("verdict", isSound ? "sound" : "damaged"),
    ]
    if let torn { lines.append(("torn", "bytes \(torn.lowerBound) to \(torn.upperBound)")) }
    return lines
  }
}

extension JSONWriter {
  fileprivate mutating func verification(_ report: VerifyReport, _ comparison: Comparison? = nil) {
    object { json in
      json.member("sound", report.isSound)
      json.member("ledger", report.ledger.description)
      json.member("frames", report.frames)
      json.member("events", report.events)
      json.member("bytes", report.end)
      json.key("tree")
      if let head = report.head {
        json.object {
          $0.member("size", head.size)
          $0.member("root", head.root)
        }
      } else {
        json.null()
      }
      json.member("first", report.first)
      json.member("last", report.last)
      json.member("sealed", report.isSealed)
      json.member("texts", report.intactTexts)
      json.member("erased_texts", report.erasedTexts)
      json.key("findings")
      json.array { json in for finding in report.findings { json.finding(finding) } }
      if let comparison {
        json.key("against")
        json.object { json in
          json.member("url", comparison.place)
          json.key("size")
          if let size = comparison.size { json.integer(size) } else { json.null() }
          json.key("first_difference")
          if let first = comparison.first { json.integer(first.rawValue) } else { json.null() }
        }
      }
    }
  }

  private mutating func finding(_ finding: Finding) {
    object { json in
      json.member("message", finding.readable)
      json.key("bytes")
      json.range(finding.bytes?.lowerBound, finding.bytes?.upperBound)
      json.key("positions")
      json.range(
        finding.positions?.lowerBound.rawValue, finding.positions?.upperBound.rawValue)
      json.member("after", finding.after)
      json.member("before", finding.before)
      json.key("cohorts")
      json.array { for cohort in finding.cohorts { $0.string(cohort.description) } }
    }
  }

  private mutating func range(_ lower: UInt64?, _ upper: UInt64?) {
    guard let lower, let upper else { return null() }
    array {
      $0.integer(lower)
      $0.integer(upper)
    }
  }
}
