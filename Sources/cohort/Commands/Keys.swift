import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let issueKey = Subcommand(
    "keys issue",
    [
      Operand(
        "KIND", "data-import, rest or partner", .oneOf(["data-import", "rest", "partner"]))
    ],
    [
      Option("partner", "PARTNER", "whose key; for data import and partner keys"),
      Option("label", "TEXT", "what it is for"),
      Option(
        "permission", "NAME", "what a REST key may do", isRepeated: true),
      Option("all-permissions", nil, "a REST key that may do everything"),
      Option("network", "CIDR", "from where it may be used, such as 10.0.0.0/8", isRepeated: true),
      Option("expires", "TIME", "valid before then, such as 2027-01-01T00:00:00Z"),
    ],
    summary: "Make a key and print its secret, this once.",
    notes: ["Of the secret only the SHA-256 is stored."],
    examples: [
      "keys issue data-import --partner hightouch --label warehouse",
      "keys issue rest --permission users.track --permission ledger.read --json",
      "keys issue rest --all-permissions --network 10.0.0.0/8 --expires 2027-01-01T00:00:00Z",
    ]
  ) { invocation in
    let arguments = invocation.arguments
    let kind = arguments.operands[0]
    if kind != "rest", !arguments.has("partner") {
      throw Failure.usage("--partner is missing. A \(kind) key belongs to a partner; name it.")
    }
    for network in arguments.all("network") where Network(network) == nil {
      throw Failure.usage("'\(network)' is no network. Write it as in 10.0.0.0/8 or 2001:db8::/32.")
    }
    let known = Permission.allCases.map(\.name)
    for permission in arguments.all("permission") where !known.contains(permission) {
      throw Arguments.unknown("permission", permission, known)
    }
    var permissions = arguments.all("permission")
    if arguments.has("all-permissions") { permissions = Permission.allCases.map(\.name) }
    if kind == "rest", permissions.isEmpty {
      throw Failure.usage(
        "A REST key without permissions opens nothing. Give --permission or --all-permissions.")
    }
    func texts(_ texts: [String]) -> JSONText? {
      texts.isEmpty ? nil : .array(texts.map { .string($0) })
    }
    return try invocation.write(
      "/ledger/keys",
      .object(leavingOut: [
        ("kind", .string(kind)),
        ("partner", arguments.value("partner").map { .string($0) }),
        ("label", .string(arguments.value("label") ?? kind)),
        ("permissions", texts(permissions)),
        ("networks", texts(arguments.all("network"))),
        ("expires_at", arguments.value("expires").map { .string($0) }),
      ])
    ) { done in
      if let secret = done.secret { try invocation.console.secret(secret) }
      if case .issuedKey(let key) = done.committed.answer {
        invocation.console.say(
          "\(key) is issued (\(done.committed.position)). Its secret is shown only now.")
      }
    }
  }

  static let invalidateKey = Subcommand(
    "keys invalidate", [Operand("KEY", "as in key:3")],
    summary: "End a key, from the next request on.", examples: ["keys invalidate key:3"]
  ) { invocation in
    let key = invocation.arguments.operands[0]
    return try invocation.write(
      "/ledger/keys/\(Array(key.utf8).asPathSegment)/invalidate", .object([])
    ) { done in
      invocation.console.say("\(key) is invalid (\(done.committed.position)).".harmless)
    }
  }

  static let listKeys = Subcommand(
    "keys list", [], [.asOf], summary: "List the keys, live and ended ones, without secrets.",
    notes: ["Uses are counted from the log: requests of a key that recorded something."],
    examples: ["keys list", "keys list --as-of 2026-11-21T00:00:00Z --json"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let usage = try view.keyUsage()
      if invocation.wantsJSON {
        try invocation.console.json { $0.keys(view, usage) }
        return .done
      }
      var table = Table(["KEY", "KIND", "PARTNER", "STATE", "WRITES", "LABEL"])
      for record in view.keys {
        table.row([
          Array(record.issued.key.description.utf8), Array(record.issued.kind.name.utf8),
          record.issued.partner.map { view.state.partners[$0].code.bytes } ?? Array("-".utf8),
          Array(view.standing(of: record).utf8),
          Array(String(usage[Int(record.issued.key.rawValue)].writes).utf8),
          record.issued.label.bytes,
        ])
      }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension View {
  /// `live`, `invalidated` or `expired`, as of this view.
  func standing(of record: KeyRecord) -> String {
    if record.invalidatedAt != nil { return "invalidated" }
    if let end = record.issued.expiresAt, end <= instant { return "expired" }
    return "live"
  }
}

extension JSONWriter {
  fileprivate mutating func keys(_ view: View, _ usage: [KeyUsage]) {
    object { json in
      json.asOf(view.asOfShape)
      json.key("keys")
      json.array { json in
        for record in view.keys {
          let usage = usage[Int(record.issued.key.rawValue)]
          json.key(record, usage: usage, now: view.instant, view.wireNames)
        }
      }
    }
  }
}
