import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import Glibc
import TestSupport
import Testing

@Suite struct `The access log` {
  private static func text(_ path: String) throws -> String {
    let disk = PosixDisk()
    let file = try disk.open(path, .read)
    defer { try? disk.close(file) }
    let size = try disk.size(of: file)
    var bytes = [UInt8](repeating: 0, count: 0)
    try bytes.append(addingCapacity: size) { try disk.read(file, at: 0, into: &$0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func lines(_ path: String) throws -> [JSONValue] {
    try text(path).utf8.split(separator: UInt8(ascii: "\n")).map {
      try JSONDocument(parsing: Array($0)).root
    }
  }

  @Test func `has a line for each request, by route and key`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/access.log"
    let log = try AccessLog(path: path)
    let house = try TestHouse(accessLog: log)
    let key = try house.key()
    let id = house.shop.ledger.now.state.keys.records.count
    house.get("/ledger/status", key: key)
    house.post("/partners/hightouch/cohorts/users", PartnerRequest.changing.body)
    house.get("/some/where")
    house.get("/ledger/status", key: "rk-wrong")
    log.end()
    let lines = try Self.lines(path)
    func column(_ key: String) -> [String] {
      lines.map { line in
        guard let value = line[key], !value.isNull else { return "-" }
        return value.string.map { String(decoding: $0, as: UTF8.self) }
          ?? value.unsignedInteger.map { String($0) } ?? "?"
      }
    }
    #expect(column("method") == ["GET", "POST", "GET", "GET"])
    #expect(
      column("route")
        == ["/ledger/status", "/partners/{partner}/cohorts/users", "-", "/ledger/status"])
    #expect(column("status") == ["200", "201", "404", "401"])
    #expect(column("key") == ["key:\(id)", "key:2", "-", "-"])
    #expect(column("microseconds") == ["250", "250", "250", "250"])
  }

  @Test func `goes on in a new file when the old one was moved away`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/access.log"
    let log = try AccessLog(path: path)
    log.append(Array("{\"before\":1}\n".utf8))
    log.reopen()
    try PosixDisk().rename(path, to: "\(path).1")
    log.append(Array("{\"between\":1}\n".utf8))
    log.reopen()
    log.append(Array("{\"after\":1}\n".utf8))
    log.end()
    let both = try Self.text("\(path).1") + ((try? Self.text(path)) ?? "")
    #expect(both == "{\"before\":1}\n{\"between\":1}\n{\"after\":1}\n")
    #expect(try Self.text(path).contains("after"))
  }

  @Test func `waits for nobody who does not read it when it is to end`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/pipe"
    #expect(unsafe mkfifo(path, 0o600) == 0)
    let reading = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reading) }
    let log = try AccessLog(path: path)
    // More than a pipe holds.
    let line = [UInt8](repeating: 0x61, count: 1_000)
    for _ in 0..<1_000 { log.append(line) }
    log.end(within: 1)
    // What was on its way is not lost while the process lives.
    _ = fcntl(reading, F_SETFL, 0)
    var (rest, part) = (1_000_000, [UInt8](repeating: 0, count: 65_536))
    while rest > 0 {
      let count = unsafe read(reading, &part, part.count)
      guard count > 0 else { break }
      rest -= count
    }
    #expect(rest == 0)
  }

  @Test func `says why it cannot begin`() {
    #expect(throws: AccessLog.Unopened.self) { try AccessLog(path: "/nowhere/at/all.log") }
    ThreadShortage.$current.withValue(ThreadShortage(after: 0)) {
      let error = #expect(throws: AccessLog.Unopened.self) { try AccessLog() }
      #expect(error?.description.hasPrefix("The system has no thread to give") == true)
    }
  }

  @Test func `and every answer and metric are free of secrets and identifiers`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/access.log"
    let log = try AccessLog(path: path)
    let house = try TestHouse(accessLog: log)
    let key = try house.key()
    var said = ""
    func say(_ answer: TestAnswer) -> TestAnswer {
      said += answer.headers.map { "\($0.name): \($0.value)\n" }.joined() + answer.text + "\n"
      return answer
    }
    var shown = [key, "pk-1", "dik-1", "wrong-secret-1", "wrong-secret-2"]
    let wrong = PartnerRequest.changing.with("client_secret", #""wrong-secret-1""#).body
    for (target, body) in [
      ("/partners/hightouch/cohorts/users", PartnerRequest.changing.body),
      ("/partners/hightouch/cohorts/users", wrong),
      ("/partners/hightouch/cohorts/users?client_secret=wrong-secret-2", wrong),
      ("/users/track", #"{"attributes":[{"external_id":"person-42"}]}"#),
      ("/users/track", #"{"attributes":[{"external_id":"person-42"}],"x":"\#(key)"}"#),
      ("/ledger/keys", #"{"kind":"rest","label":"x","secret_is":"wrong-secret-2"}"#),
    ] {
      let answer = say(house.post(target, body, key: key, headers: [("idempotency-key", target)]))
      #expect(answer.status != 500)
    }
    _ = say(house.get("/ledger/users?external_id=person-42&api_key=\(key)", key: key))
    _ = say(house.get("/ledger/status", key: "wrong-secret-1"))
    // Shown once, to whoever issued it; not a second time, and nowhere else.
    let issued = house.post("/ledger/keys", #"{"kind":"rest","label":"x"}"#, key: key)
    shown.append(try #require(issued.string("secret")))
    _ = say(house.get("/ledger/status", key: shown[5]))
    let metrics = say(house.get("/metrics", key: key))
    #expect(metrics.status == 200)
    log.end()
    let logged = try Self.text(path)
    for secret in shown {
      #expect(!said.contains(secret), "\(secret)")
      #expect(!logged.contains(secret), "\(secret)")
    }
    #expect(!logged.contains("person-42") && !logged.contains("?"))
    #expect(!metrics.text.contains("person-42"))
  }
}

@Suite struct `The metrics` {
  @Test func `are the text format of Prometheus`() throws {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a"])
    house.post("/partners/hightouch/cohorts/users", PartnerRequest.changing.body)
    house.get("/ledger/status", key: "rk-wrong")
    let answer = house.get("/metrics", key: key)
    #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    var types: [String: String] = [:]
    var seen: Set<String> = []
    for line in answer.text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
        continue
      }
      if line.hasPrefix("# HELP ") { continue }
      let name = line.prefix { $0 != "{" && $0 != " " }
      let sample = line.prefix { $0 != " " }
      #expect(seen.insert(String(sample)).inserted, "\(line)")
      let base = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
      let family = base.map { String(name.dropLast($0.count)) } ?? String(name)
      #expect(types[family] != nil || types[String(name)] != nil, "\(line)")
      #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
    }
    let text = answer.text
    #expect(text.contains(#"cohort_identifiers_total{outcome="added"} 1"#))
    #expect(text.contains("cohort_wrong_keys_total 1\n"))
    #expect(text.contains("\ncohort_snapshot_lag_bytes \(house.shop.ledger.snapshotLag)\n"))
    #expect(
      text.contains(
        #"cohort_http_requests_total{method="GET",route="/ledger/status",status="4xx"} 1"#))
    #expect(text.contains("cohort_position \(house.shop.ledger.now.end.rawValue)\n"))
  }
}
