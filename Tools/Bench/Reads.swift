import CohortFormat
import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import Foundation
import Synchronization

/// What reads cost in process, from the head of a request to the bytes of its answer.
///
/// Routes, keys, the question and its JSON, but no socket. One thread.
///
/// - Parameter users: Of the workspace; all of them are in one cohort.
func benchReads(users: Int) {
  let folder = FileManager.default.temporaryDirectory.appending(path: "reads-bench-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  do {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let ledger = try Ledger.open(folder.path)
    let shop = try RunningShop(ledger)
    shop.createUsers(users)
    let first = ledger.now.end
    shop.fill("everyone", users)
    let last = ledger.now.end
    // So that the cohort has gone on since the last position asked about.
    shop.empty("everyone", 10_000)
    let reads = try Reads(ledger)
    print("reads: \(users) users, all in one cohort filled from \(first) to \(last)")
    reads.benchPages(first: first, last: last)
    reads.benchNewPositions(first: first, last: last)
    reads.benchStreams(last: last, users: users)
    try ledger.close()
  } catch { print("reads: \(error)") }
}

private struct Reads {
  let service: Service
  let numbers: String
  let people: String

  init(_ ledger: Ledger) throws {
    service = Service(ledger)
    func key(_ secret: String, _ permissions: [Permission]) throws -> String {
      try ledger.submit(
        Command(
          author: .local,
          wish: .issueKey(
            IssueKey(
              kind: .rest, partner: nil, label: "bench", permissions: Permissions(permissions),
              digest: SHA256.digest(Array(secret.utf8).span)))))
      return secret
    }
    numbers = try key("rk-numbers", [.ledgerRead])
    people = try key("rk-people", [.ledgerRead, .ledgerPeople])
  }

  func benchPages(first: Position, last: Position) {
    // So many that each is found again, and none by the luck of the one before.
    let positions = (1...64).map {
      Position(first.rawValue + (last.rawValue - first.rawValue) * UInt64($0) / 64)
    }
    cold(positions)
    for (name, key) in [("numbers", numbers), ("identifiers", people)] {
      let heads = positions.map { head("members?limit=1000&as_of=\($0.rawValue)", key) }
      rate("pages of 1,000 as of a past position, \(name)", "page") {
        for head in heads { guard bytes(head) > 12_000 else { return 0 } }
        return heads.count
      }
    }
    let next = positions.compactMap { position -> RequestHead? in
      let query = "members?limit=1000&as_of=\(position.rawValue)"
      guard let cursor = cursor(head(query, numbers)) else { return nil }
      return head("\(query)&next=\(cursor)", numbers)
    }
    rate("the pages behind them, numbers", "page") {
      for head in next { guard bytes(head) > 500 else { return 0 } }
      return next.count
    }
    let now = head("members?limit=1000", numbers)
    rate("pages of 1,000 as of now, numbers", "page") { bytes(now) > 12_000 ? 1 : 0 }
  }

  /// What a position costs that was not asked about before.
  private func cold(_ positions: [Position]) {
    let clock = ContinuousClock()
    let times = positions.map { position in
      let asked = head("members?limit=1000&as_of=\(position.rawValue)", numbers)
      let start = clock.now
      precondition(bytes(asked) > 0, "a page was refused")
      return (clock.now - start) / .milliseconds(1)
    }.sorted()
    print(
      "a page as of a position never asked about: \(rounded(times[32], 2)) ms median, "
        + "\(rounded(times[63], 2)) ms at most")
  }

