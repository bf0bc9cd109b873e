import CohortFormat
import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortThreads
import TestSupport
import Testing

/// A disk that does not answer takes no worker, so reads go on (FAULTS 45).
@Suite struct `While the disk does not answer` {
  private let disk = HeldDisk(SimulatedDisk())
  private let ledger: Ledger
  private let visitor: Visitor
  private static let key = "rk-" + String(repeating: "k", count: 43)

  init() throws {
    ledger = try Ledger.open(
      "/ledger", on: disk, clock: SimulatedClock(step: 7), random: SeededRandomSource(seed: 1),
      options: .small)
    visitor = Visitor(service: Service(ledger), peer: .local)
    func submit(_ wish: Wish) throws { try ledger.submit(Command(author: .local, wish: wish)) }
    func digest(_ secret: String) -> Digest { SHA256.digest(Array(secret.utf8).span) }
    try submit(
      .enablePartner(
        EnablePartner(code: "hightouch", displayName: nil, key: .digest(digest("pk-1")))))
    for (kind, secret) in [(KeyKind.dataImport, "dik-1"), (.rest, Self.key)] {
      try submit(
        .issueKey(
          IssueKey(
            kind: kind, partner: kind == .rest ? nil : "hightouch", label: "test",
            permissions: kind == .rest ? .all : [], digest: digest(secret))))
    }
    for (path, body) in [
      ("/users/track", #"{"attributes":[{"external_id":"a"},{"external_id":"b"}]}"#),
      ("/partners/hightouch/cohorts/users", PartnerRequest.changing.body),
      (
        "/segments/create",
        #"{"name":"S","filter":{"cohorts":{"partner":"hightouch","includes":["vip"]}}}"#
      ),
      ("/campaigns/create", #"{"name":"C","audience":{"segments":["segment:1"]}}"#),
    ] {
      let answer = visitor.send(.post, path, key: Self.key, body: Array(body.utf8))
      #expect(answer.status == 201, "\(answer.text)")
    }
  }

  static let writes = [
    ("/users/track", #"{"attributes":[{"external_id":"c"}]}"#),
    ("/ledger/keys", #"{"kind":"rest","label":"app"}"#),
    ("/ledger/partners", #"{"partner":"segment"}"#),
    ("/campaigns/launch", #"{"campaign_id":"campaign:1"}"#),
    ("/users/delete", #"{"external_ids":["b"],"erase":true}"#),
    ("/ledger/erase", #"{"external_id":"a"}"#),
  ]

  @Test(arguments: writes.indices)
  func `a write waits, and the thread that took it does not`(_ index: Int) throws {
    let (path, body) = Self.writes[index]
    let outcome = Monitor<Response?>(nil)
    let head = visitor.head(.post, path, key: Self.key, headers: [("idempotency-key", "once")])
    guard case .collect(_, _, let handler) = visitor.service.plan(head) else {
      Issue.record("\(path) is collected")
      return
    }
    disk.hold()
    handler(
      Request(head: head, body: Array(body.utf8)),
      Exchange { response in outcome.change { $0 = response } })
    // Here only because nobody has waited: the disk still does not answer.
    #expect(outcome.look { $0 == nil })
    #expect(visitor.send(.get, "/ledger/status", key: Self.key).status == 200)
    disk.letGo()
    #expect(outcome.wait(for: { $0 })?.status == 201)
  }

  @Test func `more writes than may wait are sent away`() throws {
    disk.hold()
    let body = Array(#"{"kind":"rest","label":"app"}"#.utf8)
    let outcomes = Monitor<[Int]>([])
    for _ in 1...80 {
      let head = visitor.head(.post, "/ledger/keys", key: Self.key)
      guard case .collect(_, _, let handler) = visitor.service.plan(head) else { continue }
      handler(
        Request(head: head, body: body),
        Exchange { response in outcomes.change { $0.append(response.status) } })
    }
    let refused = outcomes.look { $0 }
    #expect(refused == Array(repeating: 503, count: 80 - 68))
    disk.letGo()
    _ = outcomes.wait { $0.count == 80 ? true : nil }
    #expect(outcomes.look { $0.count { $0 == 201 } } == 68)
  }

  @Test func `a write for which there is no thread is sent away, or waits for one that is there`()
    throws
  {
    let outcomes = Monitor<[Int]>([])
    func send() {
      let head = visitor.head(.post, "/ledger/keys", key: Self.key)
      guard case .collect(_, _, let handler) = visitor.service.plan(head) else { return }
      handler(
        Request(head: head, body: Array(#"{"kind":"rest","label":"app"}"#.utf8)),
        Exchange { response in outcomes.change { $0.append(response.status) } })
    }
    ThreadShortage.$current.withValue(ThreadShortage(after: 0)) { send() }
    #expect(outcomes.look { $0 } == [503])
    disk.hold()
    ThreadShortage.$current.withValue(ThreadShortage(after: 1)) { for _ in 1...3 { send() } }
    #expect(outcomes.look { $0 } == [503])
    disk.letGo()
    #expect(outcomes.wait { $0.count == 4 ? $0 : nil } == [503, 201, 201, 201])
    send()
    #expect(outcomes.wait { $0.count == 5 ? $0.last : nil } == 201)
  }

  @Test func `streams of users leave workers for others`() {
    func plan() -> Plan {
      visitor.service.plan(visitor.head(.post, "/ledger/users/import", key: Self.key))
    }
    var taken: [any BodyReceiver] = []
    for _ in 1...2 { if case .receive(let receiver) = plan() { taken.append(receiver) } }
    #expect(taken.count == 2)
    guard case .answer(let refused) = plan() else {
      Issue.record("a third stream is taken")
      return
    }
    #expect(refused.status == 503)
    #expect(refused.headers.contains { $0.name == "Retry-After" })
    taken.removeLast()
    guard case .receive = plan() else {
      Issue.record("a place that is free is not given")
      return
    }
  }
}
