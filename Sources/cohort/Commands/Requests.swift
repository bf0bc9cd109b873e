import CohortFormat
import CohortLedger
import CohortModel
import CohortWire

extension Subcommand {
  static let importRequests = Subcommand(
    "import", [.file("requests, one {\"path\":\"/partners/…\",\"body\":{…}} a line")],
    [Option("results", nil, "answer with an outcome for each identifier")],
    summary: "Carry out partner requests from a file; answer each in a line.",
    notes: [
      "Keys stand in the bodies and are checked as the endpoint checks them.",
      "Each answer is one line {\"status\":201,\"body\":{…}}, in the order of the requests.",
    ],
    examples: ["import monday.ndjson > answers.ndjson", "import - < monday.ndjson"]
  ) { invocation in
    let wantsResults = invocation.arguments.has("results")
    return try invocation.streamRequests { line, ledger throws(WireError) in
      let request = try RequestLine(parsing: line)
      guard request.match.kind.hasKeysInBody else { throw .notFound }
      let author = Author.partner(
        PartnerCredentials(body: request.body, partner: request.match.id(0), from: nil) {
          SHA256.digest($0)
        })
      // Keys come before fields; the writer checks them again when it sequences the request.
      let now = ledger.now
      do throws(Refusal) {
        _ = try now.state.check(author, at: now.instant)
      } catch { throw WireError(error) }
      return (
        try WriteRequest(request.match, body: request.body, wantsResults: wantsResults), author
      )
    }
  }

  static let applyRequests = Subcommand(
    "users apply", [.file("requests, one {\"path\":\"/users/merge\",\"body\":{…}} a line")],
    summary: "Carry out requests of part 2 of the contract from a file.",
    notes: ["Each answer is one line {\"status\":202,\"body\":{…}}, in the order of the requests."],
    examples: ["users apply merges.ndjson"]
  ) { invocation in
    try invocation.streamRequests { line, _ throws(WireError) in
      let request = try RequestLine(parsing: line)
      guard request.match.kind.isPartTwo else { throw .notFound }
      guard !request.match.kind.needsIdempotencyKey else {
        throw WireError(
          400, "A launch is not done from a file. Use 'cohort campaigns launch', once.")
      }
      return (try WriteRequest(request.match, body: request.body), .local)
    }
  }
}

extension Invocation {
  fileprivate func streamRequests(_ read: @escaping RequestStream.Reading) throws -> ExitCode {
    let file = try InputFile(arguments.operands[0], console)
    return try writing { ledger in
      var stream = RequestStream(ledger, console, read)
      var lines = LineReader(file, limit: RequestStream.lineSizeMax)
      return try stream.run(&lines)
    }
  }
}

extension RouteKind {
  /// Whether it is a write of CONTRACT part 2.
  fileprivate var isPartTwo: Bool {
    switch self {
    case .track, .addAliases, .updateAliases, .identify, .merge, .renameExternalIDs,
      .removeExternalIDs, .deleteUsers, .createSegment, .updateSegment, .archiveSegment,
      .restoreSegment, .createCampaign, .updateCampaign, .archiveCampaign, .restoreCampaign,
      .launchCampaign, .createCanvas, .updateCanvas, .archiveCanvas, .restoreCanvas, .launchCanvas:
      true
    default: false
    }
  }
}
