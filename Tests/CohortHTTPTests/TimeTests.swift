import Testing

@testable import CohortHTTP

@Suite struct `A connection that waits` {
  @Test func `ends a head that does not come in time, and says so`() {
    let bench = Bench()
    bench.feed(Array("GET / HT".utf8))
    for _ in 0..<9 {
      bench.wait(milliseconds: 1_000)
      bench.feed(Array("T".utf8))
    }
    #expect(bench.text.isEmpty && !bench.isOver)
    bench.wait(milliseconds: 1_000)
    #expect(bench.statuses == [408] && bench.ends == ["shutdown"])
    bench.wait(milliseconds: 1_999)
    #expect(!bench.connection.isClosed)
    bench.wait(milliseconds: 1)
    #expect(bench.ends == ["shutdown", "close"])
  }

  @Test func `ends when nobody asks anything, without a word`() {
    let bench = Bench()
    bench.feed(Array(Sample.get().utf8))
    let answered = bench.text
    bench.wait(milliseconds: 74_999)
    #expect(!bench.connection.isClosed)
    bench.wait(milliseconds: 1)
    #expect(bench.ends == ["close"] && bench.text == answered)
  }

  @Test(arguments: ["/", "/receive"])
  func `ends a body that comes in drops`(_ path: String) {
    let bench = Bench()
    bench.feed(Array(Sample.post(["Content-Length: 90000"], to: path).utf8))
    // 1,024 bytes in half a minute are enough, 1,023 are not.
    for _ in 0..<4 {
      bench.wait(milliseconds: 29_999)
      bench.feed(Array(Sample.long(1_024).utf8))
    }
    #expect(!bench.isOver)
    for _ in 0..<3 {
      bench.wait(milliseconds: 9_999)
      bench.feed(Array(Sample.long(341).utf8))
    }
    #expect(!bench.isOver)
    bench.wait(milliseconds: 3)
    #expect(bench.statuses == [408] && bench.isOver)
    #expect(path == "/" || bench.handled == ["abandon"])
  }

  @Test func `forgives an empty line, and takes it for no request`() {
    let bench = Bench()
    bench.feed(Array((Sample.get() + "\r\n").utf8))
    bench.wait(milliseconds: 74_999)
    #expect(bench.statuses == [200] && !bench.connection.isClosed)
    bench.wait(milliseconds: 1)
    #expect(bench.statuses == [200] && bench.ends == ["close"])
    let twice = Bench()
    twice.feed(Array("\r\n".utf8))
    twice.feed(Array("\r\n".utf8))
    #expect(twice.statuses == [400])
    let stopped = Bench()
    stopped.feed(Array("\r\n".utf8))
    stopped.stop()
    #expect(stopped.ends == ["close"])
  }

  @Test func `waits for its own handler as long as that takes`() {
    let bench = Bench()
    bench.answers = false
    bench.feed(Array(Sample.get().utf8))
    #expect(bench.connection.deadline == nil)
    bench.wait(milliseconds: 1_000_000)
    bench.answer(0, Response(status: 200))
    #expect(bench.statuses == [200] && !bench.isOver)
  }

  @Test func `cuts off who does not read his answer`() {
    let bench = Bench()
    bench.sends = false
    bench.feed(Array(Sample.get().utf8))
    bench.wait(milliseconds: 29_000)
    bench.send(1)
    bench.wait(milliseconds: 999)
    #expect(!bench.connection.isClosed)
    bench.wait(milliseconds: 1)
    #expect(bench.ends == ["reset"] && bench.noted == ["/ 200 0/3 cut"])
  }

  @Test func `asks a source again when its time is over, or somebody wakes it`() {
    let bench = Bench { _ in
      .answer(Response(status: 200, body: .source(Maker(1), length: nil)))
    }
    bench.gives = false
    bench.feed(Array(Sample.get().utf8))
    #expect(bench.pulls.count == 1)
    bench.give(0, .wait(milliseconds: 5_000))
    bench.wait(milliseconds: 4_999)
    #expect(bench.pulls.isEmpty)
    bench.wait(milliseconds: 1)
    #expect(bench.pulls.count == 1)
    bench.give(0, .wait(milliseconds: 5_000))
    bench.wake(0)
    #expect(bench.pulls.count == 1)
    // Woken between its word and our hearing of it: the word is out of date.
    bench.wake(0)
    bench.give(0, .wait(milliseconds: 5_000))
    #expect(bench.pulls.count == 1)
    bench.give(0, .end)
    #expect(bench.noted == ["/ 200 0/0"] && bench.ended == 1)
  }

  @Test func `closes what is idle when it is to stop, and answers what has begun`() {
    let idle = Bench()
    idle.stop()
    #expect(idle.ends == ["close"])

    let busy = Bench()
    busy.answers = false
    busy.feed(Array((Sample.get("/1") + Sample.get("/2")).utf8))
    busy.stop()
    busy.feed(Array(Sample.get("/3").utf8))
    busy.answer(1, Response(status: 200))
    busy.answer(0, Response(status: 200))
    #expect(busy.handled == ["run GET /1 ''", "run GET /2 ''"])
    #expect(busy.statuses == [200, 200] && busy.ends == ["shutdown"])
    #expect(busy.text.split(separator: "Connection: close").count == 2)

    let half = Bench()
    half.feed(Array("GET / HTTP/1.1\r\nHo".utf8))
    half.stop()
    half.feed(Array("st: a\r\n\r\n".utf8))
    #expect(half.statuses == [200] && half.ends == ["shutdown"])
  }

