import CohortModel
import CohortSync
import CohortWire
import Testing

@Suite struct `A run reports in at the ledger` {
  @Test func `when it is over, with its counts, however it has ended`() throws {
    let bench = try Workbench()
    bench.users(["a", "b", "c"])
    try bench.model(["a", "b", "stranger"])
    let first = try bench.run()
    try bench.table("id,name\n1,a\n1,b\n")
    #expect(throws: SyncFailure.self) { try bench.run() }
    try bench.model([])
    _ = try bench.run()
    let told = bench.ledger.change { $0.told }
    #expect(told.map(\.run) == [1, 2, 3] && told.allSatisfy { $0.sync == "s" })
    #expect(told.map(\.hasFailed) == [false, true, false])
    #expect(told.map(\.stopped) == [nil, nil, .empty])
    #expect(told[0].entered == UInt32(first.entered) && told[0].rejected == UInt32(first.rejected))
    #expect(told[0].finished == first.finished)
  }

  @Test func `unless it is dry, or the destination may not be read`() throws {
    let bench = try Workbench()
    bench.users(["a"])
    try bench.model(["a"])
    _ = try bench.run(SyncOptions(isDryRun: true))
    bench.readKey = false
    _ = try bench.run()
    #expect(bench.ledger.change { $0.told }.isEmpty)
  }

  @Test func `once over HTTP, in the head of a question, and goes on without an answer`() throws {
    let report = SyncRunReport(
      sync: "s", run: 1, started: Instant(microseconds: 1), finished: Instant(microseconds: 2),
      entered: 0, left: 0, unchanged: 0, sent: 0, rejected: 0, refused: 0, stopped: nil,
      hasFailed: false)
    let web = WebScript { _ in nil }
    let reader = LedgerReader("http://ledger", SecretText(Array("rk-read".utf8)), web) {
      Instant(microseconds: 0)
    }
    reader.tell(of: report)
    #expect(web.seen.map(\.url) == ["http://ledger/ledger/status"])
    #expect(web.seen.map(\.method) == ["GET"])
    let field = web.seen.first?.headers.first { $0.name == SyncRunReport.fieldName }?.value
    #expect(try field.map { try SyncRunReport(field: Array($0.utf8)) } == report)
  }
}
