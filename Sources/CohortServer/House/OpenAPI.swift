import CohortHTTP
import CohortLedger
import CohortWire

extension Service {
  /// `GET /openapi.json`: the description of the interface.
  func openAPI(_ question: Question) throws -> Answered {
    _ = try Query(question.head.query, for: .openAPI)
    return .json(Reply(status: 200, body: OpenAPI.document), at: question.now.end)
  }
}
