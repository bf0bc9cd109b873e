import CohortModel
import CohortSync
import Foundation
import Synchronization
import TestSupport
import Testing

/// A sync of a CSV file to a double, in a folder of its own.
final class Workbench {
  let folder: TestFolder
  let ledger = LedgerDouble()
  let said = Mutex<[String]>([])
  let changes = Mutex<[PlannedChange]>([])
  var source = "{\"csv\":\"model.csv\"}"
  var extra = ""
  var readKey = true
  static let cohort = "{\"create\":{\"cohort_id\":\"c\",\"name\":\"C\"}}"
  var cohort = Workbench.cohort

  init() throws { folder = try TestFolder() }

  /// Rows with their own identifiers as keys.
  func model(_ names: some Sequence<String>) throws {
    try table("id,name\n" + names.sorted().map { "k\($0),\($0)\n" }.joined())
  }

  func table(_ text: String) throws { try folder.write(text, to: "model.csv") }

  func users(_ names: some Sequence<String>) {
    let names = Array(names)
    ledger.change { state in
      for name in names where state.users[name] == nil {
        state.users[name] = UInt32(state.users.count + 1)
      }
    }
  }

  func run(_ options: SyncOptions = SyncOptions()) throws -> RunReport {
    try syncRun(options).carryOut()
  }

  var services: SyncServices {
    ledger.services { Instant(microseconds: 1_800_000_000_000_000) }
  }

  func syncRun(_ options: SyncOptions = SyncOptions(), stop: StopSign = StopSign()) throws
    -> SyncRun
  {
    let text = """
      {"name":"s","source":\(source),"primary_key":"id",
       "match":{"external_id":"name"},
       "destination":{"endpoint":"https://a.example","partner":"p",
         "partner_api_key":{"env":"A"},"data_import_key":{"env":"B"}
         \(readKey ? ",\"read_key\":{\"env\":\"R\"}" : "")},
       "cohort":\(cohort)\(extra)}
      """
    let observer = SyncObserver(
      say: { [self] words in said.withLock { $0.append(words) } },
      change: { [self] change in changes.withLock { $0.append(change) } })
    return try SyncRun(
      SyncFile(parsing: Array(text.utf8)), in: folder.path, state: folder.path + "/state",
      services, options: options, observer: observer, stop: stop)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try folder.bytes("state/\(name)"), as: UTF8.self)
  }

  /// Everything that the sync has written or said.
  func everything() throws -> String {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state")
    return try files.map { try text($0) }.joined() + said.withLock { $0.joined() }
  }
}

// `@unchecked Sendable`, because each test has its own, and uses it on one thread at a time.
extension Workbench: @unchecked Sendable {}

@Suite struct `A run of a sync` {
  @Test func `tells all first, then what entered and left`() throws {
    let bench = try Workbench()
    bench.users(["a", "b", "c"])
    try bench.model(["a", "b"])
    let first = try bench.run()
    #expect((first.run, first.entered, first.left, first.unchanged) == (1, 2, 0, 0))
    #expect(first.fates[.added] == 2 && first.sent == 2 && first.isDone)
    #expect(first.position == Position(41))
    #expect(bench.ledger.change { $0.name } == "C")
    try bench.model(["b", "c"])
    let second = try bench.run()
    #expect((second.run, second.entered, second.left, second.unchanged) == (2, 1, 1, 1))
    #expect(bench.ledger.memberNames == ["b", "c"])
    let third = try bench.run()
    #expect((third.entered, third.left, third.unchanged, third.sent) == (0, 0, 2, 0))
    #expect(bench.ledger.change { $0.parcels.map { $0.naming != nil } } == [true, false, false])
    #expect(try bench.text("s.history").split(separator: "\n").count == 3)
  }

  @Test func `keeps an identifier as long as one row has it`() throws {
    let bench = try Workbench()
    bench.users(["a"])
    try bench.table("id,name\n1,a\n2,a\n")
    #expect(try bench.run().entered == 1)
    try bench.table("id,name\n2,a\n")
    #expect(try bench.run().left == 0)
    try bench.table("id,name\n")
    #expect(try bench.run(SyncOptions(allowsRemovals: true)).left == 1)
    #expect(bench.ledger.memberNames.isEmpty)
  }

