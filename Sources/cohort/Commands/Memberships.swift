import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let members = Subcommand(
    "members", [.cohort], [.asOf, .at, .identity],
    summary: "List who is in a cohort, now or at any earlier moment.",
    notes: [
      "One external id a line, else alias:LABEL:NAME, device:ID or user:N, sorted as bytes.",
      "With --identity now: who the members of then are now; those deleted since are left out.",
    ],
    examples: [
      "members hightouch/vip", "members hightouch/vip --as-of 41",
      "members hightouch/vip --as-of 2026-11-21T00:00:00Z --identity now --json",
    ]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let cohort = try invocation.cohort(0, in: view)
      let lists = MemberLists(view: view, identity: invocation.identity)
      let (users, gone) = lists.listed(try view.members(of: cohort))
      guard invocation.wantsJSON else {
        for line in lists.lines(users) { try invocation.console.line(line) }
        if gone > 0 { invocation.console.say("\(gone) more were deleted since.") }
        return .done
      }
      try invocation.console.object(
        { json in
          json.cohort(view.state.cohorts[cohort].name)
          json.asOf(view.asOfShape)
          json.member("count", users.count)
          if lists.identity == .now { json.member("gone", gone) }
        },
        arrays: [("members", { try lists.array(users, invocation.console) })])
      return .done
    }
  }

  static let diff = Subcommand(
    "diff", [.cohort],
    [
      Option("from", "MOMENT", "the earlier moment: a position or a time"),
      Option("to", "MOMENT", "the later moment; now if it is left out"), .identity,
    ],
    summary: "List who came into a cohort and who went, between two moments.",
    notes: [
      "With --identity now both ends are read as who they are now: a merge is no difference."
    ],
    examples: [
      "diff hightouch/vip --from 41 --to 60",
      "diff hightouch/vip --from 2026-11-20T00:00:00Z --json",
    ]
  ) { invocation in
    try invocation.reading { ledger in
      guard let from = try invocation.moment("from") else {
        throw Failure.usage("--from is missing. Give a position or a time.")
      }
      let to = try invocation.moment("to")
      let later = try to.map { try ledger.view(asOf: $0) } ?? ledger.now
      let earlier = try ledger.view(asOf: from)
      guard earlier.position <= later.position else {
        throw Failure.usage("--from is later than --to. Exchange them.")
      }
      let cohort = try invocation.cohort(0, in: later)
      let difference = try later.difference(
        from: earlier, of: cohort, identity: invocation.identity)
      let came = MemberLists(view: later, identity: invocation.identity)
      let went = MemberLists(view: earlier, identity: invocation.identity)
      guard invocation.wantsJSON else {
        for line in came.lines(difference.added) {
          try invocation.console.line([0x2B, 0x20] + line)
        }
        for line in went.lines(difference.removed) {
          try invocation.console.line([0x2D, 0x20] + line)
        }
        return .done
      }
      try invocation.console.object(
        { json in
          json.cohort(later.state.cohorts[cohort].name)
          json.asOf(earlier.asOfShape, key: "from")
          json.asOf(later.asOfShape, key: "to")
          if invocation.identity == .now { json.member("gone", difference.gone) }
        },
        arrays: [
          ("added", { try came.array(difference.added, invocation.console) }),
          ("removed", { try went.array(difference.removed, invocation.console) }),
        ])
      return .done
    }
  }
}
