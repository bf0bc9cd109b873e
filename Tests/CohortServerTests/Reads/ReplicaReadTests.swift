import CohortFormat
import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// A leader, and a server that answers for its replica.
@Suite struct `A server of a replica` {
  private let house: TestHouse
  private let key: String
  private let replica: Visitor
  private let reader: Ledger
  private let machine = SimulatedDisk(seed: 5)

  init() throws {
    house = try TestHouse()
    key = try house.key([.ledgerLog, .ledgerRead])
    try house.shop.create(["a", "b"])
    try house.shop.push("vip", add: ["a"])
    // What a follower leaves that was stopped here; nobody follows in this test.
    let leader = house.shop.ledger
    let bytes = try leader.log.reader.bytes(in: 0..<leader.log.chain.end)
    var note = ReplicaNote(of: leader.log.ledger, at: "http://leader")
    note.durable = UInt64(bytes.count)
    note.position = Position(leader.now.end.rawValue + 7)
    (note.root, note.time) = (leader.now.treeHead.root, leader.now.instant)
    note.heard = Instant(microseconds: house.shop.clock.wall)
    try machine.makeDirectory("/copy")
    try machine.place(bytes, at: "/copy/events.log")
    try machine.place(note.bytes, at: "/copy/replica")
    reader = try Ledger.open(
      "/copy", for: .read, on: machine, clock: house.shop.clock,
      random: SeededRandomSource(seed: 9), options: .small)
    try reader.beginFollowing()
    replica = Visitor(service: Service(reader, clock: house.shop.clock), peer: .local)
  }

  private func get(_ target: String) -> TestAnswer { replica.send(.get, target, key: key) }

  @Test func `answers what it has reached, and of the rest how far it is behind`() throws {
    let end = reader.now.end.rawValue
    let leader = house.shop.ledger.now
    #expect(get("/ledger/cohorts?as_of=\(end)").status == 200)
    let seen = try leader.treeHead(size: end)
    #expect(get("/ledger/tree/head").string("root") == seen?.root.description)
    house.shop.clock.advance(by: 90_000_000)
    let time = Instant(microseconds: reader.now.instant.microseconds + 1_000_000).rfc3339
    for target in [
      "/ledger/cohorts?as_of=\(end + 1)", "/ledger/cohorts?as_of=\(time)",
      "/ledger/tree/head?size=\(end + 1)", "/ledger/tree/consistency?from=1&to=\(end + 2)",
      "/ledger/requests/\(end + 1)", "/ledger/events?after=\(end + 1)",
      "/ledger/cohorts/hightouch/vip/members?as_of=\(end + 1)",
    ] {
      let answer = get(target)
      #expect(answer.status == 503, "\(target): \(answer.text)")
      #expect(answer.number("lag_positions") == Int(leader.end.rawValue + 7 - end), "\(target)")
      #expect(answer.number("lag_seconds").map { $0 >= 90 } == true)
      #expect(answer["Retry-After"] == "1")
    }
    // What is yet to come is no question for the leader either.
    let late = Instant(microseconds: house.shop.clock.wall + 3_600_000_000).rfc3339
    #expect(get("/ledger/cohorts?as_of=\(late)").status == 400)
    #expect(reader.now.instant == reader.now.state.time)
  }

  @Test func `tells its lag in the status and in the metrics`() throws {
    let behind = Int(house.shop.ledger.now.end.rawValue + 7 - reader.now.end.rawValue)
    let status = get("/ledger/status")
    #expect(status.string("replica", "leader") == "http://leader")
    #expect(status.number("replica", "lag_positions") == behind)
    let metrics = get("/metrics").text
    #expect(metrics.contains("\ncohort_replica_lag_positions \(behind)\n"))
    #expect(metrics.contains("\ncohort_replica_lag_seconds "))
    #expect(house.get("/ledger/status", key: key).json?["replica"]?.isNull == true)
    #expect(!house.get("/metrics", key: key).text.contains("cohort_replica"))
  }

  @Test func `is listed by its leader, by its key and what it holds`() throws {
    let follower = try house.key([.ledgerLog])
    let size = house.shop.ledger.log.chain.end
    func pull(_ range: String, holding position: String?) -> TestAnswer {
      house.get(
        "/ledger/log", key: follower,
        headers: [("range", range)] + (position.map { [("ledger-position", $0)] } ?? []))
    }
    #expect(pull("bytes=0-99", holding: "0").status == 206)
    var listed = try #require(house.get("/ledger/status", key: key).json?["replicas"])
    #expect(listed.count == 1)
    #expect(pull("bytes=\(size - 1)-", holding: "3").status == 206)
    // A key to the log opens what one needs to follow it, and says where he stands.
    let status = house.get(
      "/ledger/status", key: follower, headers: [("ledger-position", "4")])
    #expect(status.status == 200)
    listed = try #require(status.json?["replicas"])
    let row = try #require(Array(listed.elements).first)
    #expect(listed.count == 1 && row["position"]?.integer == 4)
    #expect(row["name"]?.string.map { String(decoding: $0, as: UTF8.self) } == "test")
    for target in ["/ledger/tree/head", "/ledger/tree/consistency?from=1&to=2"] {
      #expect(house.get(target, key: follower).status == 200)
    }
    #expect(house.get("/ledger/cohorts", key: follower).status == 403)
    // Whoever says nothing of himself is known by the bytes; nonsense is not believed.
    #expect(pull("bytes=0-", holding: nil).status == 206)
    #expect(position(of: follower) == Int(house.shop.ledger.now.end.rawValue))
    #expect(pull("bytes=0-9", holding: "99999999").status == 206)
    #expect(position(of: follower) == Int(house.shop.ledger.now.end.rawValue))
    #expect(pull("bytes=0-9", holding: "x").status == 206)
    #expect(position(of: follower) == Int(house.shop.ledger.now.end.rawValue))
    // Without the right to the bytes nobody is a replica.
    let other = try house.key([.ledgerRead])
    _ = house.get("/ledger/status", key: other, headers: [("ledger-position", "1")])
    #expect(house.get("/ledger/status", key: key).json?["replicas"]?.count == 1)
  }

  private func position(of key: String) -> Int? {
    let list = house.get("/ledger/status", key: key).json?["replicas"]
    return list?.elements.reduce(into: [Int]()) { found, row in
      if let number = row["position"]?.integer { found.append(Int(number)) }
    }.first
  }
}
