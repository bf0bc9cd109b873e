package import CohortLedger
package import CohortWire

/// What the outside is told when the ledger did not do what was asked.
///
/// CONTRACT part 0.
package struct LedgerFailure {
  package let error: WireError
  /// Seconds, for `Retry-After`.
  package let retryAfter: Int?

  package init(_ error: LedgerError) {
    switch error {
    case .refused(let refusal, _): self.init(WireError(refusal))
    case .overloaded(let seconds):
      self.init(WireError(503, error.description), retryAfter: seconds)
    case .diskFull: self.init(WireError(507, error.description), retryAfter: 10)
    case .notWritten: self.init(WireError(503, error.description), retryAfter: 1)
    case .outcomeUnknown: self.init(Self.named("Outcome unknown", 503, error))
    case .writesStopped: self.init(Self.named("Writes stopped", 503, error))
    case .clockAhead: self.init(WireError(503, error.description), retryAfter: 60)
    case .readOnly: self.init(Self.named("Log damaged", 503, error))
    case .shuttingDown, .notClosed:
      self.init(Self.named("Shutting down", 503, error), retryAfter: 5)
    case .tooLarge: self.init(WireError(413, error.description))
    case .beyondEnd: self.init(WireError(400, error.description))
    case .laterThanNow(let instant, let now):
      self.init(
        WireError(
          400,
          "The time \(instant.rfc3339) is later than now, \(now.rfc3339). Ask for an earlier one."))
    case .unreadable: self.init(Self.named("Log damaged", 500, error))
    case .noThread: self.init(WireError(503, error.description), retryAfter: 1)
    case .storage: self.init(WireError(500, error.description))
    }
  }

  private init(_ error: WireError, retryAfter: Int? = nil) {
    self.error = error
    self.retryAfter = retryAfter
  }

  /// The contract's literal message, with what is so and what to do beside it.
  private static func named(_ message: String, _ status: Int, _ error: LedgerError) -> WireError {
    WireError(status, message, [JSONText.Member("reason", .string(error.description))])
  }
}
