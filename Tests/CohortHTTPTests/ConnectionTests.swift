import Testing

@testable import CohortHTTP

@Suite struct `A connection` {
  @Test(arguments: Sample.all)
  func `answers as it should`(_ sample: Sample) {
    let bench = Bench()
    bench.feed(sample.bytes)
    #expect(bench.statuses == sample.statuses, "\(bench.text)")
    #expect(bench.isOver == sample.ends)
    #expect(!bench.handled.contains { $0.contains("smuggled") })
    if sample.statuses.last == 400 {
      #expect(bench.text.contains("\r\nConnection: close\r\n"))
      #expect(bench.text.hasSuffix(#""}"#))
    }
  }

  @Test(arguments: Sample.all)
  func `does the same wherever its input is cut`(_ sample: Sample) {
    let whole = Bench()
    whole.feed(sample.bytes)

    let slow = Bench()
    for byte in sample.bytes { slow.feed([byte]) }
    #expect(slow.transcript == whole.transcript)

    // At every byte, unless there are thousands.
    let step = sample.bytes.count < 2_000 ? 1 : sample.bytes.count / 150
    for cut in stride(from: 0, through: sample.bytes.count, by: step) {
      for direct in [false, true] {
        let bench = Bench()
        bench.feed(Array(sample.bytes[..<cut]))
        let rest = Array(sample.bytes[cut...])
        if direct { bench.feedDirectly(rest) } else { bench.feed(rest) }
        #expect(bench.transcript == whole.transcript, "cut at \(cut)")
      }
    }
  }

  @Test(arguments: Sample.good)
  func `leaves nothing behind when it is cut off anywhere`(_ sample: Sample) {
    // At every byte, unless there are thousands.
    let step = sample.bytes.count < 2_000 ? 1 : sample.bytes.count / 150
    for cut in stride(from: 0, through: sample.bytes.count, by: step) {
      for isReset in [false, true] {
        let bench = Bench()
        bench.answers = false
        bench.feed(Array(sample.bytes[..<cut]))
        let open = bench.waiting.map(\.turn)
        if isReset { bench.lose() } else { bench.peerEnds() }
        for turn in open { bench.answer(turn, Response(status: 200)) }
        // Whoever ended only his half gets what he asked for; then all is over.
        #expect(bench.connection.isClosed, "cut at \(cut)")
        #expect(bench.ends.last == "close" || bench.ends.last == "reset")
        #expect(bench.connection.turns.isEmpty && bench.connection.outbox.isEmpty)
        #expect(bench.noted.count == Set(bench.noted.indices).count)
      }
    }
  }

  @Test func `tells what the head held, and changes nothing in it`() throws {
    var seen: RequestHead?
    let bench = Bench { head in
      seen = head
      return .answer(Response(status: 200))
    }
    bench.feed(Array(Sample.get("/a%2Fb/../c?x=1?&y", ["X-Y: One ", "x-y:\ttwo"]).utf8))
    let head = try #require(seen)
    #expect(head.path == Array("/a%2Fb/../c".utf8) && head.query == Array("x=1?&y".utf8))
    #expect(head.headers["x-y"] == [Array("One".utf8), Array("two".utf8)])
    #expect(head.headers.only("x-y") == nil && head.headers.only("host") == Array("a".utf8))
    #expect(head.number == 1 && head.peer == .local && head.method == .get)
  }

  @Test func `takes the host of an absolute target for that of the field`() {
    var hosts: [[UInt8]] = []
    let bench = Bench { head in
      hosts = head.headers["host"]
      #expect(head.path == Array("/".utf8) && head.query == Array("q".utf8))
      return .answer(Response(status: 200))
    }
    bench.feed(Array(Sample.lines("GET http://b:81?q HTTP/1.1", ["Host: a"]).utf8))
    #expect(hosts == [Array("b:81".utf8)])
  }

  @Test func `asks for a body only if it is wanted, and only once`() {
    let bench = Bench()
    let fields = ["Expect: 100-continue", "Content-Length: 2"]
    bench.feed(Array(Sample.post(fields).utf8))
    #expect(bench.text == "HTTP/1.1 100 Continue\r\n\r\n")
    bench.feed(Array("a".utf8))
    bench.feed(Array("b".utf8))
    #expect(bench.statuses == [200] && !bench.isOver)

    let refused = Bench()
    refused.feed(
      Array(Sample.post(["Expect: 100-continue", "Content-Length: 99"], to: "/small").utf8))
    #expect(refused.statuses == [413] && !refused.text.contains("100 Continue"))
    #expect(refused.isOver)
  }

  @Test func `adds the fields of a plan to what it answers itself, and to nothing else`() {
    func told(_ request: String) -> (statuses: [Int], isTold: Bool) {
      let bench = Bench {
        .telling([("x-told", "yes")], plan: Bench.usual($0))
      }
      bench.feed(Array(request.utf8))
      return (bench.statuses, bench.text.contains("x-told: yes"))
    }
    #expect(told(Sample.post(["Content-Length: 99"], to: "/small")) == ([413], true))
    let chunked = ["Transfer-Encoding: chunked"]
    #expect(told(Sample.post(chunked, "b\r\n01234567890\r\n", to: "/small")) == ([413], true))
    #expect(told(Sample.post(chunked, "x\r\n", to: "/small")) == ([400], true))
    #expect(told(Sample.post(chunked, "x\r\n", to: "/receive")) == ([400], true))
    #expect(told(Sample.post(["Content-Length: 1"], "a", to: "/small")) == ([200], false))
    #expect(told(Sample.post(["Content-Length: 1"], "a", to: "/answer")) == ([200], false))
  }

