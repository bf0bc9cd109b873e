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
  /// Whether the connection ends with it.
  package var closes = false

  package init(_ error: WireError, _ headers: [(name: String, value: String)] = []) {
    self.error = error
    self.headers = headers
    // RFC 9110, section 11.6.1. Part 1 has its keys in the body, and no scheme.
    if error == WireError(.invalidAPIKey) { self.headers.append(("WWW-Authenticate", "Bearer")) }
  }

  /// - Parameters:
  ///   - error: Whatever was thrown.
  ///   - request: What it was thrown at: a subject that does not exist is a 404.
  package init(causedBy error: any Error, at request: WriteRequest? = nil) {
    switch error {
    case let denial as Denial: self = denial
    case let error as WireError: self.init(error)
    case let refusal as Refusal: self.init(request?.error(refusal) ?? WireError(refusal))
    case LedgerError.refused(let refusal, let position):
      self.init(request?.error(refusal) ?? WireError(refusal))
      self.position = position
    case let error as LedgerError:
      let failure = LedgerFailure(error)
      self.init(failure.error, failure.retryAfter.map { [("Retry-After", String($0))] } ?? [])
    default:
      self.init(
        WireError(500, "Something went wrong that should not. Tell whoever runs the server."))
    }
  }

  /// The same, with further members beside the message.
  func adding(_ members: [JSONText.Member]) -> Denial {
    var denial = self
    denial.error = WireError(error.status, error.message, error.members + members)
    return denial
  }
}
