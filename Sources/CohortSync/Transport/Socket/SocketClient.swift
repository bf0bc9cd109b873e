import Synchronization

/// Speaks plain HTTP over sockets of its own, on the threads of its callers.
///
/// It follows no redirect, keeps no cookie and no cache, and gives an answer up that is longer than
/// it reads. Connections are kept open for the next request; one on which anything was odd is not.
/// A request is never sent twice from here: whoever gets no answer knows whether that is allowed.
package final class SocketClient: WebClient {
  private let connections: Int
  private let answerLimit: Int
  private let idle = Mutex<[PlainAddress.Host: [ClientSocket]]>([:])

  /// - Parameters:
  ///   - connections: Kept open at once to one host.
  ///   - answerLimit: The longest body of an answer, in bytes.
  package init(connections: Int = 16, answerLimit: Int = 64 << 20) {
    (self.connections, self.answerLimit) = (connections, answerLimit)
  }

  package func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer {
    guard let address = PlainAddress(request.url), let head = Self.head(request, address) else {
      throw NoAnswer(reason: "the address is none")
    }
    let deadline = MonotonicClock().now() + request.timeout
    let socket: ClientSocket
    if let idle = takeIdle(address.host) {
      socket = idle
    } else {
      socket = try ClientSocket(address.host, deadline: deadline)
    }
    let isSent = try socket.send(head + request.body, deadline: deadline)
    var parser = AnswerParser(limit: answerLimit)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try socket.receive(&buffer, deadline: deadline)
      do throws(AnswerParser.Fault) {
        if count == 0 { return try parser.end() }
        if let answer = try parser.take(buffer.span.extracting(..<count)) {
          if parser.keepsAlive, isSent { keep(socket, address.host) }
          return answer
        }
      } catch { throw noAnswer(error) }
    }
  }

  private func noAnswer(_ fault: AnswerParser.Fault) -> NoAnswer {
    switch fault {
    case .cut: NoAnswer(reason: "connection lost")
    case .noHTTP: NoAnswer(reason: "an answer that is no HTTP")
    case .tooLong:
      NoAnswer(reason: "an answer of more than \(answerLimit) bytes", isTooLong: true)
    }
  }

  private func takeIdle(_ host: PlainAddress.Host) -> ClientSocket? {
    while let socket = idle.withLock({ $0[host]?.popLast() }) {
      if socket.isIdle { return socket }
    }
    return nil
  }

  private func keep(_ socket: ClientSocket, _ host: PlainAddress.Host) {
    idle.withLock { idle in
      guard idle[host, default: []].count < connections else { return }
      idle[host, default: []].append(socket)
    }
  }

  /// - Returns: `nil` if a field could be taken for more than one.
  private static func head(_ request: WebRequest, _ address: PlainAddress) -> [UInt8]? {
    var text = "\(request.method) \(address.target) HTTP/1.1\r\nHost: \(address.authority)\r\n"
    for (name, value) in request.headers {
      guard !(name + value).utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
      text += "\(name): \(value)\r\n"
    }
    if !request.body.isEmpty || request.method == "POST" {
      text += "Content-Length: \(request.body.count)\r\n"
    }
    var bytes = Array((text + "\r\n").utf8)
    bytes.reserveCapacity(bytes.count + request.body.count)
    return bytes
  }
}

/// Speaks plain HTTP over sockets, and HTTPS through Foundation.
package struct WebClients: WebClient {
  private let plain: SocketClient
  private let secure: any WebClient
  /// Whether another machine is asked to speak to others for us.
  private let hasProxy: Bool

  /// - Parameters:
  ///   - environment: In which a proxy may be named, as curl knows them.
  ///   - connections: Kept open at once to one host.
  ///   - answerLimit: The longest body of an answer, in bytes.
  package init(
    environment: [String: String], connections: Int = 16, answerLimit: Int = 64 << 20
  ) {
    plain = SocketClient(connections: connections, answerLimit: answerLimit)
    secure = HTTPClient(connections: connections, answerLimit: answerLimit)
    hasProxy = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].contains {
      environment[$0]?.isEmpty == false
    }
  }

  package func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer {
    guard let address = PlainAddress(request.url), !hasProxy || address.host.isLoopback else {
      return try secure.send(request)
    }
    return try plain.send(request)
  }
}
