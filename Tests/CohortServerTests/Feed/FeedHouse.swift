import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport

/// A house with a story, and one who reads its feed part by part.
struct FeedHouse {
  let house: TestHouse
  /// May see identifiers.
  let key: String
  let clock: SimulatedClock

  var ledger: Ledger { house.shop.ledger }
  var end: UInt64 { ledger.now.end.rawValue }

  init() throws {
    clock = SimulatedClock()
    house = try TestHouse(clock: clock)
    key = try house.key()
    let shop = house.shop
    try shop.create(["ana", "bea", "cem", "dan"])
    try shop.push("vip", add: ["ana", "bea", "nobody"])
    try shop.push("vip", add: ["cem"], remove: ["ana"])
    try shop.submit(.addAliases([AddAlias(externalID: nil, alias: Alias(label: "tel", name: "7"))]))
    try shop.submit(
      .mergeUsers([MergeUsers(merge: .externalID("bea"), keep: .externalID("cem"))]))
    try shop.submit(
      .saveSegment(
        SaveSegment(name: "Best", filter: .includes(partner: TestShop.partner, ["vip"]))))
    try shop.submit(.deleteUsers([.externalID("dan")], erase: nil))
    try shop.push("new", add: ["ana", "cem"])
  }

  /// Every line of the feed, the first that of position 1.
  func lines() throws -> [String] {
    lines(of: house.get("/ledger/events?limit=10000", key: key).text)
  }

  func lines(of text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  /// Begins to read.
  func open(
    _ target: String, key: String? = nil, headers: [(String, String)] = []
  ) throws -> FeedReading {
    let head = house.head(.get, target, key: key ?? self.key, headers: headers)
    let outcome = Monitor<Response?>(nil)
    let exchange = Exchange { response in outcome.change { $0 = response } }
    switch house.service.plan(head) {
    case .answer(let response): exchange.answer(response)
    case .collect(_, _, let handler): handler(Request(head: head, body: []), exchange)
    case .receive, .telling: break
    }
    guard let response = outcome.wait(for: { $0 }),
      case .source(let source, let length) = response.body
    else { throw NoStream() }
    return FeedReading(status: response.status, source: source, length: length)
  }

  struct NoStream: Error {}
}

/// An answer that is read part by part.
final class FeedReading {
  let status: Int
  let source: any BodySource
  let length: UInt64?
  private let woken = Monitor(0)
  private(set) var parts: [[UInt8]] = []

  init(status: Int, source: any BodySource, length: UInt64?) {
    self.status = status
    self.source = source
    self.length = length
  }

  deinit { source.end() }

  var text: String { String(decoding: parts.flatMap { $0 }, as: UTF8.self) }

  func next() -> BodyPart {
    let woken = woken
    let part = source.next(Wake { woken.change { $0 += 1 } })
    if case .bytes(let bytes) = part { parts.append(bytes) }
    return part
  }

  /// Reads until there is nothing at the moment, or no more at all.
  @discardableResult
  func drain() -> End {
    while true {
      switch next() {
      case .bytes: continue
      case .wait(0): continue
      case .wait(let milliseconds): return .waits(milliseconds)
      case .end: return .ended
      case .fail: return .failed
      }
    }
  }

  enum End: Hashable {
    case waits(Int)
    case ended
    case failed
  }

  /// Waits until it is woken, and begins to count anew.
  func sleep() {
    woken.wait { count -> Void? in
      guard count > 0 else { return nil }
      count = 0
      return ()
    }
  }
}

/// A stream of server-sent events, as a browser understands it.
struct ServerSentEvents {
  var events: [String] = []
  var lastID = ""
  var comments = 0

  /// By the grammar of the HTML standard, section 9.2.6, for lines that end in a line feed.
  init(_ text: String) {
    var data: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.isEmpty {
        if !data.isEmpty { events.append(data.joined(separator: "\n")) }
        data = []
      } else if line.hasPrefix(":") {
        comments += 1
      } else if line.hasPrefix("id: ") {
        lastID = String(line.dropFirst(4))
      } else if line.hasPrefix("data: ") {
        data.append(String(line.dropFirst(6)))
      }
    }
  }
}
