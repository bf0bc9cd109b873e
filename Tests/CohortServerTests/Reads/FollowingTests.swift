import CohortHTTP
import CohortLedger
import CohortLog
import CohortModel
import CohortServer
import CohortThreads
import CohortWire
import TestSupport
import Testing

/// `serve --read-only` beside a process that writes.
@Suite struct `A server that follows` {
  private let shop: TestShop
  private let reader: Ledger
  private let visitor: Visitor
  private let key: String

  init() throws {
    let house = try TestHouse()
    (shop, key) = (house.shop, try house.key())
    try shop.create(["a", "b", "c"])
    try shop.push("vip", add: ["a"])
    reader = try Ledger.open(
      "/ledger", for: .read, on: shop.disk, clock: shop.clock,
      random: SeededRandomSource(seed: 9), options: .small)
    try reader.beginFollowing()
    visitor = Visitor(service: Service(reader, clock: shop.clock), peer: .local)
  }

  private func get(_ target: String) -> TestAnswer { visitor.send(.get, target, key: key) }

  /// Everything that both can be asked, as of where the reader stands.
  private func expectAgreement(_ place: SourceLocation = #_sourceLocation) throws {
    let mine = reader.now
    let theirs = try shop.ledger.view(asOf: .position(mine.end))
    #expect(try mine.treeHead(size: mine.end.rawValue) == theirs.treeHead(size: mine.end.rawValue))
    #expect(mine.position == theirs.position, sourceLocation: place)
    for number in 0..<mine.state.cohorts.count {
      let cohort = CohortID(UInt32(number + 1))
      #expect(try mine.members(of: cohort) == theirs.members(of: cohort), sourceLocation: place)
      for position in stride(from: 1, through: mine.end.rawValue, by: 3) {
        let (here, there) = (
          try reader.view(asOf: .position(Position(position))),
          try shop.ledger.view(asOf: .position(Position(position)))
        )
        #expect(try here.members(of: cohort) == there.members(of: cohort), sourceLocation: place)
      }
    }
    for user in 0..<mine.state.directory.userCount {
      let user = UserID(UInt32(user + 1))
      #expect(
        mine.wireUser(user) == theirs.state.shown(user, at: mine.end), sourceLocation: place)
    }
  }

  @Test func `knows what is proven, and after each write what came before it`() throws {
    let story: [() throws -> Void] = [
      { try shop.push("vip", add: ["b"], remove: ["a"]) },
      { try shop.create(["d", "e"]) },
      { try shop.push("new", add: ["d", "e", "nobody"]) },
      {
        try shop.submit(
          .mergeUsers([MergeUsers(merge: .externalID("d"), keep: .externalID("b"))]))
      },
      { try shop.submit(.deleteUsers([.externalID("e")], erase: nil)) },
      { _ = try shop.ledger.erase(.externalID("c")) },
      { for _ in 1...12 { try shop.push("vip", add: ["a"]); try shop.push("vip", remove: ["a"]) } },
      { try shop.push("vip", add: ["b"]) },
    ]
    for step in story {
      let before = shop.ledger.now.end
      try step()
      try reader.follow()
      #expect(reader.now.end >= before)
      #expect(reader.now.end <= shop.ledger.now.end)
      // Nobody knows what happened after the last frame that is known.
      #expect(reader.now.instant == reader.now.state.time)
      try expectAgreement()
    }
    let end = shop.ledger.now.end
    try shop.ledger.close()
    #expect(try reader.follow())
    #expect(reader.now.end == end)
    #expect(try !reader.follow())
    #expect(reader.now.instant > reader.now.state.time)
    #expect(get("/ledger/status").number("as_of", "position") == Int(end.rawValue))
    #expect(get("/health").status == 200)
  }

  @Test func `refuses a key that was invalidated, and one that has expired since`() throws {
    #expect(get("/ledger/cohorts").status == 200)
    let record = try #require(shop.ledger.now.state.keys.records.last)
    try shop.submit(.invalidateKey(record.issued.key))
    try shop.create(["z"])
    try reader.follow()
    #expect(get("/ledger/cohorts").status == 401)
  }

  @Test func `wakes those who wait for events`() throws {
    let told = Monitor<[LedgerError]>([])
    let woken = Monitor(false)
    let watch = reader.watch(behind: reader.now.end) { woken.change { $0 = true } }
    let follower = try Follower(reader, every: 1) { error in told.change { $0.append(error) } }
    try shop.create(["y"])
    try shop.create(["z"])
    #expect(woken.wait { $0 ? true : nil } == true)
    withExtendedLifetime(watch) { follower.end() }
    #expect(told.look { $0.isEmpty })
  }

  @Test func `says so when the log is another one`() throws {
    try shop.ledger.close()
    try reader.follow()
    try shop.disk.rename("/ledger/events.log", to: "/ledger/old.log")
    #expect(throws: LedgerError.self) { try reader.follow() }
    #expect(get("/health").status == 503)
    #expect(get("/ledger/status").string("condition")?.hasPrefix("does not follow") == true)
    #expect(get("/ledger/cohorts").status == 200)
    try shop.disk.rename("/ledger/old.log", to: "/ledger/events.log")
    try reader.follow()
    #expect(get("/health").status == 200)
  }
}
