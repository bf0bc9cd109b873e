import CohortHTTP
import CohortLedger
import CohortModel
import CohortWire
import Synchronization

/// A list that is answered page by page, or whole, one object a line.
///
/// Its items are counted by numbers that ascend and mean the same at every time: user numbers,
/// positions, places.
struct Listing: Sendable {
  /// What the list is called in an answer.
  let key: String
  /// The numbers that its items can have: behind which a page can begin.
  let places: Range<UInt64>
  /// The items behind `after`, at most `limit` of them.
  let batch: @Sendable (_ after: UInt64, _ limit: Int) throws -> Batch

  /// Some items of a list.
  struct Batch {
    /// The number of the last item, if there are more.
    let next: UInt64?
    let write: (inout JSONWriter, _ asLines: Bool) -> Void

    init(next: UInt64?, write: @escaping (inout JSONWriter, _ asLines: Bool) -> Void) {
      self.next = next
      self.write = write
    }

    init<Items: Sequence>(
      _ items: Items, next: UInt64?,
      _ writeOne: @escaping (inout JSONWriter, Items.Element) -> Void
    ) {
      self.init(next: next) { json, asLines in
        for item in items {
          writeOne(&json, item)
          if asLines { json.endLine() }
        }
      }
    }
  }
}

extension Listing {
  /// A list that is at hand as a whole; its items are counted by their places from 1.
  init<Item: Sendable>(
    _ key: String, _ items: [Item],
    _ writeOne: @escaping @Sendable (inout JSONWriter, Item) -> Void
  ) {
    self.init(key: key, places: 1..<UInt64(items.count) + 1) { after, limit in
      let start = Int(clamping: min(after, UInt64(items.count)))
      let end = min(items.count, start + limit)
      return Batch(
        Array(items[start..<end]), next: end < items.count ? UInt64(end) : nil, writeOne)
    }
  }
}

extension Answered {
  /// One value of JSON, whatever `write` writes.
  static func value(
    at position: Position, _ write: (inout JSONWriter) -> Void
  ) -> Answered {
    var body: [UInt8] = []
    JSONWriter.append(to: &body, write)
    return .json(Reply(status: 200, body: body), at: position)
  }
}

extension Question {
  /// Answers with a list: all of it as lines if the caller wants lines, else a page.
  func answer(
    _ listing: Listing, _ standing: Standing, _ writeHead: (inout JSONWriter) -> Void
  ) throws -> Answered {
    let limit = try standing.query.limit()
    try standing.requirePlace(in: listing.places)
    let position = standing.view.position
    if wantsLines {
      var answered = Answered.stream(
        LineSource(listing, after: standing.after, for: caller, of: service),
        type: "application/x-ndjson", at: position)
      // Lines have no place for it.
      answered.headers.append(("Ledger-Time", standing.view.instant.rfc3339))
      return answered
    }
    let batch = try listing.batch(standing.after, limit)
    let next = try batch.next.map { try self.next(standing, after: $0) }
    return .object(at: position) { json in
      writeHead(&json)
      json.asOf(standing.view.asOfShape)
      json.key(listing.key)
      json.array { batch.write(&$0, false) }
      if let next { json.member("next", next) }
    }
  }
}

/// Writes a list as NDJSON while it is sent: about 64 KiB at a time, and only while the key of the
/// one who asked is good (RULES §9).
final class LineSource: BodySource {
  private let listing: Listing
  private let caller: Caller
  private let service: Service
  /// The last item written; `nil` behind the last of all.
  private let after: Mutex<UInt64?>

  init(_ listing: Listing, after: UInt64, for caller: Caller, of service: Service) {
    self.listing = listing
    self.caller = caller
    self.service = service
    self.after = Mutex(after)
  }

  func next(_ wake: Wake) -> BodyPart {
    do {
      // Whoever lost the right to read sees a body that was broken off, never one that is whole.
      try caller.check(in: service.ledger.now)
      var json = JSONWriter()
      var place = after.withLock { $0 }
      while let behind = place, json.bytes.count < Self.partSize {
        let limit = json.bytes.isEmpty ? Self.firstItems : Self.items(filling: json.bytes.count)
        let batch = try listing.batch(behind, limit)
        batch.write(&json, true)
        place = batch.next
      }
      after.withLock { $0 = place }
      return json.bytes.isEmpty ? .end : .bytes(json.bytes)
    } catch {
      service.meters.count(error)
      return .fail
    }
  }

  func end() { after.withLock { $0 = nil } }

  private static let partSize = 64 << 10
  /// Items may be 8 bytes or, changes of a cohort, tens of kilobytes.
  private static let firstItems = 64

  /// How many more items fill a part, if they are like those of the 64 before.
  private static func items(filling written: Int) -> Int {
    max(1, min(4_096, (partSize - written) / max(1, written / firstItems)))
  }
}
