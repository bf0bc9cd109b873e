package import CohortModel
import CohortWire

/// Why a page of the feed was not read.
package enum FeedFailure: Error, Hashable, Sendable {
  /// The ledger was restored: the event of the checkpoint is not part of it any more.
  case historyChanged
  /// Two sentences, without keys.
  case refused(String)
  /// It may work again without anybody doing something about it. Two sentences.
  case unreachable(String)
}

/// The feed of a ledger.
package protocol LedgerFeed: Sendable {
  /// The id of the ledger.
  func ledgerID() throws(FeedFailure) -> String

  /// Where the feed ends now.
  func end() throws(FeedFailure) -> FeedCheckpoint

  /// The next events behind a place.
  ///
  /// - Parameters:
  ///   - after: Checked by the ledger, but for the beginning.
  ///   - limit: Of events.
  ///   - wait: Seconds to wait for the first.
  /// - Returns: Empty at the end of the feed.
  /// - Throws: ``FeedFailure``.
  func events(
    after: FeedCheckpoint, limit: Int, wait: Int
  ) throws(FeedFailure) -> [FeedEvent]
}

/// Reads the feed over HTTP.
package struct HTTPFeed: LedgerFeed {
  private let endpoint: String
  private let key: SecretText
  private let web: any WebClient
  private let parser: FeedParser

  /// - Parameters:
  ///   - endpoint: Of the ledger, without a slash at its end.
  ///   - key: With the permissions `ledger.read` and `ledger.log`; it travels in a header.
  ///   - cohorts: Whose members are of interest.
  ///   - web: Who speaks to it.
  package init(
    _ endpoint: String, _ key: SecretText, cohorts: [CohortName], _ web: any WebClient
  ) {
    (self.endpoint, self.key, self.web) = (endpoint, key, web)
    parser = FeedParser(cohorts)
  }

  package func ledgerID() throws(FeedFailure) -> String {
    let answer = try get("/ledger/status")
    guard let id = (try? JSONDocument(parsing: answer.body))?.root["ledger"]?.string else {
      throw .refused(Self.noLedger)
    }
    return String(decoding: id, as: UTF8.self)
  }

  package func end() throws(FeedFailure) -> FeedCheckpoint {
    let answer = try get("/ledger/tree/head")
    let text = (try? JSONDocument(parsing: answer.body))?.root["checkpoint"]?.string
    guard let text, let end = FeedCheckpoint(text: String(decoding: text, as: UTF8.self)) else {
      throw .refused(Self.noLedger)
    }
    return end
  }

  package func events(
    after: FeedCheckpoint, limit: Int, wait: Int
  ) throws(FeedFailure) -> [FeedEvent] {
    let place = after.epoch.isEmpty ? "" : "after=\(after)&"
    let answer = try get(
      "/ledger/events?\(place)limit=\(limit)&wait=\(wait)"
        + "&types=\(FeedParser.types.joined(separator: ","))",
      timeout: .seconds(wait + 60), halving: limit)
    guard let answer else { return try events(after: after, limit: limit / 2, wait: wait) }
    guard let events = parser.events(answer.body, after: after) else {
      throw .refused(Self.noLedger)
    }
    return events
  }

  private static let noLedger =
    "The endpoint does not answer as a ledger. Check 'endpoint'."

  private func get(_ target: String) throws(FeedFailure) -> WebAnswer {
    guard let answer = try get(target, timeout: .seconds(60), halving: 1) else {
      throw .refused(Self.noLedger)
    }
    return answer
  }

  /// - Returns: `nil` if the answer is longer than is read, and fewer events can be asked for.
  private func get(
    _ target: String, timeout: Duration, halving limit: Int
  ) throws(FeedFailure) -> WebAnswer? {
    let request = WebRequest(
      "GET", endpoint + target, headers: LedgerPreview.headers(key), timeout: timeout)
    let answer: WebAnswer
    do throws(NoAnswer) { answer = try web.send(request) } catch {
      if error.isTooLong, limit > 1 { return nil }
      throw .unreachable(
        "The ledger does not answer (\(error.reason)). Check 'endpoint', or try again later.")
    }
    guard answer.status != 200 else { return answer }
    let said = (try? JSONDocument(parsing: answer.body))?.root["message"]?.string.map {
      " '\(String(decoding: $0.prefix(300), as: UTF8.self))'"
    }
    let words = "The ledger does not answer what it is asked: \(answer.status)\(said ?? ""). "
    switch answer.status {
    case 409: throw .historyChanged
    case 401, 403:
      throw .refused(words + "Check 'read_key' and its permissions ledger.read and ledger.log.")
    case 408, 429, 500...599: throw .unreachable(words + "Try again later.")
    default: throw .refused(words + "Check 'endpoint'.")
    }
  }
}
