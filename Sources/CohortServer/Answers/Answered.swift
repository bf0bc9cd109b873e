package import CohortHTTP
import CohortLedger
package import CohortModel
package import CohortWire

/// What a question was answered.
package struct Answered: Sendable {
  package var status: Int
  /// Beside `Content-Type` and `Ledger-Position`.
  package var headers: [(name: String, value: String)] = []
  package var type: String
  package var body: Response.Body
  /// What the answer stands on.
  package var position: Position
}

extension Answered {
  /// One value of JSON.
  package static func json(_ reply: Reply, at position: Position) -> Answered {
    Answered(
      status: reply.status,
      headers: reply.isReplayed ? [("Idempotency-Replayed", "true")] : [],
      type: "application/json", body: .bytes(reply.body), position: position)
  }

  /// One object, written by `members`.
  package static func object(
    at position: Position, status: Int = 200, _ members: (inout JSONWriter) -> Void
  ) -> Answered {
    var body: [UInt8] = []
    JSONWriter.append(to: &body) { $0.object(members) }
    return .json(Reply(status: status, body: body), at: position)
  }

  /// Something long, made while it is sent.
  ///
  /// - Parameters:
  ///   - source: Makes it.
  ///   - type: Its media type, such as `application/x-ndjson`.
  ///   - length: In bytes, if it is known.
  ///   - position: What it stands on.
  /// - Returns: An answer with status 200.
  package static func stream(
    _ source: any BodySource, type: String, length: UInt64? = nil, at position: Position
  ) -> Answered {
    Answered(
      status: 200, type: type, body: .source(source, length: length), position: position)
  }
}

extension Service {
  /// Nothing that the ledger says may be kept by caches on the way: keys end, people are erased.
  func response(_ answered: Answered) -> Response {
    Response(
      status: answered.status,
      headers: [
        ("Content-Type", answered.type), ("Cache-Control", "no-store"),
        ("Ledger-Position", String(answered.position.rawValue)),
      ] + answered.headers, body: answered.body)
  }

  func response(to denial: Denial) -> Response {
    var answered = Answered.json(
      denial.error.reply, at: denial.position ?? ledger.now.end)
    answered.headers += denial.headers
    var response = response(answered)
    response.closes = denial.closes
    return response
  }
}