  /// Every position once, in no order, but for those that `benchPages` has asked about.
  func benchNewPositions(first: Position, last: Position) {
    let all = Array(first.rawValue + 1..<last.rawValue)
    var random = SplitMix(state: 4)
    var places = Array(all.indices)
    for index in places.indices {
      places.swapAt(index, Int(random.next() % UInt32(places.count)))
    }
    let asked = places.prefix(50_000).map {
      head("members?limit=1000&as_of=\(all[$0])", numbers)
    }
    let (clock, used) = (ContinuousClock(), Self.processorSeconds())
    let start = clock.now
    for head in asked { precondition(bytes(head) > 0, "a page was refused") }
    let rates = [
      Double(asked.count) / (Self.processorSeconds() - used),
      Double(asked.count) / ((clock.now - start) / .seconds(1)),
    ]
    print(
      "pages of 1,000 as of \(asked.count) positions, each asked about once: \(Int(rates[0])) "
        + "pages a second of processor, \(Int(rates[1])) by the wall")
  }

  func benchStreams(last: Position, users: Int) {
    for (name, key) in [("numbers", numbers), ("identifiers", people)] {
      for query in ["members", "members?as_of=\(last.rawValue)"] {
        let asked = head(query, key, asLines: true)
        rate("all members as lines, \(name), \(query == "members" ? "now" : "past")", "user") {
          bytes(asked) > users * 12 ? users : 0
        }
      }
    }
  }

  private func head(_ rest: String, _ key: String, asLines: Bool = false) -> RequestHead {
    var fields = Headers()
    fields.append(Array("host".utf8), Array("localhost".utf8))
    fields.append(Array("authorization".utf8), Array("Bearer \(key)".utf8))
    if asLines { fields.append(Array("accept".utf8), Array("application/x-ndjson".utf8)) }
    let target = "/ledger/cohorts/hightouch/everyone/\(rest)".utf8
      .split(separator: UInt8(ascii: "?"), maxSplits: 1)
    return RequestHead(
      method: .get, path: Array(target[0]), query: target.count == 2 ? Array(target[1]) : nil,
      headers: fields, peer: .address([127, 0, 0, 1], port: 1), number: 1)
  }

  private final class Inbox: Sendable {
    let response = Mutex<Response?>(nil)
  }

  private func ask(_ head: RequestHead) -> Response? {
    guard case .collect(_, _, let handler) = service.plan(head) else { return nil }
    let inbox = Inbox()
    handler(
      Request(head: head, body: []),
      Exchange { response in inbox.response.withLock { $0 = response } })
    return inbox.response.withLock { $0 }
  }

  /// How many bytes the body of an answer has; 0 if it is no success.
  private func bytes(_ head: RequestHead) -> Int {
    guard let response = ask(head), response.status == 200 else { return 0 }
    switch response.body {
    case .bytes(let bytes): return bytes.count
    case .source(let source, _):
      var count = 0
      while case .bytes(let part) = source.next(Wake {}) { count += part.count }
      source.end()
      return count
    }
  }

  /// The `next` of a page.
  private func cursor(_ head: RequestHead) -> String? {
    guard case .bytes(let bytes)? = ask(head)?.body else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\"next\":\"").dropFirst()
      .first.map { String($0.prefix { $0 != "\"" }) }
  }

  /// Prints items a second of processor time, and by the wall: the medians of three runs of more
  /// than a second.
  private func rate(_ name: String, _ item: String, _ work: () -> Int) {
    let clock = ContinuousClock()
    var rates: (processor: [Double], wall: [Double]) = ([], [])
    for _ in 0..<3 {
      let (start, used) = (clock.now, Self.processorSeconds())
      var count = 0
      while clock.now - start < .milliseconds(1_050) {
        let done = work()
        precondition(done > 0, "\(name): an answer was refused or too short")
        count += done
      }
      rates.processor.append(Double(count) / (Self.processorSeconds() - used))
      rates.wall.append(Double(count) / ((clock.now - start) / .seconds(1)))
    }
    func shown(_ rates: [Double]) -> String {
      let rate = rates.sorted()[1]
      return rate > 1e6 ? "\(rounded(rate / 1e6, 1)) M" : String(Int(rate))
    }
    print(
      "\(name): \(shown(rates.processor)) \(item)s a second of processor, "
        + "\(shown(rates.wall)) by the wall")
  }

  /// Of this thread.
  private static func processorSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
