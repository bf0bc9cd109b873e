import Testing

@testable import CohortHTTP

/// Whatever happens in whatever order, everything that was begun is ended, once.
@Suite struct `A connection in any order of events` {
  @Test(arguments: 0..<64)
  func `ends all that it has begun, once, and holds no more than it may`(_ seed: Int) {
    var chance = Chance(seed)
    for _ in 0..<20 {
      let ledger = Ends()
      let bench = Bench { head in ledger.plan(head) }
      bench.sends = chance.below(2) == 0
      bench.answers = chance.below(2) == 0
      bench.gives = chance.below(2) == 0
      bench.takes = chance.below(2) == 0
      var input: [UInt8] = []
      for _ in 0..<chance.below(30) { input += Sample.good[chance.below(Sample.good.count)].bytes }
      if chance.below(4) == 0 { input += Sample.badChunks[chance.below(30)].bytes }
      var fed = 0
      var answered = 0
      for _ in 0..<200 {
        switch chance.below(10) {
        case 0...3 where fed < input.count && bench.connection.wantsInput:
          let end = min(input.count, fed + 1 + chance.below(chance.below(2) == 0 ? 50 : 20_000))
          let bytes = Array(input[fed..<end])
          if chance.below(2) == 0 { bench.feed(bytes) } else { bench.feedDirectly(bytes) }
          fed = end
        case 4 where answered < bench.waiting.count:
          // Any of those that wait, some of them twice.
          let open = bench.waiting[answered + chance.below(bench.waiting.count - answered)]
          bench.answer(open.turn, ledger.answer(chance.below(3) == 0))
          if chance.below(2) == 0 { answered += 1 }
        case 5: bench.giveNext()
        case 6: bench.takeNext()
        case 7: bench.send(1 + chance.below(5_000))
        case 8 where chance.below(8) == 0: bench.wait(milliseconds: chance.below(40_000))
        case 9 where chance.below(30) == 0:
          if chance.below(2) == 0 { bench.stop() } else { bench.peerEnds() }
        default: bench.wake(UInt64(chance.below(20)))
        }
        let connection = bench.connection
        #expect(connection.turns.count <= 17)
        #expect(connection.body.count <= 65_536 + 65_536 + 100_000)
        #expect(connection.written <= connection.turns.count)
        if connection.isClosed {
          #expect(connection.turns.isEmpty && connection.outbox.isEmpty)
          #expect(connection.deadline == nil && !connection.wantsInput)
        }
      }
      bench.lose()
      while !bench.pulls.isEmpty { bench.giveNext() }
      while !bench.takings.isEmpty { bench.takeNext() }
      #expect(bench.noted.filter { !$0.hasPrefix("- ") }.count == ledger.planned)
      #expect(bench.ends.count { $0 != "shutdown" } == 1)
      for source in ledger.sources { #expect(source.ended == 1) }
      for receiver in ledger.receivers { #expect(receiver.finished + receiver.abandoned == 1) }
    }
  }
}

/// Plans as ``Bench/usual(_:)``, and counts what was begun.
private final class Ends {
  var planned = 0
  var sources: [CountedSource] = []
  var receivers: [CountedReceiver] = []

  func plan(_ head: RequestHead) -> Plan {
    planned += 1
    switch String(decoding: head.path, as: UTF8.self) {
    case "/receive":
      receivers.append(CountedReceiver())
      return .receive(receivers[receivers.count - 1])
    case "/source", "/long": return .answer(answer(true))
    default: return Bench.usual(head)
    }
  }

  func answer(_ isStream: Bool) -> Response {
    guard isStream else { return Response(status: 200, body: Array("now".utf8)) }
    sources.append(CountedSource())
    return Response(status: 200, body: .source(sources[sources.count - 1], length: nil))
  }
}

/// Makes three parts, with breaks; unchecked, because a bench has one thread only.
private final class CountedSource: BodySource, @unchecked Sendable {
  private var asked = 0
  private(set) var ended = 0

  func next(_ wake: Wake) -> BodyPart {
    asked += 1
    #expect(ended == 0)
    if asked == 6 { return .end }
    return asked % 2 == 0
      ? .wait(milliseconds: 1_000) : .bytes([UInt8](repeating: 0x6D, count: 9_000))
  }

  func end() { ended += 1 }
}

/// Counts its ends; unchecked, because a bench has one thread only.
private final class CountedReceiver: BodyReceiver, @unchecked Sendable {
  private(set) var finished = 0
  private(set) var abandoned = 0

  func take(_ bytes: [UInt8]) -> Response? {
    #expect(finished + abandoned == 0 && !bytes.isEmpty)
    return nil
  }

  func finish(_ exchange: Exchange) { finished += 1 }

  func abandon() { abandoned += 1 }
}

/// A row of numbers that looks like chance and is the same each time.
struct Chance {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func below(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return limit == 0 ? 0 : Int((state >> 33) % UInt64(limit))
  }
}
