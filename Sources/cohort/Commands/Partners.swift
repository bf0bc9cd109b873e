import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let enablePartner = Subcommand(
    "partners enable", [Operand("PARTNER", "its name: 1 to 64 of a-z, 0-9, '_', '-'")],
    [
      Option(
        "partner-api-key-file", "FILE", "a file with the partner's own key; '-' reads it here"),
      Option(
        "learn", nil, "take the key that the first request with a valid data import key shows"),
      Option("display-name", "NAME", "what people read"),
    ],
    summary: "Let a partner push cohorts; print the API key made for it.",
    notes: [
      "Without a file and --learn a key is made, and shown this once: also for a partner that is",
      "enabled already, beside the keys it has. 'keys list' has them, 'keys invalidate' ends one.",
    ],
    examples: [
      "partners enable hightouch",
      "partners enable hightouch --partner-api-key-file hightouch.key",
      "partners enable segment --learn --json",
    ]
  ) { invocation in
    let arguments = invocation.arguments
    let given = try arguments.value("partner-api-key-file").map { try invocation.secret(in: $0) }
    return try invocation.write(
      "/ledger/partners",
      .object(leavingOut: [
        ("partner", .string(arguments.operands[0])),
        ("partner_api_key", given.map { .utf8($0) }),
        ("learn", arguments.has("learn") ? true : nil),
        ("display_name", arguments.value("display-name").map { .string($0) }),
      ])
    ) { done in
      if let secret = done.secret { try invocation.console.secret(secret) }
      var words = "Partner \(arguments.operands[0]) is enabled (\(done.committed.position))."
      if done.secret != nil { words += " This partner API key is shown only now." }
      if case .enabledPartner(_, .some(let key)) = done.committed.answer, !done.otherKeys.isEmpty {
        let others = done.otherKeys.map(\.description).joined(separator: ", ")
        words += " \(key) is a further key of it, beside \(others)."
      }
      invocation.console.say(words.harmless)
    }
  }

  static let disablePartner = Subcommand(
    "partners disable", [Operand("PARTNER", "its name")],
    summary: "Refuse what a partner sends from now on; its cohorts stay.",
    examples: ["partners disable segment"]
  ) { invocation in
    let code = invocation.arguments.operands[0]
    return try invocation.write(
      "/ledger/partners/\(Array(code.utf8).asPathSegment)/disable", .object([])
    ) { done in
      invocation.console.say("Partner \(code) is disabled (\(done.committed.position)).".harmless)
    }
  }

  static let listPartners = Subcommand(
    "partners list", [], [.asOf], summary: "List the partners.", examples: ["partners list"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let records = view.state.partners.records.filter {
        $0.isEnabled.version(at: view.position) != nil
      }
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.key("partners")
            json.array { json in
              for record in records {
                let partner = view.state.partners[record.code]
                json.partner(
                  record, at: view.position,
                  keys: view.keys.filter { $0.issued.partner == partner }.map(\.issued.key),
                  cohortCount: view.cohorts.count { view.state.cohorts[$0].partner == partner })
              }
            }
          }
        }
        return .done
      }
      var table = Table(["PARTNER", "NAME", "STATE"])
      for record in records {
        let isEnabled = record.isEnabled.value(at: view.position) ?? false
        table.row([
          record.code.bytes, record.displayName.value(at: view.position)?.bytes ?? [],
          Array((isEnabled ? record.learns ? "learns its key" : "enabled" : "disabled").utf8),
        ])
      }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension Invocation {
  /// The one line of a file that holds a secret.
  func secret(in name: String) throws -> [UInt8] {
    var bytes = try InputFile(name, console).all(limit: 4_096)
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty, UTF8Checker.accepts(bytes.span), !bytes.contains(where: { $0 < 0x20 })
    else {
      throw Failure(
        .refused, "'\(name)' does not hold one line with a key. Put the key alone into it.")
    }
    return bytes
  }
}
