import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let showSegment = Subcommand(
    "segments show", [.segment], [.asOf, .at],
    summary: "Show a segment: its filter, version and size.",
    examples: ["segments show segment:3", "segments show segment:3 --as-of 41 --json"]
  ) { invocation in
    let segment = try invocation.segment(0)
    return try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      guard let shape = try view.shape(of: segment) else {
        throw Failure(.refused, view.absence(of: segment))
      }
      if invocation.wantsJSON {
        try invocation.console.json { $0.details(shape) }
        return .done
      }
      var table = Table(["WHAT", "VALUE"])
      table.row([Array("segment".utf8), Array(segment.description.utf8)])
      table.row([Array("name".utf8), shape.segment.name.bytes])
      table.row(["version", String(shape.segment.version)])
      table.row(["size", String(shape.size)])
      table.row(["state", shape.isArchived ? "archived" : "active"])
      table.row(["created", shape.createdAt.rfc3339])
      table.row(["updated", shape.updatedAt.rfc3339])
      table.row(["filter", shape.filter.words])
      table.row(["in words", shape.sentence])
      if !shape.segment.description.bytes.isEmpty {
        table.row([Array("description".utf8), shape.segment.description.bytes])
      }
      for tag in shape.segment.tags { table.row([Array("tag".utf8), tag.bytes]) }
      try table.print(invocation.console)
      return .done
    }
  }
}

extension Invocation {
  /// `campaigns show` and `canvases show`.
  func showCampaign(_ kind: CampaignKind) throws -> ExitCode {
    let text = arguments.operands[0]
    guard let campaign = CampaignReference(text), campaign.kind == kind else {
      throw Failure.usage("'\(text)' is no \(kind.name). Name it as in \(kind.name):3.")
    }
    return try reading { ledger in
      let view = try view(ledger)
      guard let shape = view.shape(of: campaign) else {
        throw Failure(
          .refused, TerminalText.escaped(Refusal.unknownCampaign(campaign).description))
      }
      if wantsJSON {
        try console.json { $0.details(shape) }
        return .done
      }
      var table = Table(["WHAT", "VALUE"])
      table.row([kind.name, campaign.description])
      table.row([Array("name".utf8), shape.campaign.name.bytes])
      table.row(["version", String(shape.campaign.version)])
      table.row(["state", shape.isArchived ? "archived" : "active"])
      for segment in shape.audience.segments { table.row([Array("in".utf8), segment.bytes]) }
      if let filter = shape.audience.filter { table.row(["and", filter.words]) }
      for send in shape.sends {
        table.row(["sent", "\(send.id) to \(send.size) users at \(send.time.rfc3339)"])
      }
      try table.print(console)
      return .done
    }
  }
}
