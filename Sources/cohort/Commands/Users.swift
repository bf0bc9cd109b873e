import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let history = Subcommand(
    "history", [.user], [.asOf, .identity],
    summary: "Tell everything that happened to somebody.",
    examples: ["history external_id:customer-42", "history user:17 --json"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let name = try invocation.userName(0)
      let user = try invocation.user(0, in: view)
      let others = view.earlierBearers(of: name).filter { $0.user != user }
      let entries = try view.history(of: user)
      if invocation.wantsJSON {
        try invocation.console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.key("user")
            json.listed(view.wireUser(user))
            json.key("history")
            json.array { json in
              for entry in entries {
                json.historyEntry(HistoryEntryShape(entry, in: view.state), view.wireNames)
              }
            }
            json.bearers(others.map { BearerShape($0) })
          }
        }
        return .done
      }
      var table = Table(["POSITION", "TIME", "KEY", "USER", "WHAT"])
      let words = EventWords(view)
      for entry in entries {
        let what =
          switch entry.what {
          case .identity(let event): words.text(of: event, at: entry.position)
          case .membership(let cohort, let kind, let direction):
            "\(direction == .entering ? "entered" : "left") "
              + "\(view.state.cohorts[cohort].name) by \(kind.rawValue)"
          }
        table.row([
          entry.position.description, entry.time.rfc3339, entry.key.description,
          entry.user.description, what,
        ])
      }
      try table.print(invocation.console)
      let escaped = TerminalText.escaped(name.description)
      for other in others {
        invocation.console.say("\(escaped) was also borne by \(other.user), from \(other.from).")
      }
      return .done
    }
  }

  static let showUser = Subcommand(
    "users show", [.user], [.asOf, .at, .identity],
    summary: "Show a user with identifiers, cohorts and segments.",
    examples: ["users show external_id:customer-42 --as-of 41"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let user = try invocation.user(0, in: view)
      let cohorts = try view.cohorts(of: user).map { cohort in
        let standing = try view.standing(of: cohort)
        return (name: standing.name, displayName: standing.displayName)
      }
      let segments = try view.segments(of: user)
      if invocation.wantsJSON {
        let shape = UserAsOfShape(
          user: view.wireUser(user), status: view.status(of: user), asOf: view.asOfShape,
          cohorts: cohorts, segments: segments.map { ($0.segment, $0.name) },
          merged: view.persons(of: user).filter { $0 != user })
        try invocation.console.json { $0.user(shape) }
        return .done
      }
      var table = Table(["WHAT", "VALUE"])
      let identity = view.identity(of: user)
      table.row(["user", user.description])
      if let id = identity.externalID { table.row([Array("external_id".utf8), id.bytes ?? []]) }
      for id in identity.deprecatedIDs {
        table.row([Array("deprecated external_id".utf8), id.bytes ?? []])
      }
      for alias in identity.aliases {
        let selector = UserName.alias(label: alias.label, name: alias.name).selector
        table.row([Array("alias".utf8), selector])
      }
      for device in identity.devices { table.row([Array("device".utf8), device.bytes]) }
      for cohort in cohorts { table.row([Array("cohort".utf8), cohort.name.path]) }
      for segment in segments { table.row(["segment", "\(segment.segment) \(segment.name)"]) }
      if identity.isErased { table.row(["erased", "yes"]) }
      try table.print(invocation.console)
      return .done
    }
  }
}
