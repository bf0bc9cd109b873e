import CohortSync
import Testing

@Suite struct `A client of HTTP` {
  private static func answer(
    _ status: String, _ body: String = "", headers: String = ""
  ) -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private func send(_ request: WebRequest, _ client: HTTPClient = HTTPClient()) -> Result<
    WebAnswer, NoAnswer
  > {
    do throws(NoAnswer) { return .success(try client.send(request)) } catch {
      return .failure(error)
    }
  }

  @Test func `sends what it is given, and gives back status, headers and body`() throws {
    let server = try RawServer { _ in
      .bytes(Self.answer("201 Created", #"{"message":"success"}"#, headers: "Retry-After: 7\r\n"))
    }
    defer { server.end() }
    let answer = try send(
      WebRequest(
        "POST", server.url + "/partners/shop/cohorts?x=%2F",
        headers: [("Content-Type", "application/json"), ("Prefer", "return=representation")],
        body: Array(#"{"a":1}"#.utf8))
    ).get()
    #expect(answer.status == 201)
    #expect(answer.body == Array(#"{"message":"success"}"#.utf8))
    #expect(answer.header("retry-after") == "7")
    let seen = try #require(server.seen.first)
    #expect(seen.hasPrefix("POST /partners/shop/cohorts?x=%2F HTTP/1.1\r\n"))
    #expect(seen.lowercased().contains("\r\ncontent-type: application/json\r\n"))
    #expect(seen.lowercased().contains("\r\nprefer: return=representation\r\n"))
    #expect(seen.hasSuffix("\r\n\r\n{\"a\":1}"))
  }

  @Test(arguments: [200, 400, 401, 403, 404, 407, 413, 423, 429, 500, 503])
  func `gives back every status as it is`(_ status: Int) throws {
    let server = try RawServer { _ in
      .bytes(
        Self.answer(
          "\(status) X", "{}",
          headers: status == 401 ? "WWW-Authenticate: Bearer realm=\"x\"\r\n" : ""))
    }
    defer { server.end() }
    let answer = try send(
      WebRequest("POST", server.url + "/", headers: [("Authorization", "Bearer k")], body: [0x7B])
    ).get()
    #expect(answer.status == status)
    #expect(answer.body == Array("{}".utf8))
    #expect(server.seen.count == 1)
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func `follows no redirect, so no key goes to somebody else`(_ status: Int) throws {
    let other = try RawServer { _ in .bytes(Self.answer("200 OK", "{}")) }
    defer { other.end() }
    let server = try RawServer { _ in
      .bytes(Self.answer("\(status) Moved", headers: "Location: \(other.url)/steal\r\n"))
    }
    defer { server.end() }
    let request = WebRequest(
      "POST", server.url + "/", headers: [("Authorization", "Bearer k")], body: [0x7B])
    #expect(try send(request).get().status == status)
    #expect(other.seen.isEmpty)
  }

  @Test func `has no answer where the connection is cut, before it or in its midst`() throws {
    for text in ["", "HTTP/1.1 201 Cre", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"] {
      let server = try RawServer { _ in .cut(text) }
      defer { server.end() }
      let result = send(WebRequest("POST", server.url + "/", body: [0x7B]))
      guard case .failure(let failure) = result else {
        Issue.record("\(text): \(result)")
        continue
      }
      #expect(!failure.reason.contains("127.0.0.1"))
    }
  }

  @Test func `has no answer where nobody listens`() throws {
    let server = try RawServer { _ in .silence }
    server.end()
    let result = send(WebRequest("POST", server.url + "/", body: [0x7B]))
    guard case .failure(let failure) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(failure.reason == "connection refused")
  }

  @Test func `waits no longer than it is told`() throws {
    let server = try RawServer { _ in .silence }
    defer { server.end() }
    let result = send(
      WebRequest("POST", server.url + "/", body: [0x7B], timeout: .milliseconds(50)))
    guard case .failure(let failure) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(failure.reason.hasPrefix("no answer"))
  }

  @Test func `reads no more of an answer than it has room for`() throws {
    let server = try RawServer { _ in
      .bytes(Self.answer("200 OK", String(repeating: "x", count: 200_000)))
    }
    defer { server.end() }
    let client = HTTPClient(answerLimit: 100_000)
    let result = send(WebRequest("GET", server.url + "/"), client)
    guard case .failure(let failure) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(failure.reason == "an answer of more than 100000 bytes")
    #expect(try send(WebRequest("GET", server.url + "/")).get().body.count == 200_000)
  }

  @Test(arguments: ["", "no address", "http://", "/path"])
  func `takes no address that is none`(_ url: String) {
    guard case .failure = send(WebRequest("GET", url)) else {
      Issue.record("'\(url)' is taken")
      return
    }
  }
}
