import CohortHTTP
import CohortThreads
import Glibc
import Testing

@Suite struct `A server under load` {
  @Test func `answers 503 when all workers are busy and their queue is full`() throws {
    var settings = HTTPSettings()
    settings.workers = 1
    settings.workerQueue = 2
    let gate = Monitor(false)
    let begun = Monitor(0)
    let application = TestApplication { head in
      .collect(limit: 0, on: head.method == .head ? .loop : .worker) { request, exchange in
        if request.head.method == .get {
          begun.change { $0 += 1 }
          _ = gate.wait(milliseconds: 10_000) { $0 ? true : nil }
        }
        exchange.answer(Response(status: 200))
      }
    }
    settings.loops = 1
    try withServer(application, settings) { server, address in
      let clients = (0..<3).map { _ in TestClient(address) }
      for client in clients {
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.answer(toHead: true)?.status == 200)
      }
      let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
      clients[0].send(request)
      #expect(begun.wait(milliseconds: 10_000) { $0 == 1 ? true : nil } == true)
      // The worker has one in hand; two wait for it; there is no room for the fourth.
      clients[1].send(request + request)
      clients[2].send(request)
      let refused = clients[2].answer()
      #expect(refused?.status == 503 && refused?.fields["retry-after"] == "1")
      #expect(refused?.fields["connection"] == nil && server.counters.otherRefusals == 1)
      gate.change { $0 = true }
      #expect(clients[0].answer()?.status == 200)
      #expect(clients[1].answer()?.status == 200 && clients[1].answer()?.status == 200)
      clients[2].send(request)
      #expect(clients[2].answer()?.status == 200)
    }
  }

  @Test func `answers 503 to the body that is too much for all`() throws {
    var settings = HTTPSettings()
    settings.loops = 1
    settings.heldBytes = 100_000
    let application = TestApplication.echo()
    try withServer(application, settings) { server, address in
      let clients = (0..<2).map { _ in TestClient(address) }
      for client in clients {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.answer()?.status == 200)
      }
      for client in clients {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 80000\r\n\r\n")
        client.send([UInt8](repeating: 0x61, count: 60_000))
      }
      let refused = clients[1].answer()
      #expect(refused?.status == 503 && refused?.fields["connection"] == "close")
      clients[0].send([UInt8](repeating: 0x61, count: 20_000))
      #expect(clients[0].answer()?.body.utf8.count == 80_000)
      #expect(application.notes(4).count == 4 && server.counters.heldBytes == 0)
    }
  }

  @Test func `answers 503 to connections beyond the limit, and serves the others`() throws {
    var settings = HTTPSettings()
    settings.maxConnections = 2
    try withServer(.echo(), settings) { server, address in
      let first = TestClient(address)
      let second = TestClient(address)
      for client in [first, second] {
        client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.answer()?.status == 200)
      }
      let third = TestClient(address)
      let refused = third.answer()
      #expect(refused?.status == 503 && refused?.fields["retry-after"] == "1")
      #expect(third.isAtEnd() && server.counters.refused == 1)
      first.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(first.answer()?.body == "/2")
    }
  }

  @Test func `closes connections far beyond the limit without a word`() throws {
    var settings = HTTPSettings()
    (settings.maxConnections, settings.refusedConnections) = (1, 1)
    try withServer(.echo(), settings) { server, address in
      let first = TestClient(address)
      first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(first.answer()?.status == 200)
      let second = TestClient(address)
      #expect(second.answer()?.status == 503)
      #expect(TestClient(address).isAtEnd() && server.counters.refused == 2)
    }
  }

  @Test func `leaves descriptors for others, however few there are`() {
    for limit in 0...20_000 {
      var settings = HTTPSettings()
      settings.fit(descriptors: limit)
      #expect(settings.maxConnections > 0 && settings.refusedConnections > 0)
      let others = limit - settings.maxConnections - settings.refusedConnections
      #expect(others >= min(256, limit / 8) || limit < 3)
    }
    var usual = HTTPSettings()
    usual.fit(descriptors: 1_024)
    #expect(usual.maxConnections == 768 && usual.refusedConnections == 128)
    var ample = HTTPSettings()
    ample.fit(descriptors: 1 << 20)
    #expect(ample.maxConnections == 16_384 && ample.refusedConnections == 256)
  }

  @Test func `holds back requests whose answers are not read`() throws {
    let planned = Monitor(0)
    let application = TestApplication { _ in
      planned.change { $0 += 1 }
      return .answer(Response(status: 200, body: [UInt8](repeating: 0x61, count: 300_000)))
    }
    var settings = HTTPSettings()
    settings.loops = 1
    try withServer(application, settings) { _, address in
      let client = TestClient(address, receiveBuffer: 4_096)
      client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
      #expect(planned.wait(milliseconds: 10_000) { $0 > 0 ? true : nil } == true)
      for _ in 0..<3 {
        let other = TestClient(address)
        other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.answer()?.isWhole == true)
      }
      // Those of the others, and 16 that are held: not even the first fits in the system's buffers.
      #expect(planned.look { $0 } == 19 && application.notes(3).count == 3)
      for _ in 0..<100 { #expect(client.answer()?.body.utf8.count == 300_000) }
    }
  }

  @Test func `loses no descriptor, however connections end`() throws {
    let application = TestApplication.echo()
    try withServer(application) { server, address in
      let before = Self.descriptors()
      for number in 0..<600 {
        let client = TestClient(address)
        switch number % 4 {
        case 0:
          client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
          client.reset()
        case 1: client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        case 2:
          client.send("GET / HT")
          client.finish()
        default: client.send("nonsense\r\n\r\n")
        }
      }
      // Connections are dealt in turn; both loops have looked at all of them when these are served.
      for _ in 0..<20 {
        let client = TestClient(address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(client.answer()?.status == 200 && client.isAtEnd())
      }
      // Those that linger end when their client has; other tests open descriptors of their own.
      #expect(Self.descriptors() - before < 300)
      #expect(server.counters.accepted == 620 && server.counters.openConnections < 300)
    }
  }

  @Test func `does not die of a client that does not listen`() throws {
    let application = TestApplication { _ in
      .answer(Response(status: 200, body: [UInt8](repeating: 0, count: 4 << 20)))
    }
    try withServer(application) { _, address in
      for _ in 0..<20 {
        let client = TestClient(address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.skip(1))
      }
      #expect(application.notes(20).count == 20)
      let client = TestClient(address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(client.answer()?.isWhole == true)
    }
  }

  @Test func `answers who has ended his half`() throws {
    try withServer(.echo()) { _, address in
      let client = TestClient(address)
      client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3")
      client.finish()
      #expect(client.answer()?.body == "/1" && client.answer()?.body == "/2")
      #expect(client.isAtEnd())
    }
  }

  @Test func `lets a client read its refusal while it still sends`() throws {
    let application = TestApplication { _ in
      .collect(limit: 1_000, on: .loop) { _, exchange in exchange.answer(Response(status: 200)) }
    }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
      #expect(client.send([UInt8](repeating: 1, count: 8_000_000)))
      #expect(client.answer()?.status == 413)
      #expect(client.isAtEnd())
    }
  }

  @Test func `answers what has begun when it is stopped, and nothing more`() throws {
    let begun = Monitor([Exchange]())
    let application = TestApplication { _ in
      .collect(limit: 0, on: .loop) { _, exchange in begun.change { $0.append(exchange) } }
    }
    let server = try HTTPServer(application)
    let address = try server.listen(on: [ListenAddress("127.0.0.1:0")])[0]
    let clients = (0..<100).map { _ in TestClient(address) }
    let idle = TestClient(address)
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(begun.wait(milliseconds: 10_000) { $0.count == 100 ? true : nil } == true)
    let stopping = try Thread("stopping") { server.stop(withinMilliseconds: 10_000) }
    // The idle one ends at once, those with a request do not.
    #expect(idle.isAtEnd())
    for exchange in begun.look({ $0 }) { exchange.answer(Response(status: 200)) }
    begun.change { $0 = [] }
    for client in clients {
      let answer = client.answer()
      #expect(answer?.status == 200 && answer?.fields["connection"] == "close")
      #expect(client.isAtEnd())
    }
    stopping.join()
    #expect(server.counters.openConnections == 0)
    #expect(application.notes(100).allSatisfy { $0.isComplete })
    let late = TestClient(address)
    #expect(!late.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") || late.answer() == nil)
  }

  @Test func `is stopped in time, whoever does not answer`() throws {
    let begun = Monitor([Exchange]())
    let application = TestApplication { _ in
      .collect(limit: 0, on: .loop) { _, exchange in begun.change { $0.append(exchange) } }
    }
    let server = try HTTPServer(application)
    let address = try server.listen(on: [ListenAddress("127.0.0.1:0")])[0]
    let client = TestClient(address)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(begun.wait(milliseconds: 10_000) { $0.count == 1 ? true : nil } == true)
    server.stop(withinMilliseconds: 1)
    #expect(client.isAtEnd())
    #expect(application.notes(1).first?.status == nil)
    #expect(throws: ListenError.stopped) { try server.listen(on: [ListenAddress("127.0.0.1:0")]) }
  }

  @Test func `says that somebody listens there already`() throws {
    try withServer(.echo()) { server, address in
      #expect(throws: ListenError.inUse(address)) { try server.listen(on: [address]) }
    }
  }

  private static func descriptors() -> Int {
    guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    return count
  }
}
