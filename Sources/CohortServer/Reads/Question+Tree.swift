import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

// Heads and proofs of the tree over all events: `GET /ledger/tree/…` (RFC 6962).

extension Question {
  /// The head of the tree as of a position, or of a size, which is the same.
  func treeHead() throws -> Answered {
    let query = try query()
    let size = try query.number(.size)
    if size != nil, let moment = [QueryParameter.asOf, .at].first(where: query.has) {
      throw WireError(
        400, "'size' and '\(moment.rawValue)' are both given. Send one of them.")
    }
    if let size { try requireTree(of: size, .size, from: 0) }
    let view = try view(
      size.map { .position(Position($0)) } ?? query.moment(.asOf), at: query.instant(.at))
    let head = try head(of: view.position.rawValue)
    let checkpoint = try Checkpoint(
      position: view.position, epoch: facts(of: view.position)?.epoch)
    return .object(at: view.position) { json in
      json.asOf(view.asOfShape)
      json.member("ledger", view.log.ledger.description)
      json.head(size: head.size, root: head.root)
      json.member("checkpoint", checkpoint.description)
    }
  }

  /// That the event at a position is a leaf of the tree of a size; of today's if none is given.
  func treeInclusion() throws -> Answered {
    let query = try query()
    guard let position = try query.number(.position) else { throw WireError.lacking(.position) }
    let size = try query.number(.size) ?? now.end.rawValue
    try requireTree(of: size, .size, from: 1)
    guard position > 0 else { throw WireError.bad(.position) }
    guard position <= size else {
      throw WireError(
        400,
        "The tree of \(size) events has no event at \(Position(position)). "
          + "Ask for a greater size, or an earlier position.")
    }
    let head = try head(of: size)
    let leaf = try now.leafHash(of: Position(position))
    guard let path = try now.inclusionProof(of: Position(position), size: size) else {
      throw LedgerError.beyondEnd(Position(size), end: now.end)
    }
    return .object(at: now.position) { json in
      json.asOf(now.asOfShape)
      json.inclusion(
        of: Position(position), size: size, leaf: leaf, root: head.root, path: path)
    }
  }

  /// That the tree of one size begins the tree of another; of today's if `to` is left out.
  func treeConsistency() throws -> Answered {
    let query = try query()
    guard let earlier = try size(.from, query) else { throw WireError.lacking(.from) }
    let later = try size(.to, query) ?? now.end.rawValue
    try requireTree(of: later, .to, from: 1)
    try requireTree(of: earlier, .from, from: 1)
    guard earlier <= later else {
      throw WireError(400, "'from' is greater than 'to'. Exchange them.")
    }
    let (first, last) = (try head(of: earlier), try head(of: later))
    guard let path = try now.consistencyProof(from: earlier, to: later) else {
      throw LedgerError.beyondEnd(Position(later), end: now.end)
    }
    return .object(at: now.position) { json in
      json.asOf(now.asOfShape)
      json.consistency(
        from: (first.size, first.root), to: (last.size, last.root), path: path)
    }
  }

  /// A size, which is the position of the last event: as `41` or `#41`.
  private func size(_ parameter: QueryParameter, _ query: Query) throws(WireError) -> UInt64? {
    switch try query.moment(parameter) {
    case nil: return nil
    case .position(let position): return position.rawValue
    case .instant:
      throw WireError(
        400, "'\(parameter.rawValue)' is not the size of a tree. Send a whole number from 1.")
    }
  }

  /// - Throws: 400 for a size that no proof is about, 404 for one not reached, 503 for one that a
  ///   replica has not reached.
  private func requireTree(
    of size: UInt64, _ parameter: QueryParameter, from least: UInt64
  ) throws {
    guard size >= least else {
      throw WireError(
        400, "'\(parameter.rawValue)' is not the size of a tree. Send a whole number from \(least)."
      )
    }
    guard size <= now.end.rawValue else {
      if let lag = service.lag() { throw lag }
      throw WireError(
        404,
        "There is no tree of \(size) events yet: the ledger ends at \(now.end). "
          + "Ask for a size up to there.")
    }
  }

  private func head(of size: UInt64) throws(LedgerError) -> TreeHead {
    guard let head = try now.treeHead(size: size) else {
      throw .beyondEnd(Position(size), end: now.end)
    }
    return head
  }
}
