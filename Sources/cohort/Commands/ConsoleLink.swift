import CohortServer
import CohortWire

extension Subcommand {
  static let console = Subcommand(
    "console", summary: "Print a link that signs in to the console of the running server.",
    notes: [
      "Whoever opens it first, within 10 minutes, is signed in as the operator for 12 hours.",
      "It names the address that the server listens on; behind a proxy, write the proxy's there.",
    ],
    examples: ["console"],
    besideServer: .onlyInServer
  ) { invocation in
    guard case .server(_, _, let sessions) = invocation.place, let link = sessions.link() else {
      throw Failure(
        .refused, "The server does not listen yet. Try again when it says that it does.")
    }
    if invocation.wantsJSON {
      try invocation.console.json { json in json.object { $0.member("console", link) } }
    } else {
      try invocation.console.line(link)
    }
    return .done
  }
}