  @Test func `waits when it is to stop only for those who still send`() {
    for isEarly in [false, true] {
      let bench = Bench()
      bench.answers = false
      bench.feed(Array(Sample.get("/", isEarly ? ["Connection: close"] : []).utf8))
      if !isEarly { bench.stop() }
      bench.answer(0, Response(status: 200))
      #expect(bench.ends == ["shutdown"])
      bench.feed([0])
      if isEarly { bench.stop() }
      // What comes is thrown away: a client that still sends has not read its answer.
      for _ in 0..<20 {
        bench.wait(milliseconds: 99)
        #expect(!bench.connection.isClosed)
        bench.feed([0])
      }
      bench.wait(milliseconds: 19)
      #expect(!bench.connection.isClosed)
      bench.wait(milliseconds: 1)
      #expect(bench.ends == ["shutdown", "close"])
    }
    let silent = Bench()
    silent.feed(Array(Sample.get("/", ["Connection: close"]).utf8))
    silent.wait(milliseconds: 1_000)
    #expect(silent.ends == ["shutdown"])
    silent.stop()
    silent.wait(milliseconds: 0)
    #expect(silent.ends == ["shutdown", "close"])
  }
}

@Suite struct `A connection under pressure` {
  @Test func `reads no more requests than it can hold, and goes on when answers leave`() {
    let bench = Bench()
    bench.answers = false
    let requests = (0..<100).map { Sample.get("/\($0)") }.joined()
    bench.feed(Array(requests.utf8))
    #expect(bench.waiting.count == 16 && !bench.connection.wantsInput)
    var answered = 0
    while let next = bench.waiting.dropFirst(answered).first {
      answered += 1
      bench.answer(next.turn, Response(status: 200))
      #expect(bench.waiting.count <= answered + 16)
    }
    #expect(answered == 100 && bench.connection.wantsInput)
    #expect(bench.statuses == Array(repeating: 200, count: 100))
    #expect(bench.noted == (0..<100).map { "/\($0) 200 0/0" })
  }

  @Test func `answers in the order of the requests, whatever the order of the answers`() {
    for shift in 0..<16 {
      let bench = Bench()
      bench.answers = false
      bench.feed(Array((0..<16).map { Sample.get("/\($0)") }.joined().utf8))
      for place in 0..<16 {
        let turn = UInt64((place * 7 + shift) % 16)
        bench.answer(turn, Response(status: 200, body: Array("\(turn);".utf8)))
      }
      let bodies = bench.text.split(separator: "\r\n\r\n").dropFirst()
        .compactMap { $0.split(separator: ";").first }
      #expect(bodies.map(String.init) == (0..<16).map(String.init))
    }
  }

  @Test func `asks a source for no more than lies in the outbox`() {
    let bench = Bench { _ in
      .answer(Response(status: 200, body: .source(Maker(100_000), length: nil)))
    }
    bench.sends = false
    bench.feed(Array(Sample.get().utf8))
    #expect(bench.pulls.isEmpty && bench.connection.outbox.count < 131_072 + 200)
    let before = bench.connection.outbox.total
    bench.send(50_000)
    #expect(bench.connection.outbox.total > before)
    #expect(bench.connection.outbox.count < 131_072 + 200)
  }

  @Test func `reads no further request while answers pile up`() {
    let bench = Bench { _ in
      .answer(Response(status: 200, body: [UInt8](repeating: 0, count: 100_000)))
    }
    bench.sends = false
    bench.feed(Array((0..<16).map { Sample.get("/\($0)") }.joined().utf8))
    #expect(!bench.connection.wantsInput)
    bench.sends = true
    bench.send(1)
    #expect(bench.noted.count == 16 && bench.connection.wantsInput)
  }

  @Test func `throws away what follows a refusal, but not for ever`() {
    let bench = Bench()
    bench.feed(Array("nonsense\r\n".utf8))
    // The line itself is counted too.
    for _ in 0..<255 { bench.feed([UInt8](repeating: 0, count: 65_536)) }
    bench.feed([UInt8](repeating: 0, count: 65_536 - 10))
    #expect(!bench.connection.isClosed)
    bench.feed([0])
    #expect(bench.ends == ["shutdown", "close"])
  }

  @Test func `reads 64 KiB of a body that nobody wants, and no more`() {
    let fits = Bench()
    fits.feed(
      Array(Sample.post(["Content-Length: 65536"], Sample.long(65_536), to: "/answer").utf8))
    fits.feed(Array(Sample.get().utf8))
    #expect(fits.statuses == [200, 200])
    let over = Bench()
    over.feed(Array(Sample.post(["Content-Length: 65537"], to: "/answer").utf8))
    #expect(over.statuses == [200] && over.ends == ["shutdown"])
    let chunks = Bench()
    let size = String(65_536, radix: 16)
    chunks.feed(
      Array(
        Sample.post(
          ["Transfer-Encoding: chunked"], "\(size)\r\n\(Sample.long(65_536))\r\n1\r\n",
          to: "/answer"
        ).utf8))
    #expect(!chunks.isOver)
    chunks.feed([0x61])
    #expect(chunks.statuses == [200] && chunks.isOver)
  }
}
