import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let erase = Subcommand(
    "erase", [.user],
    summary: "Destroy everything personal of somebody, in every file.",
    notes: [
      "Covers every identifier that the user and those merged into it ever had. Erasing again",
      "gives the same receipt. The receipt says what it does not reach.",
    ],
    examples: ["erase external_id:customer-42", "erase user:17 --json"]
  ) { invocation in
    let name = try invocation.userName(0)
    return try invocation.writing { ledger in
      let receipt = try ledger.erase(name)
      let shape = ErasureShape(receipt)
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.member("message", "success")
            json.erasure(shape)
            json.member("position", receipt.position)
          }
        }
        return .done
      }
      let console = invocation.console
      try console.line("user \(receipt.user?.description ?? "nobody: only mentions were erased")")
      try console.line("position \(receipt.position.rawValue)")
      try console.line("time \(receipt.time.rfc3339)")
      try console.line("texts \(receipt.textCount)")
      try console.line("tree \(receipt.treeSize) \(receipt.root)")
      for bearer in receipt.earlierBearers {
        try console.line("not erased: earlier bearer \(bearer)")
      }
      if receipt.isRepeated { console.say("It was erased before; this is the same receipt.") }
      for place in ErasureReceipt.notReached { console.say("not reached: \(place)") }
      return .done
    }
  }

  static let forgetUnmatched = Subcommand(
    "forget-unmatched", [],
    [Option("before", "TIME", "imports before then, such as 2026-01-01T00:00:00Z")],
    summary: "Destroy identifiers that imports named and nobody had.",
    notes: ["Counts and reasons stay."],
    examples: ["forget-unmatched --before 2026-01-01T00:00:00Z"]
  ) { invocation in
    guard let before = try invocation.time("before") else {
      throw Failure.usage("--before is missing. Give a time such as 2026-01-01T00:00:00Z.")
    }
    return try invocation.writing { ledger in
      guard before <= ledger.now.instant else {
        throw LedgerError.laterThanNow(before, now: ledger.now.instant)
      }
      let count = try ledger.forgetUnmatched(before: before).textCount ?? 0
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object {
            $0.member("message", "success")
            $0.member("texts", count)
            $0.member("position", ledger.now.end)
          }
        }
      } else {
        try invocation.console.line("texts \(count)")
      }
      return .done
    }
  }
}
