import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire

extension Service {
  /// `GET /ledger/events`: the feed (CONTRACT parts 3 and 6).
  ///
  /// Lines are an answer: they end. With `Accept: text/event-stream` the answer goes on until the
  /// reader, its key or the server ends. `event:` is not sent: the data names the type, and an
  /// `EventSource` hands events without a name to one function.
  func events(_ question: Question) throws -> Answered {
    let feed = try FeedQuery(Query(question.head.query, for: .events))
    if feed.showsIdentifiers, !question.allows(.ledgerLog) {
      throw Refusal.accessDenied(.ledgerLog)
    }
    let checkpoint = try checkpoint(question.head, feed)
    if checkpoint.position > question.now.end, let lag = lag() { throw lag }
    guard try question.now.holds(checkpoint) else { throw historyChanged() }

    let isStream = question.head.accepts("text/event-stream")
    var reader = FeedReader(
      isStream ? .serverSentEvents : .lines, types: feed.types,
      showsIdentifiers: feed.showsIdentifiers, after: checkpoint.position,
      limit: feed.limit ?? (isStream ? .max : 100))
    // What cannot be read is said with a status, as long as there is one to be said.
    let first = try reader.part(of: question.now)
    let source = FeedSource(
      ledger, question.caller, reader, first: first, wait: Int64(feed.wait) * 1_000,
      clock: clock)
    var answered = Answered.stream(
      source, type: isStream ? "text/event-stream" : "application/x-ndjson",
      at: question.now.end)
    // A proxy that gathers would keep events from their reader.
    if isStream { answered.headers.append(("X-Accel-Buffering", "no")) }
    return answered
  }

  /// Behind what the reader goes on: `Last-Event-ID`, else `after`, else the beginning.
  private func checkpoint(
    _ head: RequestHead, _ feed: FeedQuery
  ) throws(WireError) -> Checkpoint {
    if let id = head.headers.only("last-event-id"), !id.isEmpty {
      guard let checkpoint = Checkpoint(String(decoding: id, as: UTF8.self)) else {
        throw WireError(
          400, "'Last-Event-ID' is not \(QueryParameter.after.meaning). Send that there.")
      }
      return checkpoint
    }
    guard let after = feed.after else { return Checkpoint(position: .origin, epoch: nil) }
    guard let checkpoint = Checkpoint(after.description) else { throw .bad(.after) }
    return checkpoint
  }

  /// What the reader has read is not part of this log: it was restored since.
  private func historyChanged() -> WireError {
    let position = ledger.lastRestored.map { JSONText.integer(Int64($0.rawValue)) } ?? .null
    return WireError(409, "History changed", [JSONText.Member("position", position)])
  }
}
