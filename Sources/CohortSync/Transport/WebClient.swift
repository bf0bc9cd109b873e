/// One request to any server of the web.
package struct WebRequest: Hashable, Sendable {
  package var method: String
  /// `http` or `https`.
  package var url: String
  package var headers: [(name: String, value: String)] {
    get { fields.map { ($0.name, $0.value) } }
    set { fields = newValue.map { WebField(name: $0.name, value: $0.value) } }
  }
  package var body: [UInt8]
  /// For the whole exchange.
  package var timeout: Duration
  private var fields: [WebField] = []

  package init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = [], timeout: Duration = .seconds(60)
  ) {
    (self.method, self.url, self.body, self.timeout) = (method, url, body, timeout)
    self.headers = headers
  }
}

private struct WebField: Hashable, Sendable {
  let name: String
  let value: String
}

/// What a server of the web answered.
package struct WebAnswer: Sendable {
  package var status: Int
  /// Names in lower case.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]

  package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// The first header of a name in lower case.
  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Speaks HTTP and HTTPS.
package protocol WebClient: Sendable {
  /// Sends a request and waits for the whole answer, on a thread of the caller.
  ///
  /// Follows no redirect: it could carry a key to somebody else.
  ///
  /// - Throws: ``NoAnswer`` if nothing comes back in time, or more than is read.
  func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer
}
