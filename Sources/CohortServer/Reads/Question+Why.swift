import CohortLedger
import CohortModel
import CohortWire

// Why somebody is in a cohort, a segment or a send, or is not (RULES §8); and the proof of it.

extension Question {
  func why() throws -> Answered {
    let query = try query()
    let places = [
      query.has(.partner) || query.has(.cohortID), query.has(.segmentID), query.has(.sendID),
    ]
    guard places.count(where: { $0 }) == 1 else { throw WireError.notOnePlace }
    if let send = try query.id(.sendID, of: Send.self) { return try why(send) }
    let standing = try standing()
    let view = standing.view
    if let segment = try query.id(.segmentID, of: Segment.self) {
      let definitions = try standing.definitions
      guard view.definition(of: segment, definitions) != nil else {
        throw view.absence(of: segment)
      }
      return try why(.segment(segment), standing, definitions)
    }
    guard let name = try query.cohortName() else { throw WireError.lacking(.partner) }
    return try why(cohort(name), standing)
  }

  /// As of the launch; a person merged since is answered for whoever of them was there.
  private func why(_ send: SendID) throws -> Answered {
    let query = try query()
    for parameter in [QueryParameter.asOf, .at, .definition] where query.has(parameter) {
      throw WireError(
        400, "'\(parameter.rawValue)' is settled by the launch. Leave it out with 'send_id'.")
    }
    guard let record = now.state.campaigns[send] else { throw WireError.noSend(send) }
    let frozen = record.frozen
    let standing = Standing(
      query: query,
      view: try view(.position(frozen.position), at: frozen.instant), identities: now.end,
      after: 0)
    let parts =
      frozen.audience.segments.map { Filter.segment($0) }
      + (frozen.audience.filter.map { [$0] } ?? [])
    // One who was merged away since is named by who is there now, if by nobody of then.
    let name = try query.userName()
    let view = standing.view
    if try standing.identity == .then, view.user(name) == nil,
      let survivor = view.user(name, identity: .now)
    {
      return try why(.and(parts), view, whoWas(survivor, in: .and(parts), view), .then)
    }
    return try why(.and(parts), standing, .then)
  }

  /// Of all who are one person now, one for whom the filter held; else the oldest there was.
  private func whoWas(_ survivor: UserID, in filter: Filter, _ view: View) throws -> UserID {
    let persons = now.persons(of: survivor).filter {
      view.state.directory.created($0) <= view.position
    }.sorted()
    guard let first = persons.first else { throw view.absence(of: .number(survivor)) }
    return try persons.first { try view.explain(filter, $0).holds } ?? first
  }

  private func why(
    _ filter: Filter, _ standing: Standing, _ definitions: DefinitionsAsOf
  ) throws -> Answered {
    let user = try user(standing)
    return try why(filter, standing.view, user, definitions)
  }

  private func why(
    _ filter: Filter, _ view: View, _ user: UserID, _ definitions: DefinitionsAsOf
  ) throws -> Answered {
    let truth = try view.explain(filter, user, definitions: definitions)
    let tree = try view.whyShape(truth, user)
    return answer(WhyAnswerShape(user: view.wireUser(user), asOf: view.asOfShape, tree: tree), view)
  }

  private func why(_ cohort: CohortID, _ standing: Standing) throws -> Answered {
    let view = standing.view
    let name = try standing.query.userName(isWide: true)
    let user = view.user(name, identity: try standing.identity)
    let reason: CohortReason
    if let user {
      reason = try view.why(user, cohort)
    } else if let identifier = name.identifierName {
      // Of an identifier of nobody, what imports made of it.
      reason = try view.why(identifier, cohort)
    } else {
      throw view.absence(of: name)
    }
    let cohortName = view.state.cohorts[cohort].name
    let tree = WhyShape.leaf(
      reason.isMember, .includes(partner: cohortName.partner, [cohortName.cohortID]),
      [ReasonShape(reason, cohortName)])
    var answer = WhyAnswerShape(user: nil, asOf: view.asOfShape, tree: tree)
    if let user { answer.user = try shown(user, standing) }
    return self.answer(answer, view)
  }

  private func answer(_ answer: WhyAnswerShape, _ view: View) -> Answered {
    .value(at: view.position) { $0.why(answer, view.wireNames) }
  }

  /// `GET /ledger/prove`: every event of the chain with its way to the root.
  func prove() throws -> Answered {
    let standing = try standing()
    guard let name = try standing.query.cohortName() else { throw WireError.lacking(.partner) }
    let (view, cohort) = (standing.view, try cohort(name))
    guard view.exists(cohort) else { throw view.absence(of: name, cohort) }
    let user = try user(standing)
    let proof = try view.prove(user, cohort)
    // The proof as `cohort prove` prints it, with one member before the others.
    var body: [UInt8] = []
    JSONWriter.append(to: &body) { json in json.object { $0.asOf(view.asOfShape) } }
    body[body.count - 1] = UInt8(ascii: ",")
    return .json(Reply(status: 200, body: body + proof.json.utf8.dropFirst()), at: view.position)
  }
}

extension View {
  func absence(of name: CohortName, _ cohort: CohortID) -> WireError {
    let first = state.cohorts[cohort].createdAt
    return WireError(
      404, "The cohort \(name) did not exist yet at \(position). Ask from \(first) on.",
      [JSONText.Member("from", .integer(Int64(clamping: first.rawValue)))])
  }
}

extension WireError {
  fileprivate static let notOnePlace = WireError(
    400,
    "It is not said in what. Send 'partner' and 'cohort_id', or 'segment_id', or 'send_id'.")

  static func noSend(_ send: SendID) -> WireError {
    WireError(404, "There is no \(send). See the sends of a campaign in its details.")
  }
}
