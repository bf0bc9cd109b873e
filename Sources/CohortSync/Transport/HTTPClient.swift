import CohortThreads
import Foundation
import FoundationNetworking
import Synchronization

/// Speaks HTTP and HTTPS through Foundation.
///
/// It follows no redirect, keeps no cookie, no cache and no password, and gives an answer up that
/// is longer than it reads. Connections are kept open for the next request.
package final class HTTPClient: WebClient {
  private let session: URLSession
  private let exchanges: Exchanges

  /// - Parameters:
  ///   - connections: Open at once to one host.
  ///   - answerLimit: The longest body of an answer, in bytes.
  package init(connections: Int = 16, answerLimit: Int = 64 << 20) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = connections
    configuration.httpShouldSetCookies = false
    configuration.httpCookieAcceptPolicy = .never
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    exchanges = Exchanges(answerLimit: answerLimit)
    // Foundation calls the delegate on one thread at a time; it does nothing but copy.
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
  }

  deinit { session.invalidateAndCancel() }

  package func send(_ request: WebRequest) throws(NoAnswer) -> WebAnswer {
    guard let url = URL(string: request.url), let host = url.host, !host.isEmpty else {
      throw NoAnswer(reason: "the address is none")
    }
    var sent = URLRequest(url: url)
    sent.httpMethod = request.method
    sent.httpShouldHandleCookies = false
    // The time of the whole exchange is kept below; this one begins again with every byte.
    sent.timeoutInterval = TimeInterval(request.timeout.components.seconds + 1)
    for (name, value) in request.headers { sent.setValue(value, forHTTPHeaderField: name) }
    if !request.body.isEmpty || request.method == "POST" { sent.httpBody = Data(request.body) }

    let task = session.dataTask(with: sent)
    let exchange = exchanges.begin(task.taskIdentifier)
    task.resume()
    let (seconds, attoseconds) = request.timeout.components
    let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    let result = exchange.wait(milliseconds: milliseconds) { $0.result }
    guard let result else {
      exchanges.end(task.taskIdentifier)
      task.cancel()
      throw NoAnswer(reason: "no answer within \(seconds) seconds")
    }
    return try result.get()
  }
}

/// One request and what came back of it so far.
private struct Exchange: Sendable {
  var status = 0
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// Once it is over.
  var result: Result<WebAnswer, NoAnswer>?
}

/// All exchanges of a client, by the number of their task.
private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
  private let open = Mutex<[Int: Monitor<Exchange>]>([:])
  private let answerLimit: Int

  init(answerLimit: Int) { self.answerLimit = answerLimit }

  func begin(_ task: Int) -> Monitor<Exchange> {
    let exchange = Monitor(Exchange())
    open.withLock { $0[task] = exchange }
    return exchange
  }

  @discardableResult
  func end(_ task: Int) -> Monitor<Exchange>? { open.withLock { $0.removeValue(forKey: task) } }

  private func find(_ task: Int) -> Monitor<Exchange>? { open.withLock { $0[task] } }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    find(task.taskIdentifier)?.change { $0.take(response) }
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    if let response = response as? HTTPURLResponse {
      find(dataTask.taskIdentifier)?.change { $0.take(response) }
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let limit = answerLimit
    let fits = find(dataTask.taskIdentifier)?.change { exchange in
      guard data.count <= limit - exchange.body.count else { return false }
      exchange.body.append(contentsOf: data)
      return true
    }
    guard fits == false else { return }
    end(dataTask.taskIdentifier)?.change {
      $0.result = .failure(
        NoAnswer(reason: "an answer of more than \(limit) bytes", isTooLong: true))
    }
    dataTask.cancel()
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    end(task.taskIdentifier)?.change { exchange in
      exchange.result = exchange.end(error.map { ($0 as? URLError)?.words ?? "the request failed" })
    }
  }
}

extension Exchange {
  mutating func take(_ response: HTTPURLResponse) {
    status = response.statusCode
    headers = response.allHeaderFields.compactMap { name, value in
      guard let name = name.base as? String else { return nil }
      return (name.lowercased(), "\(value)")
    }
  }

  func end(_ failure: String?) -> Result<WebAnswer, NoAnswer> {
    // A redirect that is not followed may end as an error, but it was answered.
    let isRedirect = (300...399).contains(status)
    if let failure, !isRedirect { return .failure(NoAnswer(reason: failure)) }
    guard status > 0 else { return .failure(NoAnswer(reason: "no answer of HTTP")) }
    return .success(WebAnswer(status: status, headers: headers, body: body))
  }
}

extension URLError {
  /// Without the address, in which keys could stand.
  fileprivate var words: String {
    switch code {
    case .cannotConnectToHost: "connection refused"
    case .cannotFindHost, .dnsLookupFailed: "no such host"
    case .networkConnectionLost: "connection lost"
    case .notConnectedToInternet: "no network"
    case .timedOut: "no answer in time"
    case .secureConnectionFailed, .clientCertificateRejected, .clientCertificateRequired:
      "no secure connection"
    case .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      "its certificate is not trusted"
    case .badServerResponse, .cannotParseResponse, .cannotDecodeContentData,
      .cannotDecodeRawData:
      "an answer that is no HTTP"
    case .httpTooManyRedirects: "too many redirects"
    // The words of libcurl, such as 'SSL certificate problem: self-signed certificate'; it names
    // hosts and no paths.
    default: "connection failed: \(localizedDescription.prefix(200))"
    }
  }
}
