// What a sync says to an endpoint of the contract, and what comes back.

/// One request of the contract.
package struct DestinationRequest: Hashable, Sendable {
  /// Behind the endpoint, such as `/partners/hightouch/cohorts/users`.
  package var path: String
  /// JSON that holds the keys, so it stands in no message.
  package var body: [UInt8]
  /// Whether to ask for the outcome of each identifier (`Prefer: return=representation`).
  package var wantsResults: Bool

  package init(path: String, body: [UInt8], wantsResults: Bool) {
    (self.path, self.body, self.wantsResults) = (path, body, wantsResults)
  }
}

/// What the endpoint answered.
package struct DestinationAnswer: Hashable, Sendable {
  package var status: Int
  /// From `Retry-After`, or `x-ratelimit-reset`; `nil` if it says nothing.
  package var retryAfter: Duration?
  package var body: [UInt8]

  package init(status: Int, retryAfter: Duration? = nil, body: [UInt8] = []) {
    (self.status, self.retryAfter, self.body) = (status, retryAfter, body)
  }
}

/// Nothing came back: the request may have been applied or not.
package struct NoAnswer: Error, Hashable, Sendable {
  /// Such as `connection refused`; without keys and query strings.
  package var reason: String
  /// Whether there was an answer, and it was longer than is read.
  package var isTooLong: Bool

  package init(reason: String, isTooLong: Bool = false) {
    (self.reason, self.isTooLong) = (reason, isTooLong)
  }
}

/// An endpoint of the contract.
package protocol Destination: Sendable {
  /// Sends a request and waits for its answer, on a thread of the caller.
  ///
  /// - Throws: ``NoAnswer`` if nothing comes back in time.
  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer
}

/// A key that is never printed.
package struct SecretText: Hashable, Sendable, CustomStringConvertible,
  CustomDebugStringConvertible
{
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var description: String { "(secret)" }
  package var debugDescription: String { "(secret)" }
}

/// What a destination asks of whoever sends to it, in every body.
package struct DestinationKeys: Hashable, Sendable {
  package let partnerAPIKey: SecretText
  /// In bodies called `client_secret`.
  package let dataImportKey: SecretText

  package init(partnerAPIKey: SecretText, dataImportKey: SecretText) {
    (self.partnerAPIKey, self.dataImportKey) = (partnerAPIKey, dataImportKey)
  }
}