  @Test func `asks for no body before it has answered what came first`() {
    let bench = Bench()
    bench.answers = false
    bench.feed(Array(Sample.get().utf8))
    bench.feed(Array(Sample.post(["Expect: 100-continue", "Content-Length: 2"]).utf8))
    #expect(bench.text.isEmpty)
    // Nor is the client late with it.
    #expect(bench.connection.deadline == nil)
    bench.answer(0, Response(status: 200))
    #expect(bench.text.hasSuffix("HTTP/1.1 100 Continue\r\n\r\n"))
  }

  @Test func `answers HEAD with the length and without the body`() {
    let bench = Bench()
    bench.feed(Array(Sample.lines("HEAD /answer HTTP/1.1", ["Host: a"]).utf8))
    #expect(bench.text.contains("\r\nContent-Length: 3\r\n") && bench.text.hasSuffix("\r\n\r\n"))
  }

  @Test func `refuses a HEAD without a body, and everything else with one`() {
    let heads = [
      " / HTTP/1.1\r\nHost : a\r\n\r\n", " / HTTP/1.1\r\n\r\n", " / HTTP/1.1\n", " / HTTP/1.1\rX",
      " /\u{1}", " x HTTP/1.1\r\n", " / HTTP/9.9\r\n", " /\r\n", " /\(Sample.long(9_000))",
      " / HTTP/1.1\r\nHost: a\r\nA: \(Sample.long(9_000))", " / HTTP/1.1\r\nHost: a\nA", " ",
    ]
    for head in heads {
      for (method, isHead) in [
        ("HEAD", true), ("\r\nHEAD", true), ("GET", false), ("HEADS", false),
      ] {
        for isSlow in [false, true] {
          let bench = Bench()
          let bytes = Array((method + head).utf8)
          if isSlow { for byte in bytes { bench.feed([byte]) } } else { bench.feed(bytes) }
          bench.wait(milliseconds: 10_000)
          #expect(bench.statuses.count == 1 && !bench.text.contains("Content-Length: 0"))
          #expect(bench.text.hasSuffix("\r\n\r\n") == isHead, "\(method)\(head.prefix(40))")
        }
      }
    }
    let field = Bench()
    field.feed(Array("GET / HTTP/1.1\r\nHEAD a".utf8))
    field.wait(milliseconds: 10_000)
    #expect(field.statuses == [408] && field.text.hasSuffix("}"))
  }

  @Test func `passes no answer that was cut for a whole one`() {
    for request in [Sample.get("/source"), "GET /source HTTP/1.0\r\n\r\n"] {
      let half = Bench()
      half.gives = false
      half.feed(Array(request.utf8))
      half.lose()
      #expect(half.ends == ["reset"])
      let unsent = Bench()
      unsent.sends = false
      unsent.feed(Array(request.utf8))
      unsent.lose()
      #expect(unsent.ends == ["reset"])
    }
    let idle = Bench()
    idle.feed(Array(Sample.get().utf8))
    idle.lose()
    #expect(idle.ends == ["close"])
  }

  @Test func `takes memory for a body when it comes, not when it is announced`() {
    let bench = Bench { _ in .collect(limit: 4 << 20, on: .loop) { _, _ in } }
    bench.feed(Array(Sample.post(["Content-Length: 4000000"]).utf8))
    #expect(bench.connection.body.capacity < 100_000 && bench.connection.directly < 100_000)
    for _ in 0..<40 { bench.feedDirectly([UInt8](repeating: 0x61, count: 100_000)) }
    #expect(bench.statuses == [200] && bench.text.hasSuffix("/ 4000000"))
  }

  @Test func `sends no field that would end a line, nor its own twice`() {
    let bench = Bench { _ in
      .answer(
        Response(
          status: 200,
          headers: [
            ("A", "b\r\nEvil: 1"), ("Bad Name", "1"), ("Content-Length", "9"), ("Good", "1"),
            ("transfer-encoding", "chunked"), ("connection", "x"), ("", "1"),
          ]))
    }
    bench.feed(Array(Sample.get().utf8))
    #expect(
      bench.text
        == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nGood: 1\r\n"
        + "Content-Length: 0\r\n\r\n")
  }

  @Test func `lets go of all memory when it is idle`() {
    let bench = Bench()
    bench.feed(Array(Sample.post(["Content-Length: 9000"], Sample.long(9_000)).utf8))
    #expect(bench.connection.isIdle)
    #expect(bench.connection.body.capacity == 0 && bench.connection.backlog.capacity == 0)
    #expect(bench.connection.outbox.segments.capacity == 0)
  }
}
