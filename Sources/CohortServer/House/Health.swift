import CohortHTTP
import CohortLedger
import CohortLog
import CohortWire

extension Service {
  /// `GET /health`: whether the ledger takes writes; no key is needed, and nothing is told that
  /// would need one.
  ///
  /// 200 while it does, or was opened to be read; 503 with the reason otherwise.
  func health() -> Response {
    let position = ledger.now.end
    guard let trouble = ledger.trouble else {
      return response(.object(at: position) { $0.member("message", "healthy") })
    }
    return response(
      .object(at: position, status: 503) { json in
        json.member("message", trouble.error.message)
        for member in trouble.error.members { json.member(member.key, member.value) }
      })
  }
}

extension Ledger {
  /// Whether a write submitted now would be decided.
  var isWritable: Bool { refusesWrites == nil }

  /// Why nothing can be written that should be; `nil` if all is well.
  var trouble: LedgerFailure? {
    if case .readOnly = report.condition { return followFailure.map { LedgerFailure($0) } }
    return refusesWrites.map { LedgerFailure($0) }
  }
}