  @Test func `sends rejected rows again until they match or leave, and lists them`() throws {
    let bench = try Workbench()
    bench.users(["a"])
    try bench.table("id,name\n1,a\n2,b\n3,\n4,x\n5,m\n")
    bench.ledger.change { state in
      state.refused = ["x"]
      state.merged = ["m": 1]
    }
    let first = try bench.run()
    #expect((first.rejected, first.refused, first.isDone) == (4, 1, false))
    #expect(
      try bench.text("s.rejects.csv") == """
        primary_key,identifier,change,reason
        3,,add,no identifier
        2,b,add,unknown
        5,m,add,merged
        4,x,add,no (secret)\u{1B}

        """)
    bench.users(["b"])
    bench.ledger.change { $0.refused = [] }
    try bench.table("id,name\n1,a\n2,b\n4,x\n")
    let second = try bench.run()
    #expect((second.entered, second.unchanged, second.rejected, second.isDone) == (0, 3, 1, true))
    #expect(second.fates[.added] == 1 && second.fates[.merged] == nil)
    #expect(bench.ledger.memberNames == ["a", "b"])
    try bench.table("id,name\n1,a\n2,b\n")
    #expect(try bench.run().sent == 0)
  }

  @Test func `is stopped by the share that would leave, and by a model without rows`() throws {
    let bench = try Workbench()
    bench.extra = ",\"guard\":{\"max_removed_share\":0.5}"
    bench.users(["a", "b", "c", "d"])
    try bench.model(["a", "b", "c", "d"])
    _ = try bench.run()
    try bench.model(["a"])
    let stopped = try bench.run()
    #expect(stopped.stopped == .guard && stopped.sent == 0)
    try bench.model([])
    #expect(try bench.run().stopped == .empty)
    #expect(bench.ledger.memberNames.count == 4)
    try bench.model(["a", "b"])
    #expect(try bench.run().stopped == nil)
    #expect(bench.ledger.memberNames == ["a", "b"])
    try bench.model(["z"])
    #expect(try bench.run(SyncOptions(allowsRemovals: true)).isDone)
    #expect(bench.ledger.memberNames == [])
  }

  @Test func `keeps rows that leave if the file says so`() throws {
    let bench = try Workbench()
    bench.extra = ",\"removed_rows\":\"keep\""
    bench.users(["a", "b"])
    try bench.model(["a", "b"])
    _ = try bench.run()
    try bench.model(["a"])
    let report = try bench.run()
    #expect(report.left == 1 && report.sent == 0)
    #expect(bench.ledger.memberNames == ["a", "b"])
  }

  @Test func `only says what it would do if it is dry`() throws {
    let bench = try Workbench()
    bench.users(["a", "b"])
    try bench.model(["a", "b"])
    _ = try bench.run()
    let before = try bench.everything()
    try bench.model(["b", "u"])
    let report = try bench.run(SyncOptions(isDryRun: true))
    #expect((report.entered, report.left, report.unchanged, report.sent) == (1, 1, 1, 0))
    let changes = bench.changes.withLock { $0 }
    #expect(changes.map(\.isRemoval) == [true, false])
    #expect(changes.map { String(decoding: $0.identifier, as: UTF8.self) } == ["a", "u"])
    #expect(changes.map { String(decoding: $0.key, as: UTF8.self) } == ["ka", "ku"])
    #expect(changes.map(\.fate) == [.removed, .unknown])
    #expect(try bench.everything() == before)
    #expect(bench.ledger.memberNames == ["a", "b"])
    bench.readKey = false
    _ = try bench.run(SyncOptions(isDryRun: true))
    #expect(bench.changes.withLock { $0 }.suffix(2).map(\.fate) == [nil, nil])
  }

  @Test func `updates only a cohort that the ledger has, and names none`() throws {
    let bench = try Workbench()
    bench.cohort = "{\"update\":\"c\"}"
    bench.users(["a"])
    try bench.model(["a"])
    let error = #expect(throws: SyncFailure.self) { try bench.run() }
    guard case .noCohort = error else {
      Issue.record("\(error as Any)")
      return
    }
    bench.ledger.change { $0.exists = true }
    #expect(try bench.run().isDone)
    #expect(bench.ledger.change { $0.name } == nil)
  }

  @Test func `locks out a second one`() throws {
    let bench = try Workbench()
    try bench.model(["a"])
    let folder = StateFolder(bench.folder.path + "/state", name: "s")
    let lock = try folder.locked()
    #expect(lock != nil && folder.isLocked)
    let error = #expect(throws: SyncFailure.self) { try bench.run() }
    #expect("\(error as Any)".contains("is going on"))
    withExtendedLifetime(lock) {}
  }

  @Test func `sends nothing if the source fails, and tells of it`() throws {
    let bench = try Workbench()
    bench.extra = ",\"notify\":{\"webhook\":\"https://hook.example/\(UUID().uuidString)\"}"
    try bench.table("id,name\n1,a\n1,b\n,c\n")
    #expect(throws: SyncFailure.self) { try bench.run() }
    #expect(bench.ledger.change { $0.parcels.isEmpty })
    #expect(try bench.text("s.history").contains("row 2 repeats that of row 1"))
    bench.users(["a"])
    try bench.model(["a"])
    #expect(try bench.run().isDone)
    #expect(try bench.run().isDone)
    let events = WebDouble.shared.requests.withLock { requests in
      requests.filter { bench.extra.contains($0.url) }
        .map { String(decoding: $0.body, as: UTF8.self) }
    }
    #expect(events.count == 2)
    #expect(events.first?.contains("\"event\":\"failure\"") == true)
    #expect(events.last?.contains("\"event\":\"recovery\"") == true)
  }

  @Test func `keeps keys out of everything it writes and says`() throws {
    let bench = try Workbench()
    bench.users(["a", "b"])
    try bench.model(["a", "b"])
    bench.ledger.change { state in
      state.refused = ["b"]
      state.limit = 1
    }
    _ = try bench.run()
    bench.ledger.change { $0.isDown = true }
    #expect(try bench.run().stopped == .destination)
    bench.cohort = "{\"update\":\"c\"}"
    #expect(try bench.run().stopped == .destination)
    let all = try bench.everything()
    for key in ["pk-secret", "dik-secret", "rk-secret"] { #expect(!all.contains(key)) }
    #expect(all.contains("(secret)"))
  }
}
