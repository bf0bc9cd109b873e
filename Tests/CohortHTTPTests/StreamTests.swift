import CohortHTTP
import CohortThreads
import Testing

@Suite struct `A server that streams` {
  /// One loop, so that an answer on one connection shows that the loop has looked at all others.
  static var oneLoop: HTTPSettings {
    var settings = HTTPSettings()
    settings.loops = 1
    return settings
  }

  @Test func `sends what a source makes, as it is woken`() throws {
    let source = GatedSource()
    let application = TestApplication { _ in
      .answer(Response(status: 200, body: .source(source, length: nil)))
    }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      for number in 0..<100 {
        source.offer("part \(number);")
        if number % 10 == 0 { #expect(client.skip(1)) }
      }
      source.finish()
      #expect(client.readToEndOfChunks())
      #expect(source.isEnded())
      #expect(
        application.notes(1).first?.bytesOut == (0..<100).reduce(0) { $0 + ($1 < 10 ? 7 : 8) })
    }
  }

  @Test func `asks a source for no more than a slow reader reads`() throws {
    let source = EndlessSource()
    let application = TestApplication { head in
      head.path == Array("/stream".utf8)
        ? .answer(Response(status: 200, body: .source(source, length: nil)))
        : .collect(limit: 0, on: .worker) { _, exchange in exchange.answer(Response(status: 200)) }
    }
    try withServer(application, Self.oneLoop) { server, address in
      do {
        let slow = TestClient(address, receiveBuffer: 16_384)
        slow.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(slow.skip(1_000))
        let other = TestClient(address)
        for _ in 0..<500 {
          other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          #expect(other.answer()?.status == 200)
        }
        // What the system's buffers hold, and a few parts.
        #expect(source.made.look { $0 } < 8 << 20)
        #expect(slow.skip(10 << 20))
      }
      #expect(source.ended.wait(milliseconds: 10_000) { $0 > 0 ? $0 : nil } == 1)
      #expect(application.notes(501).contains { !$0.isComplete && $0.status == 200 })
    }
  }

  @Test func `reads no faster than a receiver takes`() throws {
    let receiver = GatedReceiver()
    let application = TestApplication { head in
      head.method == .post
        ? .receive(receiver)
        : .collect(limit: 0, on: .worker) { _, exchange in exchange.answer(Response(status: 200)) }
    }
    try withServer(application, Self.oneLoop) { server, address in
      let total = 32 << 20
      let sender = TestClient(address)
      sender.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
      sender.send([UInt8](repeating: 1, count: 100_000))
      let other = TestClient(address)
      for _ in 0..<200 {
        other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.answer()?.status == 200)
      }
      // 64 KiB in hand, 64 KiB behind them, and what came with the last read.
      #expect(server.counters.bytesIn < 200_000 + 200 * 40)
      receiver.gate.change { $0 = true }
      sender.send([UInt8](repeating: 1, count: total - 100_000))
      #expect(sender.answer()?.body == "\(total)")
    }
  }

  @Test func `tells a receiver that its sender is gone`() throws {
    let receiver = GatedReceiver()
    receiver.gate.change { $0 = true }
    let application = TestApplication { _ in .receive(receiver) }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
      #expect(receiver.taken.wait(milliseconds: 10_000) { $0 == 3 ? true : nil } == true)
      client.reset()
      #expect(receiver.abandoned.wait(milliseconds: 10_000) { $0 == 1 ? true : nil } == true)
      #expect(application.notes(1).first?.status == nil)
    }
  }

  @Test func `answers before the body's end if the receiver does`() throws {
    let application = TestApplication { _ in .receive(RefusingReceiver()) }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
      let answer = client.answer()
      #expect(answer?.status == 409 && answer?.fields["connection"] == "close")
      #expect(client.isAtEnd())
    }
  }

  @Test func `cuts the connection if a source cannot go on`() throws {
    let application = TestApplication { _ in
      .answer(Response(status: 200, body: .source(FailingSource(), length: nil)))
    }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(client.answer()?.isWhole != true)
      #expect(application.notes(1).first?.isComplete == false)
    }
  }
}
