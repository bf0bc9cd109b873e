import CohortLedger
package import CohortModel
package import CohortWire

/// Why a request does not get what it asks for: what is said, and the fields of the head that go
/// with it.
package struct Denial: Error {
  package var error: WireError
  package var headers: [(name: String, value: String)]
  /// What it was decided on; `nil` if the ledger had no part in it.
  package var position: Position?

  package init(_ error: WireError, _ headers: [(name: String, value: String)] = []) {
    self.error = error
    self.headers = headers
    if error.status == 401 { self.headers.append(("WWW-Authenticate", "Bearer")) }
  }

  /// - Parameters:
  ///   - error: Whatever was thrown.
  ///   - request: What it was thrown at: a subject that does not exist is a 404.
  package init(causedBy error: any Error, at request: WriteRequest? = nil) {
    switch error {
    case let denial as Denial: self = denial
    case let error as WireError: self.init(error)
    case let refusal as Refusal:
      self.init(request?.error(refusal) ?? WireError(refusal))
    case LedgerError.refused(let refusal, let position):
      self.init(request?.error(refusal) ?? WireError(refusal))
      self.position = position
    case let error as LedgerError:
      let failure = LedgerFailure(error)
      self.init(failure.error, failure.retryAfter.map { [("Retry-After", String($0))] } ?? [])
    default:
      self.init(WireError(500, "Internal error"))
    }
  }
}
