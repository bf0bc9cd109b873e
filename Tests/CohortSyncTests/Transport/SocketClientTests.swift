import CohortSync
import CohortThreads
import Testing

@Suite struct `A client of plain HTTP over sockets` {
  private static func answer(
    _ status: String, _ body: String = "", headers: String = ""
  ) -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private func send(_ request: WebRequest, _ client: SocketClient = SocketClient()) -> Result<
    WebAnswer, NoAnswer
  > {
    do throws(NoAnswer) { return .success(try client.send(request)) } catch {
      return .failure(error)
    }
  }

  private func reason(_ result: Result<WebAnswer, NoAnswer>) -> String {
    switch result {
    case .success(let answer): "answered \(answer.status)"
    case .failure(let failure): failure.reason
    }
  }

  @Test func `sends what it is given, and gives back status, headers and body`() throws {
    let server = try RawServer { _ in
      .bytes(Self.answer("201 Created", #"{"message":"success"}"#, headers: "Retry-After: 7\r\n"))
    }
    defer { server.end() }
    let answer = try send(
      WebRequest(
        "POST", server.url + "/partners/shop/cohorts?x=%2F#f",
        headers: [("Content-Type", "application/json"), ("Prefer", "return=representation")],
        body: Array(#"{"a":1}"#.utf8))
    ).get()
    #expect(answer.status == 201)
    #expect(answer.body == Array(#"{"message":"success"}"#.utf8))
    #expect(answer.header("retry-after") == "7")
    #expect(
      server.seen == [
        "POST /partners/shop/cohorts?x=%2F HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
          + "Content-Type: application/json\r\nPrefer: return=representation\r\n"
          + "Content-Length: 7\r\n\r\n{\"a\":1}"
      ])
  }

  @Test func `gives back redirects as they are, and follows none`() throws {
    let other = try RawServer { _ in .bytes(Self.answer("200 OK", "{}")) }
    defer { other.end() }
    let server = try RawServer { _ in
      .bytes(Self.answer("307 Moved", headers: "Location: \(other.url)/steal\r\n"))
    }
    defer { server.end() }
    let request = WebRequest(
      "POST", server.url + "/", headers: [("Authorization", "Bearer k")], body: [0x7B])
    #expect(try send(request).get().status == 307)
    #expect(other.seen.isEmpty)
  }

  @Test func `reads an answer that came before all was sent`() throws {
    let large = [UInt8](repeating: 0x20, count: 24 << 20)
    let server = try RawServer(readsBodies: false) { head in
      head.hasPrefix("POST /large")
        ? .cut(Self.answer("413 Too Large", "{}")) : .bytes(Self.answer("200 OK", "two"))
    }
    defer { server.end() }
    let client = SocketClient()
    for _ in 0..<3 {
      let result = send(WebRequest("POST", server.url + "/large", body: large), client)
      #expect(reason(result) == "answered 413")
    }
    // Not on a connection on which the rest would be taken for a request.
    #expect(try send(WebRequest("GET", server.url), client).get().body == Array("two".utf8))
  }

  @Test func `sends a request once, whenever the connection is cut`() throws {
    let whole = Self.answer("201 Created", "{}", headers: "X: y\r\n")
    for end in 0..<whole.utf8.count {
      let part = String(decoding: Array(whole.utf8)[..<end], as: UTF8.self)
      let server = try RawServer { _ in .cut(part) }
      defer { server.end() }
      #expect(
        reason(send(WebRequest("POST", server.url, body: [0x7B]))) == "connection lost", "\(end)")
      #expect(server.seen.count == 1)
    }
  }

  @Test func `goes on over another connection when one was closed behind its answer`() throws {
    let server = try RawServer { _ in .cut(Self.answer("200 OK", "{}")) }
    defer { server.end() }
    let client = SocketClient()
    for _ in 0..<5 {
      let result = send(WebRequest("POST", server.url, body: [0x7B]), client)
      // The end may come while the next request is on its way: then nobody knows.
      #expect(["answered 200", "connection lost"].contains(reason(result)))
    }
    #expect(reason(send(WebRequest("GET", server.url), SocketClient())) == "answered 200")
  }

  @Test func `does not take what came behind an answer for the next one`() throws {
    let stale = Self.answer("200 OK", "stale")
    let server = try RawServer { request in
      .bytes(
        request.hasPrefix("GET /1")
          ? Self.answer("200 OK", "one") + stale
          : Self.answer("200 OK", "two"))
    }
    defer { server.end() }
    let client = SocketClient()
    #expect(try send(WebRequest("GET", server.url + "/1"), client).get().body == Array("one".utf8))
    #expect(try send(WebRequest("GET", server.url + "/2"), client).get().body == Array("two".utf8))
  }

  @Test func `waits no longer than it is told to`() throws {
    let server = try RawServer { _ in .silence }
    defer { server.end() }
    let request = WebRequest("GET", server.url, timeout: .milliseconds(50))
    #expect(reason(send(request)) == "no answer in time")
  }

  @Test func `says in words why nobody answers`() throws {
    let server = try RawServer { _ in .silence }
    let url = server.url
    server.end()
    #expect(reason(send(WebRequest("GET", url))) == "connection refused")
    #expect(reason(send(WebRequest("GET", "http://no.such.host.invalid/"))) == "no such host")
    for url in [
      "http://", "http://u@h/", "https://h/", "ftp://h/", "http://h:x/", "http://[::1/",
      "http://h:65536/",
    ] {
      #expect(reason(send(WebRequest("GET", url))) == "the address is none", "\(url)")
    }
  }

  @Test func `sends no field that could end its line`() {
    let request = WebRequest("GET", "http://127.0.0.1:9/", headers: [("A", "b\r\nC: d")])
    #expect(reason(send(request)) == "the address is none")
  }

  @Test func `gives up an answer that is longer than it reads`() throws {
    let server = try RawServer { _ in .bytes(Self.answer("200 OK", "0123456789")) }
    defer { server.end() }
    do throws(NoAnswer) {
      _ = try SocketClient(answerLimit: 9).send(WebRequest("GET", server.url))
      Issue.record("it was read")
    } catch { #expect(error.isTooLong) }
  }

  @Test func `keeps apart what many threads ask at once`() throws {
    let server = try RawServer { request in
      .bytes(Self.answer("200 OK", String(request.split(separator: " ")[1])))
    }
    defer { server.end() }
    let client = SocketClient(connections: 3)
    let url = server.url
    let wrong = Monitor(0)
    let threads = try (0..<6).map { thread in
      try Thread("client") {
        for number in 0..<50 {
          let path = "/\(thread)/\(number)"
          let answer = try? client.send(WebRequest("GET", url + path))
          if answer?.body != Array(path.utf8) { wrong.change { $0 += 1 } }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(wrong.look { $0 } == 0)
  }
}
