import CohortFormat
import CohortLedger
import CohortModel
import CohortWire

// What one call recorded, and what depends on what: `GET /ledger/requests/{position}`,
// `/ledger/dependants`.

extension Question {
  /// A request as it was recorded, named by any of its positions.
  ///
  /// Its events are a list, page by page: a users import has ten thousand. What an import did is
  /// not: it is whole on every page, and has a thousand identifiers at most.
  func request() throws -> Answered {
    let standing = try standing()
    let namesMembers = try query().choice(.members, ["all", "none"]) == "all"
    let text = match.ids[0]
    guard case .position(let position) = Moment(text: text.bytes.span), position > .origin,
      position <= now.end
    else {
      if case .position(let position)? = Moment(text: text.bytes.span), position > now.end,
        let lag = service.lag()
      {
        throw lag
      }
      let shown = TerminalText.escaped(String(text.description.prefix(64)))
      throw WireError(
        404,
        "There is no request '\(shown)': the ledger ends at \(now.end). "
          + "Name one by a position up to there.")
    }
    let events = try now.request(of: position)
    let epoch = try facts(of: position)?.epoch?.description ?? ""
    var names = now.names(showingPeople: allows(.ledgerPeople))
    names.position = events.last?.position ?? position
    let others = events.filter { recorded in
      if case .membersChanged = recorded.event { false } else { true }
    }
    let listing = Listing("events", others) { [names] in
      $0.event($1, epoch: epoch, names: names)
    }
    return try answer(listing, standing) {
      $0.requestHead(events, names, namesMembers: namesMembers)
    }
  }

  /// What uses a cohort or a segment now.
  func dependants() throws -> Answered {
    let query = try query()
    let dependants: Dependants
    switch (try query.cohortPath(), try query.id(.segment, of: Segment.self)) {
    case (let name?, nil): dependants = now.state.dependants(of: try cohort(name))
    case (nil, let segment?):
      guard now.state.segments.contains(segment) else { throw now.absence(of: segment) }
      dependants = now.state.dependants(of: segment)
    case (nil, nil):
      throw WireError(400, "It is not said of what. Send 'cohort' or 'segment'.")
    case (.some, .some):
      throw WireError(400, "'cohort' and 'segment' are both given. Send one of them.")
    }
    return .object(at: now.position) { json in
      json.asOf(now.asOfShape)
      json.dependants(dependants, now.wireNames)
    }
  }
}
