import CohortModel
import CohortSync
import CohortWire
import Synchronization

/// A web that answers by a script, and remembers what it was asked.
final class WebScript: WebClient {
  private let script: @Sendable (WebRequest) -> WebAnswer?
  private let requests = Mutex<[WebRequest]>([])

  /// - Parameter script: `nil` for no answer.
  init(_ script: @escaping @Sendable (WebRequest) -> WebAnswer?) { self.script = script }

  var seen: [WebRequest] { requests.withLock { $0 } }

  func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer {
    requests.withLock { $0.append(request) }
    guard let answer = script(request) else { throw NoAnswer(reason: "connection lost") }
    return answer
  }
}

extension WebAnswer {
  init(_ status: Int, _ body: JSONText) { self.init(status: status, body: body.bytes) }
}
