import CohortSync
import TestSupport
import Testing

@Suite struct `An answer of HTTP` {
  /// What a parser makes of bytes in these cuts; the end of the connection is behind them.
  private func read(
    _ text: String, cuts: [Int] = [], limit: Int = 1_000
  ) throws(AnswerParser.Fault) -> (answer: WebAnswer, keepsAlive: Bool) {
    let bytes = Array(text.utf8)
    var parser = AnswerParser(limit: limit)
    var start = 0
    for end in cuts + [bytes.count] {
      if let answer = try parser.take(bytes.span.extracting(start..<end)) {
        return (answer, parser.keepsAlive)
      }
      start = end
    }
    return (try parser.end(), false)
  }

  private func fault(_ text: String, limit: Int = 1_000) -> AnswerParser.Fault? {
    do throws(AnswerParser.Fault) {
      _ = try read(text, limit: limit)
      return nil
    } catch { return error }
  }

  static let good = [
    "HTTP/1.1 201 Created\r\nContent-Length: 7\r\nRetry-After:  7 \r\n\r\n{\"a\":1}",
    "HTTP/1.1 201\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}"
      + "\r\n0\r\nTrailer: x\r\n\r\n",
    "HTTP/1.0 201 Created\r\nretry-after: 7\r\n\r\n{\"a\":1}",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      + "HTTP/1.1 201 Created\r\nRetry-After: 7\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
    "HTTP/1.1 201 Created\r\nContent-Length: 7\r\nContent-Length: 7\r\nRetry-After:7\r\n\r\n{\"a\":1}",
  ]

  @Test(arguments: good)
  func `is the same in all cuts`(_ text: String) throws {
    for first in 0...text.utf8.count {
      for second in stride(from: first, through: text.utf8.count, by: 11) {
        let (answer, _) = try read(text, cuts: [first, second])
        #expect(answer.status == 201)
        #expect(answer.header("retry-after") == "7")
        #expect(answer.body == Array("{\"a\":1}".utf8))
      }
    }
    let (answer, _) = try read(text, cuts: Array(1..<text.utf8.count))
    #expect(answer.body == Array("{\"a\":1}".utf8))
  }

  @Test(arguments: good)
  func `that is cut is none, unless only the end of the connection ends it`(_ text: String) throws {
    for end in 0..<text.utf8.count {
      let part = String(decoding: Array(text.utf8)[..<end], as: UTF8.self)
      if text.hasPrefix("HTTP/1.0"), part.contains("\r\n\r\n") { continue }
      #expect(fault(part) == .cut, "\(end)")
    }
  }

  @Test func `says whether the connection can be used again`() throws {
    func keeps(_ text: String) throws -> Bool { try read(text).keepsAlive }
    #expect(try keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    #expect(try keeps("HTTP/1.1 204 No Content\r\n\r\n"))
    #expect(try keeps("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"))
    #expect(try !keeps("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"))
    #expect(try !keeps("HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n"))
    #expect(try !keeps("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
    #expect(try !keeps("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n"))
    #expect(try !keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"))
    #expect(try keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"))
    #expect(try !keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP"), "bytes behind it")
  }

  @Test(arguments: [
    "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA: \u{1}\r\n\r\n",
  ])
  func `that is doubtful is none`(_ text: String) {
    #expect(fault(text) == .noHTTP)
  }

  @Test func `has bounds for its head and for its body`() {
    let many = String(repeating: "A: b\r\n", count: 101)
    #expect(fault("HTTP/1.1 200 OK\r\n\(many)\r\n") == .noHTTP)
    #expect(fault("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 40_000)) == .noHTTP)
    let hints = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17)
    #expect(fault(hints) == .noHTTP)
    let body = String(repeating: "x", count: 11)
    #expect(fault("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + body, limit: 10) == .tooLong)
    #expect(fault("HTTP/1.1 200 OK\r\n\r\n" + body, limit: 10) == .tooLong)
    #expect(
      fault(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n\(body)\r\n0\r\n\r\n", limit: 10)
        == .tooLong)
    #expect(fault("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + body, limit: 11) == nil)
  }
}
