import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let showAudience = Subcommand(
    "audiences show", [.send], [.identity],
    summary: "List who a launch went to, with the identifiers of then.",
    examples: ["audiences show send:1", "audiences show send:1 --json"]
  ) { invocation in
    try invocation.audience { send, view, record, users, isAsFrozen in
      if !isAsFrozen { throw Failure(.damage, Self.otherDigest(send)) }
      return try invocation.list(users, of: view) { json in
        json.member("send_id", send.description)
        json.member(record.frozen.campaign.kind.idKey, record.frozen.campaign.description)
        json.member("launched_at", record.time)
        json.member("size", record.frozen.size)
        json.member("digest", record.frozen.digest)
      }
    }
  }

  static let verifyAudience = Subcommand(
    "audiences verify", [.send],
    summary: "Compute a launch's audience again, and compare.",
    notes: ["Exit code 3 if the digests differ."], examples: ["audiences verify send:1"]
  ) { invocation in
    try invocation.audience { send, view, record, users, isAsFrozen in
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.member("send_id", send.description)
            json.asOf(view.asOfShape)
            json.member("size", users.count)
            json.member("digest", record.frozen.digest)
            json.member("verified", isAsFrozen)
          }
        }
        return isAsFrozen ? .done : .damage
      }
      guard isAsFrozen else { throw Failure(.damage, Self.otherDigest(send)) }
      try invocation.console.line(
        "\(send) is as it was frozen: \(users.count) users, digest \(record.frozen.digest)")
      return .done
    }
  }

  private static func otherDigest(_ send: SendID) -> String {
    "The audience of \(send) computed again has another digest. Check the log with 'cohort verify'."
  }
}

extension Operand {
  static let send = Operand("SEND", "as in send:1")
}

extension Invocation {
  fileprivate func audience(
    _ body: (SendID, View, SendRecord, LiveUsers, Bool) throws -> ExitCode
  ) throws -> ExitCode {
    let text = arguments.operands[0]
    guard let send = SendID(text) else {
      throw Failure.usage("'\(text)' is no send. Name it as in send:1.")
    }
    return try reading { ledger in
      guard let (view, record, users, isAsFrozen) = try ledger.audience(of: send) else {
        throw Failure(.refused, "There is no \(send). See 'cohort campaigns list --json'.")
      }
      return try body(send, view, record, users, isAsFrozen)
    }
  }
}
