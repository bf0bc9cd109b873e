import CohortHTTP
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import Glibc
import TestSupport
import Testing

@Suite struct `Signing in` {
  private static func code(_ house: TestHouse) -> String {
    String(decoding: house.service.sessions.code(), as: UTF8.self)
  }

  @Test func `with a link works once, of fifty who open it at the same time`() throws {
    let house = try TestHouse()
    for _ in 1...4 {
      let body = Array(#"{"code":"\#(Self.code(house))"}"#.utf8)
      let visitor = house.visitor
      let statuses = Monitor<[Int]>([])
      let hasBegun = Monitor(false)
      let threads = try (1...50).map { _ in
        try Thread("browser") {
          _ = hasBegun.wait { $0 ? true : nil }
          let answer = visitor.send(.post, "/session", headers: Browser.own, body: body)
          statuses.change { $0.append(answer.status) }
        }
      }
      hasBegun.change { $0 = true }
      for thread in threads { thread.join() }
      let found = statuses.look { $0 }
      #expect(found.count { $0 == 200 } == 1)
      #expect(found.count { $0 == 401 || $0 == 429 } == 49)
    }
    #expect(house.service.sessions.count == 4)
  }

  @Test func `with a link works for ten minutes`() throws {
    let clock = SimulatedClock()
    let house = try TestHouse(clock: clock)
    let (first, second) = (Self.code(house), Self.code(house))
    clock.advance(by: 600_000_000 - 1)
    #expect(house.signIn(code: first).status == 200)
    clock.advance(by: 1)
    let late = house.signIn(code: second)
    #expect(late.status == 401)
    #expect(late.message?.contains("cohort console") == true)
    #expect(late["Set-Cookie"] == nil)
    #expect(house.signIn(code: first).status == 401)
  }

  @Test func `with one of many links is for the newest sixteen`() throws {
    let house = try TestHouse()
    let codes = (0..<20).map { _ in Self.code(house) }
    for (index, code) in codes.enumerated() {
      #expect(house.signIn(code: code).status == (index < 4 ? 401 : 200), "\(index)")
    }
  }

  @Test func `wrongly is slowed down, and hinders nobody who is right`() throws {
    let house = try TestHouse()
    let key = try house.key()
    var statuses: [Int] = []
    for number in 0..<60 {
      let proof = number.isMultiple(of: 2) ? #"{"code":"no-\#(number)"}"# : #"{"key":"rk-no"}"#
      let answer = house.signIn(proof)
      statuses.append(answer.status)
      #expect(answer["Set-Cookie"] == nil)
      if answer.status == 429 {
        #expect(answer.closes && answer["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
      }
    }
    #expect(statuses.count { $0 == 401 } == WrongKeyBuckets.burst)
    #expect(statuses.count { $0 == 429 } == 60 - WrongKeyBuckets.burst)
    #expect(house.signIn(code: Self.code(house)).status == 200)
    #expect(house.signIn(#"{"key":"\#(key)"}"#).status == 200)
    // A session that has ended was no guess: a page that was left open slows nobody down.
    house.peer = .address([198, 51, 100, 9], port: 1)
    for _ in 0..<60 {
      let answer = house.get("/ledger/status", headers: [("cookie", "\(house.cookieName)=gone")])
      #expect(answer.status == 401)
    }
  }

  @Test func `takes a code or a REST key, and nothing else`() throws {
    let house = try TestHouse()
    let code = Self.code(house)
    for body in [
      "", "{", "[]", "{}", #"{"code":7}"#, #"{"code":null,"key":null}"#, #"{"kode":"x"}"#,
      #"{"code":"\#(code)","key":"x"}"#, #"{"code":"\#(code)","more":1}"#,
      #"{"code":"\#(code)","code":"\#(code)"}"#,
    ] {
      let answer = house.signIn(body)
      #expect(answer.status == 400, "\(body)")
      #expect(!answer.text.contains(code), "\(body)")
    }
    let big = house.signIn(#"{"code":"\#(String(repeating: "x", count: 5_000))"}"#)
    #expect(big.status == 413)
    #expect(
      house.signIn(#"{"code":"\#(code)"}"#, Browser.own + [("content-type", "text/plain")]).status
        == 415)
    #expect(house.post("/session?x=1", "{}", headers: Browser.own).status == 400)
    for secret in ["pk-1", "dik-1"] {
      #expect(house.signIn(#"{"key":"\#(secret)"}"#).status == 401, "of another kind")
    }
    // None of this has used the link up.
    #expect(house.signIn(code: code).status == 200)
  }

  @Test func `leaves no secret in an answer, a metric or the access log`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/access.log"
    let log = try AccessLog(path: path)
    let house = try TestHouse(accessLog: log)
    let (key, code, wrong) = (try house.key(), Self.code(house), "wrong-code-1234")
    let right = try #require(house.signIn(code: code).cookie)
    let token = String(right.dropFirst("\(house.cookieName)=".count))
    let ofKey = try Browser(house, key: key)
    var said = ""
    for answer in [
      house.signIn(code: wrong), house.signIn(code: code), house.signIn(#"{"key":"\#(wrong)"}"#),
      house.signIn(#"{"code":"\#(wrong)","key":"\#(key)"}"#),
      house.get("/session", headers: [("cookie", right)]),
      house.get("/session?cohort_session=\(token)", headers: [("cookie", right)]),
      house.get("/session?code=\(code)"), house.get("/metrics", headers: [("cookie", right)]),
      ofKey.get("/session"), ofKey.get("/ledger/keys"), ofKey.signOut(),
    ] {
      said += answer.headers.map { "\($0.name): \($0.value)\n" }.joined() + answer.text
    }
    log.end()
    let logged = try text(of: path)
    #expect(logged.contains(#""route":"/session""#))
    #expect(logged.contains(#""key":"key:0""#))
    for secret in [key, code, wrong, token, ofKey.cookie] {
      #expect(!said.contains(secret), "\(secret)")
      #expect(!logged.contains(secret), "\(secret)")
    }
  }

  private func text(of path: String) throws -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = unsafe read(file, &part, part.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part.prefix(count)
    }
  }
}
