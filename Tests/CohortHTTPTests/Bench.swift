@testable import CohortHTTP

/// Carries out what a connection wants, without a socket and without a clock of its own.
///
/// Handlers answer, receivers take and sources are asked at once, and everything is sent at once,
/// unless a test says otherwise. What can differ with the cuts of the input (the order of an answer
/// and the next request) stands in different lists.
final class Bench: Desk {
  var connection: Connection
  var now = Now(microseconds: 0, date: Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8))
  let decide: (RequestHead) -> Plan

  var sends = true
  var answers = true
  var gives = true
  var takes = true

  private(set) var output: [UInt8] = []
  private(set) var handled: [String] = []
  /// How many sources were told that no more is wanted.
  private(set) var ended = 0
  private(set) var noted: [String] = []
  private(set) var faults: [HTTPFault] = []
  /// Each is `shutdown`, `close` or `reset`.
  private(set) var ends: [String] = []
  private(set) var waiting: [(turn: UInt64, request: Request?)] = []
  private(set) var pulls: [(turn: UInt64, source: any BodySource)] = []
  private(set) var takings: [(turn: UInt64, receiver: any BodyReceiver, bytes: [UInt8])] = []
  private var numbers: UInt64 = 0
  private var actions: [Action] = []

  init(
    _ settings: ConnectionSettings = ConnectionSettings(),
    _ decide: @escaping (RequestHead) -> Plan = Bench.usual
  ) {
    self.decide = decide
    connection = Connection(peer: .local, settings: settings, at: now)
  }

  static func usual(_ head: RequestHead) -> Plan {
    switch String(decoding: head.path, as: UTF8.self) {
    case "/answer": .answer(Response(status: 200, body: Array("now".utf8)))
    case "/empty": .answer(Response(status: 204))
    case "/last": .answer(Response(status: 200, closes: true))
    case "/receive": .receive(Taker())
    case "/source": .answer(Response(status: 200, body: .source(Maker(3), length: nil)))
    case "/long": .answer(Response(status: 200, body: .source(Maker(3), length: 300)))
    case "/short": .answer(Response(status: 200, body: .source(Maker(3), length: 301)))
    case "/small": .collect(limit: 10, on: .loop) { _, _ in }
    default: .collect(limit: 100_000, on: .loop) { _, _ in }
    }
  }

  func number() -> UInt64 {
    numbers += 1
    return numbers
  }

  func plan(_ head: RequestHead) -> Plan { decide(head) }

  // MARK: - What happens

  /// Feeds bytes, as much at a time as the connection wants to read.
  func feed(_ bytes: [UInt8]) {
    guard connection.wantsInput else { return }
    connection.received(bytes.span, now, self, into: &actions)
    perform()
  }

  /// Feeds bytes as a socket does that knows where a body must go.
  func feedDirectly(_ bytes: [UInt8]) {
    guard connection.wantsInput else { return }
    let direct = min(connection.directly, bytes.count)
    connection.body += bytes[..<direct]
    connection.received(
      directly: direct, then: Array(bytes[direct...]).span, now, self, into: &actions)
    perform()
  }

  func peerEnds() {
    connection.peerEnded(now, self, into: &actions)
    perform()
  }

  func lose() {
    connection.lost(now, into: &actions)
    perform()
  }

  func stop() {
    connection.stop(now, self, into: &actions)
    perform()
  }

  func answer(_ turn: UInt64, _ response: Response) {
    connection.answered(turn, with: response, now, self, into: &actions)
    perform()
  }

  func wake(_ turn: UInt64) {
    connection.woken(turn, now, self, into: &actions)
    perform()
  }

  func give(_ turn: UInt64, _ part: BodyPart) {
    pulls.removeAll { $0.turn == turn }
    connection.gave(turn, part, now, self, into: &actions)
    perform()
  }

  /// Has the source that was asked make its part.
  func giveNext() {
    guard let pull = pulls.popLast() else { return }
    if connection.isClosed {
      // What a loop does for a connection that is gone.
      pull.source.end()
    } else {
      connection.gave(pull.turn, pull.source.next(Wake {}), now, self, into: &actions)
    }
    perform()
  }

  /// Has the receiver take what it was handed.
  func takeNext() {
    takeNow()
    perform()
  }

  /// Sends at most `count` bytes.
  func send(_ count: Int) {
    let bytes = connection.outbox.segments.flatMap(\.self).dropFirst(connection.outbox.offset)
    let sent = min(count, bytes.count)
    output += bytes.prefix(sent)
    connection.sent(sent, now, self, into: &actions)
    perform()
  }

  /// Lets time pass, and rings if the deadline is reached.
  func wait(milliseconds: Int) {
    now.microseconds += Int64(milliseconds) * 1_000
    guard let deadline = connection.deadline, deadline <= now.microseconds else { return }
    connection.timePassed(now, self, into: &actions)
    perform()
  }

  private func perform() {
    while true {
      while !actions.isEmpty { carryOut(actions.removeFirst()) }
      guard sends, !connection.outbox.isEmpty else { return }
      let bytes = connection.outbox.segments.flatMap(\.self).dropFirst(connection.outbox.offset)
      output += bytes
      connection.sent(bytes.count, now, self, into: &actions)
    }
  }

  private func carryOut(_ action: Action) {
    switch action {
    case .run(let turn, let request, _, _):
      let path = String(decoding: request.head.path, as: UTF8.self)
      handled.append("run \(request.head.method.rawValue) \(path) \(Self.short(request.body))")
      waiting.append((turn, request))
      if answers { answerNow(turn, "\(path) \(request.body.count)") }
    case .take(let turn, let receiver, let bytes):
      takings.append((turn, receiver, bytes))
      if takes { takeNow() }
    case .finish(let turn, let receiver):
      receiver.finish(Exchange { _ in })
      handled.append("finish \(Self.short((receiver as? Taker)?.bytes ?? []))")
      waiting.append((turn, nil))
      if answers { answerNow(turn, "received") }
    case .abandon(let receiver):
      receiver.abandon()
      handled.append("abandon")
    case .pull(let turn, let source):
      pulls.append((turn, source))
      if gives {
        pulls.removeLast()
        connection.gave(turn, source.next(Wake {}), now, self, into: &actions)
      }
    case .end(let source):
      source.end()
      ended += 1
    case .note(let summary):
      let status = summary.status.map(String.init) ?? "-"
      let path = summary.head.map { String(decoding: $0.path, as: UTF8.self) } ?? "-"
      noted.append(
        "\(path) \(status) \(summary.bytesIn)/\(summary.bytesOut)"
          + (summary.isComplete ? "" : " cut"))
    case .fault(let fault): faults.append(fault)
    case .shutdown: ends.append("shutdown")
    case .close(let reset): ends.append(reset ? "reset" : "close")
    }
  }

  private func takeNow() {
    guard let taking = takings.popLast() else { return }
    let response = taking.receiver.take(taking.bytes)
    if connection.isClosed {
      // What a loop does for a connection that is gone.
      if response == nil { taking.receiver.abandon() }
    } else {
      connection.taken(taking.turn, response, now, self, into: &actions)
    }
  }

  private func answerNow(_ turn: UInt64, _ text: String) {
    connection.answered(
      turn, with: Response(status: 200, body: Array(text.utf8)), now, self, into: &actions)
  }

  private static func short(_ body: [UInt8]) -> String {
    var sum: UInt64 = 0
    for byte in body { sum = sum &* 31 &+ UInt64(byte) }
    return body.count > 30
      ? "\(body.count) bytes #\(sum)" : "'\(String(decoding: body, as: UTF8.self))'"
  }

  // MARK: - What came of it

  var text: String { String(decoding: output, as: UTF8.self) }

  /// The statuses of the answers, those of 100 left out.
  var statuses: [Int] {
    text.split(separator: "HTTP/1.1 ").dropFirst(text.hasPrefix("HTTP/1.1 ") ? 0 : 1)
      .compactMap { Int($0.prefix(3)) }.filter { $0 != 100 }
  }

  /// All that must not depend on the cuts.
  ///
  /// A 100 may be left out if the body is there already.
  var transcript: String {
    let sent = text.split(separator: "HTTP/1.1 100 Continue\r\n\r\n").joined()
    return ([sent] + handled + noted + faults.map { "\($0)" } + ends + ["\(ended)"]).joined(
      separator: "\n")
  }

  /// Whether the last answer said that it is the last, and the connection has ended behind it.
  var isOver: Bool { connection.isShut || connection.isClosed }
}

/// Takes whatever comes; unchecked, because a bench has one thread only.
final class Taker: BodyReceiver, @unchecked Sendable {
  private(set) var bytes: [UInt8] = []

  func take(_ bytes: [UInt8]) -> Response? {
    self.bytes += bytes
    return nil
  }

  func finish(_ exchange: Exchange) {}

  func abandon() {}
}

/// Makes so many parts of 100 bytes; unchecked, because a bench has one thread only.
final class Maker: BodySource, @unchecked Sendable {
  private var left: Int

  init(_ parts: Int) { left = parts }

  func next(_ wake: Wake) -> BodyPart {
    guard left > 0 else { return .end }
    left -= 1
    return .bytes([UInt8](repeating: 0x6D, count: 100))
  }

  func end() {}
}
