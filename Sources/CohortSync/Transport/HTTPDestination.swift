package import CohortModel

/// An endpoint of the contract over HTTP or HTTPS; the keys travel in the body.
package struct HTTPDestination: Destination {
  private let endpoint: String
  private let web: any WebClient
  private let timeout: Duration
  private let now: @Sendable () -> Instant

  /// - Parameters:
  ///   - endpoint: What stands before every path, without a slash at its end.
  ///   - web: Who speaks to it.
  ///   - timeout: For each request with its answer.
  ///   - now: The clock, to know how far away the moments are that it names.
  package init(
    _ endpoint: String, _ web: any WebClient, timeout: Duration = .seconds(60),
    now: @escaping @Sendable () -> Instant
  ) {
    (self.endpoint, self.web, self.timeout, self.now) = (endpoint, web, timeout, now)
  }

  package func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    var headers = [(name: "Content-Type", value: "application/json")]
    if request.wantsResults { headers.append(("Prefer", "return=representation")) }
    let answer = try web.send(
      WebRequest(
        "POST", endpoint + request.path, headers: headers, body: request.body, timeout: timeout))
    return DestinationAnswer(
      status: answer.status, retryAfter: RetryAfter.read(answer, now: now()), body: answer.body)
  }
}
