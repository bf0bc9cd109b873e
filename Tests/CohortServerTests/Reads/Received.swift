import CohortHTTP
import Synchronization

/// Keeps the body of an answer.
final class Received: Sendable {
  private let kept = Mutex<(any BodySource)?>(nil)

  func keep(_ body: any BodySource) { kept.withLock { $0 = body } }

  var body: (any BodySource)? { kept.withLock { $0 } }
}
