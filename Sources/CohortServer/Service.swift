package import CohortHTTP
package import CohortLedger
package import CohortModel
import CohortWire

/// The house above HTTP: one ledger, and who may ask it what.
///
/// Every request goes through ``plan(_:)``, the one funnel: route, media type, key, permission,
/// limit. What is left is a read, answered by a function of `Reads/` on a worker, or a write,
/// submitted to the ledger and answered when it is durable.
///
/// Holds no state of the ledger's: keys are asked for in what is durable, each time.
package final class Service: Application {
  package let ledger: Ledger
  package let settings: ServiceSettings

  package init(_ ledger: Ledger, _ settings: ServiceSettings = ServiceSettings()) {
    self.ledger = ledger
    self.settings = settings
  }

  package func plan(_ head: RequestHead) -> Plan {
    do throws(Denial) {
      return try admit(head)
    } catch {
      return .answer(response(to: error))
    }
  }

  package func note(_ exchange: Exchange.Summary) {}

  /// Decides who asks for what.
  ///
  /// - Throws: What is answered at once, before any body is read.
  private func admit(_ head: RequestHead) throws(Denial) -> Plan {
    let match = try find(head)
    try head.requireNoSecretInQuery()
    if match.kind == .health { return .answer(health()) }
    guard let permission = match.route.permission else { throw Denial(.notFound) }
    guard let read = reading(match.kind) else { throw Denial(.notFound) }
    let caller = try caller(of: head, needing: permission)
    if match.route.method == .post { try head.requireJSON() }
    return .collect(limit: Self.bodySizeMax, on: .worker) { [self] request, exchange in
      exchange.answer(answer(read, match, request, caller))
    }
  }

  private func answer(
    _ read: Reading, _ match: RouteMatch, _ request: Request, _ caller: Caller
  ) -> Response {
    do {
      let now = ledger.now
      // Time has passed since the head came, and the key may be gone.
      try caller.check(in: now)
      let question = Question(
        service: self, match: match, head: request.head, body: request.body, caller: caller,
        now: now)
      return response(try read(question))
    } catch {
      return response(to: Denial(causedBy: error))
    }
  }

  /// CONTRACT part 0.
  static var bodySizeMax: Int { 1 << 20 }
}

/// How a service is run.
package struct ServiceSettings: Sendable {
  /// Authenticated requests of part 1 in an hour; `nil` for any number.
  package var rateLimit: Int?
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies: [Network] = []

  package init() {}
}

/// Answers a question.
///
/// - Throws: ``WireError``, ``LedgerError`` or ``Refusal``, each told as the contract has it.
package typealias Reading = @Sendable (Question) throws -> Answered
