import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

/// Where a question stands, and which page of its answer is wanted.
struct Standing: Sendable {
  let query: Query
  let view: View
  /// Whose identifiers `identity=now` shows: those of this position, so that all pages show one
  /// present.
  let identities: Position
  /// The moment before, of a difference.
  var earlier: Position = .origin
  /// The last item of the page before, as the list counts them; 0 for the first page.
  let after: UInt64
  /// Whether there is no page before.
  var isFirst: Bool { after == 0 }

  var identity: IdentityTime {
    get throws(WireError) { try query.isNow(.identity) ? .now : .then }
  }

  var definitions: DefinitionsAsOf {
    get throws(WireError) { try query.isNow(.definition) ? .now : .then }
  }

  /// A page that follows begins behind an item that the list can have.
  func requirePlace(in places: Range<UInt64>) throws(WireError) {
    guard isFirst || places.contains(after) else { throw .bad(.next) }
  }

  /// The position whose identifiers are shown.
  func namesAt(_ identity: IdentityTime) -> Position {
    switch identity {
    case .then: view.isNow ? .never : view.position
    case .now: identities == view.end ? .never : identities
    }
  }
}

extension Question {
  func query() throws(WireError) -> Query { try Query(head.query, for: match.kind) }

  /// Where a question stands that takes `as_of` and `at`, and perhaps `next`.
  func standing() throws -> Standing {
    let query = try query()
    let (asOf, at) = (try query.moment(.asOf), try query.instant(.at))
    guard let cursor = try cursor(query) else {
      return Standing(query: query, view: try view(asOf, at: at), identities: now.end, after: 0)
    }
    return try standing(query, at: cursor, asked: asOf.map { try view($0, at: at) }, instant: at)
  }

  /// Where the list goes on, if this is not its first page.
  ///
  /// - Throws: 409 if the log is not what it was when the page before was made.
  func cursor(_ query: Query) throws -> PageCursor? {
    guard let cursor = try query.cursor(of: head.path) else { return nil }
    if max(cursor.position, cursor.identities) > now.end, let lag = service.lag() { throw lag }
    guard cursor.position <= now.end, cursor.identities <= now.end,
      try history(at: max(cursor.position, cursor.identities)) == cursor.history
    else { throw WireError.otherHistory }
    return cursor
  }

  /// The standing of the first page, for one that follows.
  ///
  /// A cursor comes from outside. It says which present the first page saw, and nothing that the
  /// parameters could not have said; where they do say something, it must say the same. The list
  /// itself checks `after`.
  ///
  /// - Parameters:
  ///   - query: What is asked.
  ///   - cursor: Of the log as it is.
  ///   - asked: What the query or the path says is seen; `nil` for what was the present.
  ///   - instant: Where the query says that time leaves stand, if it says only that.
  ///   - earlier: The moment before, of a difference.
  /// - Returns: What the first page stood on.
  /// - Throws: 400 for what no page gave.
  func standing(
    _ query: Query, at cursor: PageCursor, asked: View?, instant: Instant? = nil,
    earlier: Position = .origin
  ) throws -> Standing {
    // At the origin there is nothing, so nothing that goes on.
    guard let facts = try facts(of: cursor.position), cursor.identities >= cursor.position,
      cursor.earlier == earlier, earlier <= cursor.position, cursor.instant <= now.instant,
      cursor.after > 0
    else { throw WireError.bad(.next) }
    let agrees: Bool
    if let asked {
      agrees = (asked.position, asked.instant) == (cursor.position, cursor.instant)
    } else if let instant {
      agrees = instant == cursor.instant
    } else {
      agrees = facts.time <= cursor.instant
    }
    guard agrees else { throw WireError.bad(.next) }
    return Standing(
      query: query,
      view: now.seen(
        through: cursor.position, at: cursor.instant, cutsRequest: facts.cutsRequest),
      identities: cursor.identities, earlier: earlier, after: cursor.after)
  }

  /// The `next` of a page whose last item is `after`.
  func next(_ standing: Standing, after: UInt64) throws -> String {
    PageCursor(
      position: standing.view.position, instant: standing.view.instant,
      identities: standing.identities, earlier: standing.earlier, after: after,
      asked: standing.query.fingerprint(of: head.path),
      history: try history(at: max(standing.view.position, standing.identities))
    ).text
  }

  /// The ledger as of a moment, or now.
  func view(_ moment: Moment?, at instant: Instant? = nil) throws -> View {
    if let instant, instant > now.instant {
      throw LedgerError.laterThanNow(instant, now: now.instant)
    }
    switch moment {
    case nil:
      return instant.map { now.seen(through: now.end, at: $0, cutsRequest: false) } ?? now
    case .instant(let time):
      try takesTime()
      return try ledger.view(asOf: .instant(time), at: instant)
    case .position(let position):
      guard position <= now.end else { throw LedgerError.beyondEnd(position, end: now.end) }
      guard let facts = try facts(of: position) else {
        return try ledger.view(asOf: .position(position), at: instant)
      }
      return now.seen(
        through: position, at: instant ?? facts.time, cutsRequest: facts.cutsRequest)
    }
  }

  /// - Returns: `nil` for the origin.
  func facts(of position: Position) throws -> Pasts.Facts? {
    guard position > .origin else { return nil }
    if let known = service.pasts.facts(of: position) { return known }
    try takesTime()
    return try service.pasts.findFacts(of: position, in: now)
  }

  /// The ledger, and the epoch of the event at `position`: what a restore changes.
  private func history(at position: Position) throws -> PageCursor.History {
    var bytes: [UInt8] = []
    let epoch = try position == now.end ? now.epoch : facts(of: position)?.epoch
    epoch?.append(to: &bytes)
    let ledger = now.log.ledger.bytes
    var words: (high: UInt64, low: UInt64) = (0, 0)
    for index in ledger.indices {
      let byte = UInt64(ledger[index] ^ (index < bytes.count ? bytes[index] : 0))
      if index < 8 {
        words.high = words.high << 8 | byte
      } else {
        words.low = words.low << 8 | byte
      }
    }
    return PageCursor.History(high: words.high, low: words.low)
  }
}

extension WireError {
  fileprivate static let otherHistory = WireError(
    409,
    "The log was restored since the page before, so its history is another. "
      + "Ask for the first page again.")
}
