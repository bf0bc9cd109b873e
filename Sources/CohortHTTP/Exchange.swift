import Synchronization

/// One request that waits for its answer.
///
/// Can be answered from any thread, once. Answers on one connection leave in the order of their
/// requests, in whatever order they are given.
package final class Exchange: Sendable {
  private let deliver: Mutex<(@Sendable (Response) -> Void)?>

  /// - `deliver`: Takes the answer; called at most once, on the thread that answers.
  package init(deliver: @escaping @Sendable (Response) -> Void) {
    self.deliver = Mutex(deliver)
  }

  /// A handler that forgets its exchange must not leave the other side waiting.
  deinit { answer(Response(status: 500, body: Array(#"{"message":"Internal error"}"#.utf8))) }

  /// Answers; only the first answer counts.
  package func answer(_ response: Response) {
    let deliver = deliver.withLock { deliver in
      defer { deliver = nil }
      return deliver
    }
    deliver?(response)
  }

  /// What an access log tells of an exchange.
  package struct Summary: Sendable {
    /// `nil` if no head could be read: the request was not one of HTTP.
    package let head: RequestHead?
    package let peer: Peer
    /// `nil` if the connection was lost before an answer.
    package let status: Int?
    /// Of the bodies.
    package let bytesIn: UInt64
    package let bytesOut: UInt64
    /// From the first byte of the head to the last byte of the answer.
    package let microseconds: Int64
    /// Whether the answer has left whole.
    package let isComplete: Bool

    package init(
      head: RequestHead?, peer: Peer, status: Int?, bytesIn: UInt64, bytesOut: UInt64,
      microseconds: Int64, isComplete: Bool
    ) {
      self.head = head
      self.peer = peer
      self.status = status
      self.bytesIn = bytesIn
      self.bytesOut = bytesOut
      self.microseconds = microseconds
      self.isComplete = isComplete
    }
  }
}
