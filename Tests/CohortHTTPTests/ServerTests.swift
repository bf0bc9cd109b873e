import CohortThreads
import Glibc
import Testing

@testable import CohortHTTP

@Suite struct `A server` {
  @Test func `answers over a real socket, and keeps the connection`() throws {
    let application = TestApplication.echo()
    try withServer(application) { server, address in
      let client = TestClient(address)
      for number in 0..<3 {
        client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try #require(client.answer())
        #expect(answer.status == 200 && answer.body == "/\(number)")
      }
      #expect(application.notes(3).allSatisfy { $0.isComplete && $0.status == 200 })
      #expect(server.counters.requests == 3 && server.counters.openConnections == 1)
    }
  }

  @Test func `that cannot have all its threads is not begun, and another one is`() throws {
    var settings = HTTPSettings()
    (settings.loops, settings.workers) = (2, 3)
    for count in 0..<5 {
      let error = #expect(throws: ListenError.self) {
        try ThreadShortage.$current.withValue(ThreadShortage(after: count)) {
          _ = try HTTPServer(TestApplication.echo(), settings)
        }
      }
      #expect(error == .thread(ThreadFailure(EAGAIN)))
    }
    try ThreadShortage.$current.withValue(ThreadShortage(after: 5)) {
      let server = try HTTPServer(TestApplication.echo(), settings)
      let address = try server.listen(on: [ListenAddress("127.0.0.1:0")])[0]
      let client = TestClient(address)
      client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(client.answer()?.body == "/x")
      server.stop(withinMilliseconds: 10_000)
    }
  }

  @Test func `takes a large body whole`() throws {
    try withServer(.echo()) { _, address in
      let client = TestClient(address)
      let body = String(repeating: "0123456789", count: 300_000)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      #expect(client.answer()?.body == body)
    }
  }

  @Test func `refuses what is not HTTP, and ends the connection`() throws {
    let application = TestApplication.echo()
    try withServer(application) { server, address in
      let client = TestClient(address)
      client.send("GET / HTTP/1.1\r\nHost : a\r\n\r\n")
      let answer = try #require(client.answer())
      #expect(answer.status == 400 && answer.fields["connection"] == "close")
      #expect(client.isAtEnd())
      #expect(application.notes(1).first?.head == nil)
      #expect(server.counters.protocolErrors == 1)
    }
  }

  @Test func `tells how long a request took, though nothing waited meanwhile`() throws {
    let application = TestApplication { _ in
      .collect(limit: 0, on: .loop) { _, exchange in
        let end = Clock.microseconds() + 1_000
        while Clock.microseconds() < end {}
        exchange.answer(Response(status: 200))
      }
    }
    try withServer(application) { _, address in
      let client = TestClient(address)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(client.answer() != nil && client.answer() != nil)
      #expect(application.notes(2).allSatisfy { $0.microseconds >= 1_000 })
    }
    let instant = TestApplication { _ in .answer(Response(status: 200)) }
    try withServer(instant) { _, address in
      let client = TestClient(address)
      for _ in 0..<100 {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.answer()?.status == 200)
      }
      #expect(instant.notes(100).allSatisfy { $0.microseconds > 0 })
    }
  }

  @Test func `answers 100 requests sent at once, in their order`() throws {
    try withServer(.echo()) { _, address in
      let client = TestClient(address)
      client.send((0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
      for number in 0..<100 { #expect(client.answer()?.body == "/\(number)") }
    }
  }
}
