@testable import CohortHTTP

/// What clients send, and what they get.
struct Sample: CustomStringConvertible {
  let name: String
  let bytes: [UInt8]
  /// Of the answers, in their order.
  let statuses: [Int]
  let ends: Bool

  var description: String { name }

  init(_ name: String, _ bytes: [UInt8], _ statuses: [Int], ends: Bool? = nil) {
    self.name = name
    self.bytes = bytes
    self.statuses = statuses
    self.ends = ends ?? (statuses.last.map { $0 >= 400 } ?? false)
  }

  init(_ name: String, _ text: String, _ statuses: [Int], ends: Bool? = nil) {
    self.init(name, Array(text.utf8), statuses, ends: ends)
  }

  /// A request with these lines behind its first, each ended, and the empty one.
  static func lines(_ first: String, _ fields: [String], _ body: String = "") -> String {
    ([first] + fields).map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  /// A POST with a Host, these fields and this body.
  static func post(_ fields: [String], _ body: String = "", to path: String = "/") -> String {
    lines("POST \(path) HTTP/1.1", ["Host: a"] + fields, body)
  }

  static func get(_ path: String = "/", _ fields: [String] = []) -> String {
    lines("GET \(path) HTTP/1.1", ["Host: a"] + fields)
  }

  static func long(_ count: Int) -> String { String(repeating: "x", count: count) }
}

extension Sample {
  static let good: [Sample] = [
    Sample("a GET", get(), [200]),
    Sample("an empty line before", "\r\n" + get(), [200]),
    Sample("two requests", get("/1") + get("/2"), [200, 200]),
    Sample("a POST then a GET", post(["Content-Length: 5"], "hello") + get(), [200, 200]),
    Sample("good then bad", get() + "GET / HTTP/1.1\r\nHost a\r\n\r\n", [200, 400]),
    Sample("bad then good", "GET /\r\n\r\n" + get(), [400]),
    Sample("a last request", get("/", ["Connection: close"]) + get(), [200], ends: true),
    Sample("an answer that ends", get("/last") + get(), [200], ends: true),
    Sample("Connection: a list", get("/", ["Connection: TE , CLOSE"]), [200], ends: true),
    Sample("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", [200], ends: true),
    Sample("HTTP/1.0 that stays", lines("GET / HTTP/1.0", ["Connection: keep-alive"]), [200]),
    Sample("HTTP/1.7", lines("GET / HTTP/1.7", ["Host: a"]), [200]),
    Sample("chunks", post(["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n"), [200]),
    Sample(
      "chunks, extended",
      post(
        ["transfer-encoding:CHUNKED"],
        "5 ;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nA: b\r\n\r\n")
        + get(), [200, 200]),
    Sample(
      "no chunks at all", post(["Transfer-Encoding: chunked"], "0\r\n\r\n") + get(), [200, 200]),
    Sample("length 0", post(["Content-Length: 0"]) + get(), [200, 200]),
    Sample("an expectation", post(["Expect: 100-Continue", "Content-Length: 2"], "ab"), [200]),
    Sample("absolute-form", lines("GET http://b:80/p?q HTTP/1.1", ["Host: a"]), [200]),
    Sample("absolute-form, no path", lines("GET HTTPS://b HTTP/1.1", ["Host: a"]), [200]),
    Sample("the server as a whole", lines("OPTIONS * HTTP/1.1", ["Host: a"]), [200]),
    Sample("an empty Host", lines("GET / HTTP/1.1", ["Host:"]), [200]),
    Sample("Host of IPv6", lines("GET / HTTP/1.1", ["Host: [::1]:80"]), [200]),
    Sample("bytes beyond ASCII in a value", get("/", ["X: \u{e9}"]), [200]),
    Sample("a value without space", get("/", ["X:y", "Y:\t z \t"]), [200]),
    Sample("a path as it is", get("/%00%2e%2e%2F%FF//../%zz\"<>|"), [200]),
    Sample(
      "an answer before the body", post(["Content-Length: 3"], "abc", to: "/answer") + get(),
      [200, 200]),
    Sample(
      "an answer before chunks",
      post(["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n", to: "/answer") + get(),
      [200, 200]),
    Sample(
      "an answer without the body it was asked about",
      post(["Content-Length: 3", "Expect: 100-continue"], "", to: "/answer") + get(), [200],
      ends: true),
    Sample("received", post(["Content-Length: 40"], long(40), to: "/receive") + get(), [200, 200]),
    Sample(
      "received in chunks",
      post(["Transfer-Encoding: chunked"], "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", to: "/receive")
        + get(),
      [200, 200]),
    Sample("received nothing", post([], to: "/receive") + get(), [200, 200]),
    Sample("a source", get("/source") + get(), [200, 200]),
    Sample("a source with a length", get("/long") + get(), [200, 200]),
    Sample("no content", get("/empty") + get(), [204, 200]),
    Sample("HEAD", lines("HEAD /answer HTTP/1.1", ["Host: a"]) + get(), [200, 200]),
    Sample("HEAD of a source", lines("HEAD /source HTTP/1.1", ["Host: a"]) + get(), [200, 200]),
    Sample("TRACE", lines("TRACE / HTTP/1.1", ["Host: a"]), [200]),
    Sample("a target of 8 KiB", get("/" + long(8_191)), [200]),
    Sample("a field of 8 KiB", get("/", ["X: " + long(8_189)]), [200]),
    Sample("100 fields", get("/", (1..<100).map { "X: \($0)" }), [200]),
    // Host: a, and three times 8,194, then 32,768 - 9 - 24,582 = 8,177 with its line break
    Sample(
      "fields of 32 KiB",
      get("/", Array(repeating: "X: " + long(8_189), count: 3) + ["X: " + long(8_172)]), [200]),
    Sample(
      "chunks of one byte",
      post(
        ["Transfer-Encoding: chunked"], String(repeating: "1\r\nx\r\n", count: 500) + "0\r\n\r\n"),
      [200]),
    Sample(
      "a body at its limit", post(["Content-Length: 10"], "0123456789", to: "/small") + get(),
      [200, 200]),
  ]

  /// FAULTS 108–114, 119, 123, and shapes that two readers see two requests in.
  static let bad: [Sample] = [
    Sample("HTTP/0.9", "GET /\r\n\r\n", [400]),
    Sample("HTTP/9.9", lines("GET / HTTP/9.9", ["Host: a"]), [505]),
    Sample("HTTP/0.9, said", lines("GET / HTTP/0.9", []), [505]),
    Sample("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    Sample("HTTP/1.10", lines("GET / HTTP/1.10", ["Host: a"]), [400]),
    Sample("http/1.1", lines("GET / http/1.1", ["Host: a"]), [400]),
    Sample("TLS", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], [400]),
    Sample("two empty lines before", "\r\n\r\n" + get(), [400]),
    Sample("a space before", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    Sample("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    Sample("a tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    Sample("a space behind", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", [400]),
    Sample("a space in the path", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    Sample("a method of other bytes", "G{T / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    Sample("a lower-case method", lines("get / HTTP/1.1", ["Host: a"]), [501]),
    Sample("an unknown method", lines("BREW / HTTP/1.1", ["Host: a"]), [501]),
    Sample("CONNECT", lines("CONNECT a:1 HTTP/1.1", ["Host: a"]), [501]),
    Sample("a path without slash", lines("GET a HTTP/1.1", ["Host: a"]), [400]),
    Sample("authority-form", lines("GET a:80 HTTP/1.1", ["Host: a"]), [400]),
    Sample("* for GET", lines("GET * HTTP/1.1", ["Host: a"]), [400]),
    Sample("a user's name", lines("GET http://u@b/ HTTP/1.1", ["Host: a"]), [400]),
    Sample("another scheme", lines("GET ftp://b/ HTTP/1.1", ["Host: a"]), [400]),
    Sample("a fragment", lines("GET /#a HTTP/1.1", ["Host: a"]), [400]),
    Sample("bytes beyond ASCII in the path", lines("GET /\u{e9} HTTP/1.1", ["Host: a"]), [400]),
    Sample("a target over 8 KiB", get("/" + long(8_192)), [414]),
    Sample("a target without end", "GET /" + long(9_000), [414]),
    Sample("a field over 8 KiB", get("/", ["X: " + long(8_190)]), [431]),
    Sample("a field without end", "GET / HTTP/1.1\r\nX: " + long(9_000), [431]),
    Sample("101 fields", get("/", (0..<100).map { "X: \($0)" }), [431]),
    Sample(
      "fields over 32 KiB",
      get("/", Array(repeating: "X: " + long(8_189), count: 3) + ["X: " + long(8_173)]), [431]),
    Sample("no Host", lines("GET / HTTP/1.1", []), [400]),
    Sample("two Hosts", get("/", ["Host: a"]), [400]),
    Sample("a Host with a path", lines("GET / HTTP/1.1", ["Host: a/b"]), [400]),
    Sample("a list of Hosts", lines("GET / HTTP/1.1", ["Host: a, b"]), [400]),
    Sample("a folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", [400]),
    Sample("a space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", [400]),
    Sample("a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", [400]),
    Sample("no colon", get("/", ["X"]), [400]),
    Sample("no name", get("/", [": x"]), [400]),
    Sample("a name beyond ASCII", get("/", ["\u{e9}: x"]), [400]),
    Sample("NUL in a value", get("/", ["X: a\0b"]), [400]),
    Sample("NUL in a name", get("/", ["X\0: ab"]), [400]),
    Sample("DEL in a value", get("/", ["X: a\u{7F}b"]), [400]),
    Sample("bare LF", "GET / HTTP/1.1\nHost: a\n\n", [400]),
    Sample("bare LF behind a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", [400]),
    Sample("bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", [400]),
    Sample("bare CR in a value", get("/", ["X: a\rb"]), [400]),
    Sample("CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", [400]),
    Sample("CR LF CR X", "GET / HTTP/1.1\r\nHost: a\r\n\rX", [400]),
    Sample("another expectation", post(["Expect: 200-ok", "Content-Length: 1"], "x"), [417]),
  ]

  /// Where does the body end? Nobody may have two answers to that.
  static let ambiguous: [Sample] =
    [
      ["Content-Length: 5", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Content-Length: 5"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
      ["Transfer-Encoding: identity"], ["Transfer-Encoding: gzip"], ["Transfer-Encoding:"],
      ["Transfer-Encoding: gzip, chunked"], ["Transfer-Encoding: chunked, identity"],
      ["Transfer-Encoding: ,chunked"], ["Transfer-Encoding: chunked,"],
      ["Transfer-Encoding: chunked, chunked"], ["Transfer-Encoding: \"chunked\""],
      ["Transfer-Encoding: xchunked"], ["Transfer-Encoding: chunked;q=1"],
      ["Transfer-Encoding: chunked\u{B}"], ["Transfer-Encoding : chunked"],
      ["X: y\r\n Transfer-Encoding: chunked"], ["Transfer-Encoding:\r\n chunked"],
      ["Transfer-Encoding: \0chunked"], ["X: y\nTransfer-Encoding: chunked"],
      ["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5", "Content-Length: 6"],
      ["Content-Length: 5, 5"], ["Content-Length: 5,"], ["Content-Length:"],
      ["Content-Length: -1"], ["Content-Length: +5"], ["Content-Length: 0x5"],
      ["Content-Length: 1_0"], ["Content-Length: 05"], ["Content-Length: 00"],
      ["Content-Length: 5 5"], ["Content-Length: 5.0"], ["Content-Length: 5e0"],
      ["Content-Length: \u{FF15}"], ["Content-Length : 5"], ["Content-Length: 9223372036854775808"],
      ["Content-Length: 18446744073709551621"], ["Content-Length: 99999999999999999999999"],
      ["Content-Length\0: 5"], ["Content-Length: 5\0"], ["\u{B}Content-Length: 5"],
    ].map { fields in
      Sample(
        fields.joined(separator: " | ").debugDescription,
        post(fields, "hello" + get("/smuggled")), [400])
    } + [
      Sample(
        "chunks over HTTP/1.0",
        lines("POST / HTTP/1.0", ["Transfer-Encoding: chunked"], "0\r\n\r\n"), [400])
    ]

  static let badChunks: [Sample] =
    [
      "x\r\n", "0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", "5_\r\nhello\r\n", "\r\n",
      "11111111111111111\r\n", "8000000000000000\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n",
      "5\nhello\r\n", "5\rhello\r\n", "5;a\nhello\r\n", "5;a\rhello\r\n", "5\r\nhello0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5;a\0\r\nhello\r\n", "5,5\r\nhello\r\n",
      "0\r\n\rX", "0\r\n\n", "0\r\n X: y\r\n\r\n", "0\r\nX y\r\n\r\n", "0\r\n: y\r\n\r\n",
      "0\r\nX : y\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\nX: \0\r\n\r\n",
      "5;" + long(1_025) + "\r\nhello\r\n",
      String(repeating: "1;" + long(1_000) + "\r\nx\r\n", count: 9),
      "0\r\nX: " + long(8_192) + "\r\n\r\n",
    ].map { body in
      Sample(
        "chunks \(body.prefix(20).debugDescription)",
        post(["Transfer-Encoding: chunked"], body + get("/smuggled")), [400])
    } + [
      Sample(
        "chunks over the limit",
        post(
          ["Transfer-Encoding: chunked"], "6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n", to: "/small"),
        [413]),
      Sample("a length over the limit", post(["Content-Length: 11"], "0123", to: "/small"), [413]),
      Sample(
        "received, then broken",
        post(["Transfer-Encoding: chunked"], "3\r\nabc\r\nx", to: "/receive"), [400]),
      // Nothing has left before the source turns out to be too short.
      Sample("too short a source", get("/short"), [], ends: true),
    ]

  static let all = good + bad + ambiguous + badChunks
}
