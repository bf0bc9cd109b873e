import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import Synchronization
import TestSupport

/// A service over a ledger on a simulated machine, asked without any socket.
final class TestHouse {
  let shop: TestShop
  let service: Service

  /// Every secret that was used here: none may stand in what the house says.
  private(set) var secrets = ["pk-1", "dik-1"]

  /// From where requests come.
  var peer = Peer.address([203, 0, 113, 7], port: 4_711)

  init(
    shop: TestShop? = nil, _ settings: ServiceSettings = ServiceSettings(),
    accessLog: AccessLog? = nil, clock: (any Clock)? = nil
  ) throws {
    let shop = try shop ?? TestShop()
    self.shop = shop
    service = Service(
      shop.ledger, settings, accessLog: accessLog, clock: clock ?? shop.clock)
  }

  var visitor: Visitor { Visitor(service: service, peer: peer) }

  /// Issues a REST key, and returns its secret.
  func key(
    _ permissions: Permissions = .all, networks: [Network] = [], expiresAt: Instant? = nil
  ) throws -> String {
    let secret = "rk-" + String(repeating: "k", count: 40) + String(100 + secrets.count)
    secrets.append(secret)
    try shop.submit(
      .issueKey(
        IssueKey(
          kind: .rest, partner: nil, label: "test", permissions: permissions, networks: networks,
          expiresAt: expiresAt, digest: SHA256.digest(Array(secret.utf8).span))))
    return secret
  }

  func key(_ permissions: [Permission]) throws -> String { try key(Permissions(permissions)) }

  @discardableResult
  func send(
    _ method: RequestMethod, _ target: String, key: String? = nil,
    headers: [(String, String)] = [], body: [UInt8] = [], pieces: Int = 1 << 16
  ) -> TestAnswer {
    visitor.send(method, target, key: key, headers: headers, body: body, pieces: pieces)
  }

  @discardableResult
  func post(
    _ target: String, _ body: String, key: String? = nil, headers: [(String, String)] = []
  ) -> TestAnswer {
    send(.post, target, key: key, headers: headers, body: Array(body.utf8))
  }

  @discardableResult
  func get(_ target: String, key: String? = nil, headers: [(String, String)] = []) -> TestAnswer {
    send(.get, target, key: key, headers: headers)
  }

  func head(
    _ method: RequestMethod, _ target: String, key: String? = nil,
    headers: [(String, String)] = []
  ) -> RequestHead {
    visitor.head(method, target, key: key, headers: headers)
  }
}

/// Somebody who sends requests to a service, from any thread.
struct Visitor: Sendable {
  let service: Service
  let peer: Peer

  private static let numbers = Mutex<UInt64>(0)

  /// Sends a request and waits for its answer.
  ///
  /// - Parameters:
  ///   - method: Of HTTP.
  ///   - target: A path, with its query.
  ///   - key: Of a bearer; `nil` for a request without `Authorization`.
  ///   - headers: Further fields, with names in lower case.
  ///   - body: As it is sent.
  ///   - pieces: Into how many bytes a body is cut that is taken as it comes.
  /// - Returns: What was answered.
  func send(
    _ method: RequestMethod, _ target: String, key: String? = nil,
    headers: [(String, String)] = [], body: [UInt8] = [], pieces: Int = 1 << 16
  ) -> TestAnswer {
    let head = self.head(method, target, key: key, headers: headers)
    let outcome = Monitor<Response?>(nil)
    let exchange = Exchange { response in outcome.change { $0 = response } }
    var plan = service.plan(head)
    var fields: [(name: String, value: String)] = []
    if case .telling(let told, let inner) = plan { (fields, plan) = (told, inner) }
    switch plan {
    case .telling: break
    case .answer(let response): exchange.answer(response)
    case .collect(let limit, _, let handler):
      if body.count > limit {
        exchange.answer(Response(status: 413, headers: fields))
      } else {
        handler(Request(head: head, body: body), exchange)
      }
    case .receive(let receiver): feed(receiver, body, pieces, exchange)
    }
    let response = outcome.wait(for: { $0 }) ?? Response(status: 500)
    let answer = TestAnswer(response)
    service.note(
      Exchange.Summary(
        head: head, peer: peer, status: answer.status, bytesIn: UInt64(body.count),
        bytesOut: UInt64(answer.body.count), microseconds: 250, isComplete: true))
    return answer
  }

  func head(
    _ method: RequestMethod, _ target: String, key: String? = nil,
    headers: [(String, String)] = []
  ) -> RequestHead {
    let number = Self.numbers.withLock { number in
      number += 1
      return number
    }
    var fields = Headers()
    if !headers.contains(where: { $0.0 == "host" }) {
      fields.append(Array("host".utf8), Array("ledger.example".utf8))
    }
    if let key { fields.append(Array("authorization".utf8), Array("Bearer \(key)".utf8)) }
    for (name, value) in headers { fields.append(Array(name.utf8), Array(value.utf8)) }
    let parts = target.utf8.split(
      separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    return RequestHead(
      method: method, path: Array(parts[0]), query: parts.count == 2 ? Array(parts[1]) : nil,
      headers: fields, peer: peer, number: number)
  }

  private func feed(
    _ receiver: any BodyReceiver, _ body: [UInt8], _ pieces: Int, _ exchange: Exchange
  ) {
    var start = 0
    while start < body.count {
      let end = min(start + pieces, body.count)
      if let response = receiver.take(Array(body[start..<end])) {
        return exchange.answer(response)
      }
      start = end
    }
    receiver.finish(exchange)
  }
}

/// What was answered, with the whole of a body that was streamed.
struct TestAnswer {
  let status: Int
  let headers: [(name: String, value: String)]
  let body: [UInt8]
  let closes: Bool

  init(_ response: Response) {
    status = response.status
    headers = response.headers
    closes = response.closes
    switch response.body {
    case .bytes(let bytes): body = bytes
    case .source(let source, _): body = Self.drained(source)
    }
  }

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue? { try? JSONDocument(parsing: body).root }
  var message: String? { json?["message"]?.string.map { String(decoding: $0, as: UTF8.self) } }

  subscript(header: String) -> String? {
    headers.first { $0.name.lowercased() == header.lowercased() }?.value
  }

  /// A number of the answer, by its name.
  func number(_ keys: String...) -> Int? {
    var value = json
    for key in keys { value = value?[key] }
    return value?.unsignedInteger.map { Int($0) }
  }

  func string(_ keys: String...) -> String? {
    var value = json
    for key in keys { value = value?[key] }
    return value?.string.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Everything up to the end, or to where a source would wait.
  private static func drained(_ source: any BodySource) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      switch source.next(Wake {}) {
      case .bytes(let part): bytes += part
      case .wait, .end, .fail:
        source.end()
        return bytes
      }
    }
  }
}
