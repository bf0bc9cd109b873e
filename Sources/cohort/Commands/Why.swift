import CohortLedger
import CohortModel
import CohortServer
import CohortWire

extension Subcommand {
  static let why = Subcommand(
    "why",
    [
      .user,
      Operand("WHERE", "a cohort such as hightouch/vip, a segment:3, or a send:4"),
    ], [.asOf, .at, .identity],
    summary: "Say why somebody is in a cohort, segment or send, or is not.",
    notes: [
      "An identifier of nobody is answered from what imports made of it. A segment that is included",
      "more than once is explained where it stands first.",
    ],
    examples: [
      "why external_id:customer-42 hightouch/vip",
      "why alias:email:ana@example.com hightouch/vip --as-of 41",
      "why customer-42 segment:3 --json",
    ]
  ) { invocation in
    try invocation.reading { ledger in
      let place = invocation.arguments.operands[1]
      if let send = SendID(place) {
        guard let record = ledger.now.state.campaigns[send] else {
          throw Failure(.refused, "There is no \(send). See 'cohort log' for the sends there are.")
        }
        let frozen = record.frozen
        let view = try ledger.view(asOf: .position(frozen.position), at: frozen.instant)
        let parts =
          frozen.audience.segments.map { Filter.segment($0) }
          + (frozen.audience.filter.map { [$0] } ?? [])
        return try invocation.why(.and(parts), at: view)
      }
      let view = try invocation.view(ledger)
      if let segment = SegmentID(place) {
        guard view.definition(of: segment) != nil else {
          throw Failure(.refused, view.absence(of: segment))
        }
        return try invocation.why(.segment(segment), at: view)
      }
      let cohort = try invocation.cohort(1, in: view)
      return try invocation.why(cohort, at: view)
    }
  }
}

extension Invocation {
  fileprivate func why(_ filter: Filter, at view: View) throws -> ExitCode {
    // Who was merged since the launch is answered for whoever was there.
    let user = try user(0, in: view)
    let tree = try view.whyShape(view.explain(filter, user), user)
    return try show(
      WhyAnswerShape(user: view.wireUser(user), asOf: view.asOfShape, tree: tree), view)
  }

  fileprivate func why(_ cohort: CohortID, at view: View) throws -> ExitCode {
    let name = try userName(0)
    let user = view.user(name, identity: identity)
    let reason: CohortReason
    if let user {
      reason = try view.why(user, cohort)
    } else if let identifier = name.identifierName {
      reason = try view.why(identifier, cohort)
      if !view.earlierBearers(of: name).isEmpty { console.say(view.absence(of: name).harmless) }
    } else {
      throw Failure(.refused, view.absence(of: name))
    }
    let cohortName = view.state.cohorts[cohort].name
    let tree = WhyShape.leaf(
      reason.isMember, .includes(partner: cohortName.partner, [cohortName.cohortID]),
      [ReasonShape(reason, cohortName)])
    return try show(
      WhyAnswerShape(user: user.map { view.wireUser($0) }, asOf: view.asOfShape, tree: tree), view)
  }

  private func show(_ answer: WhyAnswerShape, _ view: View) throws -> ExitCode {
    if wantsJSON {
      try console.json { $0.why(answer, view.wireNames) }
      return .done
    }
    for line in WhyText.lines(answer.tree) { try console.line(line.harmless) }
    return .done
  }
}

/// The tree of a why as indented text: `yes` or `no`, what is asked, and the reasons below it.
enum WhyText {
  static func lines(_ tree: WhyShape, depth: Int = 0) -> [String] {
    let indent = String(repeating: "  ", count: depth)
    let truth = tree.holds ? "yes" : "no "
    func group(_ title: String, _ parts: [WhyShape]) -> [String] {
      ["\(indent)\(truth)  \(title)"] + parts.flatMap { lines($0, depth: depth + 1) }
    }
    switch tree {
    case .and(_, let parts): return group("all of", parts)
    case .or(_, let parts): return group("any of", parts)
    case .not(_, let part): return group("not", [part])
    case .segment(_, let segment, let name, let part):
      guard let part else { return group("in \(segment), \(name): as above", []) }
      return group("in \(segment), \(name)", [part])
    case .leaf(_, let filter, let reasons):
      let told = reasons.flatMap { lines($0) }.map { "\(indent)       \($0)" }
      return ["\(indent)\(truth)  \(filter.words)"] + told
    }
  }

  private static func lines(_ reason: ReasonShape) -> [String] {
    let found: [String] =
      switch reason.finding {
      case .member(let merges, let origins):
        merges.map { "merged in with \($0.user?.description ?? "somebody") \(place($0))" }
          + origins.map { "sent \(place($0))" }
      case .neverSent: ["never sent to \(reason.cohort)"]
      case .unmatched: ["sent to \(reason.cohort), but matched nobody"]
      case .removed(let event): ["removed \(place(event))"]
      case .leftByDeletion(let event): ["left by deletion \(place(event))"]
      case .mergedInto(let user, let event): ["merged into \(user) \(place(event))"]
      case .cohortDidNotExist: ["\(reason.cohort) did not exist"]
      }
    return found
      + reason.mentions.map { mention in
        "\(mention.direction == .entering ? "sent" : "taken out"), but "
          + "\(mention.reason) \(place(mention.event))"
      }
  }

  private static func place(_ event: ReasonEventShape) -> String {
    "at \(event.position) of \(event.time.rfc3339), request \(event.request), by \(event.key)"
  }
}

extension NamedFilter {
  /// The filter as a short sentence.
  var words: String {
    func list(_ partner: Text, _ ids: [Text]) -> String {
      ids.map { "\(partner)/\($0)" }.joined(separator: ", ")
    }
    return switch self {
    case .and(let parts): "(" + parts.map(\.words).joined(separator: " and ") + ")"
    case .or(let parts): "(" + parts.map(\.words).joined(separator: " or ") + ")"
    case .not(let part): "not \(part.words)"
    case .includes(let partner, let ids):
      ids.count == 1 ? "in \(list(partner, ids))" : "in any of \(list(partner, ids))"
    case .excludes(let partner, let ids):
      ids.count == 1 ? "not in \(list(partner, ids))" : "in none of \(list(partner, ids))"
    case .segment(let id): "in \(id)"
    case .entered(let cohort, let period): "entered \(cohort) within \(period)"
    case .left(let cohort, let period): "left \(cohort) within \(period)"
    case .memberFor(let cohort, let period): "in \(cohort) for at least \(period)"
    case .memberAsOf(let cohort, let moment): "in \(cohort) as of \(moment.text)"
    }
  }
}
