import CohortFormat
import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

// Writes of parts 2 and 3: the key is checked before the body is read, and again by the writer when
// the request is sequenced, so that none escapes an invalidation that stands before it.

extension Service {
  /// Decides what becomes of a write whose key stands in the head.
  func planWrite(
    _ match: RouteMatch, _ head: RequestHead, needing permission: Permission
  ) throws(Denial) -> Plan {
    let caller = try caller(of: head, needing: permission)
    try head.requireJSON()
    // What passes for a wish, such as `?preview=true`, must not be passed over in silence.
    if !match.kind.ignoresUnknown {
      _ = try Denial.of { () throws(WireError) in try Query(head.query, for: match.kind) }
    }
    if match.kind == .importUsers {
      guard let place = importPlaces.take() else {
        throw Denial(causedBy: LedgerError.overloaded(retryAfter: 1))
      }
      return .receive(UsersImportReceiver(self, caller, place))
    }
    let key = try head.idempotencyKey()
    guard key != nil || !match.kind.needsIdempotencyKey else {
      throw Denial(
        WireError(
          400,
          "A launch needs an Idempotency-Key, so that a double click is one send. "
            + "Send one that names this launch."))
    }
    return .collect(limit: Self.bodySizeMax, on: .worker) { [self] request, exchange in
      write(match, request, by: caller.author, key, exchange)
    }
  }

  private func write(
    _ match: RouteMatch, _ request: Request, by author: Author, _ key: [UInt8]?,
    _ exchange: Exchange
  ) {
    do {
      let body =
        request.body.isEmpty && match.kind.mayLackBody
        ? JSONDocument().root : try JSONValue(body: request.body)
      let write = try WriteRequest(match, body: body)
      carryOut(write, by: author, request, key, exchange)
    } catch { exchange.answer(response(to: Denial(causedBy: error))) }
  }

  /// Hands a write to the ledger; it is answered when its outcome is durable.
  func carryOut(
    _ write: WriteRequest, by author: Author, _ request: Request, _ key: [UInt8]?,
    _ exchange: Exchange, _ headers: [(name: String, value: String)] = []
  ) {
    let idempotency = key.map { Idempotency(key: $0, fingerprint: request.fingerprint) }
    ledger.carryOut(write, by: author, idempotency, patience) { [self] result in
      var response: Response
      switch result {
      case .success(let done):
        meters.count(done.committed)
        response = self.response(.json(done.reply, at: done.committed.position))
      case .failure(let error):
        response = self.response(to: Denial(causedBy: error, at: write))
      }
      response.headers += headers
      exchange.answer(response)
    }
  }
}

extension Request {
  /// Names method, path and body: what must be the same under the same idempotency key.
  ///
  /// Each part stands behind its length, so that no two requests make the same text.
  fileprivate var fingerprint: Digest {
    var text: [UInt8] = []
    text.reserveCapacity(body.count + head.path.count + 32)
    for part in [Array(head.method.rawValue.utf8), head.path, body] {
      let count = UInt64(part.count)
      for shift in 0..<8 { text.append(UInt8(truncatingIfNeeded: count >> UInt64(shift * 8))) }
      text += part
    }
    return SHA256.digest(of: text)
  }
}
