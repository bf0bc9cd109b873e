package import CohortModel
import CohortWire

/// Asks a ledger that is followed, over HTTP: where it stands, for proofs, for bytes of its log.
///
/// Each question is asked once: to ask again, and how often, is for whoever follows. What comes
/// back is read strictly, and whether it is true is for others to find out.
package struct LeaderClient: Sendable {
  package let endpoint: Endpoint
  private let key: SecretText
  private let web: any WebClient
  private let now: @Sendable () -> Instant

  /// Why there is no answer.
  package enum Failure: Error, Hashable, Sendable {
    /// Nothing came, or the leader is not ready: why, and in how many seconds it may be asked
    /// again, if it said so.
    case unheard(String, retryAfter: Int?)
    /// It does not give what was asked for: two sentences, without the key.
    case refused(String)
  }

  /// Where the leader stands, as ``status(held:)`` has it.
  package struct Status: Hashable, Sendable {
    /// 32 hexadecimal digits.
    package let ledger: String
    package let size: UInt64
    package let root: Digest
    package let logBytes: UInt64
    package let time: Instant
  }

  /// That one tree begins another, as ``consistency(from:to:)`` has it.
  package struct Consistency: Hashable, Sendable {
    package let from: (size: UInt64, root: Digest)
    package let to: (size: UInt64, root: Digest)
    package let path: [Digest]

    package static func == (a: Consistency, b: Consistency) -> Bool {
      a.from == b.from && a.to == b.to && a.path == b.path
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(from.size)
      hasher.combine(to.size)
      hasher.combine(path)
    }
  }

  /// - Parameters:
  ///   - endpoint: Of the leader.
  ///   - key: A REST key with the permission `ledger.log`; it travels in a header.
  ///   - web: Who speaks to it.
  ///   - now: The clock, to know how far away the moments are that it names.
  package init(
    _ endpoint: Endpoint, _ key: SecretText, _ web: any WebClient,
    now: @escaping @Sendable () -> Instant
  ) { (self.endpoint, self.key, self.web, self.now) = (endpoint, key, web, now) }

  /// `GET /ledger/status`.
  ///
  /// - Parameter held: The last position that the caller has; `nil` if he does not follow.
  /// - Returns: What it says of itself.
  /// - Throws: ``Failure``.
  package func status(held: Position?) throws(Failure) -> Status {
    let root = try json("/ledger/status", held: held).root
    guard let ledger = root["ledger"]?.string, let tree = root["tree"],
      let size = tree["size"]?.unsignedInteger, let digest = tree["root"]?.digest,
      let bytes = root["log_bytes"]?.unsignedInteger,
      let time = root["as_of"]?["time"]?.string,
      let time = Instant(text: String(decoding: time, as: UTF8.self))
    else { throw noLedger }
    return Status(
      ledger: String(decoding: ledger, as: UTF8.self), size: size, root: digest, logBytes: bytes,
      time: time)
  }

  /// `GET /ledger/tree/head?size=`.
  package func root(at size: UInt64) throws(Failure) -> Digest {
    let root = try json("/ledger/tree/head?size=\(size)").root
    guard root["size"]?.unsignedInteger == size, let digest = root["root"]?.digest else {
      throw noLedger
    }
    return digest
  }

  /// `GET /ledger/tree/consistency?from=&to=`.
  package func consistency(from: UInt64, to: UInt64) throws(Failure) -> Consistency {
    let root = try json("/ledger/tree/consistency?from=\(from)&to=\(to)").root
    func head(_ value: JSONValue?) throws(Failure) -> (size: UInt64, root: Digest) {
      guard let size = value?["size"]?.unsignedInteger, let root = value?["root"]?.digest else {
        throw noLedger
      }
      return (size, root)
    }
    guard let list = root["path"], list.kind == .array else { throw noLedger }
    var path: [Digest] = []
    for item in list.elements {
      guard let digest = item.digest else { throw noLedger }
      path.append(digest)
    }
    return Consistency(from: try head(root["from"]), to: try head(root["to"]), path: path)
  }

  /// `GET /ledger/log` with a `Range`.
  ///
  /// - Parameters:
  ///   - range: Not empty.
  ///   - held: The last position that the caller has.
  /// - Returns: From the beginning of the range on, perhaps less than all of it.
  /// - Throws: ``Failure``.
  package func bytes(in range: Range<UInt64>, held: Position?) throws(Failure) -> [UInt8] {
    let answer = try ask(
      "/ledger/log", held: held,
      [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")])
    guard answer.status == 206, UInt64(answer.body.count) <= UInt64(range.count),
      let place = answer.header("content-range"), place.hasPrefix("bytes \(range.lowerBound)-")
    else { throw try failure(answer) }
    return answer.body
  }

  /// Waits until there is an event behind a position, or the time is over.
  ///
  /// - Parameters:
  ///   - position: The last one known.
  ///   - seconds: At most 60.
  /// - Throws: ``Failure``.
  package func wait(behind position: Position, seconds: Int) throws(Failure) {
    let answer = try ask(
      "/ledger/events?after=\(position.rawValue)&limit=1&identifiers=none&wait=\(seconds)",
      held: position, timeout: .seconds(seconds) + Self.timeout)
    guard answer.status == 200 else { throw try failure(answer) }
  }

  // MARK: Asking

  private func ask(
    _ target: String, held: Position?, _ headers: [(name: String, value: String)] = [],
    timeout: Duration = Self.timeout
  ) throws(Failure) -> WebAnswer {
    var headers = headers + LedgerPreview.headers(key)
    if let held { headers.append(("Ledger-Position", "\(held.rawValue)")) }
    do throws(NoAnswer) {
      return try web.send(
        WebRequest("GET", endpoint.text + target, headers: headers, timeout: timeout))
    } catch { throw .unheard(error.reason, retryAfter: nil) }
  }

  private func json(_ target: String, held: Position? = nil) throws(Failure) -> JSONDocument {
    let answer = try ask(target, held: held)
    guard answer.status == 200, let document = try? JSONDocument(parsing: answer.body) else {
      throw try failure(answer)
    }
    return document
  }

  /// What an answer that cannot be used comes to.
  private func failure(_ answer: WebAnswer) throws(Failure) -> Failure {
    let message = (try? JSONDocument(parsing: answer.body))?.root["message"]?.string
    let words = message.map { "'\(String(decoding: $0.prefix(300), as: UTF8.self))'" }
    let said = "\(answer.status)\(words.map { " \($0)" } ?? "")"
    switch answer.status {
    case 429, 500...:
      let wait = RetryAfter.read(answer, now: now()).map { Int($0.components.seconds) }
      return .unheard("it answers \(said)", retryAfter: wait)
    case 416:
      return .unheard("its log ends before what was asked for", retryAfter: nil)
    // It knows the path, but not what it has just told of: it was another one, or set back.
    case 404 where message.map { !$0.elementsEqual("Not Found".utf8) } ?? false:
      return .unheard("it answers \(said)", retryAfter: nil)
    case 401, 403:
      return .refused(
        "\(endpoint) does not open to this key: \(said). "
          + "Give a REST key with the permission ledger.log.")
    default:
      guard words != nil, answer.status >= 400 else { return noLedger }
      return .refused(
        "\(endpoint) does not answer what it is asked: \(said). "
          + "Check the address, and that it runs a release that can be followed.")
    }
  }

  private var noLedger: Failure {
    .refused(
      "\(endpoint) does not answer as a ledger. Give the address that 'cohort serve' prints.")
  }

  private static let timeout = Duration.seconds(30)
}

extension JSONValue {
  fileprivate var digest: Digest? {
    string.flatMap { Digest(String(decoding: $0, as: UTF8.self)) }
  }
}
