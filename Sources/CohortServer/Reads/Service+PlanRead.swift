import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

extension Service {
  /// Decides what becomes of a question: the key is checked now, before a body is read, and once
  /// more when a worker begins.
  func planRead(
    _ read: @escaping Reading, _ match: RouteMatch, _ head: RequestHead,
    needing permission: Permission
  ) throws(Denial) -> Plan {
    let caller = try caller(of: head, needing: needed(for: match.route, by: head, permission))
    if match.route.method == .post { try head.requireJSON() }
    if match.kind == .cohortMembers, let response = answerAtHand(read, match, head, caller) {
      return .answer(response)
    }
    return .collect(limit: Self.bodySizeMax, on: .worker) { [self] request, exchange in
      exchange.answer(answer(read, match, request, caller))
    }
  }

  /// The answer if all that it needs is at hand: to wake a worker takes longer than a page.
  ///
  /// - Returns: `nil` for a worker to find out.
  private func answerAtHand(
    _ read: Reading, _ match: RouteMatch, _ head: RequestHead, _ caller: Caller
  ) -> Response? {
    guard !head.announcesBody else { return nil }
    let question = Question(
      service: self, match: match, head: head, body: [], caller: caller, now: ledger.now,
      isHasty: true)
    // Whatever is wrong with it, a worker says so.
    guard let answered = try? read(question) else { return nil }
    meters.countRead(by: caller.key, at: question.now.instant)
    noteReplica(head, caller)
    return response(answered)
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
        now: now, isHasty: false)
      meters.countRead(by: caller.key, at: now.instant)
      noteReplica(request.head, caller)
      return response(try read(question))
    } catch {
      meters.count(error)
      return response(to: lag(error) ?? Denial(causedBy: error))
    }
  }

  /// What the caller's key must open: the one thing, or the other if the key has that.
  private func needed(
    for route: Route, by head: RequestHead, _ permission: Permission
  ) -> Permission {
    guard let other = route.alternative, let digest = head.bearerDigest else { return permission }
    let keys = ledger.now.state.keys
    guard let key = keys.find(digest) else { return permission }
    let granted = keys[key].issued.permissions
    return !granted.contains(permission) && granted.contains(other) ? other : permission
  }

  /// CONTRACT part 0.
  static var bodySizeMax: Int { 1 << 20 }
}

/// Answers a question.
///
/// - Throws: ``WireError``, ``LedgerError`` or ``Refusal``, each told as the contract has it.
package typealias Reading = @Sendable (Question) throws -> Answered

extension RequestHead {
  fileprivate var announcesBody: Bool {
    !headers["content-length"].isEmpty || !headers["transfer-encoding"].isEmpty
  }
}
