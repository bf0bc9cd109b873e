import CohortHTTP
import CohortThreads
import Synchronization

/// An application made of one function, which remembers what it was told.
final class TestApplication: Application {
  private let decide: @Sendable (RequestHead) -> Plan
  let noted = Monitor<[Exchange.Summary]>([])

  init(_ decide: @escaping @Sendable (RequestHead) -> Plan) { self.decide = decide }

  /// Answers with the body it was sent, or the path.
  static func echo() -> TestApplication {
    TestApplication { head in
      .collect(limit: 4 << 20, on: .loop) { request, exchange in
        exchange.answer(
          Response(status: 200, body: request.body.isEmpty ? head.path : request.body))
      }
    }
  }

  func plan(_ head: RequestHead) -> Plan { decide(head) }

  func note(_ exchange: Exchange.Summary) { noted.change { $0.append(exchange) } }

  /// Waits until so many exchanges have been noted.
  func notes(_ count: Int) -> [Exchange.Summary] {
    noted.wait(milliseconds: 10_000) { $0.count >= count ? $0 : nil } ?? noted.look { $0 }
  }
}

/// Runs a server while `body` does.
func withServer(
  _ application: TestApplication, _ settings: HTTPSettings = HTTPSettings(),
  _ body: (HTTPServer, BoundAddress) throws -> Void
) throws {
  let server = try HTTPServer(application, settings)
  defer { server.stop(withinMilliseconds: 1_000) }
  let bound = try server.listen(on: [ListenAddress("127.0.0.1:0")])
  try body(server, bound[0])
}
