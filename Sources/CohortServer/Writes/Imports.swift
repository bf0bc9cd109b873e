import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

// CONTRACT part 1. Its table says what is told first:
//
//     not strict JSON · keys · rate limit · fields · cohort archived
//
// Everything but the last is decided here, on the loop, in microseconds; the writer checks the keys
// again when it sequences the request, and is the only one to know whether a cohort is archived.

extension Service {
  /// Decides what becomes of a partner's request.
  func planImport(_ match: RouteMatch, _ head: RequestHead) throws(Denial) -> Plan {
    let key = try limited { () throws(Denial) in
      try head.requireJSON()
      return try head.idempotencyKey()
    }
    let plan = Plan.collect(limit: Self.importSizeMax, on: .loop) { [self] request, exchange in
      do throws(Denial) {
        let (author, write) = try limited { () throws(Denial) in try read(match, request) }
        carryOut(write, by: author, request, key, exchange, rateLimitHeaders)
      } catch { exchange.answer(response(to: error)) }
    }
    return rateLimit == nil ? plan : .telling(rateLimitHeaders, plan: plan)
  }

  /// Reads a partner's request.
  ///
  /// - Throws: The first row of the contract's table that applies.
  private func read(
    _ match: RouteMatch, _ request: Request
  ) throws(Denial) -> (Author, WriteRequest) {
    let body = try Denial.of { () throws(WireError) in try JSONValue(body: request.body) }
    let author = try partner(of: match, body, request.head)
    let now = clock.wall
    if let rateLimit, rateLimit.take(at: now) {
      meters.countRateLimited()
      throw Denial(.rateLimited, [("Retry-After", String(RateLimit.retryAfter(now)))])
    }
    let write = try Denial.of { () throws(WireError) in
      try WriteRequest(
        match, body: body, wantsResults: request.head.prefersRepresentation)
    }
    return (author, write)
  }

  /// Whoever a body of part 1 is from.
  ///
  /// - Throws: 401 unless both of its keys are good, as of what is durable.
  func partner(
    of match: RouteMatch, _ body: JSONValue, _ head: RequestHead
  ) throws(Denial) -> Author {
    let credentials = PartnerCredentials(
      body: body, partner: match.id(0), from: address(of: head)
    ) { SHA256.digest($0) }
    let now = ledger.now
    do throws(Refusal) {
      let key = try now.state.check(.partner(credentials), at: now.clock)
      visits.note(key, in: head.number)
    } catch { throw denial(error, to: head) }
    return .partner(credentials)
  }

  /// While a rate limit is on, every answer of part 1 tells how it stands.
  private var rateLimitHeaders: [(name: String, value: String)] {
    rateLimit?.headers(at: clock.wall) ?? []
  }

  private func limited<Value>(
    _ body: () throws(Denial) -> Value
  ) throws(Denial) -> Value {
    do throws(Denial) { return try body() } catch {
      var denial = error
      denial.headers += rateLimitHeaders
      throw denial
    }
  }

  /// CONTRACT part 0.
  private static var importSizeMax: Int { 4 << 20 }
}

extension Denial {
  /// Does what may be answered with an error of the contract.
  static func of<Value>(_ body: () throws(WireError) -> Value) throws(Denial) -> Value {
    do throws(WireError) { return try body() } catch { throw Denial(error) }
  }
}
