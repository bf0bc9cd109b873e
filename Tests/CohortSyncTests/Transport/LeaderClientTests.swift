import CohortModel
import CohortSync
import CohortWire
import Testing

@Suite struct `A client of a leader` {
  private static let digest = String(repeating: "a", count: 64)
  private static let head: JSONText = ["size": 41, "root": .string(digest)]

  private func client(_ web: WebScript) throws -> LeaderClient {
    LeaderClient(
      try #require(Endpoint("http://ledger")), SecretText(Array("rk-log".utf8)), web,
      now: { Instant(microseconds: 0) })
  }

  @Test func `asks for heads, proofs and bytes, and says what it holds`() throws {
    let web = WebScript { request in
      switch request.url {
      case "http://ledger/ledger/status":
        WebAnswer(
          200,
          [
            "ledger": "0a", "as_of": ["position": 41, "time": "2026-01-01T12:00:00Z"],
            "tree": Self.head, "log_bytes": 8_192,
          ])
      case "http://ledger/ledger/tree/head?size=41": WebAnswer(200, Self.head)
      case "http://ledger/ledger/tree/consistency?from=40&to=41":
        WebAnswer(
          200,
          [
            "from": ["size": 40, "root": .string(Self.digest)], "to": Self.head,
            "path": [.string(Self.digest)],
          ])
      case "http://ledger/ledger/log":
        WebAnswer(
          status: 206, headers: [("content-range", "bytes 4096-4098/8192")], body: [1, 2, 3])
      case "http://ledger/ledger/events?after=41&limit=1&identifiers=none&wait=5":
        WebAnswer(status: 200)
      default: nil
      }
    }
    let client = try client(web)
    let root = try #require(Digest(Self.digest))
    let status = try client.status(held: Position(40))
    #expect(status.size == 41 && status.root == root && status.logBytes == 8_192)
    #expect(status.ledger == "0a")
    #expect(status.time == Instant(microseconds: 1_767_268_800_000_000))
    #expect(try client.root(at: 41) == root)
    let proof = try client.consistency(from: 40, to: 41)
    #expect(proof.from == (40, root) && proof.to == (41, root) && proof.path == [root])
    #expect(try client.bytes(in: 4_096..<9_000, held: Position(7)) == [1, 2, 3])
    try client.wait(behind: Position(41), seconds: 5)
    for request in web.seen {
      #expect(request.headers.first { $0.name == "Authorization" }?.value == "Bearer rk-log")
      #expect(!request.url.contains("rk-log"))
    }
    let held = web.seen.map { $0.headers.first { $0.name == "Ledger-Position" }?.value }
    #expect(held == ["40", nil, nil, "7", "41"])
    #expect(web.seen[3].headers.first { $0.name == "Range" }?.value == "bytes=4096-8999")
  }

  @Test func `tells what may pass from what does not`() throws {
    func failure(_ answer: WebAnswer?) throws -> LeaderClient.Failure? {
      let client = try client(WebScript { _ in answer })
      do throws(LeaderClient.Failure) {
        _ = try client.bytes(in: 0..<10, held: nil)
        return nil
      } catch { return error }
    }
    #expect(try failure(nil) == .unheard("connection lost", retryAfter: nil))
    #expect(
      try failure(
        WebAnswer(
          status: 503, headers: [("retry-after", "7")],
          body: Array(#"{"message":"Shutting down"}"#.utf8)))
        == .unheard("it answers 503 'Shutting down'", retryAfter: 7))
    #expect(
      try failure(WebAnswer(status: 416))
        == .unheard("its log ends before what was asked for", retryAfter: nil))
    #expect(
      try failure(WebAnswer(404, ["message": "There is no tree of 9 events yet."]))
        == .unheard("it answers 404 'There is no tree of 9 events yet.'", retryAfter: nil))
    for answer in [
      WebAnswer(401, ["message": "Invalid API Key"]), WebAnswer(403, ["message": "Access Denied"]),
      WebAnswer(404, ["message": "Not Found"]), WebAnswer(status: 404), WebAnswer(status: 302),
      WebAnswer(status: 200, body: [1]),
      // Not from where it was asked, and more than was asked for.
      WebAnswer(status: 206, headers: [("content-range", "bytes 1-2/9")], body: [1]),
      WebAnswer(
        status: 206, headers: [("content-range", "bytes 0-11/90")],
        body: [UInt8](repeating: 1, count: 11)),
    ] {
      guard case .refused(let words)? = try failure(answer) else {
        Issue.record("\(answer.status)")
        continue
      }
      #expect(words.split(separator: ". ").count == 2 && words.last == ".", "\(words)")
      #expect(!words.contains("rk-log"))
    }
  }

  @Test(arguments: [
    #"{}"#, #"[]"#, #"{"size":41}"#, #"{"size":41,"root":"xyz"}"#,
    #"{"size":"41","root":"\#(digest)"}"#,
    #"{"size":40,"root":"\#(digest)"}"#, "",
  ])
  func `believes no head that is none`(_ body: String) throws {
    let client = try client(WebScript { _ in WebAnswer(status: 200, body: Array(body.utf8)) })
    #expect(throws: LeaderClient.Failure.self) { try client.root(at: 41) }
    #expect(throws: LeaderClient.Failure.self) { try client.status(held: nil) }
    #expect(throws: LeaderClient.Failure.self) { try client.consistency(from: 1, to: 2) }
  }
}
